//! What a server saw of its accounts' states over time, as it is kept: stretches without interruption,
//! and in them the minutes in which something changed.
//!
//! Must not decide what state an account is in.

use std::time::Duration;

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, AccountStatus};
use rusqlite::{OptionalExtension, params};

use crate::{
    error::{Fault, StorageError},
    store::Storage,
    writer::Tx,
};

/// States by gravity, the gravest last. The place of each is its bit in the table: nothing may be put
/// before another.
const BY_GRAVITY: [AccountStatus; 6] = [
    AccountStatus::Connected,
    AccountStatus::Paused,
    AccountStatus::Connecting,
    AccountStatus::Stalled,
    AccountStatus::Disconnected,
    AccountStatus::Error,
];

/// A set of states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statuses(u8);

impl Statuses {
    /// No state: nothing is known.
    pub const NONE: Self = Self(0);

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The gravest: error, disconnected, stalled, connecting, paused, connected. None if nothing is known.
    #[must_use]
    pub fn gravest(self) -> Option<AccountStatus> {
        let held = |(bit, _): &(usize, AccountStatus)| self.0 & (1 << bit) != 0;
        let found = BY_GRAVITY.into_iter().enumerate().rev().find(held);
        found.map(|(_, status)| status)
    }

    pub(crate) fn from_column(bits: i64) -> Self {
        Self(u8::try_from(bits).unwrap_or(0))
    }
}

/// The one state; nothing for [`AccountStatus::Unknown`].
impl From<AccountStatus> for Statuses {
    fn from(status: AccountStatus) -> Self {
        let bit = BY_GRAVITY.into_iter().position(|known| known == status);
        bit.map_or(Self::NONE, |bit| Self(1 << bit))
    }
}

/// A minute in which the state of an account changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedMinute {
    /// Which account.
    pub account: AccountName,
    /// Minutes since 1970.
    pub minute: i64,
    /// Every state it was in during the minute.
    pub held: Statuses,
    /// The state at the end of the minute, until the next change.
    pub last: Statuses,
}

/// A stretch of time during which a server watched its accounts without interruption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Its beginning, which names it.
    pub began: Timestamp,
    /// Until when it is known that the server was watching.
    pub seen: Timestamp,
    /// What changed. By account, each in the order of time.
    pub minutes: Vec<WatchedMinute>,
}

fn keep(tx: &Tx<'_>, watch: &Watch) -> Result<(), Fault> {
    let began = watch.began.as_millis();
    tx.conn
        .prepare_cached(
            "INSERT INTO watch (began, seen) VALUES (?1, ?2) \
             ON CONFLICT DO UPDATE SET seen = max(seen, excluded.seen)",
        )?
        .execute([began, watch.seen.as_millis()])?;
    let mut statement = tx.conn.prepare_cached(
        "INSERT INTO watched_minute (watch, account, minute, held, last) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO UPDATE SET held = held | excluded.held, last = excluded.last",
    )?;
    for minute in &watch.minutes {
        statement.execute(params![
            began,
            minute.account.as_str(),
            minute.minute,
            minute.held.0,
            minute.last.0
        ])?;
    }
    Ok(())
}

/// Removes some of what is older than `kept`; whether there was any.
pub(crate) fn forget(tx: &Tx<'_>, kept: Duration, rows: i64) -> rusqlite::Result<bool> {
    let old = tx.now.saturating_sub(kept).as_millis();
    let found: Option<i64> = tx
        .conn
        .prepare_cached("SELECT began FROM watch WHERE seen < ?1 ORDER BY seen LIMIT 1")?
        .query_row([old], |row| row.get(0))
        .optional()?;
    let Some(watch) = found else {
        return Ok(false);
    };
    let removed = tx
        .conn
        .prepare_cached(
            "DELETE FROM watched_minute WHERE watch = ?1 AND (account, minute) IN \
             (SELECT account, minute FROM watched_minute WHERE watch = ?1 LIMIT ?2)",
        )?
        .execute([watch, rows])?;
    if removed == 0 {
        tx.conn
            .prepare_cached("DELETE FROM watch WHERE began = ?1")?
            .execute([watch])?;
    }
    Ok(true)
}

impl Storage {
    /// Keeps what was watched. A stretch may come again, longer and with more minutes: it is one.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn keep_watches(&self, watches: Vec<Watch>) -> Result<(), StorageError> {
        self.write("store the states of accounts", move |tx| {
            watches.iter().try_for_each(|watch| keep(tx, watch))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_state_is_told_and_unknown_is_none() {
        let check = |held: &[AccountStatus], gravest| {
            let all = held.iter().fold(Statuses::NONE, |all, status| {
                all.and(Statuses::from(*status))
            });
            assert_eq!(all.gravest(), gravest, "{held:?}");
        };
        check(&[], None);
        check(&[AccountStatus::Unknown], None);
        for (at, lesser) in BY_GRAVITY.iter().enumerate() {
            check(&[*lesser, AccountStatus::Unknown], Some(*lesser));
            for graver in &BY_GRAVITY[at..] {
                check(&[*graver, *lesser], Some(*graver));
            }
        }
    }

    #[test]
    fn every_state_has_the_bit_that_stored_rows_have() {
        let bits = BY_GRAVITY.map(|status| (status.name(), Statuses::from(status).0));
        let stored = [
            ("connected", 1),
            ("paused", 2),
            ("connecting", 4),
            ("stalled", 8),
            ("disconnected", 16),
            ("error", 32),
        ];
        assert_eq!(bits, stored);
    }
}
