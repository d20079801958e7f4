//! The store's public face, while its parts are being put in.
#![allow(
    unused_variables,
    clippy::unused_async,
    missing_docs,
    clippy::missing_errors_doc,
    reason = "signatures first"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use mailpilot_clock::{Clock, Timestamp};
use mailpilot_engine::{AccountName, Activity, LogRecord, Report};

use mailpilot_sessions::{Session, SessionId};

use crate::*;

#[derive(Clone, Debug)]
pub struct Storage;

/// Matching entries in batches; dropping it stops the query.
#[derive(Debug)]
pub struct ActivityRows;

impl ActivityRows {
    /// The next batch; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<ActivityEntry>>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
}

/// A consistent copy of the database `from`, also while a server uses it.
pub fn backup_file(from: &Path, to: &Path) -> Result<(), StorageError> {
    Err(StorageError::ShuttingDown)
}

impl Storage {
    /// What has been counted, from memory.
    pub fn totals(&self) -> Arc<Totals> {
        Arc::default()
    }
    pub fn export_activity(&self, filter: ActivityFilter, max_rows: Option<u64>) -> ActivityRows {
        ActivityRows
    }
    pub async fn open(
        settings: StorageSettings,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn append_activity(&self, entries: Vec<Activity>) -> Result<Vec<i64>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn activity(&self, id: i64) -> Result<Option<ActivityEntry>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn activity_page(
        &self,
        filter: &ActivityFilter,
        request: PageRequest,
    ) -> Result<Page<ActivityEntry>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn count_activity(&self, filter: &ActivityFilter) -> Result<Count, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn delete_activity(&self, id: i64) -> Result<bool, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn delete_activity_before(&self, before: Timestamp) -> Result<u64, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn period_totals(&self, since: Timestamp) -> Result<Totals, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn series(&self, query: &SeriesQuery) -> Result<Vec<SeriesPoint>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn reset_stats(&self, account: Option<AccountName>) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn record_reports(&self, reports: Vec<Report>) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn append_logs(&self, records: Vec<LogRecord>) -> Result<Vec<i64>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn log_page(
        &self,
        filter: &LogFilter,
        request: PageRequest,
    ) -> Result<Page<LogEntry>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn delete_logs(&self, before: Option<Timestamp>) -> Result<u64, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn create_administrator(
        &self,
        username: String,
        password_hash: String,
    ) -> Result<Created, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn administrator(&self) -> Result<Option<Administrator>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn set_password(
        &self,
        username: String,
        password_hash: String,
        keep: Option<SessionId>,
    ) -> Result<bool, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn save_session(&self, session: Session) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn delete_sessions(&self, ids: Vec<SessionId>) -> Result<u64, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn load_sessions(&self) -> Result<Vec<Session>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn touch_sessions(
        &self,
        used: Vec<(SessionId, Timestamp)>,
    ) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn insert_key(&self, key: StoredKey) -> Result<bool, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn delete_key(&self, name: String) -> Result<bool, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn keys(&self) -> Result<Vec<StoredKey>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn touch_keys(&self, used: Vec<(String, Timestamp)>) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn key_uses(&self) -> Result<BTreeMap<String, Timestamp>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn put_overlay(&self, overlay: AccountOverlay) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn delete_overlay(&self, name: AccountName) -> Result<bool, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn overlays(&self) -> Result<Vec<AccountOverlay>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn set_paused(&self, name: AccountName, paused: bool) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn paused(&self) -> Result<BTreeSet<AccountName>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn known_accounts(&self) -> Result<BTreeSet<AccountName>, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn health(&self) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn size_bytes(&self) -> Result<u64, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn backup(&self, to: &Path) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn retain(&self) -> Result<bool, StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn check_integrity(&self) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
    pub async fn close(&self) -> Result<(), StorageError> {
        Err(StorageError::ShuttingDown)
    }
}
