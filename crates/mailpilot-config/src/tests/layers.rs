//! Which source wins, and what becomes of a value on its way.

use mailpilot_auth::KeyCredential;
use mailpilot_engine::LogLevel;
use serde_json::json;

use super::{load, load_with, source};
use crate::{LogFormat, Overrides, Settings};

const FILE: &str = "server: {port: 1, metrics_auth: required}\nlogging: {level: warn}\n";

#[test]
fn later_layers_win_key_by_key() {
    let origins = |loaded: &crate::Loaded| {
        ["server.port", "server.metrics_auth", "server.bind"]
            .map(|key| loaded.view.get(key).unwrap().origin.kind())
    };
    let file = load(FILE);
    assert_eq!(file.settings.http.port, 1);
    assert_eq!(origins(&file), ["file", "file", "default"]);

    let variables = [("MAILPILOT_SERVER__PORT", "2")];
    let environment = load_with(FILE, &variables);
    assert_eq!(environment.settings.http.port, 2);
    assert_eq!(origins(&environment), ["environment", "file", "default"]);

    let overrides = Overrides {
        port: Some(3),
        log_level: Some(LogLevel::Trace),
        data_dir: None,
    };
    let all = source(FILE, &variables)
        .command_line(overrides)
        .load()
        .unwrap();
    assert_eq!(
        (all.settings.http.port, all.settings.logging.level),
        (3, LogLevel::Trace)
    );
    assert_eq!(origins(&all), ["command_line", "file", "default"]);
}

#[test]
fn a_section_of_nothing_in_the_file_takes_keys_from_the_environment() {
    assert_eq!(
        load_with("server:\n", &[("MAILPILOT_SERVER__PORT", "2")])
            .settings
            .http
            .port,
        2
    );
}

#[test]
fn a_list_takes_the_place_of_the_whole_list() {
    let yaml = "dashboard: {api_keys: [{name: a, key: key-number-one-of-file}]}";
    let list = "[{name: b, key: 'key: number # two', permissions: ['*']}]";
    let loaded = load_with(yaml, &[("MAILPILOT_DASHBOARD__API_KEYS", list)]);
    let keys = &loaded.settings.credentials.keys;
    assert_eq!(keys.len(), 1);
    let key = &keys[0];
    assert_eq!(
        (key.name.as_str(), key.permissions.names()),
        ("b", vec!["*"])
    );
    assert_eq!(
        loaded
            .view
            .get("dashboard.api_keys[0].name")
            .unwrap()
            .origin
            .kind(),
        "environment"
    );
}

#[test]
fn a_variable_takes_the_type_its_key_needs() {
    let yaml = "server: {port: \"${PORT}\", trusted_proxies: [\"${NET}\"]}\ndashboard: {enabled: \"${ON}\", session_ttl: \"${TTL}\"}";
    let variables = [
        ("PORT", "3000"),
        ("NET", "10.0.0.0/8"),
        ("ON", "false"),
        ("TTL", "7d"),
    ];
    let http = load_with(yaml, &variables).settings.http;
    assert_eq!((http.port, http.dashboard.enabled), (3000, false));
    assert_eq!(http.trusted_proxies, ["10.0.0.0/8".parse().unwrap()]);
}

#[test]
fn digits_without_quotes_stay_the_secret_they_are() {
    for text in [
        "12345678901234567890",
        "00123456789012345",
        "1e999",
        "0x1F",
        "1_000",
        "123456789012345678901234567890",
        ".5",
        "-7",
        "123.40",
    ] {
        let loaded = load(&format!("server:\n  auth_token: {text}  # digits\n"));
        assert_eq!(
            loaded.settings.credentials.auth_token.unwrap().expose(),
            text
        );
        let loaded = load_with("", &[("MAILPILOT_SERVER__AUTH_TOKEN", text)]);
        assert_eq!(
            loaded.settings.credentials.auth_token.unwrap().expose(),
            text
        );
    }
    let aliased = load("backlog: &token 0012.50\nserver:\n  auth_token: *token\n");
    assert_eq!(
        aliased.settings.credentials.auth_token.unwrap().expose(),
        "0012.50"
    );
}

#[test]
fn a_token_in_the_environment_may_begin_like_a_list() {
    for text in ["[not a list", "{neither", "- x", "a: b", "\"quoted\""] {
        let loaded = load_with("", &[("MAILPILOT_SERVER__AUTH_TOKEN", text)]);
        assert_eq!(
            loaded.settings.credentials.auth_token.unwrap().expose(),
            text
        );
    }
}

#[test]
fn keys_may_be_hashed_and_expire() {
    let digest = "00ff".repeat(16);
    let loaded = load(&format!(
        "dashboard: {{api_keys: [{{name: a, key_hash: \"sha256:{digest}\", expires_at: 2027-01-31T00:00:00Z}}]}}"
    ));
    let keys = &loaded.settings.credentials.keys;
    assert_eq!(keys.len(), 1);
    let key = &keys[0];
    assert!(matches!(key.credential, KeyCredential::Sha256(hash) if hash[..2] == [0, 255]));
    assert_eq!(
        key.expires_at.unwrap().to_string(),
        "2027-01-31T00:00:00.000Z"
    );
    assert_eq!(key.permissions.names(), ["read:stats"]);
}

#[test]
fn sections_of_a_mail_engine_are_kept_as_they_are() {
    let yaml = "
dry_run: true
concurrency_limit: 4
confidence: {threshold: 0.75, words: [a, 1, null, true]}
llm_providers:
  - name: one
    api_key: ${LLM_KEY}
";
    let settings = load_with(yaml, &[("LLM_KEY", "1234")]).settings;
    assert_eq!(
        json!(settings.engine),
        json!({
            "dry_run": true,
            "concurrency_limit": 4,
            "confidence": {"threshold": 0.75, "words": ["a", 1, null, true]},
            "llm_providers": [{"name": "one", "api_key": "1234"}],
        })
    );
}

#[test]
fn accounts_keep_what_this_server_does_not_know() {
    let yaml = "
accounts:
  - name: personal
    imap: {host: imap.example.com, username: me, password: 12345678}
    expected_interval: 30m
    folders: {spam: Junk, watch: [INBOX]}
  - name: reports
    paused: true
";
    let settings = load(yaml).settings;
    let (personal, reports) = (&settings.accounts[0], &settings.accounts[1]);
    let imap = personal.imap.as_ref().unwrap();
    assert_eq!(
        (imap.port, imap.tls.name(), imap.host.as_str()),
        (993, "auto", "imap.example.com")
    );
    assert_eq!(imap.password.as_ref().unwrap().expose(), "12345678");
    assert_eq!(
        json!(personal.extra),
        json!({"folders": {"spam": "Junk", "watch": ["INBOX"]}})
    );
    assert!(reports.imap.is_none() && reports.paused);
}

#[test]
fn without_any_source_the_defaults_hold() {
    let loaded = crate::Source::new().load().unwrap();
    assert_eq!(
        format!("{:?}", loaded.settings),
        format!("{:?}", Settings::default())
    );
    assert_eq!(loaded.settings.logging.format, LogFormat::Text);
    assert_eq!(loaded.view, crate::EffectiveView::defaults());
}

#[test]
fn anchors_and_merge_keys_work() {
    let yaml = "
backlog: &imap {host: h, port: 143, username: u}
accounts:
  - {name: a, imap: *imap}
  - name: b
    imap:
      <<: *imap
      host: other
";
    let settings = load(yaml).settings;
    let hosts: Vec<_> = settings
        .accounts
        .iter()
        .map(|a| a.imap.as_ref().unwrap())
        .collect();
    assert_eq!((hosts[0].host.as_str(), hosts[0].port), ("h", 143));
    assert_eq!((hosts[1].host.as_str(), hosts[1].port), ("other", 143));
}

#[test]
fn ten_thousand_keys_are_read() {
    let mut yaml = "dashboard:\n  api_keys:\n".to_owned();
    for number in 0..10_000 {
        yaml.push_str(&format!(
            "    - name: key-{number}\n      key: the-key-of-number-{number}\n"
        ));
    }
    assert_eq!(load(&yaml).settings.credentials.keys.len(), 10_000);
}
