//! Accounts as JSON: the rules of the file, and secrets that stay.

use mailpilot_engine::{AccountName, AccountSettings};
use serde_json::{Value, json};

use super::load;
use crate::{account_from_json, account_to_json_with_secrets};

fn name() -> AccountName {
    "personal".parse().unwrap()
}

fn from_file() -> AccountSettings {
    let yaml = "
accounts:
  - name: personal
    imap: {host: imap.example.com, port: 143, tls: starttls, username: me, password: canary}
    expected_interval: 90m
    paused: true
    oauth: {client_secret: canary}
";
    load(yaml).settings.accounts.remove(0)
}

fn accepted(body: Value) -> AccountSettings {
    account_from_json(&name(), &body, Some(&from_file())).unwrap()
}

fn check(body: Value, expected: &[(&str, &str)]) {
    let problems = account_from_json(&name(), &body, None).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.field.as_str(), p.message.as_str()))
        .collect();
    assert_eq!(found, expected);
    assert!(!format!("{problems:?}").contains("canary"));
}

#[test]
fn the_store_gets_back_what_it_was_given() {
    let account = from_file();
    let stored = account_to_json_with_secrets(&account);
    let read = account_from_json(&name(), &stored, None).unwrap();
    assert_eq!(account_to_json_with_secrets(&read), stored);
    assert_eq!(read.expected_interval, account.expected_interval);
    assert_eq!(read.imap.unwrap().password.unwrap().expose(), "canary");
    assert_eq!(
        json!(read.extra),
        json!({"oauth": {"client_secret": "canary"}})
    );
}

#[test]
fn a_password_that_is_left_out_or_shown_as_configured_stays() {
    let password = |account: AccountSettings| {
        account
            .imap
            .and_then(|imap| imap.password)
            .map(|p| p.expose().to_owned())
    };
    let imap =
        |password: Value| json!({"imap": {"host": "h", "username": "u", "password": password}});
    let kept = Some("canary".to_owned());
    assert_eq!(
        password(accepted(json!({"imap": {"host": "h", "username": "u"}}))),
        kept
    );
    assert_eq!(password(accepted(imap(json!({"configured": true})))), kept);
    assert_eq!(
        password(accepted(imap(json!("new one")))),
        Some("new one".to_owned())
    );
    assert_eq!(password(accepted(imap(Value::Null))), None);
    let fresh = account_from_json(
        &name(),
        &json!({"imap": {"host": "h", "username": "u"}}),
        None,
    )
    .unwrap();
    assert_eq!(password(fresh), None);
}

#[test]
fn members_of_a_mail_engine_stay_until_they_are_taken_away() {
    assert_eq!(
        json!(accepted(json!({})).extra),
        json!({"oauth": {"client_secret": "canary"}})
    );
    assert_eq!(
        json!(accepted(json!({"oauth": 1, "more": [1]})).extra),
        json!({"oauth": 1, "more": [1]})
    );
    assert_eq!(json!(accepted(json!({"oauth": null})).extra), json!({}));
}

#[test]
fn what_an_answer_shows_can_be_sent_back() {
    let body = json!({
        "name": "personal",
        "imap": {"host": "h", "port": 993, "tls": "auto", "username": "u", "password": {"configured": true}},
        "paused": false,
        "expectedInterval": "1h",
        "source": "file+api",
    });
    let account = accepted(body);
    assert_eq!(account.expected_interval.unwrap().as_secs(), 3600);
    assert!(!account.paused && !account.extra.contains_key("source"));
}

#[test]
fn everything_else_is_replaced() {
    let account = accepted(json!({"imap": null, "expectedInterval": null}));
    assert!(account.imap.is_none() && account.expected_interval.is_none() && !account.paused);
}

#[test]
fn a_body_is_checked_like_the_file() {
    check(json!([]), &[("", "expected an object")]);
    check(
        json!({"name": "other"}),
        &[(
            "name",
            "an account cannot be renamed; the name has to be the one in the path",
        )],
    );
    check(
        json!({
            "imap": {"port": 0, "tls": "ssl", "username": "", "password": "", "usrname": "canary"},
            "paused": "often",
            "expectedInterval": 60,
        }),
        &[
            (
                "imap.usrname",
                "unknown key `usrname`; did you mean `username`? (allowed: host, port, tls, username, password)",
            ),
            ("imap.host", "`host` is missing"),
            (
                "imap.port",
                "expected a whole number from 1 to 65535, found 0",
            ),
            (
                "imap.tls",
                "expected one of auto, tls, starttls, insecure, found \"ssl\"",
            ),
            (
                "imap.username",
                "expected a text that is not empty, found an empty text",
            ),
            (
                "imap.password",
                "expected a text that is not empty, found an empty text",
            ),
            ("paused", "expected true or false, found \"often\""),
            (
                "expectedInterval",
                "expected a duration longer than zero, such as 30m, 24h or 7d, found 60",
            ),
        ],
    );
    check(
        json!({"imap": "canary", "expectedInterval": "1h", "expected_interval": "2h"}),
        &[
            (
                "expectedInterval",
                "`expectedInterval` and `expected_interval` are the same member",
            ),
            (
                "imap",
                "expected a map of keys and values, found a text of 6 characters",
            ),
        ],
    );
    check(
        json!({"imap": {"host": "https://imap.example.com", "username": ["canary"], "password": {"canary": 1}}}),
        &[
            (
                "imap.host",
                "expected a host name or address, without port or scheme, found a text of 24 characters",
            ),
            (
                "imap.username",
                "expected a text that is not empty, found a list",
            ),
            (
                "imap.password",
                "expected a text that is not empty, found a map",
            ),
        ],
    );
}

#[test]
fn a_reference_in_a_request_is_a_text() {
    let body = json!({"imap": {"host": "h", "username": "${HOME}", "password": "$$"}});
    let imap = account_from_json(&name(), &body, None)
        .unwrap()
        .imap
        .unwrap();
    assert_eq!(
        (imap.username.as_str(), imap.password.unwrap().expose()),
        ("${HOME}", "$$")
    );
}
