//! What a reload reports: key paths, never values.

use std::{collections::BTreeSet, fs};

use super::load;
use crate::{Changes, Origin, Source, changes};

const OLD: &str = "
server: {port: 1, auth_token: the-token-of-the-server, trusted_proxies: [10.0.0.0/8]}
dashboard:
  session_secret: the-secret-of-the-sessions
  api_keys:
    - {name: a, key: key-number-one-of-file}
    - {name: b, key: key-number-two-of-file}
    - {name: c, key: key-number-three-of-file}
accounts:
  - {name: one, imap: {host: h, username: u, password: canary}, extra: canary}
  - {name: two}
llm_providers: [{api_key: canary}]
";

fn check(new: &str, changed: &[&str], restart: &[&str]) {
    let found = changes(&load(OLD).settings, &load(new).settings);
    assert_eq!(
        (
            found.changed.iter().map(String::as_str).collect::<Vec<_>>(),
            found
                .restart_required
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
        ),
        (changed.to_vec(), restart.to_vec())
    );
}

fn replaced(from: &str, to: &str) -> String {
    assert!(OLD.contains(from), "{from}");
    OLD.replace(from, to)
}

#[test]
fn nothing_differs_from_itself() {
    let settings = load(OLD).settings;
    assert_eq!(changes(&settings, &settings), Changes::default());
    let turned =
        replaced("  - {name: two}\n", "").replace("accounts:\n", "accounts:\n  - {name: two}\n");
    assert!(changes(&settings, &load(&turned).settings).is_empty());
}

#[test]
fn what_needs_a_restart_is_named_as_such() {
    check(
        &replaced("port: 1", "port: 2, bind: 127.0.0.1, base_path: /mail"),
        &["server.port", "server.bind", "server.base_path"],
        &["server.port", "server.bind", "server.base_path"],
    );
    check(
        &format!("{OLD}state: {{database_path: x.db, log_retention: 1d}}\n"),
        &["state.database_path", "state.log_retention"],
        &["state.database_path"],
    );
    check(
        &replaced("the-secret-of", "another-secret-of"),
        &["dashboard.session_secret"],
        &["dashboard.session_secret"],
    );
}

#[test]
fn what_applies_at_once_is_only_named() {
    check(
        &replaced("the-token", "another-token"),
        &["server.auth_token"],
        &[],
    );
    check(
        &replaced("[10.0.0.0/8]", "[10.0.0.0/9]"),
        &["server.trusted_proxies"],
        &[],
    );
    check(
        &format!("{OLD}logging: {{level: debug}}\n"),
        &["logging.level"],
        &[],
    );
}

#[test]
fn elements_of_lists_are_compared_by_name() {
    check(
        &replaced("    - {name: a, key: key-number-one-of-file}\n", ""),
        &["dashboard.api_keys"],
        &[],
    );
    check(
        &replaced("name: b", "name: new"),
        &["dashboard.api_keys[1]", "dashboard.api_keys"],
        &[],
    );
    check(
        &replaced("key-number-two", "key-number-ten"),
        &["dashboard.api_keys[1].key"],
        &[],
    );
    let hashed = format!("key_hash: \"sha256:{}\"", "0".repeat(64));
    check(
        &replaced("key: key-number-two-of-file", &hashed),
        &[
            "dashboard.api_keys[1].key_hash",
            "dashboard.api_keys[1].key",
        ],
        &[],
    );
    check(
        &replaced("{name: two}", "{name: two, paused: true}"),
        &["accounts[1].paused"],
        &[],
    );
    check(
        &replaced("password: canary", "password: other"),
        &["accounts[0].imap.password"],
        &[],
    );
    check(
        &replaced("extra: canary", "extra: other"),
        &["accounts[0]"],
        &[],
    );
    check(
        &replaced("api_key: canary", "api_key: other"),
        &["llm_providers"],
        &[],
    );
}

#[test]
fn a_source_reads_its_file_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    let source = Source::new().file(&path);
    fs::write(&path, "server: {port: 1}").unwrap();
    assert_eq!(source.load().unwrap().settings.http.port, 1);
    fs::write(&path, "server: {port: x}").unwrap();
    assert!(source.load().is_err());
    fs::write(&path, "server: {port: 2}").unwrap();
    assert_eq!(source.clone().load().unwrap().settings.http.port, 2);
}

#[test]
fn accounts_changed_through_the_api_are_shown_with_that_origin() {
    let loaded = load(OLD);
    let mut accounts = loaded.settings.accounts.clone();
    accounts[1].paused = true;
    let view = loaded
        .view
        .clone()
        .with_accounts(&accounts, &BTreeSet::from([accounts[1].name.clone()]));
    let origin = |key: &str| view.get(key).unwrap().origin.kind();
    assert_eq!(
        (
            origin("accounts[0].imap.host"),
            origin("accounts[1].paused")
        ),
        ("file", "api")
    );
    assert_eq!(view.get("accounts[1].paused").unwrap().value, true);
    assert_eq!(
        loaded.view.get("accounts[0].imap.port").unwrap().origin,
        Origin::Default
    );
    assert_eq!(view.entries().len(), loaded.view.entries().len());
}
