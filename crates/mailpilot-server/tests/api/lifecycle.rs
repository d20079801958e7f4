//! Start, stop, start again: nobody is cut off, nothing is lost, and nobody else takes the data.

use std::sync::Arc;

use mailpilot_server::{
    AccountName, Command, Controls, Engine, EngineFuture, Overrides, ServerError, Source,
    StorageError, backup,
};
use mailpilot_test_support::{Events, RecordingEngine, TestServer};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::fixture::{
    TWO_ACCOUNTS, append, get, json_of, listed, mail, report, totals, two_accounts, with,
};

/// An engine that begins, says so, and goes on only when told.
#[derive(Debug, Default)]
struct SlowEngine {
    begun: Notify,
    go_on: Notify,
}

impl Engine for SlowEngine {
    fn controls(&self, _: &AccountName) -> Controls {
        Controls::ALL
    }

    fn command<'a>(&'a self, _: &'a AccountName, _: Command) -> EngineFuture<'a> {
        Box::pin(async {
            self.begun.notify_one();
            self.go_on.notified().await;
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_stop_finishes_what_runs_and_ends_streams() {
    let engine = Arc::new(SlowEngine::default());
    let server = TestServer::with(TWO_ACCOUNTS)
        .engine(engine.clone())
        .start()
        .await;
    let events = Events::open(server.get("/api/events")).await;
    let pause = server.post("/api/accounts/work/pause", &json!({}));
    let running = tokio::spawn(pause.send());
    engine.begun.notified().await;
    server.handle().shutdown();
    events.ended().await;
    engine.go_on.notify_one();
    running.await.unwrap().expect(200);
    assert_eq!(server.stop().await.cut, 0);
}

#[tokio::test]
async fn a_forced_stop_waits_for_nobody() {
    let engine = Arc::new(SlowEngine::default());
    let server = TestServer::with(TWO_ACCOUNTS)
        .engine(engine.clone())
        .start()
        .await;
    let mut connection = server.raw().await;
    connection
        .send(b"POST /api/accounts/work/process HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    engine.begun.notified().await;
    server.handle().force_shutdown();
    assert_eq!(server.stop().await.cut, 1);
    assert_eq!(connection.rest().await, "");
}

#[tokio::test]
async fn connections_that_wait_for_nothing_do_not_hold_up_a_stop() {
    let server = two_accounts().await;
    let mut open = Vec::new();
    for _ in 0..20 {
        let mut idle = server.raw().await;
        idle.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await;
        assert!(idle.answer().await.starts_with("HTTP/1.1 200"));
        open.push(idle);
        open.push(server.raw().await);
    }
    assert_eq!(server.stop().await.cut, 0);
    for connection in open {
        assert_eq!(connection.rest().await, "");
    }
}

#[tokio::test]
async fn what_was_acknowledged_while_it_stopped_is_there_after() {
    let server = two_accounts().await;
    let writers: Vec<_> = (0..20)
        .map(|n| tokio::spawn(server.post("/api/activity", &mail(&n.to_string())).open()))
        .collect();
    let first = append(&server, &mail("first")).await;
    server.handle().shutdown();
    let mut acknowledged = first.len();
    for writer in writers {
        // One that came too late finds the door closed.
        if let Ok(response) = writer.await {
            assert_eq!(response.status().as_u16(), 201);
            acknowledged += 1;
        }
    }
    let dir = server.dir().clone();
    server.stop().await;
    let server = TestServer::with(TWO_ACCOUNTS).in_dir_of(&dir).start().await;
    let stored = json_of(&server, "/api/activity").await["total"].clone();
    assert!(
        stored.as_u64().unwrap() >= acknowledged as u64,
        "{stored} of {acknowledged}"
    );
}

#[tokio::test]
async fn two_servers_in_one_process_know_nothing_of_each_other() {
    let (one, two) = (two_accounts().await, two_accounts().await);
    assert_ne!(one.address(), two.address());
    append(&one, &mail("of one")).await;
    report(&two, &json!({"account": "work", "status": "connected"})).await;
    assert!(listed(&two, "").await.is_empty());
    assert_eq!(totals(&two, "").await, (0, 0, 0));
    assert_eq!(
        json_of(&one, "/api/accounts/work").await["status"],
        "unknown"
    );
    let series = r#"mailpilot_emails_processed_total{account="personal"}"#;
    let count = async |server: &TestServer| crate::fixture::metric(server, series).await;
    assert_eq!(
        (count(&one).await, count(&two).await.unwrap_or(0.0)),
        (Some(1.0), 0.0)
    );
    let session = one.administrator().await;
    get(&two, "/api/stats").await.expect(200);
    two.get("/api/sessions")
        .session(&session)
        .send()
        .await
        .expect(403);
    one.stop().await;
    get(&two, "/health").await.expect(200);
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let server = two_accounts().await;
    let second = TestServer::with(TWO_ACCOUNTS)
        .in_dir_of(server.dir())
        .try_start()
        .await;
    match second {
        Err(ServerError::Storage(StorageError::InUse { .. })) => {}
        other => panic!("{other:?}"),
    }
    append(&server, &mail("still served")).await;
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_starts_nothing() {
    for yaml in [
        "server: {auth_token: \"${NOT_SET}\"}",
        "server: {auth_token: \"\"}",
        "server: {prot: 1}",
        "server: [",
        "accounts: [{name: a}, {name: a}]",
    ] {
        let started = TestServer::with(yaml).try_start().await;
        assert!(matches!(started, Err(ServerError::Config(_))), "{yaml}");
    }
}

#[tokio::test]
async fn port_zero_takes_a_free_one_and_the_url_names_it() {
    let server = two_accounts().await;
    let port = server.address().port();
    assert_ne!(port, 0);
    assert_eq!(server.url(), format!("http://localhost:{port}/"));
}

/// What a restart must not change, as the API shows it.
async fn everything(server: &TestServer, session: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/api/activity",
        "/api/logs",
        "/api/stats/series?from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z&step=1d",
        "/api/export/settings",
        "/api/keys",
        "/api/accounts",
    ] {
        let answer = server.get(path).session(session).send().await.expect(200);
        seen.push(answer.json());
    }
    let stats = server
        .get("/api/stats")
        .session(session)
        .send()
        .await
        .json();
    seen.extend([
        stats["totals"].clone(),
        stats["actionBreakdown"].clone(),
        stats["classification"].clone(),
    ]);
    seen.push(stats["accounts"].clone());
    seen
}

#[tokio::test]
async fn a_restart_changes_nothing_that_was_stored() {
    let clock = crate::fixture::clock();
    let start = |dir: Option<&Arc<tempfile::TempDir>>| {
        let server = TestServer::with(TWO_ACCOUNTS)
            .clock(clock.clone())
            .engine(Arc::new(RecordingEngine::default()));
        let server = match dir {
            Some(dir) => server.in_dir_of(dir),
            None => server,
        };
        server.start()
    };
    let server = start(None).await;
    append(
        &server,
        &json!([
            with(
                mail("1"),
                &json!({"actions": [{"type": "move"}], "durationMs": 30})
            ),
            with(
                mail("2"),
                &json!({"error": "gone", "createdAt": "2026-11-20T00:00:00Z"})
            ),
        ]),
    )
    .await;
    report(
        &server,
        &json!({"account": "work", "emailsProcessed": 5, "classificationSeconds": [1, 2]}),
    )
    .await;
    let line = json!({"level": "warn", "message": "kept", "fields": {"a": 1}});
    server.post("/api/logs", &line).send().await.expect(201);
    let settings =
        json!({"format": "ndjson", "columns": ["id"], "timezone": "Asia/Tokyo", "maxRows": 7});
    let put = server.call("PUT", "/api/export/settings").json(&settings);
    put.send().await.expect(200);
    let pause = server.post("/api/accounts/work/pause", &json!({}));
    pause.send().await.expect(200);
    let session = server.administrator().await;
    let key = server.make_key(&session, "script", &["read:stats"]).await;
    let before = everything(&server, &session).await;

    let dir = server.dir().clone();
    server.stop().await;
    let server = start(Some(&dir)).await;
    assert_eq!(everything(&server, &session).await, before);
    server
        .get("/api/stats")
        .bearer(&key)
        .send()
        .await
        .expect(200);
    server
        .get("/api/logs")
        .bearer(&key)
        .send()
        .await
        .expect(403);
    let sessions = server.get("/api/sessions").session(&session).send().await;
    assert_eq!(sessions.json()["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_backup_made_while_it_serves_is_a_store_to_start_from() {
    let server = two_accounts().await;
    append(&server, &json!([mail("1"), mail("2")])).await;
    let other = Arc::new(tempfile::tempdir().unwrap());
    let data = other.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let source = Source::new()
        .file(server.config_file())
        .command_line(Overrides {
            port: None,
            data_dir: Some(server.dir().path().join("data")),
            log_level: None,
        });
    backup(&source, &data.join("mailpilot.db")).unwrap();
    append(&server, &mail("after")).await;
    let copy = TestServer::with(TWO_ACCOUNTS)
        .in_dir_of(&other)
        .start()
        .await;
    assert_eq!(listed(&copy, "").await, ["2", "1"]);
    assert_eq!(totals(&copy, "").await, (2, 0, 0));
    assert_eq!(listed(&server, "").await, ["after", "2", "1"]);
}
