//! What the store takes and gives: plain values, no rusqlite type among them.

use std::{collections::BTreeMap, fmt, time::Duration};

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, Activity, LogLevel, LogRecord, Report};
use mailpilot_metrics::LATENCY_BOUNDS;
use mailpilot_permissions::PermissionSet;

/// Number of latency buckets: the bounds and one for everything above.
pub const LATENCY_BUCKETS: usize = LATENCY_BOUNDS.len() + 1;

/// One stored mail.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityEntry {
    /// Its number, rising with arrival, never given twice.
    pub id: i64,
    /// When it was processed.
    pub created_at: Timestamp,
    /// What was reported. `created_at` in here is what the reporter gave.
    pub activity: Activity,
}

/// How a mail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Without an error.
    Ok,
    /// With an error.
    Failed,
}

/// Which entries are meant. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Of this account.
    pub account: Option<AccountName>,
    /// With at least one of these actions; empty means any.
    pub actions: Vec<String>,
    /// Ended this way.
    pub outcome: Option<Outcome>,
    /// Subject, sender or message id holds this text, in any case; 3 characters or more.
    pub search: Option<String>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created at or before.
    pub to: Option<Timestamp>,
}

/// Which log lines are meant. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// This level and graver.
    pub level: Option<LogLevel>,
    /// About this account.
    pub account: Option<AccountName>,
    /// Message or target holds this text, in any case.
    pub search: Option<String>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// At or before.
    pub to: Option<Timestamp>,
}

/// A place in a list that is sorted by time and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the last row seen.
    pub at: Timestamp,
    /// Number of the last row seen.
    pub id: i64,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStart {
    /// The nth page, from 1.
    Number(u32),
    /// Right behind this row.
    After(Cursor),
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows, 1..=200.
    pub size: u32,
    /// From where.
    pub start: PageStart,
}

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows match in all, counted no further than 10 000.
    pub total: u64,
    /// Whether there are more than `total`.
    pub total_is_lower_bound: bool,
    /// Where the next page begins; none on the last page.
    pub next: Option<Cursor>,
}

/// One stored log line.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Its number, rising with arrival.
    pub id: i64,
    /// When.
    pub timestamp: Timestamp,
    /// The line. `timestamp` in here is what the writer gave.
    pub record: LogRecord,
}

/// How many log lines there are of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelCounts {
    /// In the order of [`LogLevel::ALL`], each counted no further than 10 000.
    counts: [u64; LogLevel::ALL.len()],
    /// Whether counting ended early, so that there may be more of any level.
    pub cut_short: bool,
}

impl LevelCounts {
    /// Lines of exactly this level.
    #[must_use]
    pub fn of(&self, level: LogLevel) -> u64 {
        self.counts[level as usize]
    }

    pub(crate) fn of_mut(&mut self, level: LogLevel) -> &mut u64 {
        &mut self.counts[level as usize]
    }
}

/// Counts of durations by bucket; `counts[i]` is the number in bucket `i` alone, not cumulative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatencyCounts(pub [u64; LATENCY_BUCKETS]);

/// What has been counted since the last reset, or over a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountTotals {
    /// Mails processed.
    pub emails: u64,
    /// Errors.
    pub errors: u64,
    /// Actions by type. Actions of failed mails do not count.
    pub actions: BTreeMap<String, u64>,
    /// How long classification took.
    pub latency: LatencyCounts,
    /// The latest sign of progress.
    pub last_activity: Option<Timestamp>,
    /// The latest error, in words.
    pub last_error: Option<String>,
}

/// Totals of every account that has any.
pub type Totals = BTreeMap<AccountName, AccountTotals>;

/// Which series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesQuery {
    /// From here, inclusive.
    pub from: Timestamp,
    /// To here, exclusive.
    pub to: Timestamp,
    /// Width of a point; a whole number of minutes.
    pub step: Duration,
    /// Of this account, else of all.
    pub account: Option<AccountName>,
}

/// One point of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPoint {
    /// Its beginning.
    pub at: Timestamp,
    /// Mails processed.
    pub emails: u64,
    /// Errors.
    pub errors: u64,
    /// Actions by type.
    pub actions: BTreeMap<String, u64>,
    /// How long classification took.
    pub latency: LatencyCounts,
}

/// The administrator.
#[derive(Clone, PartialEq, Eq)]
pub struct Administrator {
    /// User name.
    pub username: String,
    /// PHC string; not a secret that may be shown.
    pub password_hash: String,
}

impl fmt::Debug for Administrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Administrator")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// An API key made through the API.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Its name, unique.
    pub name: String,
    /// SHA-256 of the key.
    pub sha256: [u8; 32],
    /// What its holder may do.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("name", &self.name)
            .field("permissions", &self.permissions)
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Whether the administrator was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// Yes, by this call.
    Now,
    /// No: there is one already, and nothing was changed.
    AlreadyThere,
}

/// How many rows match, counted no further than 10 000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Rows counted.
    pub total: u64,
    /// Whether there are more than `total`.
    pub is_lower_bound: bool,
}

/// An account change made through the API.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountOverlay {
    /// Which account.
    pub name: AccountName,
    /// The account as JSON, secrets included; read back through configuration's own validation.
    pub settings: String,
}

impl fmt::Debug for AccountOverlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountOverlay")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What has just been committed, in the order of commits.
#[derive(Debug)]
#[non_exhaustive]
pub enum Committed<'a> {
    /// New entries (repeats by idempotency key are not among them).
    Activity(&'a [ActivityEntry]),
    /// A report from an outside worker.
    Report(&'a Report),
    /// New log lines.
    Logs(&'a [LogEntry]),
    /// Totals and series start again, of one account or of all.
    StatsReset(Option<&'a AccountName>),
    /// One commit, told after everything that was in it.
    Batch {
        /// Writes that went into it.
        jobs: usize,
        /// From the beginning of the transaction until it was on disk.
        duration: Duration,
    },
}

/// Is told of every commit, on the writer's thread and in its order, before the writers are answered.
///
/// Must be quick and must not call the store.
pub trait CommitObserver: Send + Sync {
    /// `change` is on disk.
    fn committed(&self, change: &Committed<'_>);
}
