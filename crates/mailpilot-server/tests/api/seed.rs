//! Every configuration example of the documentation starts a server that does what it says.

use mailpilot_test_support::TestServer;

const VARIABLES: &[(&str, &str)] = &[
    ("AUTH_TOKEN", "auth-token-of-the-server"),
    (
        "SESSION_SECRET",
        "c2Vzc2lvbiBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcw==",
    ),
    ("API_KEY", "mp_api_key_of_monitoring"),
    ("AUTOMATION_API_KEY", "mp_api_key_of_automation"),
    ("MONITORING_KEY", "mp_key_of_monitoring"),
    ("AUTOMATION_KEY", "mp_key_of_automation"),
];
const TOKEN: &str = "auth-token-of-the-server";

async fn start(yaml: &str) -> TestServer {
    let server = TestServer::with(yaml).environment(VARIABLES).start().await;
    server.get("/health").send().await.expect(200);
    server
}

/// Asks with a bearer credential (or none, if it is empty) and insists on the status.
async fn check(server: &TestServer, bearer: &str, method: &str, path: &str, status: u16) {
    let call = server.call(method, path);
    let call = if bearer.is_empty() {
        call
    } else {
        call.bearer(bearer)
    };
    let got = call.send().await.status.as_u16();
    assert_eq!(got, status, "{method} {path} with `{bearer}`");
}

/// The `Max-Age` of the cookie that the first administrator gets.
async fn session_seconds(server: &TestServer) -> String {
    let body = serde_json::json!({
        "username": "admin", "password": "correct horse battery", "confirm": "correct horse battery",
    });
    let made = server.post("/api/setup", &body).send().await.expect(200);
    let cookie = made.header("set-cookie").to_owned();
    let (_, rest) = cookie.split_once("Max-Age=").unwrap();
    rest.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn server_settings_and_token_based_auth() {
    for yaml in [
        "server:\n  port: 8080\n  auth_token: ${AUTH_TOKEN}\n",
        "server:\n  auth_token: ${AUTH_TOKEN}\n",
    ] {
        let server = start(yaml).await;
        check(&server, TOKEN, "GET", "/api/stats", 200).await;
        check(&server, TOKEN, "GET", "/api/keys", 200).await;
        check(&server, "", "GET", "/api/stats", 401).await;
        check(
            &server,
            "auth-token-of-the-serveR",
            "GET",
            "/api/stats",
            401,
        )
        .await;
    }
}

#[tokio::test]
async fn dashboard_settings() {
    let server = start(
        "
dashboard:
  enabled: true
  session_secret: ${SESSION_SECRET}
  session_ttl: 24h
  api_keys:
    - name: monitoring
      key: ${API_KEY}
      permissions: [read:stats, read:activity]
",
    )
    .await;
    let key = "mp_api_key_of_monitoring";
    check(&server, key, "GET", "/api/stats", 200).await;
    check(&server, key, "GET", "/api/activity", 200).await;
    check(&server, key, "GET", "/api/logs", 403).await;
    check(&server, key, "DELETE", "/api/stats", 403).await;
    assert_eq!(session_seconds(&server).await, "86400");
}

#[tokio::test]
async fn api_keys_and_how_to_use_them() {
    let server = start(
        "
dashboard:
  api_keys:
    - name: monitoring
      key: mp_1234567890abcdef
      permissions:
        - read:stats
        - read:activity
    - name: automation
      key: ${AUTOMATION_API_KEY}
      permissions:
        - read:*
        - write:stats
",
    )
    .await;
    check(&server, "mp_1234567890abcdef", "GET", "/api/stats", 200).await;
    check(&server, "mp_1234567890abcdef", "GET", "/api/export", 403).await;
    let automation = "mp_api_key_of_automation";
    for path in [
        "/api/stats",
        "/api/activity",
        "/api/logs",
        "/api/export",
        "/api/accounts",
    ] {
        check(&server, automation, "GET", path, 200).await;
    }
    check(&server, automation, "DELETE", "/api/stats", 204).await;
    check(&server, automation, "DELETE", "/api/logs", 403).await;

    let without_prefix = server
        .get("/api/stats")
        .header("authorization", "mp_1234567890abcdef")
        .send()
        .await
        .expect(401);
    let said = without_prefix.json()["error"].as_str().unwrap().to_owned();
    assert!(said.contains("Bearer "), "{said}");
}

#[tokio::test]
async fn a_key_without_permissions_may_read_totals() {
    let server = start("dashboard:\n  api_keys: [{name: m, key: \"${API_KEY}\"}]\n").await;
    check(
        &server,
        "mp_api_key_of_monitoring",
        "GET",
        "/api/stats",
        200,
    )
    .await;
    check(
        &server,
        "mp_api_key_of_monitoring",
        "GET",
        "/api/activity",
        403,
    )
    .await;
}

#[tokio::test]
async fn session_ttl_and_every_recommended_value() {
    for (yaml, seconds) in [
        ("dashboard:\n  session_ttl: 24h # 24 hours\n", "86400"),
        ("dashboard:\n  session_ttl: 7d\n", "604800"),
        ("dashboard:\n  session_ttl: 30d\n", "2592000"),
        ("dashboard:\n  session_ttl: 4h\n", "14400"),
        ("dashboard:\n  session_ttl: 30m\n", "1800"),
        ("dashboard:\n  session_secret: ${SESSION_SECRET}\n", "86400"),
    ] {
        let server = start(yaml).await;
        assert_eq!(session_seconds(&server).await, seconds, "{yaml}");
    }
}

#[tokio::test]
async fn ports_minimal_dashboard_and_disabled_authentication() {
    for yaml in [
        "server:\n  port: 8080\n",
        "server:\n  port: 3000\n",
        "dashboard:\n  enabled: true\n  # No auth_token or api_keys\n",
        "server:\n  port: 8080\n\ndashboard:\n  enabled: true\n",
    ] {
        let server = start(yaml).await;
        check(&server, "", "GET", "/api/stats", 200).await;
        check(&server, "", "GET", "/setup", 200).await;
        check(&server, "mp_whatever_this_may_be", "GET", "/api/stats", 401).await;
    }
}

#[tokio::test]
async fn production_setup() {
    let server = start(
        "
server:
  port: 8080
  auth_token: ${AUTH_TOKEN}

dashboard:
  enabled: true
  session_secret: ${SESSION_SECRET}
  session_ttl: 24h
  api_keys:
    - name: monitoring
      key: ${MONITORING_KEY}
      permissions: [read:stats, read:activity, read:logs]
    - name: automation
      key: ${AUTOMATION_KEY}
      permissions: [read:*, write:stats]
",
    )
    .await;
    check(&server, TOKEN, "GET", "/api/config", 200).await;
    check(&server, "mp_key_of_monitoring", "GET", "/api/logs", 200).await;
    check(&server, "mp_key_of_monitoring", "GET", "/api/export", 403).await;
    check(&server, "mp_key_of_automation", "GET", "/api/export", 200).await;
    check(&server, "mp_key_of_automation", "DELETE", "/api/stats", 204).await;
    check(&server, "", "GET", "/api/stats", 401).await;
    check(&server, "", "GET", "/metrics", 200).await;
}

#[tokio::test]
async fn development_setup() {
    let server = start(
        "
server:
  port: 3000  # Different port to avoid conflicts

dashboard:
  enabled: true
  session_ttl: 7d  # Long session for dev convenience
",
    )
    .await;
    check(&server, "", "GET", "/api/stats", 200).await;
    assert_eq!(session_seconds(&server).await, "604800");
    check(&server, "", "GET", "/api/stats", 401).await;
}

#[tokio::test]
async fn disabled_dashboard() {
    let server = start("dashboard:\n  enabled: false\n").await;
    check(&server, "", "GET", "/", 404).await;
    check(&server, "", "GET", "/login", 404).await;
    check(&server, "", "GET", "/api/stats", 401).await;
    check(&server, "", "GET", "/metrics", 200).await;
}
