//! The store: activity, logs, series, users, sessions, keys, accounts. Owns every line of SQL.

mod error;
mod model;
mod settings;
mod store;

pub use error::StorageError;
pub use model::{
    AccountOverlay, AccountTotals, ActivityEntry, ActivityFilter, Administrator, CommitObserver,
    Committed, Count, Created, Cursor, LATENCY_BUCKETS, LatencyCounts, LogEntry, LogFilter,
    Outcome, Page, PageRequest, PageStart, SeriesPoint, SeriesQuery, StoredKey, Totals,
};
pub use settings::StorageSettings;
pub use store::{ActivityRows, Storage, backup_file};
