//! Log lines: those a program sends, and the server's own.

use std::sync::Arc;

use mailpilot_server::{SystemClock, log_channel};
use mailpilot_test_support::{Events, TestServer};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::fixture::{
    MINUTE, NOON, TWO_ACCOUNTS, clock, get, json_of, refused, texts, two_accounts, with,
};

async fn append(server: &TestServer, lines: &Value) -> Vec<i64> {
    let answer = server.post("/api/logs", lines).send().await.expect(201);
    serde_json::from_value(answer.json()["ids"].clone()).unwrap()
}

async fn messages(server: &TestServer, query: &str) -> Vec<String> {
    let page = json_of(server, &format!("/api/logs{query}")).await;
    texts(&page["logs"], "message")
}

#[tokio::test]
async fn a_line_comes_back_as_it_was_sent_and_defaults_are_filled_in() {
    let server = TestServer::with(TWO_ACCOUNTS).clock(clock()).start().await;
    let sent = json!({
        "level": "warn",
        "message": "cannot connect\nsecond line",
        "target": "worker::imap",
        "accountName": "work",
        "fields": {"attempts": 3, "host": "imap.example.org", "nested": {"a": [1, null]}},
        "timestamp": "2026-11-22T11:00:00.500Z",
    });
    let ids = append(&server, &json!([sent, {"level": "info", "message": ""}])).await;
    let page = json_of(&server, "/api/logs").await;
    assert_eq!(page["total"], 2);
    assert_eq!(
        page["logs"][0],
        json!({"id": ids[1], "timestamp": NOON, "level": "info", "target": "external", "message": "", "fields": {}})
    );
    assert_eq!(page["logs"][1], with(sent, &json!({"id": ids[0]})));
}

#[tokio::test]
async fn every_filter_finds_what_it_says() {
    let clock = clock();
    let server = TestServer::with(TWO_ACCOUNTS)
        .clock(clock.clone())
        .start()
        .await;
    for (level, message, account) in [
        ("trace", "first", json!(null)),
        ("debug", "second 100%", json!("work")),
        ("info", "third", json!("personal")),
        ("warn", "FOURTH", json!("work")),
        ("error", "fifth", json!(null)),
    ] {
        append(
            &server,
            &json!({"level": level, "message": message, "accountName": account}),
        )
        .await;
        clock.advance(MINUTE);
    }
    for (query, expected) in [
        ("", "fifth FOURTH third second 100% first"),
        ("?level=trace", "fifth FOURTH third second 100% first"),
        ("?level=info", "fifth FOURTH third"),
        ("?level=warn", "fifth FOURTH"),
        ("?level=error", "fifth"),
        ("?accountName=work", "FOURTH second 100%"),
        ("?accountName=work&level=info", "FOURTH"),
        ("?search=th", "fifth FOURTH third"),
        ("?search=fourth", "FOURTH"),
        ("?search=100%25", "second 100%"),
        ("?search=%25%25", ""),
        ("?startDate=2026-11-22T12:03:00Z", "fifth FOURTH"),
        ("?endDate=2026-11-22T12:01:00Z", "second 100% first"),
        ("?pageSize=2&page=2", "third second 100%"),
    ] {
        assert_eq!(
            messages(&server, query).await.join(" "),
            expected,
            "{query}"
        );
    }
    let first = json_of(&server, "/api/logs?pageSize=3").await;
    assert_eq!(
        (&first["total"], &first["totalPages"]),
        (&json!(5), &json!(2))
    );
    let rest = format!(
        "?pageSize=3&cursor={}",
        first["nextCursor"].as_str().unwrap()
    );
    assert_eq!(messages(&server, &rest).await, ["second 100%", "first"]);
}

#[tokio::test]
async fn levels_are_counted_under_the_other_filters_and_one_line_has_an_address() {
    let server = two_accounts().await;
    let line = |level: &str, message: &str, account: Value| json!({"level": level, "message": message, "accountName": account});
    let ids = append(
        &server,
        &json!([
            line("debug", "one", Value::Null),
            line("info", "two", json!("work")),
            line("info", "three", json!("personal")),
            line("error", "two again", json!("work")),
        ]),
    )
    .await;
    let levels = |debug: u64, info: u64, error: u64| json!({"trace": 0, "debug": debug, "info": info, "warn": 0, "error": error});
    for (query, expected, total) in [
        ("", levels(1, 2, 1), 4),
        ("level=error&", levels(1, 2, 1), 1),
        ("accountName=work&level=warn&", levels(0, 1, 1), 1),
        ("search=TWO&", levels(0, 1, 1), 2),
        ("endDate=0&", levels(0, 0, 0), 0),
    ] {
        let page = json_of(&server, &format!("/api/logs?{query}counts=true")).await;
        assert_eq!(
            (&page["levels"], &page["total"]),
            (&expected, &json!(total)),
            "{query}"
        );
        assert_eq!(page["levelsCutShort"], false);
    }
    for query in ["", "?counts=false"] {
        let page = json_of(&server, &format!("/api/logs{query}")).await;
        assert!(page.get("levels").is_none() && page.get("levelsCutShort").is_none());
    }

    let listed = json_of(&server, "/api/logs?search=three").await["logs"][0].clone();
    let path = format!("/api/logs/{}", ids[2]);
    assert_eq!(json_of(&server, &path).await, listed);
    for id in ["0", "99", "-1", "x", "9223372036854775808", "%00"] {
        refused(
            &get(&server, &format!("/api/logs/{id}")).await,
            404,
            "unknown_line",
            None,
        );
    }
    server.call("DELETE", "/api/logs").send().await.expect(204);
    refused(&get(&server, &path).await, 404, "unknown_line", None);
}

#[tokio::test]
async fn lines_are_deleted_before_a_date_or_all() {
    let server = TestServer::with(TWO_ACCOUNTS).clock(clock()).start().await;
    let old = json!({"level": "info", "message": "old", "timestamp": "2026-11-21T00:00:00Z"});
    append(&server, &json!([old, {"level": "info", "message": "new"}])).await;
    let delete = async |path: &str| server.call("DELETE", path).send().await;
    delete("/api/logs?before=2026-11-22T00:00:00Z")
        .await
        .expect(204);
    assert_eq!(messages(&server, "").await, ["new"]);
    let misspelt = delete("/api/logs?befor=2026-11-22T00:00:00Z").await;
    refused(&misspelt, 422, "invalid_value", Some("befor"));
    assert_eq!(messages(&server, "").await, ["new"]);
    delete("/api/logs").await.expect(204);
    assert!(messages(&server, "").await.is_empty());
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_nothing_of_the_list_is_stored() {
    let server = two_accounts().await;
    let good = json!({"level": "info", "message": "m"});
    let many: serde_json::Map<String, Value> =
        (0..65).map(|n| (n.to_string(), Value::Null)).collect();
    for (bad, field) in [
        (json!({"level": "fatal"}), "level"),
        (json!({"level": "INFO"}), "level"),
        (json!({"level": null}), "[1].level"),
        (json!({"message": 1}), "[1].message"),
        (json!({"message": "x".repeat(8_193)}), "message"),
        (json!({"target": ""}), "target"),
        (json!({"target": "x".repeat(256)}), "target"),
        (json!({"accountName": "a/b"}), "accountName"),
        (json!({"fields": many}), "fields"),
        (json!({"fields": [1]}), "[1].fields"),
        (json!({"timestamp": "now"}), "[1].timestamp"),
        (json!({"more": 1}), "[1].more"),
    ] {
        let batch = json!([good, with(good.clone(), &bad)]);
        let reply = server.post("/api/logs", &batch).send().await;
        refused(&reply, 422, "invalid_value", Some(field));
    }
    let unknown = json!([good, with(good.clone(), &json!({"accountName": "nobody"}))]);
    let reply = server.post("/api/logs", &unknown).send().await;
    refused(&reply, 404, "unknown_account", Some("accountName"));
    for batch in [json!([]), json!(vec![good; 1_001])] {
        let reply = server.post("/api/logs", &batch).send().await;
        refused(&reply, 422, "invalid_value", None);
    }
    assert!(messages(&server, "").await.is_empty());
}

#[tokio::test]
async fn the_servers_own_lines_arrive_when_a_program_hands_them_over() {
    let (layer, lines) = log_channel(Arc::new(SystemClock));
    let subscriber = tracing_subscriber::registry().with(layer);
    let _here = tracing::subscriber::set_default(subscriber);
    let server = TestServer::with(TWO_ACCOUNTS).logs(lines).start().await;
    let mut events = Events::open(server.get("/api/events?types=logs")).await;
    server.call("DELETE", "/api/stats").send().await.expect(204);
    let said = "totals and series start again from zero";
    loop {
        if events.next_of("logs").await.data["message"] == said {
            break;
        }
    }
    let page = json_of(&server, "/api/logs?search=start+again&level=info").await;
    let line = &page["logs"][0];
    assert_eq!(
        (&line["message"], &line["level"]),
        (&json!(said), &json!("info"))
    );
    assert!(
        line["target"].as_str().unwrap().starts_with("mailpilot_"),
        "{line}"
    );
    assert_eq!(line["fields"]["principal"], "development");
    get(&server, "/api/logs?accountName=work").await.expect(200);
}
