//! The store: activity, logs, series, users, sessions, keys, accounts. Owns every line of SQL.

mod model;
mod settings;

pub use model::{
    AccountOverlay, AccountTotals, ActivityEntry, ActivityFilter, Administrator, CommitObserver, Committed, Cursor,
    LATENCY_BUCKETS, LatencyCounts, LogEntry, LogFilter, Outcome, Page, PageRequest, PageStart, SeriesPoint,
    SeriesQuery, StoredKey, Totals,
};
pub use settings::StorageSettings;
