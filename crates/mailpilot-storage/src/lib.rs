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
mod writer;

pub use error::StorageError;
pub use listing::ActivityRows;
pub use maintenance::backup_file;
pub use model::{
    AccountOverlay, AccountTotals, ActivityEntry, ActivityFilter, Administrator, CommitObserver,
    Committed, Count, Created, Cursor, LATENCY_BUCKETS, LatencyCounts, LogEntry, LogFilter,
    Outcome, Page, PageRequest, PageStart, SeriesPoint, SeriesQuery, StoredKey, Totals,
};
pub use settings::StorageSettings;
pub use store::Storage;

#[cfg(test)]
mod tests;
