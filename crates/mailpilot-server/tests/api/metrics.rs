//! `/metrics`: the names of the contract, described, with the labels they have, and no more by what strangers ask.

use std::collections::{BTreeMap, BTreeSet};

use mailpilot_test_support::{Events, TestServer};
use serde_json::json;

use crate::fixture::{append, get, mail, metric, two_accounts, with};

/// Name, type and labels of every metric of the contract that is there once everything was used.
const CONTRACT: &[(&str, &str, &[&str])] = &[
    ("mailpilot_emails_processed_total", "counter", &["account"]),
    ("mailpilot_actions_total", "counter", &["account", "action"]),
    ("mailpilot_errors_total", "counter", &["account"]),
    (
        "mailpilot_classification_duration_seconds",
        "histogram",
        &["account"],
    ),
    ("mailpilot_account_connected", "gauge", &["account"]),
    (
        "mailpilot_account_last_activity_timestamp_seconds",
        "gauge",
        &["account"],
    ),
    (
        "mailpilot_http_requests_total",
        "counter",
        &["method", "route", "status"],
    ),
    (
        "mailpilot_http_request_duration_seconds",
        "histogram",
        &["route"],
    ),
    ("mailpilot_http_connections", "gauge", &[]),
    ("mailpilot_event_streams", "gauge", &[]),
    ("mailpilot_logins_total", "counter", &["outcome"]),
    ("mailpilot_sessions", "gauge", &[]),
    ("mailpilot_store_write_duration_seconds", "histogram", &[]),
    ("mailpilot_store_size_bytes", "gauge", &[]),
    ("mailpilot_config_last_reload_successful", "gauge", &[]),
    ("mailpilot_build_info", "gauge", &["revision", "version"]),
    ("process_cpu_seconds_total", "counter", &[]),
    ("process_resident_memory_bytes", "gauge", &[]),
    ("process_virtual_memory_bytes", "gauge", &[]),
    ("process_open_fds", "gauge", &[]),
    ("process_max_fds", "gauge", &[]),
    ("process_start_time_seconds", "gauge", &[]),
];

async fn text(server: &TestServer) -> String {
    get(server, "/metrics").await.expect(200).text()
}

/// The series of a text, values left out.
fn series(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
        .collect()
}

/// The names of the labels of a series, `le` aside.
fn labels(series: &str) -> BTreeSet<&str> {
    let Some((_, inner)) = series.split_once('{') else {
        return BTreeSet::new();
    };
    inner
        .trim_end_matches('}')
        .split("\",")
        .map(|label| label.split_once('=').unwrap().0)
        .filter(|name| *name != "le")
        .collect()
}

async fn used() -> TestServer {
    let server = two_accounts().await;
    let entry = json!({"actions": [{"type": "move"}], "durationMs": 20});
    append(&server, &with(mail("m"), &entry)).await;
    append(&server, &with(mail("m"), &json!({"error": "x"}))).await;
    server.administrator().await;
    server.login().await;
    server.try_login("a wrong password").await.expect(401);
    server
}

#[tokio::test]
async fn every_metric_of_the_contract_is_there_described_and_labelled() {
    let server = used().await;
    let answer = get(&server, "/metrics").await.expect(200);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = answer.text();
    let all = series(&text);
    for (name, kind, expected) in CONTRACT {
        let help = text
            .lines()
            .filter(|line| line.starts_with(&format!("# HELP {name} ")))
            .count();
        let types = text
            .lines()
            .filter(|line| *line == format!("# TYPE {name} {kind}"))
            .count();
        assert_eq!((help, types), (1, 1), "{name}");
        let own = match *kind {
            "histogram" => format!("{name}_bucket"),
            _ => (*name).to_owned(),
        };
        let mut found = all
            .iter()
            .filter(|series| series.split('{').next() == Some(own.as_str()))
            .peekable();
        assert!(found.peek().is_some(), "{name} has no series");
        for series in found {
            let expected: BTreeSet<&str> = expected.iter().copied().collect();
            assert_eq!(labels(series), expected, "{series}");
        }
    }
    assert!(text.contains("# HELP mailpilot_emails_processed_total Total emails processed\n"));
    assert!(
        text.contains("# HELP mailpilot_classification_duration_seconds Classification duration\n")
    );
}

#[tokio::test]
async fn every_series_belongs_to_a_described_metric_and_comes_once() {
    let server = used().await;
    let text = text(&server).await;
    let described: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut seen = BTreeMap::new();
    for line in lines {
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert!(seen.insert(series, value).is_none(), "{series} comes twice");
        let name = series.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| {
                name.strip_suffix(end)
                    .filter(|family| described.contains(family))
            })
            .unwrap_or(name);
        assert!(described.contains(family), "{line}");
    }
}

#[tokio::test]
async fn the_buckets_of_classification_are_those_of_the_contract() {
    let server = used().await;
    let text = text(&server).await;
    let start = "mailpilot_classification_duration_seconds_bucket{account=\"personal\",le=\"";
    let bounds: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix(start)?.split('"').next())
        .collect();
    assert_eq!(
        bounds,
        [
            "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60",
            "120", "300", "600", "+Inf"
        ]
    );
}

#[tokio::test]
async fn routes_are_patterns_and_values_what_happened() {
    let server = used().await;
    let account = server.get("/api/accounts/work");
    account.send().await.expect(401);
    let count = async |name: &str| metric(&server, name).await;
    for (name, expected) in [
        (
            r#"mailpilot_http_requests_total{method="GET",route="/api/accounts/{name}",status="401"}"#,
            1.0,
        ),
        (
            r#"mailpilot_http_requests_total{method="POST",route="/api/activity",status="201"}"#,
            2.0,
        ),
        (r#"mailpilot_logins_total{outcome="succeeded"}"#, 1.0),
        (r#"mailpilot_logins_total{outcome="failed"}"#, 1.0),
        (r#"mailpilot_logins_total{outcome="throttled"}"#, 0.0),
        (
            r#"mailpilot_http_request_duration_seconds_count{route="/api/login"}"#,
            2.0,
        ),
        ("mailpilot_event_streams", 0.0),
    ] {
        assert_eq!(count(name).await, Some(expected), "{name}");
    }
    assert!(count("mailpilot_http_connections").await.unwrap() >= 1.0);
    assert!(
        count("mailpilot_store_write_duration_seconds_count")
            .await
            .unwrap()
            >= 2.0
    );
}

#[tokio::test]
async fn open_streams_are_counted_while_they_are_open() {
    let server = two_accounts().await;
    let one = Events::open(server.get("/api/events")).await;
    let _two = Events::open(server.get("/api/events?types=stats")).await;
    assert_eq!(metric(&server, "mailpilot_event_streams").await, Some(2.0));
    drop(one);
}

#[tokio::test]
async fn a_thousand_odd_requests_add_no_series() {
    let server = used().await;
    let odd = async |n: usize| {
        for path in [
            format!("/{n}/x"),
            format!("/api/{n}"),
            format!("/api/stats/{n}"),
            format!("/assets/{n}/app.js"),
            format!("/api/accounts/a{n}"),
            format!("/api/activity/{n}?q={n}"),
        ] {
            get(&server, &path).await;
        }
        server.call(&format!("M{n}"), "/api/stats").send().await;
        server.call(&format!("M{n}"), &format!("/{n}")).send().await;
        let name = server
            .get("/health")
            .header("host", &format!("h{n}.example"));
        name.send().await;
    };
    odd(0).await;
    text(&server).await;
    let before = series(&text(&server).await);
    for n in 1..=120 {
        odd(n).await;
    }
    let after = series(&text(&server).await);
    let new: Vec<_> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:?}");
    assert!(after.len() < 2_000, "{}", after.len());
}

#[tokio::test]
async fn names_from_outside_become_no_label() {
    let server = two_accounts().await;
    for body in [
        json!({"account": "stranger", "emailsProcessed": 1}),
        json!([{"account": "work"}, {"account": "stranger2"}]),
    ] {
        server.post("/api/stats", &body).send().await.expect(404);
    }
    let entry = with(mail("m"), &json!({"accountName": "stranger3"}));
    server
        .post("/api/activity", &entry)
        .send()
        .await
        .expect(404);
    let text = text(&server).await;
    assert!(!text.contains("stranger"), "{text}");
}
