//! Tests of the store through its public face, on databases in temporary folders.

mod activity;
mod durability;
mod listing;
mod maintenance;
mod people;
mod rollup;
mod timeline;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use mailpilot_clock::{ManualClock, Timestamp};
use mailpilot_engine::{AccountName, Action, Activity};
use tempfile::TempDir;

use crate::{
    ActivityEntry, ActivityFilter, CommitObserver, Committed, PageRequest, PageStart, Storage,
    StorageError, StorageSettings,
};

/// 2026-11-22T10:00:00Z, a whole hour.
pub(crate) const NOW: i64 = 1_795_341_600_000;

/// Remembers what it was told, as text.
#[derive(Debug, Default)]
pub(crate) struct Told {
    texts: Mutex<Vec<String>>,
    /// Jobs in each commit.
    pub(crate) batches: Mutex<Vec<usize>>,
}

impl CommitObserver for Told {
    fn committed(&self, change: &Committed<'_>) {
        let text = match change {
            Committed::Activity(entries) => {
                let ids: Vec<String> = entries.iter().map(|e| e.id.to_string()).collect();
                format!("activity {}", ids.join(","))
            }
            Committed::Report(report) => format!("report {}", report.emails),
            Committed::Logs(lines) => format!("logs {}", lines.len()),
            Committed::StatsReset(account) => format!("reset {account:?}"),
            Committed::Batch { jobs, .. } => return self.batches.lock().unwrap().push(*jobs),
        };
        self.texts.lock().unwrap().push(text);
    }
}

impl Told {
    pub(crate) fn texts(&self) -> Vec<String> {
        self.texts.lock().unwrap().clone()
    }
}

/// A store in a folder of its own.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) told: Arc<Told>,
    pub(crate) store: Storage,
}

impl Fixture {
    pub(crate) fn settings(folder: &TempDir) -> StorageSettings {
        StorageSettings {
            path: folder.path().join("data").join("mailpilot.db"),
            audit_subjects: true,
            ..StorageSettings::default()
        }
    }

    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Self::settings(&folder);
        Self::with(folder, settings).await
    }

    pub(crate) async fn with(folder: TempDir, settings: StorageSettings) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(NOW)));
        let told = Arc::new(Told::default());
        let store = Storage::open(settings, clock.clone(), told.clone())
            .await
            .unwrap();
        Self {
            folder,
            clock,
            told,
            store,
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        Self::settings(&self.folder).path
    }

    /// Closes the store and opens it again.
    pub(crate) async fn reopened(self) -> Self {
        self.store.close().await.unwrap();
        let settings = Self::settings(&self.folder);
        Self::with(self.folder, settings).await
    }

    /// Opens the store's path again; for stores that cannot be opened.
    pub(crate) async fn open_error(&self) -> StorageError {
        let settings = Self::settings(&self.folder);
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(NOW)));
        Storage::open(settings, clock, Arc::new(Told::default()))
            .await
            .unwrap_err()
    }
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn name(text: &str) -> AccountName {
    text.parse().unwrap()
}

/// An entry with nothing but what every entry has.
pub(crate) fn mail(account: &str, message_id: &str) -> Activity {
    Activity {
        message_id: message_id.into(),
        account: name(account),
        actions: Vec::new(),
        subject: None,
        from: None,
        llm_provider: None,
        llm_model: None,
        confidence: None,
        reasoning: None,
        duration: None,
        error: None,
        created_at: None,
        idempotency_key: None,
    }
}

pub(crate) fn action(kind: &str) -> Action {
    Action {
        kind: kind.into(),
        ..Action::default()
    }
}

pub(crate) fn first(size: u32) -> PageRequest {
    PageRequest {
        size,
        start: PageStart::Number(1),
    }
}

/// Every entry a filter gives, page by page by cursor.
pub(crate) async fn all(store: &Storage, filter: &ActivityFilter, size: u32) -> Vec<ActivityEntry> {
    let mut found = Vec::new();
    let mut request = first(size);
    loop {
        let page = store.activity_page(filter, request).await.unwrap();
        assert!(page.items.len() <= size as usize);
        found.extend(page.items);
        match page.next {
            Some(next) => request.start = PageStart::After(next),
            None => return found,
        }
    }
}
