//! `state`: the store and how long it keeps what.

use std::path::PathBuf;

use mailpilot_storage::StorageSettings;

use crate::{
    reader::Node,
    reference::{KeyDoc, Kind, Reload},
};

pub(super) const KEYS: &[KeyDoc] = &[
    KeyDoc {
        key: "state.database_path",
        kind: Kind::Path,
        default: Some("./data/mailpilot.db"),
        rule: "The database. Its folder is the data dir, made with mode 0700.",
        reload: Reload::Restart,
    },
    KeyDoc {
        key: "state.audit_retention",
        kind: Kind::Duration,
        default: Some("30d"),
        rule: "Age at which activity entries and states of accounts go away. Zero is an error.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "state.log_retention",
        kind: Kind::Duration,
        default: Some("7d"),
        rule: "Age at which log lines go away. Zero is an error.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "state.audit_subjects",
        kind: Kind::Flag,
        default: Some("false"),
        rule: "`false` drops subjects and senders before anything is stored or streamed.",
        reload: Reload::AtOnce,
    },
];

pub(super) fn read(node: &Node<'_>, storage: &mut StorageSettings) {
    if node.map().is_none() {
        return;
    }
    node.refuse_unknown(&[]);
    let path = node
        .member("database_path")
        .parse("a path of a file", database_path);
    storage.path = path.unwrap_or_else(|| storage.path.clone());
    let audit = node.member("audit_retention").duration();
    let log = node.member("log_retention").duration();
    let subjects = node.member("audit_subjects").flag();
    storage.audit_retention = audit.unwrap_or(storage.audit_retention);
    storage.log_retention = log.unwrap_or(storage.log_retention);
    storage.audit_subjects = subjects.unwrap_or(storage.audit_subjects);
}

/// A file. SQLite gives names such as `:memory:` and `file:…` a meaning the store has no use for.
fn database_path(text: &str) -> Option<PathBuf> {
    let special = text.starts_with(':') || text.starts_with("file:") || text.contains('\0');
    let folder = text.trim().is_empty() || text.ends_with('/');
    (!special && !folder).then(|| PathBuf::from(text))
}
