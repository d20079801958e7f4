//! Series of the accounts. Must not decide whether an account exists: callers pass configured names.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use metrics::{Counter, Gauge, Histogram};

use crate::{
    label,
    registry::{ACTIONS, CLASSIFICATION, CONNECTED, EMAILS, ERRORS, LAST_ACTIVITY},
    series::Series,
};

/// Kinds of action that become labels. Outside workers name the kinds, so there has to be an end.
const MAX_ACTION_KINDS: usize = 64;
/// The label of every kind past [`MAX_ACTION_KINDS`].
const OTHER: &str = "other";

/// The handles of one account. Clones record into the same series.
#[derive(Clone, Debug)]
pub struct AccountMetrics {
    /// Mails processed.
    pub emails: Counter,
    /// Mails whose processing failed.
    pub errors: Counter,
    /// How long classifications took, in seconds.
    pub classification: Histogram,
    /// 1 while the account is connected, else 0.
    pub connected: Gauge,
    /// Unix time of the last sign of progress, in seconds.
    pub last_activity: Gauge,
    actions: Arc<ActionTable>,
}

impl AccountMetrics {
    fn new(series: &Series, kinds: &Arc<ActionKinds>, account: &str) -> Self {
        Self {
            emails: series.counter(&EMAILS, &[account]),
            errors: series.counter(&ERRORS, &[account]),
            classification: series.histogram(&CLASSIFICATION, &[account]),
            connected: series.gauge(&CONNECTED, &[account]),
            last_activity: series.gauge(&LAST_ACTIVITY, &[account]),
            actions: Arc::new(ActionTable {
                series: series.clone(),
                kinds: Arc::clone(kinds),
                account: account.to_owned(),
                counters: RwLock::default(),
            }),
        }
    }

    /// The counter of one kind of action.
    ///
    /// The first 64 kinds of a server, all accounts together, get a label; later ones count as
    /// `other`.
    pub fn actions(&self, kind: &str) -> Counter {
        self.actions.counter(kind)
    }

    /// Raises the counters to what the store knows, so that they continue over a restart.
    ///
    /// Counters never fall: a total below the present value changes nothing.
    pub fn set_totals<'a>(
        &self,
        emails: u64,
        errors: u64,
        actions: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        self.emails.absolute(emails);
        self.errors.absolute(errors);
        self.actions.set_totals(actions);
    }
}

/// The counters of one account's actions.
#[derive(Debug)]
struct ActionTable {
    series: Series,
    kinds: Arc<ActionKinds>,
    account: String,
    counters: RwLock<HashMap<Box<str>, Counter>>,
}

impl ActionTable {
    fn counter(&self, kind: &str) -> Counter {
        if let Some(known) = self.known(kind) {
            return known;
        }
        // Only labels are kept, never the kinds behind `other`: those have no end.
        let label = self.kinds.admit(kind);
        if let Some(known) = self.known(&label) {
            return known;
        }
        let mut counters = self
            .counters
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        counters
            .entry(label)
            .or_insert_with_key(|label| self.series.counter(&ACTIONS, &[&self.account, label]))
            .clone()
    }

    fn known(&self, label: &str) -> Option<Counter> {
        self.counters
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(label)
            .cloned()
    }

    /// Sums by label first: `absolute` would keep only the largest of the kinds behind `other`.
    fn set_totals<'a>(&self, actions: impl IntoIterator<Item = (&'a str, u64)>) {
        let mut by_label: BTreeMap<Box<str>, u64> = BTreeMap::new();
        for (kind, count) in actions {
            let total = by_label.entry(self.kinds.admit(kind)).or_default();
            *total = total.saturating_add(count);
        }
        for (label, total) in by_label {
            self.counter(&label).absolute(total);
        }
    }
}

/// The kinds of action that have a label, over all accounts.
#[derive(Debug, Default)]
struct ActionKinds(RwLock<HashSet<Box<str>>>);

impl ActionKinds {
    /// The label of `kind`: its own while there is room, else `other`.
    fn admit(&self, kind: &str) -> Box<str> {
        let label = label::clean(kind);
        if label.is_empty() || label == OTHER {
            return OTHER.into();
        }
        if self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&*label)
        {
            return label.into();
        }
        let mut kinds = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() >= MAX_ACTION_KINDS && !kinds.contains(&*label) {
            return OTHER.into();
        }
        kinds.insert((&*label).into());
        label.into()
    }
}

/// All accounts of a server.
#[derive(Debug)]
pub(crate) struct AccountTable {
    series: Series,
    kinds: Arc<ActionKinds>,
    accounts: RwLock<HashMap<Box<str>, Entry>>,
}

#[derive(Debug)]
struct Entry {
    metrics: AccountMetrics,
    /// Whether the account is rendered. The exporter cannot forget a series.
    shown: bool,
}

impl AccountTable {
    pub(crate) fn new(series: &Series) -> Self {
        Self {
            series: series.clone(),
            kinds: Arc::default(),
            accounts: RwLock::default(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> AccountMetrics {
        if let Some(metrics) = self.known(name) {
            return metrics;
        }
        let mut accounts = self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let entry = accounts.entry(name.into()).or_insert_with(|| Entry {
            metrics: AccountMetrics::new(&self.series, &self.kinds, name),
            shown: true,
        });
        entry.shown = true;
        entry.metrics.clone()
    }

    fn known(&self, name: &str) -> Option<AccountMetrics> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        accounts
            .get(name)
            .filter(|entry| entry.shown)
            .map(|entry| entry.metrics.clone())
    }

    pub(crate) fn hide(&self, name: &str) {
        let mut accounts = self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = accounts.get_mut(name) {
            entry.shown = false;
            entry.metrics.connected.set(0.0);
        }
    }

    /// The labels of the accounts that are not to be rendered.
    pub(crate) fn hidden(&self) -> HashSet<String> {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let hidden = accounts.iter().filter(|(_, entry)| !entry.shown);
        hidden
            .map(|(name, _)| label::clean(name).into_owned())
            .collect()
    }
}
