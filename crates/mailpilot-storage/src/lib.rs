//! The store: activity, logs, series, users, sessions, keys, accounts. Owns every line of SQL.
//!
//! Must not know HTTP, configuration files or metrics handles; no type of the database library leaves it.

mod accounts;
mod activity;
mod candidates;
mod erase;
mod error;
mod keyset;
mod listing;
mod live;
mod log_levels;
mod logs;
mod maintenance;
mod migrations;
mod model;
mod names;
mod open;
mod people;
mod readers;
mod rollup;
mod search;
mod series;
mod settings;
mod store;
mod timeline;
mod watch;
mod writer;

pub use error::StorageError;
pub use listing::ActivityRows;
pub use maintenance::backup_file;
pub use model::{
    AccountOverlay, AccountTotals, ActivityEntry, ActivityFilter, Administrator, CommitObserver,
    Committed, Count, Created, Cursor, LATENCY_BUCKETS, LatencyCounts, LevelCounts, LogEntry,
    LogFilter, Outcome, Page, PageRequest, PageStart, SeriesPoint, SeriesQuery, StoredKey, Totals,
};
pub use settings::StorageSettings;
pub use store::Storage;
pub use timeline::{AccountTimeline, Timeline, TimelineQuery};
pub use watch::{Statuses, Watch, WatchedMinute};

#[cfg(test)]
mod tests;
