//! Accounts by name, and the state each is in.

use std::{borrow::Borrow, collections::BTreeMap, fmt, str::FromStr, sync::Arc, time::Duration};

use mailpilot_clock::Timestamp;

/// The name of an account: `[A-Za-z0-9._@-]{1,64}`, safe in paths, labels and logs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName(Arc<str>);

/// The text is no account name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account name has 1 to 64 characters out of A-Z a-z 0-9 . _ @ -")]
pub struct InvalidAccountName;

impl AccountName {
    /// Longest name in bytes.
    pub const MAX_LEN: usize = 64;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = InvalidAccountName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=Self::MAX_LEN).contains(&text.len());
        let clean = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._@-".contains(&b));
        if fits && clean {
            Ok(Self(text.into()))
        } else {
            Err(InvalidAccountName)
        }
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for AccountName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// How an account is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// Connected and, where an interval is expected, making progress.
    Connected,
    /// On the way to being connected.
    Connecting,
    /// Not connected.
    Disconnected,
    /// Not connected because of an error.
    Error,
    /// Stopped by an operator.
    Paused,
    /// Connected, but without progress for longer than expected.
    Stalled,
    /// Nothing has been reported since start.
    #[default]
    Unknown,
}

impl AccountStatus {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Connected,
        Self::Connecting,
        Self::Disconnected,
        Self::Error,
        Self::Paused,
        Self::Stalled,
        Self::Unknown,
    ];

    /// The name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Connecting => "connecting",
            Self::Disconnected => "disconnected",
            Self::Error => "error",
            Self::Paused => "paused",
            Self::Stalled => "stalled",
            Self::Unknown => "unknown",
        }
    }
}

/// The text names no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of connected, connecting, disconnected, error, paused, stalled, unknown")]
pub struct UnknownStatus;

impl FromStr for AccountStatus {
    type Err = UnknownStatus;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|s| s.name() == name)
            .ok_or(UnknownStatus)
    }
}

/// What is known of one account while the server runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// What the engine or a worker said last.
    pub reported: AccountStatus,
    /// Whether an operator paused it.
    pub paused: bool,
    /// The latest error, in words.
    pub last_error: Option<String>,
    /// The last sign of progress: a mail processed or a report.
    pub last_activity: Option<Timestamp>,
    /// How long without progress until it counts as stalled.
    pub expected_interval: Option<Duration>,
}

impl AccountState {
    /// The state to show at `now`.
    ///
    /// An operator's pause goes before everything; a connected account without progress for longer
    /// than its expected interval is stalled, because "connected" alone says nothing about mail.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> AccountStatus {
        if self.paused {
            return AccountStatus::Paused;
        }
        let late = match (self.expected_interval, self.last_activity) {
            (Some(interval), Some(last)) => now.since(last) > interval,
            _ => false,
        };
        match self.reported {
            AccountStatus::Connected if late => AccountStatus::Stalled,
            reported => reported,
        }
    }

    /// Whether mail can flow: connected, or about to be.
    #[must_use]
    pub fn is_well(&self, now: Timestamp) -> bool {
        matches!(
            self.status(now),
            AccountStatus::Connected | AccountStatus::Connecting | AccountStatus::Paused
        )
    }
}

/// The state of every configured account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountBook(BTreeMap<AccountName, AccountState>);

impl AccountBook {
    /// Keeps exactly `accounts`, those already known with what is known of them.
    pub fn configure(&mut self, accounts: impl IntoIterator<Item = (AccountName, AccountState)>) {
        let mut before = std::mem::take(&mut self.0);
        for (name, fresh) in accounts {
            let state = match before.remove(&name) {
                Some(known) => AccountState {
                    paused: fresh.paused,
                    expected_interval: fresh.expected_interval,
                    ..known
                },
                None => fresh,
            };
            self.0.insert(name, state);
        }
    }

    /// One account.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&AccountState> {
        self.0.get(name)
    }

    /// One account, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut AccountState> {
        self.0.get_mut(name)
    }

    /// All accounts by name.
    pub fn iter(&self) -> impl Iterator<Item = (&AccountName, &AccountState)> {
        self.0.iter()
    }

    /// Whether every account that is not paused is well.
    #[must_use]
    pub fn all_well(&self, now: Timestamp) -> bool {
        self.0.values().all(|state| state.is_well(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn names_that_would_break_a_path_or_a_label_are_refused() {
        for good in ["personal", "a.b_c@d-E9", &"x".repeat(64)] {
            assert!(good.parse::<AccountName>().is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "ä", "a\"b", "a\\b", &"x".repeat(65)] {
            assert!(bad.parse::<AccountName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_connected_account_without_progress_is_stalled() {
        let state = AccountState {
            reported: AccountStatus::Connected,
            last_activity: Some(at(0)),
            expected_interval: Some(Duration::from_secs(60)),
            ..AccountState::default()
        };
        assert_eq!(state.status(at(60_000)), AccountStatus::Connected);
        assert_eq!(state.status(at(60_001)), AccountStatus::Stalled);
        assert!(!state.is_well(at(60_001)));
    }

    #[test]
    fn a_pause_goes_before_every_other_state_and_is_well() {
        let state = AccountState {
            reported: AccountStatus::Error,
            paused: true,
            ..AccountState::default()
        };
        assert_eq!(state.status(at(0)), AccountStatus::Paused);
        assert!(state.is_well(at(0)));
    }

    #[test]
    fn reconfiguring_keeps_what_was_reported() {
        let (a, b): (AccountName, AccountName) = ("a".parse().unwrap(), "b".parse().unwrap());
        let mut book = AccountBook::default();
        book.configure([(a.clone(), AccountState::default())]);
        book.get_mut("a").unwrap().reported = AccountStatus::Connected;
        book.configure([
            (
                a,
                AccountState {
                    paused: true,
                    ..AccountState::default()
                },
            ),
            (b, AccountState::default()),
        ]);
        assert_eq!(book.get("a").unwrap().reported, AccountStatus::Connected);
        assert!(book.get("a").unwrap().paused);
        assert_eq!(book.get("b").unwrap().reported, AccountStatus::Unknown);
        book.configure([]);
        assert!(book.get("a").is_none());
    }
}
