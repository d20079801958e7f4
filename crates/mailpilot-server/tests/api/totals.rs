//! Counts: `/api/stats`, the series, `/metrics` and `/health` tell the same story.

use mailpilot_server::Clock;
use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

use crate::fixture::{
    DAY, MINUTE, NOON, TWO_ACCOUNTS, append, clock, counted, get, json_of, mail, metric, refused,
    report, totals, two_accounts, with,
};

/// Emails, errors, and actions by type, added up over the points of a series.
fn added_up(series: &Value) -> (u64, u64, Value, u64) {
    let (mut emails, mut errors, mut classified) = (0, 0, 0);
    let mut actions = serde_json::Map::new();
    for point in series["points"].as_array().unwrap() {
        emails += point["emails"].as_u64().unwrap();
        errors += point["errors"].as_u64().unwrap();
        for (kind, count) in point["actions"].as_object().unwrap() {
            let sum = actions.get(kind).and_then(Value::as_u64).unwrap_or(0);
            actions.insert(kind.clone(), Value::from(sum + count.as_u64().unwrap()));
        }
        let counts = point["latency"]["counts"].as_array().unwrap();
        classified += counts.iter().map(|c| c.as_u64().unwrap()).sum::<u64>();
    }
    (emails, errors, Value::from(actions), classified)
}

#[tokio::test]
async fn every_view_tells_the_same_story() {
    let clock = clock();
    let server = TestServer::with(TWO_ACCOUNTS)
        .clock(clock.clone())
        .start()
        .await;
    let moved = json!([{"type": "move"}, {"type": "flag"}]);
    append(
        &server,
        &json!([
            with(mail("1"), &json!({"actions": moved, "durationMs": 20})),
            with(mail("2"), &json!({"actions": moved, "durationMs": 200})),
            with(
                mail("3"),
                &json!({"actions": moved, "error": "model timed out", "durationMs": 4000})
            ),
            with(
                mail("4"),
                &json!({"accountName": "work", "actions": [{"type": "move"}]})
            ),
        ]),
    )
    .await;
    clock.advance(MINUTE);
    report(
        &server,
        &json!([
            {"account": "work", "emailsProcessed": 10, "errors": 2, "classificationSeconds": [0.3, 700], "status": "connected"},
            {"account": "personal", "status": "connected"},
        ]),
    )
    .await;

    let stats = json_of(&server, "/api/stats").await;
    assert_eq!(counted(&stats["totals"]), (14, 5, 3));
    assert_eq!(
        stats["actionBreakdown"],
        json!([{"type": "move", "count": 3}, {"type": "flag", "count": 2}])
    );
    assert_eq!(stats["classification"]["count"], 5);
    let (personal, work) = (&stats["accounts"][0], &stats["accounts"][1]);
    assert_eq!(
        (&personal["name"], counted(personal)),
        (&json!("personal"), (3, 4, 1))
    );
    assert_eq!((&work["name"], counted(work)), (&json!("work"), (11, 1, 2)));
    assert_eq!(personal["lastError"], "model timed out");
    assert_eq!(personal["connected"], true);
    assert_eq!(personal["lastActivityAt"], "2026-11-22T12:01:00.000Z");

    let one = json_of(&server, "/api/stats?account=work").await;
    assert_eq!(counted(&one["totals"]), (11, 1, 2));
    assert_eq!(one["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(
        one["actionBreakdown"],
        json!([{"type": "move", "count": 1}])
    );

    let range = "from=2026-11-22T11:00:00Z&to=2026-11-22T13:00:00Z";
    let series = json_of(&server, &format!("/api/stats/series?{range}&step=60")).await;
    assert_eq!(added_up(&series), (14, 3, json!({"move": 3, "flag": 2}), 5));
    let series = json_of(&server, &format!("/api/stats/series?{range}&account=work")).await;
    assert_eq!(added_up(&series), (11, 2, json!({"move": 1}), 2));

    for (name, expected) in [
        (
            r#"mailpilot_emails_processed_total{account="personal"}"#,
            3.0,
        ),
        (r#"mailpilot_emails_processed_total{account="work"}"#, 11.0),
        (r#"mailpilot_errors_total{account="personal"}"#, 1.0),
        (r#"mailpilot_errors_total{account="work"}"#, 2.0),
        (
            r#"mailpilot_actions_total{account="personal",action="move"}"#,
            2.0,
        ),
        (
            r#"mailpilot_actions_total{account="personal",action="flag"}"#,
            2.0,
        ),
        (
            r#"mailpilot_actions_total{account="work",action="move"}"#,
            1.0,
        ),
        (
            r#"mailpilot_classification_duration_seconds_count{account="personal"}"#,
            3.0,
        ),
        (
            r#"mailpilot_classification_duration_seconds_count{account="work"}"#,
            2.0,
        ),
        (r#"mailpilot_account_connected{account="work"}"#, 1.0),
        (
            r#"mailpilot_account_last_activity_timestamp_seconds{account="work"}"#,
            clock.now().as_secs_f64(),
        ),
    ] {
        assert_eq!(metric(&server, name).await, Some(expected), "{name}");
    }
    let health = json_of(&server, "/health").await;
    assert_eq!(
        health["accounts"],
        json!({"personal": "connected", "work": "connected"})
    );
}

#[tokio::test]
async fn quantiles_lie_in_the_bucket_of_their_rank() {
    let server = two_accounts().await;
    let none = json_of(&server, "/api/stats").await;
    assert_eq!(
        none["classification"],
        json!({"count": 0, "p50": null, "p90": null, "p99": null})
    );
    let mut seconds = vec![0.3; 98];
    seconds.extend([20.0, 20.0]);
    report(
        &server,
        &json!({"account": "work", "classificationSeconds": seconds}),
    )
    .await;
    let found = json_of(&server, "/api/stats").await["classification"].clone();
    assert_eq!(found["count"], 100);
    let of = |name: &str| found[name].as_f64().unwrap();
    assert!((0.25..=0.5).contains(&of("p50")), "{found}");
    assert!((0.25..=0.5).contains(&of("p90")), "{found}");
    assert!((10.0..=30.0).contains(&of("p99")), "{found}");
}

#[tokio::test]
async fn a_failed_mail_counts_as_mail_and_error_and_its_actions_do_not_count() {
    let server = two_accounts().await;
    let actions = json!([{"type": "move"}]);
    for error in ["", "gone"] {
        append(
            &server,
            &with(mail("m"), &json!({"actions": actions, "error": error})),
        )
        .await;
    }
    let stats = json_of(&server, "/api/stats").await;
    assert_eq!(counted(&stats["totals"]), (2, 0, 2));
    assert_eq!(stats["actionBreakdown"], json!([]));
    let text = get(&server, "/metrics").await.text();
    assert!(!text.contains("mailpilot_actions_total{"), "{text}");
}

#[tokio::test]
async fn a_period_counts_what_lies_in_it() {
    let clock = clock();
    let server = TestServer::with(TWO_ACCOUNTS)
        .clock(clock.clone())
        .start()
        .await;
    let periods = async |server: &TestServer| {
        let mut counts = Vec::new();
        for period in ["day", "week", "month", "all"] {
            counts.push(totals(server, &format!("?period={period}")).await.0);
        }
        counts
    };
    append(&server, &mail("1")).await;
    assert_eq!(periods(&server).await, [1, 1, 1, 1]);
    clock.advance(2 * DAY);
    append(&server, &json!([mail("2"), mail("3")])).await;
    assert_eq!(periods(&server).await, [2, 3, 3, 3]);
    clock.advance(10 * DAY);
    report(&server, &json!({"account": "work", "emailsProcessed": 4})).await;
    assert_eq!(periods(&server).await, [4, 4, 7, 7]);
    assert_eq!(totals(&server, "?period=month&account=work").await.0, 4);
    assert_eq!(totals(&server, "?period=month&account=personal").await.0, 3);
    clock.advance(40 * DAY);
    assert_eq!(periods(&server).await, [0, 0, 0, 7]);
    assert_eq!(totals(&server, "").await.0, 7);
}

#[tokio::test]
async fn a_series_has_points_at_every_step_and_never_more_than_fifteen_hundred() {
    let clock = clock();
    let server = TestServer::with(TWO_ACCOUNTS)
        .clock(clock.clone())
        .start()
        .await;
    append(&server, &mail("1")).await;
    let series = async |query: &str| json_of(&server, &format!("/api/stats/series?{query}")).await;
    let range = "from=2026-11-22T11:58:00Z&to=2026-11-22T12:03:00Z";
    let found = series(&format!("{range}&step=1m")).await;
    let points = found["points"].as_array().unwrap();
    let by_time: Vec<_> = points.iter().map(|p| (&p["t"], &p["emails"])).collect();
    assert_eq!(found["step"], 60);
    assert_eq!(
        by_time,
        [
            (&json!("2026-11-22T11:58:00.000Z"), &json!(0)),
            (&json!("2026-11-22T11:59:00.000Z"), &json!(0)),
            (&json!("2026-11-22T12:00:00.000Z"), &json!(1)),
            (&json!("2026-11-22T12:01:00.000Z"), &json!(0)),
            (&json!("2026-11-22T12:02:00.000Z"), &json!(0)),
        ]
    );
    let latency = &points[0]["latency"];
    assert_eq!(
        latency["le"],
        json!([
            0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0
        ])
    );
    assert_eq!(latency["counts"].as_array().unwrap().len(), 16);

    for query in [
        "",
        "from=0",
        "from=0&step=60",
        "from=0&to=9999-12-31T23:59:59Z",
        "from=0&to=9999-12-31T23:59:59Z&step=60",
        "step=60",
        "step=1d",
        "from=2026-11-22T11:59:59.999Z&to=2026-11-22T12:00:00Z",
    ] {
        let found = series(query).await;
        let points = found["points"].as_array().unwrap();
        assert!(
            (1..=1_500).contains(&points.len()),
            "{query}: {}",
            points.len()
        );
    }
    let backwards = series("from=2026-11-22T12:00:00Z&to=2026-11-22T11:00:00Z").await;
    assert_eq!(backwards["points"], json!([]));
    assert_eq!(added_up(&series("from=0&step=60").await).0, 1);
}

#[tokio::test]
async fn a_reset_starts_one_account_or_all_from_zero() {
    let server = two_accounts().await;
    let of_work = json!({"accountName": "work", "actions": [{"type": "move"}], "error": "x"});
    append(&server, &json!([mail("1"), with(mail("2"), &of_work)])).await;
    let delete = async |path: &str| server.call("DELETE", path).send().await;
    delete("/api/stats?account=work").await.expect(204);
    assert_eq!(totals(&server, "").await, (1, 0, 0));
    assert_eq!(totals(&server, "?account=work").await, (0, 0, 0));
    assert_eq!(totals(&server, "?period=day").await, (1, 0, 0));
    let series = json_of(&server, "/api/stats/series?account=work").await;
    assert_eq!(added_up(&series), (0, 0, json!({}), 0));

    append(&server, &with(mail("3"), &json!({"accountName": "work"}))).await;
    assert_eq!(totals(&server, "?account=work").await, (1, 0, 0));
    delete("/api/stats").await.expect(204);
    assert_eq!(totals(&server, "").await, (0, 0, 0));
    assert_eq!(json_of(&server, "/api/activity").await["total"], 3);
    let unknown = delete("/api/stats?account=nobody").await;
    refused(&unknown, 404, "unknown_account", Some("account"));
}

#[tokio::test]
async fn a_mail_of_the_past_or_future_is_no_later_sign_of_life_before_and_after_a_restart() {
    let clock = clock();
    let start = || TestServer::with(TWO_ACCOUNTS).clock(clock.clone());
    let last = async |server: &TestServer, name: &str| {
        let account = json_of(server, &format!("/api/accounts/{name}")).await;
        account["lastActivityAt"].clone()
    };
    let of = |name: &str, at: &str| with(mail("m"), &json!({"accountName": name, "createdAt": at}));
    let server = start().start().await;
    assert_eq!(last(&server, "work").await, json!(null));
    append(&server, &of("work", "2026-11-20T00:00:00Z")).await;
    append(&server, &of("work", "2026-11-19T00:00:00Z")).await;
    append(&server, &of("personal", "2026-12-24T00:00:00Z")).await;
    let past = json!("2026-11-20T00:00:00.000Z");
    assert_eq!(last(&server, "work").await, past);
    assert_eq!(last(&server, "personal").await, NOON);

    let dir = server.dir().clone();
    server.stop().await;
    let server = start().in_dir_of(&dir).start().await;
    assert_eq!(last(&server, "work").await, past);
    assert_eq!(last(&server, "personal").await, NOON);
}
