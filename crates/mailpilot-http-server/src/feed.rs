//! From a commit to everybody who wants to know: metrics, account states, live events. Runs on the
//! store's writer thread, so it must be quick and must not call the store.

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicBool, Ordering},
};

use mailpilot_clock::{Clock, Timestamp};
use mailpilot_engine::{AccountBook, AccountName, AccountState, Report};
use mailpilot_metrics::{AccountMetrics, Metrics};
use mailpilot_storage::{ActivityEntry, CommitObserver, Committed};
use serde::Serialize;

use crate::{
    app::write,
    events::{EventHub, EventKind},
    history::History,
    wire::{AccountEvent, ActivityView, LogView, is_connected},
};

/// Is told of every commit and passes it on.
#[derive(Debug)]
pub struct Feed {
    pub(crate) hub: Arc<EventHub>,
    pub(crate) metrics: Metrics,
    pub(crate) book: Arc<RwLock<AccountBook>>,
    pub(crate) history: Arc<History>,
    clock: Arc<dyn Clock>,
    dirty: AtomicBool,
}

impl Feed {
    /// A feed into these metrics.
    #[must_use]
    pub fn new(metrics: Metrics, clock: Arc<dyn Clock>) -> Self {
        Self {
            hub: Arc::new(EventHub::new(clock.now())),
            metrics,
            book: Arc::default(),
            history: Arc::default(),
            clock,
            dirty: AtomicBool::new(false),
        }
    }

    /// The metrics it feeds.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether anything was counted since the last call.
    pub(crate) fn take_dirty(&self) -> bool {
        self.dirty.swap(false, Ordering::AcqRel)
    }

    fn activity(&self, entries: &[ActivityEntry]) {
        let mut touched: Vec<&AccountName> = Vec::new();
        for entry in entries {
            let activity = &entry.activity;
            let account = self.metrics.account(activity.account.as_str());
            account.emails.increment(1);
            match &activity.error {
                Some(_) => account.errors.increment(1),
                None => activity
                    .actions
                    .iter()
                    .for_each(|a| account.actions(&a.kind).increment(1)),
            }
            if let Some(duration) = activity.duration {
                account.classification.record(duration.as_secs_f64());
            }
            self.publish(EventKind::Activity, &ActivityView::from(entry));
            if !touched.contains(&&activity.account) {
                touched.push(&activity.account);
            }
        }
        for name in touched {
            let of_account = || entries.iter().filter(|e| e.activity.account == *name);
            let last_error = of_account().rev().find_map(|e| e.activity.error.clone());
            let newest = of_account().map(|e| e.created_at).max();
            self.progress(name, newest.unwrap_or_default(), |state| {
                if last_error.is_some() {
                    state.last_error = last_error;
                }
            });
        }
    }

    fn report(&self, report: &Report) {
        let account = self.metrics.account(report.account.as_str());
        account.emails.increment(report.emails);
        account.errors.increment(report.errors);
        for duration in &report.classification {
            account.classification.record(duration.as_secs_f64());
        }
        self.progress(&report.account, self.clock.now(), |state| {
            if let Some(status) = report.status {
                state.reported = status;
            }
            if report.last_error.is_some() {
                state.last_error.clone_from(&report.last_error);
            }
        });
    }

    /// Changes an account's state for a sign of life `at`, and tells if what is shown of it changed.
    fn progress(&self, name: &AccountName, at: Timestamp, change: impl FnOnce(&mut AccountState)) {
        let now = self.clock.now();
        let mut book = write(&self.book);
        let Some(state) = book.get_mut(name.as_str()) else {
            return;
        };
        let before = (state.status(now), state.last_error.clone());
        change(state);
        // As the store has it, from which a restart takes it: a mail filed late is no sign of life now.
        state.last_activity = state.last_activity.max(Some(at.min(now)));
        let after = state.clone();
        // While nobody else can change the account, so that states are noted in their order.
        self.history.note(name, (before.0, after.status(now)), now);
        drop(book);
        show(&self.metrics.account(name.as_str()), &after);
        if before != (after.status(now), after.last_error.clone()) {
            self.publish(
                EventKind::Accounts,
                &AccountEvent::new(name, &after, now, None),
            );
        }
    }

    /// Tells streams of an account, with what an operator asks of it.
    pub(crate) fn publish_account(hub: &EventHub, event: &impl Serialize) {
        if let Ok(json) = serde_json::to_vec(event) {
            hub.publish(EventKind::Accounts, &json);
        }
    }

    fn publish(&self, kind: EventKind, event: &impl Serialize) {
        match serde_json::to_vec(event) {
            Ok(json) => self.hub.publish(kind, &json),
            Err(error) => tracing::error!(error = %error, "an event could not be written as JSON"),
        }
    }
}

/// Sets the gauges of one account.
pub(crate) fn show(account: &AccountMetrics, state: &AccountState) {
    account
        .connected
        .set(if is_connected(state) { 1.0 } else { 0.0 });
    if let Some(at) = state.last_activity {
        account.last_activity.set(at.as_secs_f64());
    }
}

impl CommitObserver for Feed {
    fn committed(&self, change: &Committed<'_>) {
        match change {
            Committed::Activity(entries) => self.activity(entries),
            Committed::Report(report) => self.report(report),
            Committed::Logs(lines) => {
                for line in *lines {
                    self.publish(EventKind::Logs, &LogView::from(line));
                }
                return;
            }
            Committed::Batch { duration, .. } => {
                self.metrics
                    .store_write_duration
                    .record(duration.as_secs_f64());
                return;
            }
            _ => {}
        }
        self.dirty.store(true, Ordering::Release);
    }
}
