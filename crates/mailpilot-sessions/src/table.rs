//! Decides whether a session may still be used. Pure: the caller stores and deletes what it is told.

use std::{
    cmp::Reverse,
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

use mailpilot_clock::Timestamp;
use mailpilot_secret::Secret;

use crate::{
    Moment, Session, SessionError, SessionId, SessionKeys, SessionPolicy, SessionToken,
    session::{clean_address, clean_user_agent},
};

/// A session issued further ahead of the wall clock than this is not believed.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// A new session.
#[derive(Debug)]
pub struct Issued {
    /// The value of its cookie.
    pub cookie_value: Secret,
    /// What is to be stored.
    pub session: Session,
    /// Sessions that had to end for it; they are to be deleted from the store, and their streams closed.
    pub evicted: Vec<SessionId>,
}

/// Every session, in memory. Asking it needs no store, and a request writes nothing to disk.
///
/// ```
/// # use std::time::Instant;
/// # use {mailpilot_clock::Timestamp, mailpilot_secret::Secret};
/// # use mailpilot_sessions::{Moment, SessionKeys, SessionPolicy, SessionTable};
/// # fn main() -> Result<(), mailpilot_sessions::SessionError> {
/// # let now = Moment { wall: Timestamp::from_millis(0), monotonic: Instant::now() };
/// let keys = SessionKeys::derive(&Secret::new("0123456789abcdef"))?;
/// let mut table = SessionTable::new(SessionPolicy::default(), keys, [], now);
/// let issued = table.issue("ada", "192.0.2.1", "curl/8", now)?;
/// let session = table.verify(issued.cookie_value.expose(), now);
/// assert_eq!(session.map(|s| s.username.as_str()), Some("ada"));
/// # Ok(())
/// # }
/// ```
pub struct SessionTable {
    policy: SessionPolicy,
    keys: SessionKeys,
    by_token_hash: HashMap<[u8; 32], Entry>,
}

struct Entry {
    session: Session,
    /// The end by the monotonic clock, so that a backward step of the wall clock does not prolong it.
    deadline: Option<Instant>,
    /// Used since the last [`SessionTable::take_touched`].
    touched: bool,
}

impl SessionTable {
    /// A table of the `stored` sessions. Those that have ended are kept until [`Self::expire`] names them,
    /// so that the store can be told; a TTL shorter than theirs shortens them.
    #[must_use]
    pub fn new(
        policy: SessionPolicy,
        keys: SessionKeys,
        stored: impl IntoIterator<Item = Session>,
        now: Moment,
    ) -> Self {
        let mut table = Self {
            policy,
            keys,
            by_token_hash: HashMap::new(),
        };
        for session in stored {
            table.insert(session, now);
        }
        table
    }

    fn insert(&mut self, mut session: Session, now: Moment) {
        session.expires_at = capped(&session, self.policy.ttl);
        let remaining = session.expires_at.since(now.wall).min(self.policy.ttl);
        let deadline = now.monotonic.checked_add(remaining);
        let entry = Entry {
            session,
            deadline,
            touched: false,
        };
        self.by_token_hash.insert(entry.session.token_hash, entry);
    }

    /// Opens a session for somebody who has just proven who they are. At most
    /// [`SessionPolicy::max_per_user`] remain; the oldest go.
    ///
    /// # Errors
    /// [`SessionError`] without random bytes; then nothing has changed.
    pub fn issue(
        &mut self,
        username: &str,
        client_address: &str,
        user_agent: &str,
        now: Moment,
    ) -> Result<Issued, SessionError> {
        let token = SessionToken::generate()?;
        let cookie_value = Secret::new(self.keys.seal(&token)?);
        let session = Session {
            id: SessionId::generate()?,
            token_hash: token.hash(),
            username: username.to_owned(),
            created_at: now.wall,
            expires_at: now.wall.saturating_add(self.policy.ttl),
            last_used_at: now.wall,
            client_address: clean_address(client_address),
            user_agent: clean_user_agent(user_agent),
        };
        let evicted = self.make_room(username);
        self.insert(session.clone(), now);
        Ok(Issued {
            cookie_value,
            session,
            evicted,
        })
    }

    fn make_room(&mut self, username: &str) -> Vec<SessionId> {
        let room = self.policy.max_per_user.saturating_sub(1);
        let mut newest_first = self.of(username);
        newest_first.sort_unstable_by_key(|s| Reverse((s.created_at, s.id)));
        let evicted: Vec<SessionId> = newest_first.iter().skip(room).map(|s| s.id).collect();
        self.remove(|entry| evicted.contains(&entry.session.id))
    }

    /// The live session a cookie's value stands for. Notes the use in memory; use extends nothing.
    pub fn verify(&mut self, cookie_value: &str, now: Moment) -> Option<&Session> {
        let token = self.keys.open(cookie_value)?;
        let entry = self.by_token_hash.get_mut(&token.hash())?;
        if !entry.is_live(now) {
            return None;
        }
        entry.session.last_used_at = now.wall;
        entry.touched = true;
        Some(&entry.session)
    }

    /// Whether a session may still be used, for streams that outlive the request that opened them.
    #[must_use]
    pub fn is_live(&self, id: SessionId, now: Moment) -> bool {
        self.by_token_hash
            .values()
            .any(|e| e.session.id == id && e.is_live(now))
    }

    /// Sessions used since the last call, and when: to be stored together, now and then.
    pub fn take_touched(&mut self) -> Vec<(SessionId, Timestamp)> {
        let touched = self
            .by_token_hash
            .values_mut()
            .filter(|entry| entry.touched);
        touched
            .map(|entry| {
                entry.touched = false;
                (entry.session.id, entry.session.last_used_at)
            })
            .collect()
    }

    /// The user's live sessions, the most recently used first.
    #[must_use]
    pub fn list(&self, username: &str, now: Moment) -> Vec<&Session> {
        let mut live: Vec<&Session> = self
            .by_token_hash
            .values()
            .filter(|entry| entry.session.username == username && entry.is_live(now))
            .map(|entry| &entry.session)
            .collect();
        live.sort_unstable_by_key(|s| Reverse((s.last_used_at, s.created_at, s.id)));
        live
    }

    fn of(&self, username: &str) -> Vec<&Session> {
        let sessions = self.by_token_hash.values().map(|entry| &entry.session);
        sessions
            .filter(|session| session.username == username)
            .collect()
    }

    /// Ends a session; false if there is none of this id.
    pub fn revoke(&mut self, id: SessionId) -> bool {
        !self.remove(|entry| entry.session.id == id).is_empty()
    }

    /// Ends every session of the user, but for one. The ids that ended are to be deleted from the store.
    pub fn revoke_all_except(&mut self, username: &str, keep: Option<SessionId>) -> Vec<SessionId> {
        self.remove(|entry| entry.session.username == username && Some(entry.session.id) != keep)
    }

    /// Forgets the sessions whose time is over. The ids are to be deleted from the store.
    ///
    /// A session from the future is refused but kept: it is the clock that is wrong then, and a clock that
    /// is set right after start should not have cost anybody their login.
    pub fn expire(&mut self, now: Moment) -> Vec<SessionId> {
        self.remove(|entry| entry.is_over(now))
    }

    /// Changes the rules. A shorter TTL shortens the sessions that exist, a longer one is for new ones;
    /// a smaller number of sessions counts from the next login on.
    pub fn set_policy(&mut self, policy: SessionPolicy, now: Moment) {
        self.policy = policy;
        for entry in self.by_token_hash.values_mut() {
            let expires_at = capped(&entry.session, policy.ttl);
            let cut = entry.session.expires_at.since(expires_at);
            entry.session.expires_at = expires_at;
            // A deadline before the monotonic clock's own beginning has certainly passed.
            entry.deadline = entry
                .deadline
                .map(|end| end.checked_sub(cut).unwrap_or(now.monotonic));
        }
    }

    /// Changes the session secret: every session ends. The ids are to be deleted from the store.
    pub fn set_keys(&mut self, keys: SessionKeys) -> Vec<SessionId> {
        self.keys = keys;
        self.remove(|_| true)
    }

    /// How many sessions there are, ended ones included until [`Self::expire`] is called.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_token_hash.len()
    }

    /// Whether there is no session at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_token_hash.is_empty()
    }

    fn remove(&mut self, goes: impl Fn(&Entry) -> bool) -> Vec<SessionId> {
        self.by_token_hash
            .extract_if(|_, entry| goes(entry))
            .map(|(_, entry)| entry.session.id)
            .collect()
    }
}

impl Entry {
    fn is_over(&self, now: Moment) -> bool {
        now.wall >= self.session.expires_at || self.deadline.is_some_and(|end| now.monotonic >= end)
    }

    fn is_live(&self, now: Moment) -> bool {
        let from_the_future = self.session.created_at.since(now.wall) > MAX_CLOCK_SKEW;
        !from_the_future && !self.is_over(now)
    }
}

/// Token hashes are the map's keys, so the map itself stays unshown.
impl fmt::Debug for SessionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionTable")
            .field("policy", &self.policy)
            .field("sessions", &self.by_token_hash.len())
            .finish_non_exhaustive()
    }
}

/// When a session ends under a TTL: as it was promised, or earlier.
fn capped(session: &Session, ttl: Duration) -> Timestamp {
    session
        .expires_at
        .min(session.created_at.saturating_add(ttl))
}

#[cfg(test)]
mod tests;
