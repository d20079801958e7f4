//! What differs between two configurations: key paths only, never values.

use std::collections::HashMap;

use mailpilot_engine::AccountSettings;

use crate::{
    facts::{self, Fact},
    layer::element_path,
    reference::{Reload, reference},
    settings::Settings,
};

/// What a reload changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The paths of every key that differs, in the order of the documentation. Elements of lists
    /// are compared by name: a new one is named by its path, one that is gone by its list's.
    pub changed: Vec<String>,
    /// Those of `changed` that take effect when the server starts next.
    pub restart_required: Vec<String>,
}

impl Changes {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    fn add(&mut self, path: String) {
        self.changed.push(path);
    }
}

/// What changes when `new` takes the place of `old`.
#[must_use]
pub fn changes(old: &Settings, new: &Settings) -> Changes {
    let mut changes = Changes::default();
    for (before, after) in facts::scalars(old).into_iter().zip(facts::scalars(new)) {
        if before.content != after.content {
            changes.add(after.key.to_owned());
        }
    }
    let keys = |settings: &'_ Settings| -> Vec<String> {
        settings
            .credentials
            .keys
            .iter()
            .map(|key| key.name.clone())
            .collect()
    };
    compare(
        &mut changes,
        "dashboard.api_keys",
        (&keys(old), &keys(new)),
        |index| facts::key(&old.credentials.keys[index]),
        |index| facts::key(&new.credentials.keys[index]),
    );
    accounts(&mut changes, &old.accounts, &new.accounts);
    engine(&mut changes, old, new);
    let restart: Vec<_> = reference()
        .filter(|doc| doc.reload == Reload::Restart)
        .map(|doc| doc.key)
        .collect();
    changes.restart_required = changes
        .changed
        .iter()
        .filter(|path| restart.contains(&path.as_str()))
        .cloned()
        .collect();
    changes
}

fn accounts(changes: &mut Changes, old: &[AccountSettings], new: &[AccountSettings]) {
    let names = |accounts: &[AccountSettings]| -> Vec<String> {
        accounts
            .iter()
            .map(|account| account.name.to_string())
            .collect()
    };
    compare(
        changes,
        "accounts",
        (&names(old), &names(new)),
        |index| facts::account(&old[index]),
        |index| facts::account(&new[index]),
    );
    for (index, account) in new.iter().enumerate() {
        let before = old.iter().find(|before| before.name == account.name);
        if before.is_some_and(|before| before.extra != account.extra) {
            changes.add(element_path("accounts", index));
        }
    }
}

fn engine(changes: &mut Changes, old: &Settings, new: &Settings) {
    for section in crate::sections::engine::SECTIONS {
        if old.engine.get(section) != new.engine.get(section) {
            changes.add(section.to_owned());
        }
    }
}

/// Compares two lists by the names of their elements.
fn compare<'a>(
    changes: &mut Changes,
    list: &str,
    (old_names, new_names): (&[String], &[String]),
    old: impl Fn(usize) -> Vec<Fact<'a>>,
    new: impl Fn(usize) -> Vec<Fact<'a>>,
) {
    let mut gone: HashMap<&str, usize> = old_names
        .iter()
        .enumerate()
        .map(|(index, name)| (name.as_str(), index))
        .collect();
    for (index, name) in new_names.iter().enumerate() {
        let path = element_path(list, index);
        let Some(before) = gone.remove(name.as_str()) else {
            changes.add(path);
            continue;
        };
        let mut before: HashMap<_, _> = old(before)
            .into_iter()
            .map(|fact| (fact.key, fact.content))
            .collect();
        for Fact { key, content } in new(index) {
            if before.remove(key) != Some(content) {
                changes.add(format!("{path}.{key}"));
            }
        }
        for key in before.keys() {
            changes.add(format!("{path}.{key}"));
        }
    }
    if !gone.is_empty() {
        changes.add(list.to_owned());
    }
}
