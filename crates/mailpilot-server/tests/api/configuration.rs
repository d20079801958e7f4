//! The effective configuration over the API, and reading it again while serving.

use mailpilot_test_support::{Reply, TestServer};
use serde_json::{Value, json};

use crate::fixture::{get, json_of, metric, refused};

const CONFIGURED: &str = "
server: {auth_token: canary-of-the-token}
dashboard:
  session_secret: canary-of-the-session-secret
  api_keys:
    - {name: monitoring, key: canary-of-a-key-one}
state: {audit_retention: 10d}
accounts:
  - name: work
    imap: {host: imap.example.org, username: ann, password: canary-of-imap}
llm_providers: [{name: p, api_key: canary-of-an-engine}]
";

async fn start() -> TestServer {
    TestServer::with(CONFIGURED).start().await
}

async fn ask(server: &TestServer, method: &str, path: &str) -> Reply {
    server
        .call(method, path)
        .bearer("canary-of-the-token")
        .send()
        .await
}

fn rewrite(server: &TestServer, yaml: &str) {
    std::fs::write(server.config_file(), yaml).unwrap();
}

/// Value and origin of one key.
fn value<'a>(config: &'a Value, key: &str) -> (&'a Value, &'a str) {
    let values = config["values"].as_array().unwrap();
    let found = values.iter().find(|value| value["key"] == key);
    let found = found.unwrap_or_else(|| panic!("{key} is not in {config}"));
    (&found["value"], found["origin"].as_str().unwrap())
}

#[tokio::test]
async fn every_value_is_shown_with_its_origin_and_no_secret() {
    let server = start().await;
    let answer = ask(&server, "GET", "/api/config").await.expect(200);
    assert!(!answer.text().contains("canary"), "{}", answer.text());
    let config = answer.json();
    for key in [
        "server.auth_token",
        "dashboard.session_secret",
        "dashboard.api_keys[0].key",
        "accounts[0].imap.password",
        "llm_providers",
    ] {
        assert_eq!(value(&config, key).0, &json!({"configured": true}), "{key}");
    }
    assert_eq!(value(&config, "dashboard.api_keys[0].name").0, "monitoring");
    assert_eq!(
        value(&config, "dashboard.enabled"),
        (&json!(true), "built-in default")
    );
    assert_eq!(
        value(&config, "server.port"),
        (&json!(0), "command line --port")
    );
    let (retention, origin) = value(&config, "state.audit_retention");
    assert_eq!(retention, "10d");
    assert!(origin.contains("config.yaml:7:"), "{origin}");
    assert_eq!(
        (&config["lastReload"], &config["restartRequired"]),
        (&json!(null), &json!([]))
    );
    assert!(config["file"].as_str().unwrap().ends_with("config.yaml"));
}

#[tokio::test]
async fn an_account_changed_through_the_api_has_that_as_its_origin() {
    let server = start().await;
    let body = json!({"imap": {"host": "other.example.org", "username": "ann"}});
    let put = server.call("PUT", "/api/accounts/work").json(&body);
    put.bearer("canary-of-the-token").send().await.expect(200);
    let config = ask(&server, "GET", "/api/config").await.json();
    let (host, origin) = value(&config, "accounts[0].imap.host");
    assert_eq!(host, "other.example.org");
    assert!(origin.contains("API"), "{origin}");
}

#[tokio::test]
async fn a_reload_tells_what_changed_and_what_waits_for_a_restart() {
    let server = start().await;
    let again = ask(&server, "POST", "/api/reload-config").await.expect(200);
    assert_eq!(
        again.json(),
        json!({"success": true, "changed": [], "restartRequired": []})
    );
    rewrite(
        &server,
        &CONFIGURED
            .replace(
                "server: {",
                "server: {base_path: /mail, health_accounts: hide, ",
            )
            .replace("audit_retention: 10d", "audit_retention: 5d")
            .replace("  - name: work\n", "  - name: home\n  - name: work\n"),
    );
    let done = ask(&server, "POST", "/api/reload-config").await.expect(200);
    assert_eq!(
        done.json(),
        json!({
            "success": true,
            "changed": ["server.base_path", "server.health_accounts", "state.audit_retention", "accounts[0]"],
            "restartRequired": ["server.base_path"],
        })
    );
    let config = ask(&server, "GET", "/api/config").await.json();
    assert_eq!(config["lastReload"]["success"], true);
    assert_eq!(config["restartRequired"], json!(["server.base_path"]));
    assert_eq!(get(&server, "/health").await.json().get("accounts"), None);
    ask(&server, "GET", "/api/accounts/home").await.expect(200);
}

#[tokio::test]
async fn the_handle_reloads_as_the_api_does() {
    let server = start().await;
    rewrite(&server, &CONFIGURED.replace("name: work", "name: home"));
    let done = server.handle().reload().await.unwrap();
    assert_eq!(done.changed, ["accounts[0]", "accounts"]);
    assert!(done.restart_required.is_empty());
    ask(&server, "GET", "/api/accounts/work").await.expect(404);
    ask(&server, "GET", "/api/accounts/home").await.expect(200);
    rewrite(&server, "server: {prot: 1}");
    assert_eq!(problems(server.handle().reload().await), 1);
}

#[tokio::test]
async fn a_bad_file_changes_nothing_and_stays_visible_until_a_good_one() {
    let server = start().await;
    let before = ask(&server, "GET", "/api/config").await.json()["values"].clone();
    let gauge = "mailpilot_config_last_reload_successful";
    assert_eq!(metric(&server, gauge).await, Some(1.0));
    rewrite(
        &server,
        "server: {prot: 1, auth_token: another-canary-of-length}\ndashboard: {session_ttl: soon}\naccounts: [{name: \"a b\"}]\n",
    );
    let reply = ask(&server, "POST", "/api/reload-config").await;
    refused(&reply, 422, "invalid_configuration", Some("server.prot"));
    assert!(!reply.text().contains("canary"), "{}", reply.text());
    let errors = reply.json()["errors"].clone();
    let fields: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["server.prot", "dashboard.session_ttl", "accounts[0].name"]
    );
    let first = errors[0]["message"].as_str().unwrap();
    assert!(
        first.contains("config.yaml:1:10") && first.contains("did you mean `port`?"),
        "{first}"
    );

    let config = ask(&server, "GET", "/api/config").await.json();
    assert_eq!(config["values"], before);
    assert_eq!(
        (
            &config["lastReload"]["success"],
            &config["lastReload"]["errors"]
        ),
        (&json!(false), &errors)
    );
    assert_eq!(metric(&server, gauge).await, Some(0.0));

    std::fs::remove_file(server.config_file()).unwrap();
    let reply = ask(&server, "POST", "/api/reload-config").await;
    refused(&reply, 422, "invalid_configuration", None);
    rewrite(&server, CONFIGURED);
    ask(&server, "POST", "/api/reload-config").await.expect(200);
    assert_eq!(metric(&server, gauge).await, Some(1.0));
    let config = ask(&server, "GET", "/api/config").await.json();
    assert_eq!(config["lastReload"]["errors"], json!([]));
}

#[tokio::test]
async fn an_account_that_leaves_the_file_leaves_lists_health_and_metrics() {
    let server = TestServer::with("accounts: [{name: personal}, {name: work}]")
        .start()
        .await;
    let series = r#"mailpilot_account_connected{account="work"}"#;
    assert_eq!(metric(&server, series).await, Some(0.0));
    rewrite(&server, "accounts: [{name: personal}]");
    server.handle().reload().await.unwrap();
    assert_eq!(
        json_of(&server, "/health").await["accounts"],
        json!({"personal": "unknown"})
    );
    assert_eq!(metric(&server, series).await, None);
}

/// How many problems a reload that failed has found.
fn problems(outcome: Result<mailpilot_server::Reloaded, mailpilot_server::ReloadError>) -> usize {
    match outcome {
        Err(mailpilot_server::ReloadError::Invalid(problems)) => problems.len(),
        other => panic!("{other:?}"),
    }
}
