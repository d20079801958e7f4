//! What each kind of source reports: files, the environment, the command line.

use std::fs;

use expect_test::{Expect, expect};

use super::{load, problems, warnings};
use crate::{Overrides, Source};

fn check(yaml: &str, variables: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&problems(yaml, variables));
}

fn check_warnings(yaml: &str, variables: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&warnings(yaml, variables));
}

#[test]
fn a_missing_file_is_an_error_only_if_it_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    let error = Source::new().file(&path).load().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("config.yaml: there is no such file"),
        "{error}"
    );
    let loaded = Source::new().optional_file(&path).load().unwrap();
    assert_eq!(loaded.file, None);
    fs::write(&path, "server: {port: 1234}").unwrap();
    let loaded = Source::new().optional_file(&path).load().unwrap();
    assert_eq!((loaded.settings.http.port, loaded.file), (1234, Some(path)));
}

#[test]
fn a_file_that_is_no_text_is_an_error_without_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    fs::write(&path, b"server: \xff\xfe").unwrap();
    let error = Source::new().file(&path).load().unwrap_err().to_string();
    assert!(error.ends_with("the file is not UTF-8 text"), "{error}");
    let error = Source::new()
        .file(folder.path())
        .load()
        .unwrap_err()
        .to_string();
    assert!(error.contains("folder"), "{error}");
}

#[test]
fn an_empty_file_and_empty_sections_are_fine() {
    for yaml in [
        "",
        "\n",
        "# nothing\n",
        "---\n",
        "server:\ndashboard:\nstate:\nlogging:\n",
        "\u{feff}server: {port: 1}",
    ] {
        load(yaml);
    }
}

#[test]
fn environment_keys_are_checked_like_the_file() {
    check(
        "",
        &[
            ("MAILPILOT_CONFIG", "ignored"),
            ("MAILPILOT_PORT", "tcp://10.0.0.1:8080"),
            ("MAILPILOT_SERVER_PORT", "ignored"),
            ("MAILPILOT_SERVER__PORT__X", "1"),
            ("MAILPILOT_DASHBOARD__API_KEYS__0__KEY", "canary"),
            ("MAILPILOT_DASHBOARD__SESSION_TTL", "long"),
            ("MAILPILOT_SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
            ("MAILPILOT_NOTHING__AT_ALL", "canary"),
            ("MAILPILOT_ACCOUNTS", "[{name: a, name: b"),
            ("mailpilot_server__port", "ignored"),
        ],
        expect![[r#"
            environment MAILPILOT_ACCOUNTS: accounts: the value begins like a list or a map, but is none in YAML
                   = help: write it like [a, b] or {name: value}
            environment MAILPILOT_DASHBOARD__API_KEYS__0__KEY: dashboard.api_keys.0.key: an element of a list, or an empty name, cannot be set alone
                   = help: set the whole list in the form [{name: a}, {name: b}]
            environment MAILPILOT_DASHBOARD__SESSION_TTL: dashboard.session_ttl: expected a duration longer than zero, such as 30m, 24h or 7d, found a text of 4 characters
            environment MAILPILOT_NOTHING__AT_ALL: nothing: unknown key `nothing`
                   = help: allowed: server, dashboard, state, logging, accounts, concurrency_limit, dry_run, add_processing_headers, backlog, llm_providers, default_prompt, default_prompt_file, antivirus, attachments, retry, notifications, confidence, shutdown
            environment MAILPILOT_SERVER__PORT__X: server.port: expected a whole number from 0 to 65535, found a map
            environment MAILPILOT_SERVER__TRUSTED_PROXIES: server.trusted_proxies: expected a list, found a text of 10 characters
                   = help: write it like [a, b], or each element on its own line after `- `"#]],
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_an_error_if_it_is_ours_and_unset_otherwise() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};

    let no_text = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0xff);
        OsString::from_vec(bytes)
    };
    let source = Source::new()
        .text("config.yaml", "server: {auth_token: \"${TOKEN}\"}")
        .environment([
            ("MAILPILOT_SERVER__METRICS_AUTH".into(), no_text("canary")),
            (no_text("MAILPILOT_SERVER__PORT"), "canary".into()),
            ("TOKEN".into(), no_text("canary")),
            (no_text("OTHER"), "canary".into()),
        ] as [(OsString, OsString); 4]);
    expect![[r#"
        config.yaml:1:22: server.auth_token: environment variable TOKEN is not set
               = help: set it, or write ${NAME:-default}; write $${ for a literal ${
        environment MAILPILOT_SERVER__METRICS_AUTH: the variable is not UTF-8 text
               = help: set it anew, or unset it
        environment MAILPILOT_SERVER__PORT�: the variable is not UTF-8 text
               = help: set it anew, or unset it"#]]
    .assert_eq(&source.load().unwrap_err().to_string());
    assert!(!format!("{source:?}").contains("canary"));
}

#[test]
fn two_variables_for_one_key_are_an_error() {
    check(
        "",
        &[
            ("MAILPILOT_SERVER__PORT", "1"),
            ("MAILPILOT_server__port", "2"),
        ],
        expect![
            "environment MAILPILOT_server__port: server.port: another variable sets `server.port` already"
        ],
    );
}

#[test]
fn what_works_but_should_be_looked_at_is_a_warning() {
    check_warnings(
        "
server:
  auth_token: short
  trusted_proxies: [0.0.0.0/0]
dashboard:
  session_ttl: 31d
  session_secret: twenty characters ok
  api_keys:
    - {name: a, key: \"two words and a half\"}
accounts:
  - name: a
    pased: true
    labels: [x]
",
        &[],
        expect![[r#"
            config.yaml:3:15: server.auth_token: the token has 5 characters; with fewer than 16 it can be guessed
            config.yaml:4:21: server.trusted_proxies[0]: this trusts everybody: any client can claim any address; name the proxy alone
            config.yaml:6:16: dashboard.session_ttl: sessions live for more than 30 days; a stolen cookie stays good as long
            config.yaml:7:19: dashboard.session_secret: the secret has 20 characters; 32 or more are better
            config.yaml:9:22: dashboard.api_keys[0].key: it holds a space, a line break or a character outside ASCII, which an Authorization header may not carry
            config.yaml:12:12: accounts[0].pased: this server does not know `pased` and keeps it for the mail engine; did you mean `paused`?"#]],
    );
}

#[test]
#[cfg(unix)]
fn a_file_of_secrets_open_to_everybody_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    let warnings = |yaml: &str, mode: u32| {
        fs::write(&path, yaml).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let variables = [("TOKEN".to_owned(), "a-token-of-the-server".to_owned())];
        let loaded = Source::new()
            .file(&path)
            .environment(variables)
            .load()
            .unwrap();
        loaded
            .warnings
            .iter()
            .map(|warning| warning.message.clone())
            .collect::<Vec<_>>()
    };
    let inline = "server: {auth_token: a-token-of-the-server}";
    assert!(warnings(inline, 0o644)[0].contains("mode 0644"));
    assert!(warnings(inline, 0o640).is_empty());
    assert!(warnings("server: {auth_token: \"${TOKEN}\"}", 0o644).is_empty());
    assert!(warnings("server: {port: 1}", 0o644).is_empty());
}

#[test]
fn the_command_line_is_named_as_the_origin() {
    let overrides = Overrides {
        data_dir: Some("data/".into()),
        ..Overrides::default()
    };
    let loaded = Source::new().command_line(overrides).load().unwrap();
    let entry = loaded.view.get("state.database_path").unwrap();
    assert_eq!(
        (entry.value.as_str(), entry.origin.to_string().as_str()),
        (Some("data/mailpilot.db"), "command line --data-dir")
    );
}

#[test]
fn what_a_later_source_replaces_is_checked_too() {
    check(
        "server: auth_token:canary\nlogging: {level: loud}\n",
        &[
            ("MAILPILOT_SERVER__PORT", "1"),
            ("MAILPILOT_LOGGING__LEVEL", "info"),
        ],
        expect![[r#"
            config.yaml:1:9: server: expected a map of keys and values, found a text of 17 characters
            config.yaml:2:18: logging.level: expected one of trace, debug, info, warn, error, found "loud""#]],
    );
    let yaml = "server: {auth_token: canary-canary-canary}\ndashboard: {api_keys: [{name: a, key: canary-canary-canary}]}";
    let other = ("MAILPILOT_SERVER__AUTH_TOKEN", "another-token-of-mine");
    check(yaml, &[other], expect!["no problem"]);
    check(
        yaml,
        &[
            other,
            (
                "MAILPILOT_DASHBOARD__API_KEYS",
                "[{name: b, key: another-token-of-mine}, {name: b}]",
            ),
        ],
        expect![[r#"
            environment MAILPILOT_DASHBOARD__API_KEYS: dashboard.api_keys[0].key: the same secret as `server.auth_token`
                   = help: first used by environment MAILPILOT_SERVER__AUTH_TOKEN
            environment MAILPILOT_DASHBOARD__API_KEYS: dashboard.api_keys[1].key: expected `key` or `key_hash`, found neither
            environment MAILPILOT_DASHBOARD__API_KEYS: dashboard.api_keys[1].name: duplicate key name
                   = help: first used by environment MAILPILOT_DASHBOARD__API_KEYS"#]],
    );
}
