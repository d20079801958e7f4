//! Live events: each kind, for whom, resumed without a gap or a double, and no reader that costs memory.

use mailpilot_test_support::{Call, Events, TestServer};
use serde_json::{Value, json};

use crate::fixture::{TWO_ACCOUNTS, append, counted, get, mail, refused, report, two_accounts};

const WITH_KEYS: &str = "
accounts: [{name: personal}, {name: work}]
server: {auth_token: a-token-of-some-length}
dashboard:
  api_keys:
    - {name: stats, key: key-that-reads-stats, permissions: [read:stats]}
    - {name: activity, key: key-that-reads-activity, permissions: [read:activity]}
    - {name: logs, key: key-that-reads-logs, permissions: [read:logs]}
    - {name: accounts, key: key-that-reads-accounts, permissions: [read:accounts]}
    - {name: writer, key: key-that-only-writes, permissions: [write:*]}
    - {name: reader, key: key-that-reads-all, permissions: [read:*]}
";

#[tokio::test]
async fn every_kind_of_event_comes() {
    let server = two_accounts().await;
    let response = server.get("/api/events").open().await;
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    assert_eq!(response.headers()["cache-control"], "no-store");
    drop(response);

    let open =
        async |kind: &str| Events::open(server.get(&format!("/api/events?types={kind}"))).await;
    let (mut stats, mut activity) = (open("stats").await, open("activity").await);
    let (mut logs, mut accounts) = (open("logs").await, open("accounts").await);
    append(&server, &mail("<1@test>")).await;
    let line = json!({"level": "info", "message": "hello"});
    server.post("/api/logs", &line).send().await.expect(201);
    report(&server, &json!({"account": "work", "status": "connected"})).await;

    let event = activity.next().await.unwrap();
    assert_eq!(
        (event.kind.as_str(), &event.data["messageId"]),
        ("activity", &json!("<1@test>"))
    );
    let event = logs.next().await.unwrap();
    assert_eq!(
        (event.kind.as_str(), &event.data["message"]),
        ("logs", &json!("hello"))
    );
    let event = accounts.next().await.unwrap();
    assert_eq!(
        (event.kind.as_str(), &event.data["status"]),
        ("accounts", &json!("connected"))
    );
    loop {
        let event = stats.next().await.unwrap();
        assert_eq!(event.kind, "stats");
        assert!(event.id.is_some());
        if counted(&event.data["totals"]) == (1, 0, 0) {
            break;
        }
    }
}

#[tokio::test]
async fn a_kind_wants_its_read_permission() {
    let server = TestServer::with(WITH_KEYS).start().await;
    let kinds = ["stats", "activity", "logs", "accounts"];
    for key in kinds {
        for kind in kinds {
            let call = server
                .get(&format!("/api/events?types={kind}"))
                .bearer(&format!("key-that-reads-{key}"));
            let response = call.open().await;
            let expected = if key == kind { 200 } else { 403 };
            assert_eq!(
                response.status().as_u16(),
                expected,
                "{key} asks for {kind}"
            );
        }
    }
    for (key, query, status) in [
        (
            "key-that-reads-all",
            "?types=stats,activity,logs,accounts",
            200,
        ),
        ("key-that-reads-stats", "?types=stats,logs", 403),
        ("key-that-reads-stats", "", 200),
        ("key-that-only-writes", "", 403),
        ("key-that-reads-all", "?types=accounts&controls=work", 403),
        (
            "a-token-of-some-length",
            "?types=accounts&controls=work",
            200,
        ),
        ("a-wrong-key-of-some-length", "", 401),
    ] {
        let call = server.get(&format!("/api/events{query}")).bearer(key);
        assert_eq!(call.open().await.status().as_u16(), status, "{key} {query}");
    }
    get(&server, "/api/events").await.expect(401);
}

#[tokio::test]
async fn without_types_only_what_may_be_read_comes() {
    let server = TestServer::with(WITH_KEYS).start().await;
    let token = |call: Call| call.bearer("a-token-of-some-length");
    let call = server.get("/api/events").bearer("key-that-reads-logs");
    let mut events = Events::open(call).await;
    let mails = token(server.post("/api/activity", &mail("<1@test>")));
    mails.send().await.expect(201);
    let line = json!({"level": "info", "message": "hello"});
    token(server.post("/api/logs", &line))
        .send()
        .await
        .expect(201);
    assert_eq!(events.next().await.unwrap().kind, "logs");
}

/// Message ids and event ids of the next `count` events.
async fn next(events: &mut Events, count: usize) -> Vec<(String, u64)> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let event = events.next().await.unwrap();
        assert_eq!(event.kind, "activity", "{event:?}");
        let id = event.data["messageId"].as_str().unwrap();
        seen.push((id.to_owned(), event.id.unwrap()));
    }
    seen
}

fn names(seen: &[(String, u64)]) -> Vec<&str> {
    seen.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_reader_that_comes_back_goes_on_where_it_stopped() {
    let server = two_accounts().await;
    let stream = || server.get("/api/events?types=activity");
    let mut events = Events::open(stream()).await;
    append(&server, &json!([mail("1"), mail("2"), mail("3")])).await;
    let seen = next(&mut events, 3).await;
    assert_eq!(names(&seen), ["1", "2", "3"]);
    assert!(
        seen.windows(2).all(|pair| pair[0].1 < pair[1].1),
        "ids grow"
    );
    drop(events);
    append(&server, &json!([mail("4"), mail("5")])).await;

    let resumed = stream().header("last-event-id", &seen[1].1.to_string());
    let mut events = Events::open(resumed).await;
    append(&server, &mail("6")).await;
    assert_eq!(names(&next(&mut events, 4).await), ["3", "4", "5", "6"]);

    let mut fresh = Events::open(stream()).await;
    append(&server, &mail("7")).await;
    assert_eq!(
        names(&next(&mut fresh, 1).await),
        ["7"],
        "without an id from now on"
    );
}

#[tokio::test]
async fn who_cannot_set_headers_comes_back_by_the_query() {
    let server = two_accounts().await;
    let path = "/api/events?types=activity";
    let mut events = Events::open(server.get(path)).await;
    append(&server, &json!([mail("1"), mail("2"), mail("3")])).await;
    let seen = next(&mut events, 3).await;
    let after = |place: usize| seen[place].1.to_string();
    let by_query = |id: &str| server.get(&format!("{path}&lastEventId={id}"));

    let mut resumed = Events::open(by_query(&after(0))).await;
    assert_eq!(names(&next(&mut resumed, 2).await), ["2", "3"]);
    // A browser that reconnects by itself repeats the address and adds the newer id as a header.
    let both = by_query(&after(0)).header("last-event-id", &after(1));
    assert_eq!(
        names(&next(&mut Events::open(both).await, 1).await),
        ["3"],
        "the header wins"
    );
    let useless = by_query(&after(1)).header("last-event-id", "x");
    assert_eq!(
        names(&next(&mut Events::open(useless).await, 1).await),
        ["3"],
        "a header that is no id is none"
    );
    let told = Events::open(by_query("0")).await.next().await.unwrap();
    assert_eq!(told.kind, "skipped");
}

#[tokio::test]
async fn an_id_of_another_run_or_of_nobody_is_answered_with_skipped_or_ignored() {
    let server = two_accounts().await;
    let mut events = Events::open(server.get("/api/events?types=activity")).await;
    append(&server, &mail("1")).await;
    let id = next(&mut events, 1).await[0].1;
    drop(events);
    let dir = server.dir().clone();
    server.stop().await;
    let server = TestServer::with(TWO_ACCOUNTS).in_dir_of(&dir).start().await;
    for old in [id, 0, u64::MAX] {
        let call = server
            .get("/api/events?types=activity")
            .header("last-event-id", &old.to_string());
        let mut events = Events::open(call).await;
        let told = events.next().await.unwrap();
        assert_eq!(
            (told.kind.as_str(), &told.data),
            ("skipped", &json!({"count": null})),
            "{old}"
        );
        append(&server, &mail("2")).await;
        let seen = next(&mut events, 1).await;
        assert_eq!(names(&seen), ["2"]);
        assert!(seen[0].1 > id, "ids never repeat");
    }
    for nonsense in ["", "x", "-1", "1.5", "99999999999999999999999"] {
        let call = server
            .get("/api/events?types=activity")
            .header("last-event-id", nonsense);
        let mut events = Events::open(call).await;
        append(&server, &mail("3")).await;
        assert_eq!(names(&next(&mut events, 1).await), ["3"], "{nonsense}");
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_gets_one_skipped_with_a_count() {
    let server = two_accounts().await;
    let mut events = Events::open(server.get("/api/events?types=activity")).await;
    // More than sockets hold and more than is kept: 3 000 entries of 16 kB, in a ring of 4 MiB.
    let total = 3_000;
    let reasoning = "x".repeat(16_000);
    for from in (0..total).step_by(300) {
        let batch: Vec<Value> = (from..from + 300)
            .map(|n| crate::fixture::with(mail(&n.to_string()), &json!({"reasoning": reasoning})))
            .collect();
        append(&server, &Value::from(batch)).await;
    }
    append(&server, &mail("last")).await;
    let (mut received, mut skipped, mut last_id) = (0, 0, 0);
    loop {
        let event = events.next().await.unwrap();
        let id = event.id.unwrap();
        assert!(id > last_id, "in order, none twice");
        last_id = id;
        if event.kind == "skipped" {
            skipped += event.data["count"].as_u64().unwrap();
            continue;
        }
        received += 1;
        if event.data["messageId"] == "last" {
            break;
        }
    }
    assert!(
        skipped > 0,
        "all {received} were kept for one who does not read"
    );
    assert_eq!(received + skipped, total + 1);
}

#[tokio::test]
async fn streams_of_one_caller_are_bounded_and_free_again_when_closed() {
    let server = TestServer::with(WITH_KEYS).start().await;
    let stream = || server.get("/api/events").bearer("key-that-reads-stats");
    let mut open = Vec::new();
    for _ in 0..64 {
        open.push(Events::open(stream()).await);
    }
    // Looked at before it is read: one stream too many would never end.
    let one_more = stream().open().await;
    assert_eq!(one_more.status().as_u16(), 429);
    let reply = stream().send().await;
    refused(&reply, 429, "too_many_streams", None);
    assert!(reply.header("retry-after").parse::<u32>().unwrap() > 0);
    let other = server.get("/api/events").bearer("key-that-reads-logs");
    drop(Events::open(other).await);
    let stats = server.get("/api/stats").bearer("key-that-reads-stats");
    stats.send().await.expect(200);
}

#[tokio::test]
async fn head_tells_of_a_stream_without_opening_one() {
    let server = two_accounts().await;
    for _ in 0..70 {
        let reply = server.call("HEAD", "/api/events").send().await.expect(200);
        assert_eq!(reply.header("content-type"), "text/event-stream");
        assert!(reply.body.is_empty());
    }
    drop(Events::open(server.get("/api/events")).await);
}

#[tokio::test]
async fn unknown_kinds_and_parameters_are_refused() {
    let server = two_accounts().await;
    for (query, field) in [
        ("types=mails", "types"),
        ("types=", "types"),
        ("types=stats,", "types"),
        ("types=stats&types=logs", "types"),
        ("type=stats", "type"),
        ("lastEventId=", "lastEventId"),
        ("lastEventId=x", "lastEventId"),
        ("lastEventId=%2B1", "lastEventId"),
        ("heartbeat=loud", "heartbeat"),
        ("lastEventId=18446744073709551616", "lastEventId"),
        ("lastEventId=1&lastEventId=2", "lastEventId"),
    ] {
        let reply = get(&server, &format!("/api/events?{query}")).await;
        refused(&reply, 422, "invalid_value", Some(field));
    }
}
