//! Accounts: looked at without secrets, changed through the API, steered by an engine or a worker.

use std::sync::Arc;

use mailpilot_server::Command;
use mailpilot_test_support::{Events, RecordingEngine, Reply, TestServer};
use serde_json::{Value, json};

use crate::fixture::{get, json_of, refused, report, two_accounts, with};

const CONFIGURED: &str = "
accounts:
  - name: work
    expected_interval: 1h 30m
    imap: {host: imap.example.org, username: ann, password: canary-of-the-file}
    llm_model: canary-of-an-engine-member
  - name: personal
";

async fn configured() -> TestServer {
    TestServer::with(CONFIGURED).start().await
}

async fn put(server: &TestServer, name: &str, body: &Value) -> Reply {
    let path = format!("/api/accounts/{name}");
    server.call("PUT", &path).json(body).send().await
}

async fn delete(server: &TestServer, name: &str) -> Reply {
    let path = format!("/api/accounts/{name}");
    server.call("DELETE", &path).send().await
}

async fn steer(server: &TestServer, name: &str, command: &str) -> Reply {
    let path = format!("/api/accounts/{name}/{command}");
    server.call("POST", &path).send().await
}

fn imap() -> Value {
    json!({"host": "imap.example.com", "username": "bob"})
}

#[tokio::test]
async fn an_account_is_shown_by_listed_members_and_its_password_never() {
    let server = configured().await;
    let expected = json!({
        "name": "work",
        "imap": {
            "host": "imap.example.org", "port": 993, "tls": "auto", "username": "ann", "password": {"configured": true},
        },
        "expectedInterval": "1h 30m",
        "source": "file",
        "status": "unknown",
        "connected": false,
        "paused": false,
        "lastError": null,
        "lastActivityAt": null,
        "controls": {"pause": false, "reconnect": false, "process": false},
    });
    assert_eq!(json_of(&server, "/api/accounts/work").await, expected);
    let list = get(&server, "/api/accounts").await.expect(200);
    assert_eq!(list.json()["accounts"][0], expected);
    assert!(!list.text().contains("canary"), "{}", list.text());
    let reply = get(&server, "/api/accounts/nobody").await;
    refused(&reply, 404, "unknown_account", Some("account"));
}

#[tokio::test]
async fn an_account_is_added_used_changed_and_removed() {
    let server = configured().await;
    let added = put(
        &server,
        "new@example.com",
        &json!({"imap": imap(), "paused": true}),
    )
    .await;
    let added = added.expect(201).json();
    assert_eq!(
        (&added["source"], &added["status"]),
        (&json!("api"), &json!("paused"))
    );
    assert_eq!(added["imap"]["password"], json!({"configured": false}));
    report(
        &server,
        &json!({"account": "new@example.com", "emailsProcessed": 1}),
    )
    .await;

    let changed = json!({"imap": with(imap(), &json!({"port": 143, "tls": "starttls"})), "expectedInterval": "5m"});
    let changed = put(&server, "new%40example.com", &changed)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["imap"]["port"], &changed["imap"]["tls"]),
        (&json!(143), &json!("starttls"))
    );
    assert_eq!(changed["expectedInterval"], "5m");

    delete(&server, "new@example.com").await.expect(204);
    get(&server, "/api/accounts/new@example.com")
        .await
        .expect(404);
    let late = json!({"account": "new@example.com", "emailsProcessed": 1});
    let reply = server.post("/api/stats", &late).send().await;
    refused(&reply, 404, "unknown_account", Some("account"));
    let stats = json_of(&server, "/api/stats").await;
    assert_eq!(
        stats["totals"]["emailsProcessed"], 1,
        "what was counted stays"
    );
}

#[tokio::test]
async fn a_secret_that_is_left_out_keeps_its_value_and_null_takes_it_away() {
    let server = configured().await;
    let shown = json!({"password": {"configured": true}});
    for (more, configured) in [
        (json!({}), true),
        (shown.clone(), true),
        (json!({"password": "another-canary"}), true),
        (json!({"password": null}), false),
        (json!({}), false),
        (shown, false),
        (json!({"password": "canary-again"}), true),
    ] {
        let answer = put(&server, "work", &json!({"imap": with(imap(), &more)})).await;
        let answer = answer.expect(200);
        assert!(!answer.text().contains("canary"), "{}", answer.text());
        let account = answer.json();
        assert_eq!(
            account["imap"]["password"],
            json!({"configured": configured}),
            "{more}"
        );
        assert_eq!(account["source"], "file+api");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_changes_nothing() {
    let server = configured().await;
    let before = json_of(&server, "/api/accounts").await;
    let of_imap = |more: Value| json!({"imap": with(imap(), &more)});
    for (body, field) in [
        (of_imap(json!({"host": ""})), Some("imap.host")),
        (of_imap(json!({"host": 7})), Some("imap.host")),
        (of_imap(json!({"username": ""})), Some("imap.username")),
        (of_imap(json!({"port": 0})), Some("imap.port")),
        (of_imap(json!({"port": 65_536})), Some("imap.port")),
        (of_imap(json!({"port": "993"})), Some("imap.port")),
        (of_imap(json!({"tls": "maybe"})), Some("imap.tls")),
        (of_imap(json!({"password": 12_345})), Some("imap.password")),
        (json!({"imap": {"username": "bob"}}), Some("imap.host")),
        (json!({"imap": []}), Some("imap")),
        (json!({"paused": "yes"}), Some("paused")),
        (
            json!({"expectedInterval": "soon"}),
            Some("expectedInterval"),
        ),
        (json!({"expectedInterval": 60}), Some("expectedInterval")),
        (json!({"name": "other"}), Some("name")),
        (json!([]), None),
        (json!("work"), None),
    ] {
        let reply = put(&server, "work", &body).await;
        let told = reply.json();
        assert_eq!(reply.status.as_u16(), 422, "{body}: {told}");
        assert_eq!(told["field"].as_str(), field, "{body}: {told}");
    }
    for name in ["a%20b", "%C3%A4", &"x".repeat(65), "%00"] {
        let reply = put(&server, name, &json!({})).await;
        refused(&reply, 422, "invalid_value", Some("name"));
    }
    assert_eq!(json_of(&server, "/api/accounts").await, before);
}

#[tokio::test]
async fn every_problem_of_a_body_is_told_at_once() {
    let server = configured().await;
    let body = json!({"imap": with(imap(), &json!({"host": "", "tls": "maybe"})), "expectedInterval": "soon"});
    let told = put(&server, "work", &body).await.expect(422).json();
    assert_eq!(told["code"], "invalid_account");
    let mut fields: Vec<_> = told["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["expectedInterval", "imap.host", "imap.tls"]);
}

#[tokio::test]
async fn removing_a_change_brings_the_file_back_and_the_file_itself_stays() {
    let server = configured().await;
    let of_file = json_of(&server, "/api/accounts/work").await;
    refused(
        &delete(&server, "work").await,
        409,
        "account_configured",
        None,
    );
    put(&server, "work", &json!({"imap": imap()}))
        .await
        .expect(200);
    delete(&server, "work").await.expect(204);
    assert_eq!(json_of(&server, "/api/accounts/work").await, of_file);
    refused(
        &delete(&server, "work").await,
        409,
        "account_configured",
        None,
    );
    refused(
        &delete(&server, "nobody").await,
        404,
        "unknown_account",
        Some("account"),
    );
}

#[tokio::test]
async fn changes_survive_a_restart() {
    let server = configured().await;
    put(&server, "work", &json!({"imap": imap()}))
        .await
        .expect(200);
    put(
        &server,
        "third",
        &json!({"imap": with(imap(), &json!({"password": "p"}))}),
    )
    .await
    .expect(201);
    let before = json_of(&server, "/api/accounts").await;
    let dir = server.dir().clone();
    server.stop().await;
    let server = TestServer::with(CONFIGURED).in_dir_of(&dir).start().await;
    assert_eq!(json_of(&server, "/api/accounts").await, before);
    delete(&server, "third").await.expect(204);
    let names = json_of(&server, "/api/accounts").await["accounts"].clone();
    assert_eq!(names.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_engine_carries_out_what_is_asked() {
    let engine = Arc::new(RecordingEngine::default());
    let server = TestServer::with(CONFIGURED)
        .engine(engine.clone())
        .start()
        .await;
    let controls = json_of(&server, "/api/accounts/work").await["controls"].clone();
    assert_eq!(
        controls,
        json!({"pause": true, "reconnect": true, "process": true})
    );
    for (command, paused) in [
        ("pause", true),
        ("process", true),
        ("resume", false),
        ("reconnect", false),
    ] {
        let done = steer(&server, "work", command).await.expect(200).json();
        assert_eq!(
            done,
            json!({"success": true, "paused": paused}),
            "{command}"
        );
        let account = json_of(&server, "/api/accounts/work").await;
        assert_eq!(account["paused"], paused);
        assert_eq!(account["status"] == "paused", paused);
    }
    let asked = [
        Command::Pause,
        Command::Process,
        Command::Resume,
        Command::Reconnect,
    ]
    .map(|command| ("work".to_owned(), command));
    assert_eq!(engine.asked(), asked);
    refused(
        &steer(&server, "nobody", "pause").await,
        404,
        "unknown_account",
        Some("account"),
    );
    steer(&server, "work", "explode").await.expect(404);
    assert_eq!(engine.asked().len(), 4);
}

#[tokio::test]
async fn an_engine_that_fails_leaves_everything_as_it_was_over_a_restart_too() {
    for (configured, command) in [
        (false, "pause"),
        (true, "resume"),
        (false, "reconnect"),
        (true, "process"),
    ] {
        let yaml = format!("accounts: [{{name: work, paused: {configured}}}]");
        let engine = Arc::new(RecordingEngine::default());
        let server = TestServer::with(&yaml).engine(engine.clone()).start().await;
        engine.fail();
        let reply = steer(&server, "work", command).await;
        refused(&reply, 502, "engine_failed", None);
        assert!(
            reply.text().contains("no route to host"),
            "{}",
            reply.text()
        );
        let paused = async |server: &TestServer| {
            json_of(server, "/api/accounts/work").await["paused"].clone()
        };
        assert_eq!(paused(&server).await, configured, "{command}");
        let dir = server.dir().clone();
        server.stop().await;
        let server = TestServer::with(&yaml).in_dir_of(&dir).start().await;
        assert_eq!(paused(&server).await, configured, "{command}");
    }
}

#[tokio::test]
async fn a_pause_survives_a_restart_and_a_reload() {
    let server = TestServer::with(CONFIGURED)
        .engine(Arc::new(RecordingEngine::default()))
        .start()
        .await;
    steer(&server, "work", "pause").await.expect(200);
    server.handle().reload().await.unwrap();
    assert_eq!(json_of(&server, "/api/accounts/work").await["paused"], true);
    let dir = server.dir().clone();
    server.stop().await;
    let server = TestServer::with(CONFIGURED)
        .in_dir_of(&dir)
        .engine(Arc::new(RecordingEngine::default()))
        .start()
        .await;
    let health = json_of(&server, "/health").await;
    assert_eq!(
        health["accounts"],
        json!({"personal": "unknown", "work": "paused"})
    );
    steer(&server, "work", "resume").await.expect(200);
    assert_eq!(
        json_of(&server, "/api/accounts/work").await["paused"],
        false
    );
}

#[tokio::test]
async fn an_account_nothing_controls_cannot_be_steered() {
    let server = two_accounts().await;
    for command in ["pause", "resume", "reconnect", "process"] {
        let reply = steer(&server, "work", command).await;
        refused(&reply, 409, "not_controlled", None);
    }
    assert_eq!(
        json_of(&server, "/api/accounts/work").await["paused"],
        false
    );
}

#[tokio::test]
async fn a_worker_that_listens_is_told_what_to_do() {
    let server = two_accounts().await;
    let listen = server.get("/api/events?types=accounts&controls=work");
    let mut worker = Events::open(listen).await;
    let account = json_of(&server, "/api/accounts/work").await;
    assert_eq!(account["controls"]["pause"], true);
    refused(
        &steer(&server, "personal", "pause").await,
        409,
        "not_controlled",
        None,
    );
    for (command, paused) in [
        ("pause", true),
        ("reconnect", true),
        ("resume", false),
        ("process", false),
    ] {
        steer(&server, "work", command).await.expect(200);
        let event = worker.next_of("accounts").await.data;
        assert_eq!(
            (&event["name"], &event["command"], &event["paused"]),
            (&json!("work"), &json!(command), &json!(paused))
        );
    }
}

#[tokio::test]
async fn a_worker_must_name_accounts_there_are_and_listen_to_accounts() {
    let server = two_accounts().await;
    let reply = get(&server, "/api/events?controls=nobody").await;
    refused(&reply, 404, "unknown_account", Some("controls"));
    let reply = get(&server, "/api/events?types=stats&controls=work").await;
    refused(&reply, 422, "invalid_value", Some("controls"));
}

#[tokio::test]
async fn changes_of_accounts_reach_streams() {
    let server = configured().await;
    let mut events = Events::open(server.get("/api/events?types=accounts")).await;
    put(&server, "third", &json!({"paused": true}))
        .await
        .expect(201);
    let event = events.next_of("accounts").await.data;
    assert_eq!(
        (&event["name"], &event["status"]),
        (&json!("third"), &json!("paused"))
    );
    delete(&server, "third").await.expect(204);
    let event = events.next_of("accounts").await.data;
    assert_eq!(event, json!({"name": "third", "removed": true}));
}
