//! Whatever a variable holds arrives as it is, and no secret ever leaves in a message or a view.

use proptest::prelude::*;

use super::source;
use crate::{Loaded, Source, account_from_json};

const CANARY: &str = "Zx9-canary-Qw7";

/// Texts that are awkward in YAML and in references.
fn awkward() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        ": ", "# ", "\n", "\"", "'", "$", "${A}", "$$", "}", "- x", "[", "{a: b}", "&a ", "*a",
        "!t ", "\t", "|", ">", "%", "@", "`", "\\", "\u{feff}", "ä", "null", "true", "12", "---\n",
        "\r\n", "<<: ", "? ",
    ]);
    let any = prop::collection::vec(prop_oneof![pieces.prop_map(str::to_owned), ".{0,8}"], 1..8);
    any.prop_map(|pieces| pieces.concat().replace('\0', ""))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_of_a_variable_arrives_as_it_is(value in awkward(), style in 0..4_usize) {
        prop_assume!(!value.trim().is_empty());
        let written = ["${SECRET}", "\"${SECRET}\"", "'${SECRET}'", ">-\n    ${SECRET}"][style];
        let yaml = format!("server:\n  auth_token: {written}\n  port: 1234\nllm_providers: {{key: \"<${{SECRET}}>\"}}\n");
        let loaded = source(&yaml, &[("SECRET", &value)]).load().unwrap();
        let settings = loaded.settings;
        let token = settings.credentials.auth_token.unwrap();
        prop_assert_eq!(token.expose(), value.as_str());
        prop_assert_eq!(settings.http.port, 1234);
        prop_assert_eq!(settings.engine["llm_providers"]["key"].as_str().unwrap(), format!("<{value}>"));
        prop_assert_eq!(settings.engine.len(), 1);
    }

    #[test]
    fn any_value_of_a_key_in_the_environment_arrives_as_it_is(value in awkward()) {
        prop_assume!(!value.trim().is_empty() && !value.starts_with("${"));
        let loaded = source("", &[("MAILPILOT_SERVER__AUTH_TOKEN", &value)]).load().unwrap();
        let token = loaded.settings.credentials.auth_token.unwrap();
        prop_assert_eq!(token.expose(), value.as_str());
    }

    #[test]
    fn no_text_makes_reading_panic(yaml in "(?s).{0,200}") {
        let outcome = source(&yaml, &[]).load();
        prop_assert!(outcome.is_ok() || !outcome.unwrap_err().problems().is_empty());
    }

    #[test]
    fn no_text_about_a_secret_shows_it(before in structure(), after in structure()) {
        let yaml = format!("{before}{CANARY}{after}");
        prop_assert!(!everything_said(&source(&yaml, &[])).contains(CANARY), "{}", yaml);
    }

    #[test]
    fn no_secret_in_the_wrong_place_is_shown(
        key in 0..SINGLE_VALUES.len(),
        secret in prop::sample::select(vec![
            format!("imaps://me:{CANARY}@mail.example.org"),
            format!("me:{CANARY}@mail.example.org:993"),
            format!("https://mail.example.org/{CANARY}"),
            format!("mp_{CANARY}"),
            format!("Bearer mp_{CANARY}"),
        ]),
        style in 0..4_usize,
    ) {
        let written = match style {
            0 => secret.clone(),
            1 => format!("\"{secret}\"").replace('@', "\\x40").replace("mp_", "\\x6dp_"),
            2 => format!("'{secret}'"),
            _ => format!("\"${{UNSET:-{secret}}}\""),
        };
        let yaml = SINGLE_VALUES[key].replace("VALUE", &written);
        let said = everything_wrong(&source(&yaml, &[]));
        prop_assert!(!said.contains(CANARY), "{}: {}", yaml, said);
        let body = serde_json::json!({"paused": secret, "imap": {
            "host": secret, "port": secret, "tls": secret, "username": "u",
        }, "expectedInterval": secret});
        let problems = account_from_json(&"a".parse().unwrap(), &body, None).unwrap_err();
        let said = format!("{problems:?}");
        prop_assert!(problems.len() >= 4 && !said.contains(CANARY), "{}", said);
    }

    #[test]
    fn no_variable_is_ever_shown(value in awkward(), place in 0..PLACES.len()) {
        let value = format!("{CANARY}{value}");
        let said = everything_said(&source(PLACES[place], &[("SECRET", &value)]));
        prop_assert!(!said.contains(CANARY), "{}: {}", PLACES[place], said);
    }
}

/// The beginning or the end of a configuration that has something to do with secrets.
fn structure() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "server:\n",
        "  auth_token: ",
        "  auth_token:",
        "auth_token: ",
        "dashboard:\n",
        "  session_secret: ",
        "  api_keys:\n",
        "    - ",
        "    - name: a\n",
        "      key: ",
        "      key_hash: ",
        "      permissions: ",
        "accounts:\n",
        "  - name: a\n",
        "    imap:\n",
        "      password: ",
        "      host: h\n",
        "    imap: ",
        "    oauth: ",
        "llm_providers:\n",
        "  - api_key: ",
        "\n",
        ": ",
        " ",
        "\"",
        "'",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "# ",
        "&",
        "*",
        "!",
        "|\n",
        ">\n",
        "? ",
        "- ",
        "${",
        "}",
        "@",
        "%",
        "\t",
    ]);
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

/// Keys of a single value that is no secret, alone on a line where an excerpt could show it.
const SINGLE_VALUES: &[&str] = &[
    "server:\n  port: VALUE\n",
    "server:\n  bind: VALUE\n",
    "server:\n  base_path: VALUE\n",
    "server:\n  trusted_proxies: VALUE\n",
    "server:\n  trusted_proxies:\n  - VALUE\n",
    "server:\n  metrics_auth: VALUE\n",
    "dashboard:\n  enabled: VALUE\n",
    "dashboard:\n  session_ttl: VALUE\n",
    "dashboard:\n  api_keys:\n  - name: VALUE\n  - name: VALUE\n",
    "dashboard:\n  api_keys:\n  - name: a\n    permissions: VALUE\n",
    "dashboard:\n  api_keys:\n  - name: a\n    permissions:\n    - VALUE\n",
    "dashboard:\n  api_keys:\n  - name: a\n    expires_at: VALUE\n",
    "state:\n  log_retention: VALUE\n",
    "logging:\n  level: VALUE\n",
    "accounts:\n- name: VALUE\n- name: VALUE\n",
    "accounts:\n- name: a\n  imap:\n    host: VALUE\n    username: u\n",
    "accounts:\n- name: a\n  imap:\n    host: h\n    port: VALUE\n    username: u\n",
    "accounts:\n- name: a\n  imap:\n    host: h\n    tls: VALUE\n    username: u\n",
    "accounts:\n- name: a\n  imap: VALUE\n",
    "accounts:\n- name: a\n  paused: VALUE\n",
    "accounts: VALUE\n",
    "VALUE\n",
];

/// Each key once, where its value comes out of a variable; many are of the wrong type.
const PLACES: &[&str] = &[
    "server: {port: \"${SECRET}\"}",
    "server: {bind: \"${SECRET}\"}",
    "server: {auth_token: [\"${SECRET}\"]}",
    "server: {base_path: \"x${SECRET}\"}",
    "server: {trusted_proxies: \"${SECRET}\"}",
    "server: {trusted_proxies: [\"${SECRET}\"]}",
    "server: {metrics_auth: \"${SECRET}\"}",
    "server: \"${SECRET}\"",
    "dashboard: {enabled: \"${SECRET}\"}",
    "dashboard: {session_ttl: \"${SECRET}\"}",
    "dashboard: {session_secret: \"${SECRET}\"}",
    "dashboard: {api_keys: \"${SECRET}\"}",
    "dashboard: {api_keys: [\"${SECRET}\"]}",
    "dashboard: {api_keys: [{name: a, key: \"${SECRET}\"}, {name: b, key: \"${SECRET}\"}]}",
    "dashboard: {api_keys: [{name: a, key_hash: \"${SECRET}\"}]}",
    "dashboard: {api_keys: [{name: a, permissions: [\"${SECRET}\"]}]}",
    "dashboard: {api_keys: [{name: \"${SECRET}\"}, {name: \"${SECRET}\"}]}",
    "dashboard: {api_keys: [{name: a, expires_at: \"${SECRET}\"}]}",
    "state: {log_retention: \"${SECRET}\"}",
    "logging: {level: \"${SECRET}\"}",
    "accounts: [{name: \"${SECRET}\"}, {name: \"${SECRET}\"}]",
    "accounts: [{name: a, imap: {host: \"x y${SECRET}\", username: u, password: \"${SECRET}\"}}]",
    "accounts: [{name: a, imap: {host: h, port: \"${SECRET}\", tls: \"${SECRET}\", username: u}}]",
    "accounts: [{name: a, oauth: \"${SECRET}\", pausd: \"${SECRET}\"}]",
    "llm_providers: \"${SECRET}\"",
    "unknown: \"${SECRET}\"",
    "server: {auth_token: \"${SECRET}\", port: x}",
];

/// Every message a source leads to that cannot be used: `mp_x` may well be the name of a host.
fn everything_wrong(source: &Source) -> String {
    match source.load() {
        Ok(_) => String::new(),
        Err(error) => format!("{error} {error:?}"),
    }
}

/// Every message, view and debug output a source leads to.
fn everything_said(source: &Source) -> String {
    match source.load() {
        Ok(Loaded {
            settings,
            warnings,
            view,
            file,
        }) => {
            let shown: Vec<_> = warnings.iter().map(ToString::to_string).collect();
            format!("{settings:?} {warnings:?} {shown:?} {view:?} {file:?} {source:?}")
        }
        Err(error) => format!("{error} {error:?} {source:?}"),
    }
}

#[test]
fn a_key_among_the_permissions_is_not_shown_whatever_it_looks_like() {
    for yaml in [
        "dashboard:\n  api_keys:\n  - name: a\n    permissions: CANARY\n",
        "dashboard:\n  api_keys:\n  - name: a\n    permissions: [CANARY]\n",
        "dashboard:\n  api_keys:\n  - name: a\n    permissions:\n    - CANARY\n",
        "logging:\n  level: CANARY\n",
    ] {
        let said = everything_wrong(&source(&yaml.replace("CANARY", CANARY), &[]));
        assert!(
            said.contains("found a text of 14 characters") && !said.contains(CANARY),
            "{said}"
        );
    }
}

#[test]
fn what_only_looks_a_little_like_a_secret_is_shown() {
    for (yaml, shown) in [
        ("state:\n  log_retention: temp_data\n", "\"temp_data\""),
        ("server:\n  bind: 10.0.0.1:80\n", "\"10.0.0.1:80\""),
        (
            "server:\n  trusted_proxies: [10.0.0.0/33]\n",
            "\"10.0.0.0/33\"",
        ),
        ("logging:\n  level: loud\n", "\"loud\""),
        (
            "accounts: [{name: ada@example.org}, {name: ada@example.org}]\n",
            "`ada@example.org`",
        ),
    ] {
        let said = everything_wrong(&source(yaml, &[]));
        assert!(said.contains(shown), "{said}");
    }
}

#[test]
fn secrets_are_shown_as_configured_and_nothing_more() {
    let yaml = format!(
        "
server: {{auth_token: {CANARY}-token}}
dashboard:
  session_secret: {CANARY}-and-some-more-characters
  api_keys: [{{name: a, key: {CANARY}-key}}]
accounts: [{{name: a, imap: {{host: h, username: u, password: {CANARY}}}, oauth: {{secret: {CANARY}}}}}]
llm_providers: [{{api_key: {CANARY}}}]
"
    );
    let source = source(&yaml, &[("MAILPILOT_OTHER", CANARY)]);
    assert!(!everything_said(&source).contains(CANARY));
    let view = source.load().unwrap().view;
    let configured = serde_json::json!({"configured": true});
    for key in [
        "server.auth_token",
        "dashboard.session_secret",
        "dashboard.api_keys[0].key",
        "accounts[0].imap.password",
        "llm_providers",
    ] {
        assert_eq!(view.get(key).unwrap().value, configured, "{key}");
    }
    assert!(
        view.entries()
            .iter()
            .all(|entry| !entry.key.contains("oauth"))
    );
}
