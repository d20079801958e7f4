//! Where the store lies and how long it keeps what.

use std::{path::PathBuf, time::Duration};

/// Settings of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageSettings {
    /// The database file; its folder is the data dir.
    pub path: PathBuf,
    /// Age at which activity entries, and the states accounts were in, go away.
    pub audit_retention: Duration,
    /// Age at which log lines go away.
    pub log_retention: Duration,
    /// Whether subjects and senders are kept.
    pub audit_subjects: bool,
}

impl Default for StorageSettings {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            path: PathBuf::from("./data/mailpilot.db"),
            audit_retention: Duration::from_secs(30 * DAY),
            log_retention: Duration::from_secs(7 * DAY),
            audit_subjects: false,
        }
    }
}
