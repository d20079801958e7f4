//! What the store keeps in memory: live totals, how often things changed, whether writing works.

use std::sync::{
    Arc, Mutex, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, Report};

use crate::{
    error::StorageError,
    model::{ActivityEntry, CommitObserver, Committed, LogEntry, Totals},
    rollup::{Counting, Pending, count_activity, count_report},
};

/// What a write has changed, told after its commit.
#[derive(Debug)]
pub(crate) enum Effect {
    /// New entries, and how each counts.
    Activity {
        entries: Vec<ActivityEntry>,
        counting: Vec<Counting>,
        now: Timestamp,
    },
    /// A report, and the series it counts in.
    Report {
        report: Report,
        series: i64,
        at: Timestamp,
    },
    /// New log lines.
    Logs(Vec<LogEntry>),
    /// Totals and series of one account or of all began anew.
    Reset(Option<AccountName>),
    /// Entries have gone.
    ActivityRemoved,
    /// Log lines have gone.
    LogsRemoved,
    /// There is something to remove.
    SweepDue,
    /// There is an administrator now.
    AdministratorMade,
}

/// When an entry counts as a sign of progress: never later than now.
fn progress(entry: &ActivityEntry, now: Timestamp) -> Timestamp {
    entry.created_at.min(now)
}

impl Effect {
    /// Rows it has brought.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Activity { entries, .. } => entries.len(),
            Self::Logs(lines) => lines.len(),
            _ => 0,
        }
    }

    /// Adds what it counts to the transaction's sums.
    pub(crate) fn gather(&self, pending: &mut Pending) {
        match self {
            Self::Activity {
                entries,
                counting,
                now,
            } => {
                for (entry, counting) in entries.iter().zip(counting) {
                    pending.count(counting.series, entry.created_at, |counts| {
                        count_activity(counts, &entry.activity, counting, progress(entry, *now));
                    });
                }
            }
            Self::Report { report, series, at } => {
                pending.count(*series, *at, |counts| count_report(counts, report, *at));
            }
            Self::Logs(_)
            | Self::Reset(_)
            | Self::ActivityRemoved
            | Self::LogsRemoved
            | Self::SweepDue
            | Self::AdministratorMade => {}
        }
    }
}

/// How often lists changed; lets counts be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) added: u64,
    pub(crate) removed: u64,
}

#[derive(Debug, Default)]
struct Changes {
    added: AtomicU64,
    removed: AtomicU64,
}

impl Changes {
    fn version(&self) -> Version {
        let added = self.added.load(Ordering::SeqCst);
        Version {
            added,
            removed: self.removed.load(Ordering::SeqCst),
        }
    }
}

/// What the store keeps in memory.
#[derive(Debug, Default)]
pub(crate) struct Live {
    totals: RwLock<Arc<Totals>>,
    activity: Changes,
    logs: Changes,
    failure: Mutex<Option<StorageError>>,
}

impl Live {
    pub(crate) fn totals(&self) -> Arc<Totals> {
        Arc::clone(&self.totals.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn begin(&self, totals: Totals) {
        *self.totals.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(totals);
    }

    pub(crate) fn activity_version(&self) -> Version {
        self.activity.version()
    }

    pub(crate) fn logs_version(&self) -> Version {
        self.logs.version()
    }

    /// The failure of the last write, if it failed and none has worked since.
    pub(crate) fn failure(&self) -> Option<StorageError> {
        self.failed().as_ref().map(StorageError::again)
    }

    /// Remembers how the last write ended; true if that is news. Damage stays until the next start.
    pub(crate) fn note(&self, failure: Option<StorageError>) -> bool {
        let mut failed = self.failed();
        if matches!(*failed, Some(StorageError::Corrupt { .. })) {
            return false;
        }
        let news = failed.is_some() != failure.is_some();
        *failed = failure;
        news
    }

    fn failed(&self) -> std::sync::MutexGuard<'_, Option<StorageError>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what has been committed and tells the observer.
    pub(crate) fn publish(&self, effects: &[Effect], observer: &dyn CommitObserver) {
        self.count(effects);
        for effect in effects {
            match effect {
                Effect::Activity { entries, .. } => {
                    self.activity.added.fetch_add(1, Ordering::SeqCst);
                    observer.committed(&Committed::Activity(entries));
                }
                Effect::Report { report, .. } => observer.committed(&Committed::Report(report)),
                Effect::Logs(lines) => {
                    self.logs.added.fetch_add(1, Ordering::SeqCst);
                    observer.committed(&Committed::Logs(lines));
                }
                Effect::Reset(account) => {
                    observer.committed(&Committed::StatsReset(account.as_ref()));
                }
                Effect::ActivityRemoved => {
                    self.activity.removed.fetch_add(1, Ordering::SeqCst);
                }
                Effect::LogsRemoved => {
                    self.logs.removed.fetch_add(1, Ordering::SeqCst);
                }
                Effect::SweepDue | Effect::AdministratorMade => {}
            }
        }
    }

    fn count(&self, effects: &[Effect]) {
        let counts = |e: &Effect| {
            matches!(
                e,
                Effect::Activity { .. } | Effect::Report { .. } | Effect::Reset(_)
            )
        };
        if !effects.iter().any(counts) {
            return;
        }
        let mut guard = self.totals.write().unwrap_or_else(PoisonError::into_inner);
        let totals = Arc::make_mut(&mut guard);
        for effect in effects {
            match effect {
                Effect::Activity {
                    entries,
                    counting,
                    now,
                } => {
                    for (entry, counting) in entries.iter().zip(counting) {
                        let account = of(totals, &entry.activity.account);
                        count_activity(account, &entry.activity, counting, progress(entry, *now));
                    }
                }
                Effect::Report { report, at, .. } => {
                    count_report(of(totals, &report.account), report, *at);
                }
                Effect::Reset(Some(account)) => {
                    totals.remove(account);
                }
                Effect::Reset(None) => totals.clear(),
                Effect::Logs(_)
                | Effect::ActivityRemoved
                | Effect::LogsRemoved
                | Effect::SweepDue
                | Effect::AdministratorMade => {}
            }
        }
    }
}

fn of<'a>(totals: &'a mut Totals, account: &AccountName) -> &'a mut crate::model::AccountTotals {
    if !totals.contains_key(account) {
        totals.insert(account.clone(), crate::model::AccountTotals::default());
    }
    totals.entry(account.clone()).or_default()
}
