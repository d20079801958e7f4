//! Open event streams: who holds which, which of them carry out commands, and ending those whose
//! credential is gone.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use mailpilot_auth::KeyRing;
use mailpilot_engine::AccountName;
use mailpilot_permissions::{Identity, Permission, Principal};
use mailpilot_secret::Secret;
use mailpilot_sessions::{Moment, SessionId, SessionTable};
use tokio_util::sync::CancellationToken;

use crate::app::lock;

/// What a stream was opened with, to be checked again.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) credential: HeldCredential,
    pub(crate) needs: Vec<Permission>,
}

#[derive(Clone, Debug)]
pub(crate) enum HeldCredential {
    Bearer(Secret),
    Session(SessionId),
    Development,
}

impl Held {
    /// Whether the same credential would open the stream now.
    pub(crate) fn still_opens(
        &self,
        ring: &KeyRing,
        sessions: &SessionTable,
        development: bool,
        now: Moment,
    ) -> bool {
        match &self.credential {
            HeldCredential::Session(id) => sessions.is_live(*id, now),
            HeldCredential::Development => development,
            HeldCredential::Bearer(secret) => {
                ring.identify(secret.expose(), now.wall).is_ok_and(|found| {
                    self.needs
                        .iter()
                        .all(|need| Principal::from(found.clone()).permissions.allows(*need))
                })
            }
        }
    }
}

#[derive(Debug)]
struct Open {
    held: Held,
    holder: String,
    end: CancellationToken,
}

/// Every open stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenStreams(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    open: HashMap<u64, Open>,
}

/// Too many streams are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl OpenStreams {
    /// Registers a stream. It counts until the guard is dropped.
    pub(crate) fn register(
        &self,
        held: Held,
        identity: &Identity,
        most: usize,
        most_per_holder: usize,
    ) -> Result<StreamGuard, TooMany> {
        let holder = match identity {
            Identity::Administrator { username, .. } => format!("user:{username}"),
            Identity::Token => "token".to_owned(),
            Identity::Key { name } => format!("key:{name}"),
            Identity::Development => "development".to_owned(),
        };
        let mut table = lock(&self.0);
        let of_holder = table
            .open
            .values()
            .filter(|open| open.holder == holder)
            .count();
        if table.open.len() >= most || of_holder >= most_per_holder {
            return Err(TooMany);
        }
        let (id, end) = (table.next, CancellationToken::new());
        table.next += 1;
        table.open.insert(
            id,
            Open {
                held,
                holder,
                end: end.clone(),
            },
        );
        Ok(StreamGuard {
            id,
            end,
            table: Arc::clone(&self.0),
        })
    }

    /// Ends every stream for which `keep` says no.
    pub(crate) fn end_unless(&self, keep: impl Fn(&Held) -> bool) {
        for open in lock(&self.0).open.values() {
            if !keep(&open.held) {
                open.end.cancel();
            }
        }
    }
}

/// A registered stream.
#[derive(Debug)]
pub(crate) struct StreamGuard {
    id: u64,
    end: CancellationToken,
    table: Arc<Mutex<Table>>,
}

impl StreamGuard {
    /// Fires when the stream has to end.
    pub(crate) fn end(&self) -> CancellationToken {
        self.end.clone()
    }
}

impl Drop for StreamGuard {
    fn drop(&mut self) {
        lock(&self.table).open.remove(&self.id);
    }
}

/// Outside workers that carry out commands: those whose stream says `controls=`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workers(Arc<Mutex<HashMap<AccountName, usize>>>);

impl Workers {
    /// Counts a worker for `accounts` until the guard is dropped.
    pub(crate) fn register(&self, accounts: Vec<AccountName>) -> WorkerGuard {
        let mut table = lock(&self.0);
        for name in &accounts {
            *table.entry(name.clone()).or_default() += 1;
        }
        WorkerGuard {
            accounts,
            table: Arc::clone(&self.0),
        }
    }

    /// Whether somebody carries out commands for `account`.
    pub(crate) fn control(&self, account: &AccountName) -> bool {
        lock(&self.0).contains_key(account)
    }
}

/// A registered worker.
#[derive(Debug)]
pub(crate) struct WorkerGuard {
    accounts: Vec<AccountName>,
    table: Arc<Mutex<HashMap<AccountName, usize>>>,
}

impl Drop for WorkerGuard {
    fn drop(&mut self) {
        let mut table = lock(&self.table);
        for name in &self.accounts {
            if let Some(count) = table.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    table.remove(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Held {
        Held {
            credential: HeldCredential::Development,
            needs: Vec::new(),
        }
    }

    #[test]
    fn streams_are_bounded_in_all_and_for_each_holder() {
        let streams = OpenStreams::default();
        let key = |name: &str| Identity::Key {
            name: name.to_owned(),
        };
        let first = streams.register(held(), &key("a"), 2, 1).unwrap();
        assert!(streams.register(held(), &key("a"), 2, 1).is_err());
        let _second = streams.register(held(), &key("b"), 2, 1).unwrap();
        assert!(streams.register(held(), &key("c"), 2, 1).is_err());
        drop(first);
        assert!(streams.register(held(), &key("a"), 2, 1).is_ok());
    }

    #[test]
    fn a_stream_whose_credential_is_gone_is_told_to_end() {
        let streams = OpenStreams::default();
        let stream = streams
            .register(held(), &Identity::Development, 9, 9)
            .unwrap();
        streams.end_unless(|_| true);
        assert!(!stream.end().is_cancelled());
        streams.end_unless(|_| false);
        assert!(stream.end().is_cancelled());
    }

    #[test]
    fn an_account_is_controlled_while_a_worker_listens() {
        let (workers, name): (_, AccountName) = (Workers::default(), "work".parse().unwrap());
        let (one, two) = (
            workers.register(vec![name.clone()]),
            workers.register(vec![name.clone()]),
        );
        drop(one);
        assert!(workers.control(&name));
        drop(two);
        assert!(!workers.control(&name));
    }
}
