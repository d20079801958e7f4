//! The timeline: states and counts of accounts, slice by slice.

use std::{io::Read, sync::Arc};

use mailpilot_server::ManualClock;
use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

use crate::fixture::{
    MINUTE, TWO_ACCOUNTS, append, clock, get, json_of, mail, refused, report, two_accounts, with,
};

const LATE_AFTER_TWO_MINUTES: &str =
    "accounts:\n  - name: work\n    expected_interval: 2m\n  - name: personal\n";

async fn start(yaml: &str, clock: &Arc<ManualClock>) -> TestServer {
    TestServer::with(yaml).clock(clock.clone()).start().await
}

async fn timeline(server: &TestServer, query: &str) -> Value {
    json_of(server, &format!("/api/stats/timeline?{query}")).await
}

/// The columns of `work` from 11:58 to 12:10, two minutes each.
async fn strip(server: &TestServer) -> Value {
    let query = "from=2026-11-22T11:58:00Z&to=2026-11-22T12:10:00Z&step=2m&account=work";
    let found = timeline(server, query).await;
    assert_eq!(found["accounts"].as_array().unwrap().len(), 1);
    found["accounts"][0].clone()
}

/// Lets minutes pass for a server that looks at its accounts meanwhile.
async fn pass(server: &TestServer, clock: &ManualClock, minutes: u32) {
    for _ in 0..minutes {
        clock.advance(MINUTE);
        timeline(server, "").await;
    }
}

async fn is(server: &TestServer, status: &str) {
    report(server, &json!({"account": "work", "status": status})).await;
}

#[tokio::test]
async fn a_slice_tells_the_gravest_state_and_what_was_counted() {
    let clock = clock();
    let server = start(TWO_ACCOUNTS, &clock).await;
    is(&server, "connected").await;
    let failed = with(mail("1"), &json!({"accountName": "work", "error": "x"}));
    append(&server, &failed).await;
    pass(&server, &clock, 3).await;
    is(&server, "error").await;
    is(&server, "connected").await;
    report(&server, &json!({"account": "work", "emailsProcessed": 7})).await;
    pass(&server, &clock, 2).await;
    let expected = json!({
        "name": "work",
        "status": [null, "connected", "error", "connected", null, null],
        "emails": [0, 1, 7, 0, 0, 0],
        "errors": [0, 1, 0, 0, 0, 0],
    });
    assert_eq!(strip(&server).await, expected);
}

#[tokio::test]
async fn pauses_and_late_accounts_are_in_it_and_begin_when_they_began() {
    let clock = clock();
    let server = start(LATE_AFTER_TWO_MINUTES, &clock).await;
    is(&server, "connected").await;
    // Late after 12:02, which the minute of 12:03 is the first to see.
    pass(&server, &clock, 4).await;
    let paused = with(json!({}), &json!({"paused": true}));
    let put = server.call("PUT", "/api/accounts/work").json(&paused);
    put.send().await.expect(200);
    pass(&server, &clock, 2).await;
    let resumed = server
        .call("PUT", "/api/accounts/work")
        .json(&json!({"paused": false}));
    resumed.send().await.expect(200);
    is(&server, "connecting").await;
    let expected = json!([null, "connected", "stalled", "paused", "connecting", null]);
    assert_eq!(strip(&server).await["status"], expected);
}

#[tokio::test]
async fn while_no_server_runs_nothing_is_known() {
    let clock = clock();
    let server = start(TWO_ACCOUNTS, &clock).await;
    is(&server, "connected").await;
    pass(&server, &clock, 2).await;
    let stopped = server.restart(TWO_ACCOUNTS).await;
    clock.advance(5 * MINUTE);
    let server = stopped.clock(clock.clone()).start().await;
    // Nothing is known either until somebody reports.
    let expected = json!([null, "connected", null, null, null, null]);
    assert_eq!(strip(&server).await["status"], expected);
    is(&server, "disconnected").await;
    pass(&server, &clock, 2).await;
    let expected = json!([
        null,
        "connected",
        null,
        null,
        "disconnected",
        "disconnected"
    ]);
    assert_eq!(strip(&server).await["status"], expected);
}

#[tokio::test]
async fn a_machine_that_slept_knows_nothing_of_that_time() {
    let clock = clock();
    let server = start(TWO_ACCOUNTS, &clock).await;
    is(&server, "connected").await;
    clock.advance(6 * MINUTE);
    is(&server, "error").await;
    let expected = json!([null, "connected", null, null, "error", null]);
    assert_eq!(strip(&server).await["status"], expected);
}

#[tokio::test]
async fn all_accounts_of_the_configuration_are_there_by_name() {
    let server = start(
        "accounts:\n  - name: b\n  - name: C\n  - name: a\n",
        &clock(),
    )
    .await;
    let names = async |query: &str| {
        let found = timeline(&server, query).await;
        let accounts = found["accounts"].as_array().unwrap().clone();
        accounts
            .iter()
            .map(|a| a["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["C", "a", "b"]);
    assert_eq!(names("account=b").await, ["b"]);
    let unknown = get(&server, "/api/stats/timeline?account=nobody").await;
    refused(&unknown, 404, "unknown_account", Some("account"));
}

#[tokio::test]
async fn an_account_that_was_removed_is_asked_for_by_name_alone() {
    let clock = clock();
    let server = start(TWO_ACCOUNTS, &clock).await;
    let put = server.call("PUT", "/api/accounts/added").json(&json!({}));
    put.send().await.expect(201);
    report(&server, &json!({"account": "added", "status": "connected"})).await;
    pass(&server, &clock, 1).await;
    let delete = server.call("DELETE", "/api/accounts/added").send().await;
    delete.expect(204);
    pass(&server, &clock, 2).await;
    let all = timeline(&server, "").await;
    assert_eq!(all["accounts"].as_array().unwrap().len(), 2);
    let query = "from=2026-11-22T12:00:00Z&to=2026-11-22T12:03:00Z&step=60&account=added";
    let one = timeline(&server, query).await;
    assert_eq!(
        one["accounts"][0]["status"],
        json!(["connected", null, null])
    );
}

#[tokio::test]
async fn there_are_at_most_four_hundred_slices_that_begin_at_from() {
    let server = start(TWO_ACCOUNTS, &clock()).await;
    let check = async |query: &str, from: &str, step: u64, slices: usize| {
        let found = timeline(&server, query).await;
        assert_eq!(
            (&found["from"], &found["step"]),
            (&json!(from), &json!(step)),
            "{query}"
        );
        for account in found["accounts"].as_array().unwrap() {
            for column in ["status", "emails", "errors"] {
                assert_eq!(account[column].as_array().unwrap().len(), slices, "{query}");
            }
        }
    };
    let noon = "2026-11-22T12:00:00.000Z";
    check("", "2026-11-21T12:00:00.000Z", 900, 96).await;
    check("step=60", "2026-11-21T12:00:00.000Z", 240, 360).await;
    check(
        "from=2026-11-22T12:00:59Z&to=2026-11-22T12:01:01Z&step=1m",
        noon,
        60,
        2,
    )
    .await;
    check(
        "from=2026-11-22T12:00:00Z&to=2026-11-22T12:01:00Z",
        noon,
        900,
        1,
    )
    .await;
    check(
        "from=2026-11-22T12:00:00Z&to=2026-11-22T11:00:00Z",
        noon,
        900,
        0,
    )
    .await;
    let all = timeline(&server, "from=0&to=9999-12-31T23:59:59Z&step=60").await;
    let slices = all["accounts"][0]["status"].as_array().unwrap().len();
    assert!((200..=400).contains(&slices), "{slices}");
}

#[tokio::test]
async fn counts_are_those_of_the_series() {
    let clock = clock();
    let server = start(TWO_ACCOUNTS, &clock).await;
    for minutes in 0..50_u32 {
        let report = json!({"account": "work", "emailsProcessed": minutes, "errors": minutes % 3});
        server.post("/api/stats", &report).send().await.expect(204);
        clock.advance(7 * MINUTE);
    }
    for query in [
        "from=2026-11-22T12:00:00Z&to=2026-11-22T18:00:00Z&step=1h",
        "from=2026-11-22T11:37:00Z&to=2026-11-22T18:11:00Z&step=3h",
        "from=2026-11-22T11:00:00Z&to=2026-11-22T19:00:00Z&step=5m",
        "from=2026-11-20T00:00:00Z&to=2026-11-23T00:00:00Z&step=1d",
    ] {
        let series = json_of(&server, &format!("/api/stats/series?{query}&account=work")).await;
        let points = series["points"].as_array().unwrap().clone();
        let strip = timeline(&server, &format!("{query}&account=work")).await;
        for column in ["emails", "errors"] {
            let of_series: Vec<_> = points.iter().map(|point| point[column].clone()).collect();
            assert_eq!(strip["accounts"][0][column], json!(of_series), "{query}");
        }
    }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(bytes);
    decoder.read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test]
async fn series_and_timeline_are_compressed_for_clients_that_take_it() {
    let server = start(TWO_ACCOUNTS, &clock()).await;
    for path in ["/api/stats/series", "/api/stats/timeline"] {
        let plain = get(&server, path).await.expect(200);
        assert_eq!(plain.header("content-encoding"), "");
        assert_eq!(plain.header("vary"), "Accept-Encoding");
        let packed = server.get(path).header("accept-encoding", "br, gzip");
        let packed = packed.send().await.expect(200);
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_eq!(packed.header("vary"), "Accept-Encoding");
        assert_eq!(packed.header("content-type"), "application/json");
        assert_eq!(unpacked(&packed.body), plain.body);
        assert!(packed.body.len() * 4 < plain.body.len(), "{path}");
        let refusing = server.get(path).header("accept-encoding", "gzip;q=0, *");
        let refusing = refusing.send().await.expect(200);
        assert_eq!(refusing.header("content-encoding"), "");
        let head = server.call("HEAD", path).header("accept-encoding", "gzip");
        let head = head.send().await.expect(200);
        let length = packed.body.len().to_string();
        assert_eq!(
            (head.header("content-length"), head.body.len()),
            (length.as_str(), 0)
        );
    }
    let short = "/api/stats/timeline?from=2026-11-22T12:00:00Z&to=2026-11-22T12:01:00Z";
    let short = server.get(short).header("accept-encoding", "gzip");
    assert_eq!(
        short.send().await.expect(200).header("content-encoding"),
        ""
    );
}

#[tokio::test]
async fn nothing_else_of_the_api_is_compressed() {
    let server = two_accounts().await;
    let many: Vec<_> = (0..50)
        .map(|id| mail(&format!("<{id}@example.org>")))
        .collect();
    append(&server, &json!(many)).await;
    for path in [
        "/api/activity",
        "/api/openapi.json",
        "/api/config",
        "/api/logs",
    ] {
        let answer = server.get(path).header("accept-encoding", "gzip");
        let answer = answer.send().await.expect(200);
        assert_eq!(answer.header("content-encoding"), "", "{path}");
    }
}
