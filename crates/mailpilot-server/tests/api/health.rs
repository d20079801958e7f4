//! `/health`, `/health/live`, `/health/ready` and who may see what of them.

use mailpilot_test_support::TestServer;
use serde_json::json;

use crate::fixture::{
    TWO_ACCOUNTS, append, get, json_of, listed, mail, refused, report, two_accounts,
};

#[tokio::test]
async fn health_has_the_members_of_the_document_in_its_order() {
    let server = two_accounts().await;
    report(
        &server,
        &json!([
            {"account": "personal", "status": "connected"},
            {"account": "work", "status": "connected"},
        ]),
    )
    .await;
    let answer = get(&server, "/health").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let text = answer.text();
    let uptime = answer.json()["uptime"].as_u64().unwrap();
    assert_eq!(
        text,
        format!(
            r#"{{"status":"healthy","uptime":{uptime},"accounts":{{"personal":"connected","work":"connected"}},"database":"ok"}}"#
        )
    );
}

#[tokio::test]
async fn an_account_that_is_neither_connected_nor_connecting_degrades() {
    let server = two_accounts().await;
    report(&server, &json!({"account": "work", "status": "connected"})).await;
    for (status, overall) in [
        ("unknown", "degraded"),
        ("connected", "healthy"),
        ("connecting", "healthy"),
        ("disconnected", "degraded"),
        ("error", "degraded"),
        ("stalled", "degraded"),
    ] {
        report(&server, &json!({"account": "personal", "status": status})).await;
        let health = json_of(&server, "/health").await;
        assert_eq!(health["accounts"]["personal"], status);
        assert_eq!(health["status"], overall, "{status}");
    }
}

#[tokio::test]
async fn nothing_reported_yet_is_unknown_and_degraded_but_no_account_is_healthy() {
    let server = two_accounts().await;
    let health = json_of(&server, "/health").await;
    assert_eq!(
        health["accounts"],
        json!({"personal": "unknown", "work": "unknown"})
    );
    assert_eq!(health["status"], "degraded");

    let health = json_of(&TestServer::with("").start().await, "/health").await;
    assert_eq!(
        (&health["status"], &health["accounts"]),
        (&json!("healthy"), &json!({}))
    );
}

#[tokio::test]
async fn a_paused_account_is_no_reason_to_worry() {
    let server = TestServer::with("accounts: [{name: personal, paused: true}]")
        .start()
        .await;
    report(&server, &json!({"account": "personal", "status": "error"})).await;
    let health = json_of(&server, "/health").await;
    assert_eq!(health["accounts"]["personal"], "paused");
    assert_eq!(health["status"], "healthy");
}

#[tokio::test]
async fn account_names_can_be_hidden_from_strangers() {
    let server = TestServer::with(
        "
server: {health_accounts: hide, auth_token: a-token-of-some-length}
accounts: [{name: personal}]
",
    )
    .start()
    .await;
    let stranger = get(&server, "/health").await.expect(200).json();
    assert_eq!(stranger.get("accounts"), None);
    assert_eq!(stranger["status"], "degraded");
    let guess = server.get("/health").bearer("a-wrong-token-of-length");
    assert_eq!(guess.send().await.expect(200).json().get("accounts"), None);
    let known = server.get("/health").bearer("a-token-of-some-length");
    assert_eq!(
        known.send().await.expect(200).json()["accounts"],
        json!({"personal": "unknown"})
    );
}

#[tokio::test]
async fn metrics_can_want_a_credential() {
    let server = TestServer::with(
        "
server: {metrics_auth: required, auth_token: a-token-of-some-length}
dashboard:
  api_keys:
    - {name: stats, key: a-key-that-reads-stats}
    - {name: activity, key: a-key-that-reads-activity, permissions: [read:activity, write:stats]}
",
    )
    .start()
    .await;
    get(&server, "/metrics").await.expect(401);
    for (key, status) in [
        ("a-token-of-some-length", 200),
        ("a-key-that-reads-stats", 200),
        ("a-key-that-reads-activity", 403),
        ("a-key-that-is-not-there", 401),
    ] {
        server
            .get("/metrics")
            .bearer(key)
            .send()
            .await
            .expect(status);
    }
}

#[tokio::test]
async fn live_and_ready_say_ok_to_anybody() {
    let server = TestServer::with("server: {auth_token: a-token-of-some-length}")
        .start()
        .await;
    for path in ["/health/live", "/health/ready"] {
        let answer = get(&server, path).await.expect(200);
        assert_eq!(answer.text(), r#"{"status":"ok"}"#);
    }
}

#[tokio::test]
async fn a_server_that_stops_lives_but_is_not_ready() {
    let server = two_accounts().await;
    let mut open = Vec::new();
    for path in ["/health/live", "/health/ready", "/health"] {
        let mut connection = server.raw().await;
        let half = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n");
        connection.send(half.as_bytes()).await;
        open.push(connection);
    }
    server.handle().shutdown();
    for (mut connection, said) in open.into_iter().zip([
        "HTTP/1.1 200 OK",
        "HTTP/1.1 503 Service Unavailable",
        "HTTP/1.1 503 Service Unavailable",
    ]) {
        connection.send(b"\r\n").await;
        let answer = connection.rest().await;
        assert!(answer.starts_with(said), "{answer}");
    }
    assert_eq!(server.stop().await.cut, 0);
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_until_it_is_back_and_the_server_started_anew() {
    let server = two_accounts().await;
    append(&server, &mail("before")).await;
    let data = server.dir().path().join("data");
    let (database, aside) = (data.join("mailpilot.db"), data.join("aside.db"));
    std::fs::rename(&database, &aside).unwrap();
    let health = get(&server, "/health").await.expect(503).json();
    assert_eq!(
        (&health["status"], &health["database"]),
        (&json!("unhealthy"), &json!("error"))
    );
    refused(&get(&server, "/health/ready").await, 503, "database", None);
    get(&server, "/health/live").await.expect(200);

    std::fs::rename(&aside, &database).unwrap();
    let dir = server.dir().clone();
    server.stop().await;
    let server = TestServer::with(TWO_ACCOUNTS).in_dir_of(&dir).start().await;
    assert_eq!(json_of(&server, "/health").await["database"], "ok");
    assert_eq!(listed(&server, "").await, ["before"]);
}
