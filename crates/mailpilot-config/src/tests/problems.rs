//! What is reported, word for word: every problem at once, with place, key and help.

use expect_test::{Expect, expect};

use super::problems;

fn check(yaml: &str, variables: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&problems(yaml, variables));
}

#[test]
fn every_problem_of_every_source_is_reported_at_once() {
    check(
        "
server:
  port: eighty
  prot: 8080
  auth_token: ${TOKEN}
  bind: localhost
  metrics_auth: requird
dashboard:
  enabled: perhaps
  session_ttl: 24hours and
  session_secret: short
  api_keys:
    - name: monitoring
      key: secret
    - name: monitoring
      permissions: [read:stats, read:log]
logging: loud
acounts: []
",
        &[
            ("MAILPILOT_SERVER__PROT", "1"),
            ("MAILPILOT_STATE__LOG_RETENTION", "soon"),
        ],
        expect![[r#"
            config.yaml:3:9: server.port: expected a whole number from 0 to 65535, found "eighty"
                 3 |   port: eighty
                   |         ^
            config.yaml:4:3: server.prot: unknown key `prot`
                 4 |   prot
                   |   ^
                   = help: did you mean `port`? (allowed: port, bind, auth_token, base_path, trusted_proxies, metrics_auth, health_accounts)
            config.yaml:5:15: server.auth_token: environment variable TOKEN is not set
                   = help: set it, or write ${NAME:-default}; write $${ for a literal ${
            config.yaml:6:9: server.bind: expected an IP address such as 127.0.0.1, 0.0.0.0 or ::, found "localhost"
                 6 |   bind: localhost
                   |         ^
            config.yaml:7:17: server.metrics_auth: expected one of open, required, found "requird"
                 7 |   metrics_auth: requird
                   |                 ^
                   = help: did you mean `required`?
            config.yaml:9:12: dashboard.enabled: expected true or false, found "perhaps"
                 9 |   enabled: perhaps
                   |            ^
            config.yaml:10:16: dashboard.session_ttl: expected a duration longer than zero, such as 30m, 24h or 7d, found "24hours and"
                10 |   session_ttl: 24hours and
                   |                ^
            config.yaml:11:19: dashboard.session_secret: a session secret needs at least 16 characters, this one has 5
                   = help: make one with `openssl rand -base64 32`, or leave it out
            config.yaml:14:12: dashboard.api_keys[0].key: an API key needs at least 16 characters, this one has 6
                   = help: make one with `mailpilot hash-key`
            config.yaml:15:7: dashboard.api_keys[1].key: expected `key` or `key_hash`, found neither
            config.yaml:15:13: dashboard.api_keys[1].name: duplicate key name `monitoring`
                15 |     - name: monitoring
                   |             ^
                   = help: first used on line 13
            config.yaml:16:33: dashboard.api_keys[1].permissions[1]: expected one of read:stats, read:activity, read:logs, read:export, read:accounts, read:*, write:stats, write:activity, write:logs, write:export, write:accounts, write:*, *, found "read:log"
                   = help: did you mean `read:logs`?
            config.yaml:17:10: logging: expected a map of keys and values, found a text of 4 characters
            config.yaml:18:1: acounts: unknown key `acounts`
                18 | acounts
                   | ^
                   = help: did you mean `accounts`? (allowed: server, dashboard, state, logging, accounts, concurrency_limit, dry_run, add_processing_headers, backlog, llm_providers, default_prompt, default_prompt_file, antivirus, attachments, retry, notifications, confidence, shutdown)
            environment MAILPILOT_SERVER__PROT: server.prot: unknown key `prot`
                   = help: did you mean `port`? (allowed: port, bind, auth_token, base_path, trusted_proxies, metrics_auth, health_accounts)
            environment MAILPILOT_STATE__LOG_RETENTION: state.log_retention: expected a duration longer than zero, such as 30m, 24h or 7d, found a text of 4 characters"#]],
    );
}

#[test]
fn a_wrong_type_shows_the_line_and_the_value() {
    check(
        "server:\n  port: eighty\n",
        &[],
        expect![[r#"
        config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found "eighty"
             2 |   port: eighty
               |         ^"#]],
    );
    check(
        "server:\n  port: 65536\n",
        &[],
        expect![[r#"
        config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found 65536
             2 |   port: 65536
               |         ^"#]],
    );
    check(
        "server:\n  port: -1\n",
        &[],
        expect![[r#"
        config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found -1
             2 |   port: -1
               |         ^"#]],
    );
    check(
        "server:\n  port: 80.5\n",
        &[],
        expect![[r#"
        config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found 80.5
             2 |   port: 80.5
               |         ^"#]],
    );
    check(
        "server:\n  port:\n",
        &[],
        expect![
            "config.yaml:2:7: server.port: expected a whole number from 0 to 65535, found nothing"
        ],
    );
    check(
        "server:\n  port: [1, 2]\n",
        &[],
        expect![
            "config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found a list"
        ],
    );
    check(
        "server:\n  port: \"a\\nb\\e[31m\"\n",
        &[],
        expect![[r#"
        config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found "a\nb\u{1b}[31m"
             2 |   port: "a\nb\e[31m"
               |         ^"#]],
    );
}

#[test]
fn a_value_out_of_a_variable_is_not_shown() {
    check(
        "server:\n  port: ${TOK}\n",
        &[("TOK", "canary")],
        expect![[r#"
        config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found a text of 6 characters
             2 |   port: ${TOK}
               |         ^"#]],
    );
    check(
        "",
        &[("MAILPILOT_SERVER__PORT", "canary")],
        expect![
            "environment MAILPILOT_SERVER__PORT: server.port: expected a whole number from 0 to 65535, found a text of 6 characters"
        ],
    );
}

#[test]
fn a_line_with_other_values_or_comments_shows_only_what_is_meant() {
    check(
        "server: {auth_token: canary, port: eighty}\n",
        &[],
        expect![[
            r#"config.yaml:1:36: server.port: expected a whole number from 0 to 65535, found "eighty""#
        ]],
    );
    check(
        "server:\n  port: eighty # canary\n",
        &[],
        expect![[r#"
        config.yaml:2:9: server.port: expected a whole number from 0 to 65535, found "eighty"
             2 |   port: eighty
               |         ^"#]],
    );
    check(
        "dashboard:\n  api_keys:\n  - {key: canary-canary-canary, name: x, perms: []}\n",
        &[],
        expect![[r#"
        config.yaml:3:42: dashboard.api_keys[0].perms: unknown key `perms`
               = help: allowed: name, key, key_hash, permissions, expires_at"#]],
    );
}

#[test]
fn unset_and_empty_variables_are_all_reported() {
    check(
        "server: {auth_token: \"${TOKEN}\"}\ndashboard:\n  session_secret: ${ONE}-${TWO}\nbacklog: {x: [\"${\"]}\n",
        &[("TWO", "")],
        expect![[r#"
            config.yaml:1:22: server.auth_token: environment variable TOKEN is not set
                   = help: set it, or write ${NAME:-default}; write $${ for a literal ${
            config.yaml:3:19: dashboard.session_secret: environment variable ONE is not set
                   = help: set it, or write ${NAME:-default}; write $${ for a literal ${
            config.yaml:3:19: dashboard.session_secret: environment variable TWO is empty
                   = help: give it a value, or write ${NAME:-default}
            config.yaml:4:15: backlog.x[0]: `${` begins no reference; expected ${NAME} or ${NAME:-default}
                   = help: write $${ for a literal ${"#]],
    );
}

#[test]
fn an_auth_token_of_nothing_is_an_error() {
    for text in ["\"\"", "", "~", "null", "\"  \"", "\"${X:-}\""] {
        let found = problems(&format!("server:\n  auth_token: {text}\n"), &[]);
        assert!(found.starts_with("config.yaml:2:"), "{text}: {found}");
        assert!(
            found.contains("server.auth_token: expected a text that is not empty"),
            "{text}: {found}"
        );
    }
    check(
        "",
        &[("MAILPILOT_SERVER__AUTH_TOKEN", "")],
        expect![
            "environment MAILPILOT_SERVER__AUTH_TOKEN: server.auth_token: expected a text that is not empty, found an empty text"
        ],
    );
}

#[test]
fn a_reference_nobody_filled_in_is_no_token() {
    check(
        "",
        &[("MAILPILOT_SERVER__AUTH_TOKEN", "${AUTH_TOKEN}")],
        expect![[r#"
        environment MAILPILOT_SERVER__AUTH_TOKEN: server.auth_token: the value is a reference that nobody filled in; variables are taken literally
               = help: let the shell or the unit file fill it in"#]],
    );
}

#[test]
fn unknown_keys_get_the_nearest_name() {
    check(
        "port: 8080\n",
        &[],
        expect![[r#"
        config.yaml:1:1: port: unknown key `port`
             1 | port
               | ^
               = help: did you mean `server.port`? (allowed: server, dashboard, state, logging, accounts, concurrency_limit, dry_run, add_processing_headers, backlog, llm_providers, default_prompt, default_prompt_file, antivirus, attachments, retry, notifications, confidence, shutdown)"#]],
    );
    check(
        "server: {authToken: x}\n",
        &[],
        expect![[r#"
        config.yaml:1:10: server.authToken: unknown key `authToken`
               = help: did you mean `auth_token`? (allowed: port, bind, auth_token, base_path, trusted_proxies, metrics_auth, health_accounts)"#]],
    );
    check(
        "server: {auth_tokn: x}\n",
        &[],
        expect![[r#"
        config.yaml:1:10: server.auth_tokn: unknown key `auth_tokn`
               = help: did you mean `auth_token`? (allowed: port, bind, auth_token, base_path, trusted_proxies, metrics_auth, health_accounts)"#]],
    );
    check(
        "dashboard:\n  api_keys:\n    - mp_1234567890abcdef: monitoring\n",
        &[],
        expect![[r#"
        config.yaml:3:7: dashboard.api_keys[0]: unknown key of 19 characters
               = help: allowed: name, key, key_hash, permissions, expires_at
        config.yaml:3:7: dashboard.api_keys[0].key: expected `key` or `key_hash`, found neither
        config.yaml:3:7: dashboard.api_keys[0].name: `name` is missing"#]],
    );
    check(
        "accounts:\n- name: a\n  imap: {host: h, username: u, pasword: canary}\n",
        &[],
        expect![[r#"
        config.yaml:3:32: accounts[0].imap.pasword: unknown key `pasword`
               = help: did you mean `password`? (allowed: host, port, tls, username, password)"#]],
    );
}

#[test]
fn doubled_keys_are_errors_beside_others() {
    check(
        "server:\n  port: 1\n  port: eighty\n  bind: x\n",
        &[],
        expect![[r#"
        config.yaml:3:3: server.port: the key stands here twice
               = help: it stands on line 2 already
        config.yaml:4:9: server.bind: expected an IP address such as 127.0.0.1, 0.0.0.0 or ::, found "x"
             4 |   bind: x
               |         ^"#]],
    );
    check(
        "dashboard: {}\nserver: {}\ndashboard: {}\n",
        &[],
        expect![[r#"
        config.yaml:3:1: dashboard: the key stands here twice
               = help: it stands on line 1 already"#]],
    );
}

#[test]
fn credentials_must_differ() {
    check(
        "
server:
  auth_token: canary-canary-canary
dashboard:
  api_keys:
    - {name: a, key: canary-canary-canary}
    - {name: b, key: another-key-of-mine}
    - name: a
      key_hash: sha256:0c9ab15a9e3bf9ae5cd7ad2e5e12d1b4f1cd5ff3bc1d0f4a4dc1d2d5f0e2c0aa
    - {name: d, key: another-key-of-mine}
",
        &[],
        expect![[r#"
            config.yaml:6:22: dashboard.api_keys[0].key: the same secret as `server.auth_token`
                   = help: first used on line 3
            config.yaml:8:13: dashboard.api_keys[2].name: duplicate key name `a`
                 8 |     - name: a
                   |             ^
                   = help: first used on line 6
            config.yaml:10:22: dashboard.api_keys[3].key: the same secret as `dashboard.api_keys[1].key`
                   = help: first used on line 7"#]],
    );
}

#[test]
fn a_key_and_the_hash_of_the_same_key_are_doubled() {
    // printf %s canary-canary-canary | sha256sum
    check(
        "
dashboard:
  api_keys:
    - {name: a, key: canary-canary-canary}
    - {name: b, key_hash: \"sha256:HASH\"}
"
        .replace("HASH", HASH_OF_CANARY)
        .as_str(),
        &[],
        expect![[r#"
            config.yaml:5:27: dashboard.api_keys[1].key_hash: the same secret as `dashboard.api_keys[0].key`
                   = help: first used on line 4"#]],
    );
}

const HASH_OF_CANARY: &str = "a70aa6125567fc4b569d8080330443ce5058432f59f92b135b54d8155d471c24";

#[test]
fn a_key_is_either_given_or_hashed() {
    check(
        "
dashboard:
  api_keys:
    - name: neither
    - {name: both, key: canary-canary-canary, key_hash: canary}
    - {name: short, key: canary}
    - {name: hash, key_hash: sha256:canary}
    - {name: digits, key: 12345}
    - {key: canary-canary-canar2}
    - canary
    - {name: late, key: canary-canary-canar3, expires_at: tomorrow}
",
        &[],
        expect![[r#"
            config.yaml:4:7: dashboard.api_keys[0].key: expected `key` or `key_hash`, found neither
            config.yaml:5:57: dashboard.api_keys[1].key_hash: expected `key` or `key_hash`, found both
            config.yaml:6:26: dashboard.api_keys[2].key: an API key needs at least 16 characters, this one has 6
                   = help: make one with `mailpilot hash-key`
            config.yaml:7:30: dashboard.api_keys[3].key_hash: expected `sha256:` and 64 hexadecimal digits, found a text of 13 characters
            config.yaml:8:27: dashboard.api_keys[4].key: an API key needs at least 16 characters, this one has 5
                   = help: make one with `mailpilot hash-key`
            config.yaml:9:7: dashboard.api_keys[5].name: `name` is missing
            config.yaml:10:7: dashboard.api_keys[6]: expected a map of keys and values, found a text of 6 characters
            config.yaml:11:59: dashboard.api_keys[7].expires_at: expected a date and time such as 2027-01-31T00:00:00Z, found "tomorrow""#]],
    );
}

#[test]
fn durations_of_nothing_and_texts_that_are_none_are_errors() {
    for text in [
        "0", "0s", "0h 0m", "24", "-1h", "never", "1e3", "[]", "\"\"", "${X}",
    ] {
        let found = problems(
            &format!("dashboard:\n  session_ttl: {text}\n"),
            &[("X", "canary")],
        );
        assert!(
            found.contains("dashboard.session_ttl: expected a duration longer than zero"),
            "{text}: {found}"
        );
        assert!(!found.contains("canary"), "{found}");
    }
    check(
        "state: {audit_retention: 0s, log_retention: 24}\n",
        &[],
        expect![[r#"
        config.yaml:1:26: state.audit_retention: expected a duration longer than zero, such as 30m, 24h or 7d, found "0s"
        config.yaml:1:45: state.log_retention: expected a duration longer than zero, such as 30m, 24h or 7d, found 24"#]],
    );
}

#[test]
fn broken_yaml_names_the_place_and_shows_nothing_of_it() {
    check(
        "server:\n  port: 1\n auth_token: canary\n",
        &[],
        expect![
            "config.yaml:3:2: not valid YAML here; look at the indentation, and put a value with special characters in quotes"
        ],
    );
    check(
        "server:\n  auth_token: \"canary\n",
        &[],
        expect![
            "config.yaml:2:15: not valid YAML here; look at the indentation, and put a value with special characters in quotes"
        ],
    );
    check(
        "server:\n\tport: 1\n",
        &[],
        expect![
            "config.yaml:2:2: not valid YAML here; look at the indentation, and put a value with special characters in quotes"
        ],
    );
    check(
        "server:\n  auth_token: *canary\n",
        &[],
        expect![
            "config.yaml:2:15: unknown alias; a value that begins with * or & has to stand in quotes"
        ],
    );
    check(
        "server:\n  auth_token: @canary\n",
        &[],
        expect![
            "config.yaml:2:15: not valid YAML here; look at the indentation, and put a value with special characters in quotes"
        ],
    );
    check(
        "server: {}\n---\nserver: {}\n",
        &[],
        expect!["config.yaml:3:1: more than one document; only one is read"],
    );
    check(
        "- canary\n",
        &[],
        expect!["config.yaml:1:1: expected sections such as `server:`, each with its keys below"],
    );
    check(
        "canary\n",
        &[],
        expect!["config.yaml:1:1: expected sections such as `server:`, each with its keys below"],
    );
    check(
        "server:\n  auth_token:canary\n",
        &[],
        expect![
            "config.yaml:2:3: server: expected a map of keys and values, found a text of 17 characters"
        ],
    );
    check(
        "? [a]\n: b\n",
        &[],
        expect![
            "config.yaml:1:3: not valid YAML here; look at the indentation, and put a value with special characters in quotes"
        ],
    );
}

#[test]
fn bombs_stop() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (before, name) in ["a", "b", "c", "d", "e", "f", "g", "h"]
        .iter()
        .zip(["b", "c", "d", "e", "f", "g", "h", "i"])
    {
        let references = vec![format!("*{before}"); 10].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{references}]\n"));
    }
    let found = problems(&bomb, &[]);
    assert!(
        found.contains("expands to more than a configuration may hold"),
        "{found}"
    );
    let deep = problems(
        &format!("backlog: {}{}", "[".repeat(5_000), "]".repeat(5_000)),
        &[],
    );
    assert!(deep.starts_with("config.yaml:1:"), "{deep}");
}
