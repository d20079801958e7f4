//! What an operator may see of the settings in force: documented keys, secrets only as whether
//! they are configured, and where each value comes from.

use std::collections::{BTreeMap, BTreeSet};

use mailpilot_engine::{AccountName, AccountSettings};
use serde_json::{Value, json};

use crate::{
    facts::{self, Fact},
    layer::element_path,
    problem::Origin,
    settings::Settings,
};

/// The settings in force, as they may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveView {
    entries: Vec<ViewEntry>,
}

/// One key of a view.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewEntry {
    /// Its path, such as `dashboard.api_keys[0].name`.
    pub key: String,
    /// Its value; a secret is `{"configured": true}` or `{"configured": false}`.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

impl EffectiveView {
    /// The built-in defaults.
    #[must_use]
    pub fn defaults() -> Self {
        Self::of(&Settings::default(), &BTreeMap::new())
    }

    pub(crate) fn of(settings: &Settings, origins: &BTreeMap<String, Origin>) -> Self {
        let mut view = Self {
            entries: Vec::new(),
        };
        let mut scalars = facts::scalars(settings);
        let after_keys = scalars
            .iter()
            .position(|fact| fact.key.starts_with("state."))
            .unwrap_or(scalars.len());
        let rest = scalars.split_off(after_keys);
        view.add("", scalars, origins);
        view.add_list(
            "dashboard.api_keys",
            settings.credentials.keys.iter().map(facts::key),
            origins,
        );
        view.add("", rest, origins);
        view.add_list(
            "accounts",
            settings.accounts.iter().map(facts::account),
            origins,
        );
        for section in settings.engine.keys() {
            view.push(section.clone(), json!({ "configured": true }), origins);
        }
        view
    }

    /// This view with `accounts` in place of its own; those in `changed` come from the API.
    #[must_use]
    pub fn with_accounts(
        mut self,
        accounts: &[AccountSettings],
        changed: &BTreeSet<AccountName>,
    ) -> Self {
        let origins = self.account_origins();
        self.entries.retain(|entry| !is_account(&entry.key));
        for (index, account) in accounts.iter().enumerate() {
            let path = element_path("accounts", index);
            for Fact { key, content } in facts::account(account) {
                let known = || {
                    origins
                        .get(&(account.name.to_string(), key.to_owned()))
                        .cloned()
                };
                let origin = match changed.contains(&account.name) {
                    true => Origin::Api,
                    false => known().unwrap_or(Origin::Default),
                };
                self.entries.push(ViewEntry {
                    key: format!("{path}.{key}"),
                    value: content.shown(),
                    origin,
                });
            }
        }
        if accounts.is_empty() {
            let (key, value) = ("accounts".to_owned(), json!([]));
            self.entries.push(ViewEntry {
                key,
                value,
                origin: Origin::Default,
            });
        }
        self
    }

    /// Origins by account name and member.
    fn account_origins(&self) -> BTreeMap<(String, String), Origin> {
        let mut name = String::new();
        let mut origins = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| is_account(&entry.key)) {
            let Some((_, member)) = entry.key.split_once("].") else {
                continue;
            };
            if member == "name" {
                entry
                    .value
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut name);
            }
            origins.insert((name.clone(), member.to_owned()), entry.origin.clone());
        }
        origins
    }

    /// Every key, in the order of the documentation.
    #[must_use]
    pub fn entries(&self) -> &[ViewEntry] {
        &self.entries
    }

    /// One key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ViewEntry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn add(&mut self, parent: &str, facts: Vec<Fact<'_>>, origins: &BTreeMap<String, Origin>) {
        for Fact { key, content } in facts {
            let path = if parent.is_empty() {
                key.to_owned()
            } else {
                format!("{parent}.{key}")
            };
            self.push(path, content.shown(), origins);
        }
    }

    fn add_list<'a>(
        &mut self,
        list: &str,
        elements: impl ExactSizeIterator<Item = Vec<Fact<'a>>>,
        origins: &BTreeMap<String, Origin>,
    ) {
        if elements.len() == 0 {
            self.push(list.to_owned(), json!([]), origins);
        }
        for (index, facts) in elements.enumerate() {
            self.add(&element_path(list, index), facts, origins);
        }
    }

    fn push(&mut self, key: String, value: Value, origins: &BTreeMap<String, Origin>) {
        let origin = origins.get(&key).cloned().unwrap_or(Origin::Default);
        self.entries.push(ViewEntry { key, value, origin });
    }
}

fn is_account(key: &str) -> bool {
    key == "accounts" || key.starts_with("accounts[")
}
