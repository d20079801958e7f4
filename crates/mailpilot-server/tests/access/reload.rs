//! Reading the configuration again (contract section 1): what is gone stops at once, a bad file changes
//! nothing and stays visible.

use std::{sync::Arc, time::Duration};

use mailpilot_test_support::TestServer;
use serde_json::Value;

use crate::fixture::{
    HOUR, KEY, KEYED, TOKEN, clock, ended_before, late_line, metric, refused, status_with_bearer,
    status_with_session, stream_of_bearer,
};

const SUCCESSFUL: &str = "mailpilot_config_last_reload_successful";

async fn reload(server: &TestServer, yaml: &str) -> Value {
    server.reconfigure(yaml);
    let call = server.call("POST", "/api/reload-config").bearer(TOKEN);
    call.send().await.expect(200).json()
}

/// The key may hear of log lines too.
fn hearing_logs() -> String {
    KEYED.replace("read:stats", "read:stats, read:logs")
}

async fn last_reload(server: &TestServer) -> Value {
    let call = server.get("/api/config").bearer(TOKEN);
    call.send().await.expect(200).json()["lastReload"].clone()
}

#[tokio::test]
async fn a_key_that_is_gone_stops_at_once_on_open_streams_too() {
    let server = TestServer::with(&hearing_logs()).start().await;
    let (gone, kept) = (
        stream_of_bearer(&server, KEY).await,
        stream_of_bearer(&server, TOKEN).await,
    );
    let yaml = hearing_logs().replace(KEY, "mp_another_0123456789");
    let said = reload(&server, &yaml).await;
    assert_eq!(said["success"], true);
    assert!(
        said["changed"].to_string().contains("dashboard.api_keys"),
        "{said}"
    );
    assert_eq!(said["restartRequired"], serde_json::json!([]));
    ended_before(gone, late_line(&server).bearer(TOKEN)).await;
    assert_eq!(status_with_bearer(&server, "/api/stats", KEY).await, 401);
    assert_eq!(
        status_with_bearer(&server, "/api/stats", "mp_another_0123456789").await,
        200
    );
    // The stream of a credential that stays goes on.
    let mut kept = kept;
    assert_eq!(kept.next_of("logs").await.data["message"], "too late");
}

#[tokio::test]
async fn a_changed_token_ends_the_old_one_and_its_streams() {
    let server = TestServer::with(KEYED).start().await;
    let stream = stream_of_bearer(&server, TOKEN).await;
    reload(&server, &KEYED.replace(TOKEN, "another-token-0123456789")).await;
    ended_before(
        stream,
        late_line(&server).bearer("another-token-0123456789"),
    )
    .await;
    assert_eq!(status_with_bearer(&server, "/api/stats", TOKEN).await, 401);
    assert_eq!(
        status_with_bearer(&server, "/api/stats", "another-token-0123456789").await,
        200
    );
}

#[tokio::test]
async fn changed_permissions_count_at_once_and_end_streams_that_lack_them() {
    let server = TestServer::with(&hearing_logs()).start().await;
    let stream = stream_of_bearer(&server, KEY).await;
    reload(&server, &KEYED.replace("read:stats", "read:logs")).await;
    ended_before(stream, late_line(&server).bearer(TOKEN)).await;
    assert_eq!(status_with_bearer(&server, "/api/stats", KEY).await, 403);
    assert_eq!(status_with_bearer(&server, "/api/logs", KEY).await, 200);
}

#[tokio::test]
async fn made_keys_and_sessions_stay() {
    let server = TestServer::with(KEYED).start().await;
    let session = server.administrator().await;
    let made = server.make_key(&session, "made", &["read:stats"]).await;
    reload(&server, &KEYED.replace(KEY, "mp_another_0123456789")).await;
    assert_eq!(status_with_bearer(&server, "/api/stats", &made).await, 200);
    assert_eq!(
        status_with_session(&server, "/api/stats", &session).await,
        200
    );
}

#[tokio::test]
async fn a_shorter_ttl_shortens_sessions_that_exist() {
    let clock = clock();
    let server = TestServer::with(KEYED)
        .clock(Arc::clone(&clock) as _)
        .start()
        .await;
    let session = server.administrator().await;
    clock.advance(HOUR - Duration::from_secs(1));
    let yaml = KEYED.replace("dashboard:\n", "dashboard:\n  session_ttl: 1h\n");
    let said = reload(&server, &yaml).await;
    assert!(
        said["changed"].to_string().contains("session_ttl"),
        "{said}"
    );
    assert_eq!(
        status_with_session(&server, "/api/stats", &session).await,
        200
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        status_with_session(&server, "/api/stats", &session).await,
        401
    );
}

#[tokio::test]
async fn a_bad_file_changes_nothing_and_stays_visible() {
    let server = TestServer::with(KEYED).start().await;
    assert_eq!(last_reload(&server).await, Value::Null);
    assert_eq!(metric(&server, SUCCESSFUL).await, 1.0);
    let stream = stream_of_bearer(&server, KEY).await;
    let bad = KEYED
        .replace("read:stats", "read:log")
        .replace(TOKEN, "another-token-0123456789")
        + "servr: {}\n";
    server.reconfigure(&bad);
    let call = server.call("POST", "/api/reload-config").bearer(TOKEN);
    let reply = call.send().await;
    refused(&reply, 422, "invalid_configuration");
    let errors = reply.json()["errors"].as_array().unwrap().clone();
    assert_eq!(errors.len(), 2, "{errors:?}");
    let fields: Vec<&str> = errors
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    assert!(
        fields.contains(&"dashboard.api_keys[0].permissions[0]"),
        "{fields:?}"
    );
    assert!(fields.contains(&"servr"), "{fields:?}");
    for _ in 0..2 {
        let last = last_reload(&server).await;
        assert_eq!(last["success"], false);
        assert_eq!(last["errors"].as_array().unwrap(), &errors);
        assert_eq!(metric(&server, SUCCESSFUL).await, 0.0);
    }
    assert_eq!(status_with_bearer(&server, "/api/stats", KEY).await, 200);
    assert_eq!(
        status_with_bearer(&server, "/api/stats", "another-token-0123456789").await,
        401
    );
    // By the handle, as a signal would, it is refused in the same way.
    assert_eq!(problems(server.handle().reload().await), 2);
    let mut stream = stream;
    let report = serde_json::json!({"account": "work", "emailsProcessed": 1});
    let call = server.post("/api/stats", &report).bearer(TOKEN);
    call.send().await.expect(204);
    stream.next_of("stats").await;
    reload(&server, KEYED).await;
    let last = last_reload(&server).await;
    assert_eq!(
        (&last["success"], &last["errors"]),
        (&Value::Bool(true), &serde_json::json!([]))
    );
    assert_eq!(metric(&server, SUCCESSFUL).await, 1.0);
}

#[tokio::test]
async fn what_waits_for_a_restart_is_named() {
    let server = TestServer::with(KEYED).start().await;
    let said = reload(
        &server,
        &KEYED.replace("server: {", "server: {bind: 127.0.0.1, "),
    )
    .await;
    assert_eq!(said["restartRequired"], serde_json::json!(["server.bind"]));
    let call = server.get("/api/config").bearer(TOKEN);
    let config = call.send().await.expect(200).json();
    assert_eq!(
        config["restartRequired"],
        serde_json::json!(["server.bind"])
    );
    assert_eq!(
        reload(&server, KEYED).await["restartRequired"],
        serde_json::json!([])
    );
}

/// How many problems a reload that failed has found.
fn problems(outcome: Result<mailpilot_server::Reloaded, mailpilot_server::ReloadError>) -> usize {
    match outcome {
        Err(mailpilot_server::ReloadError::Invalid(problems)) => problems.len(),
        other => panic!("{other:?}"),
    }
}
