//! Every parameter of every GET with values nobody means: always a 4xx that names it, never a 5xx.

use mailpilot_test_support::TestServer;
use serde_json::json;

use crate::fixture::{WITH_SUBJECTS, append, get, json_of, mail, with};

const PARAMETERS: &[(&str, &[&str])] = &[
    ("/api/stats", &["account", "period"]),
    ("/api/stats/series", &["from", "to", "step", "account"]),
    ("/api/stats/timeline", &["from", "to", "step", "account"]),
    (
        "/api/activity",
        &[
            "accountName",
            "actionType",
            "actionTypes",
            "outcome",
            "search",
            "startDate",
            "endDate",
            "page",
            "pageSize",
            "cursor",
            "total",
        ],
    ),
    (
        "/api/logs",
        &[
            "level",
            "counts",
            "accountName",
            "search",
            "startDate",
            "endDate",
            "page",
            "pageSize",
            "cursor",
        ],
    ),
    (
        "/api/export",
        &[
            "format",
            "accountName",
            "actionType",
            "actionTypes",
            "outcome",
            "search",
            "startDate",
            "endDate",
        ],
    ),
    ("/api/can-i", &["key", "method", "path"]),
    (
        "/api/events",
        &["types", "controls", "lastEventId", "heartbeat"],
    ),
];

/// Values, percent-encoded where the request line needs it.
const NASTY: &[&str] = &[
    "",
    "%00",
    "%0d%0a",
    "%ff%fe",
    "%",
    "%zz",
    "+",
    "%20",
    "-1",
    "0",
    "1e9",
    "1.5",
    "NaN",
    "Infinity",
    "-9223372036854775809",
    "9223372036854775808",
    "99999999999999999999999999",
    "null",
    "true",
    "undefined",
    "%5B%5D",
    "%7B%7D",
    "'%20OR%201=1%20--",
    "%22;DROP%20TABLE%20activity;--",
    "%2A%20NEAR%20%22",
    "..%2f..%2fetc%2fpasswd",
    "%3Cscript%3E",
    "%F0%9F%98%80",
    "%E2%80%AE",
    ",",
    ",,,",
    "2026-13-45T99:99:99Z",
    "2026-02-29T00:00:00Z",
    "9999999999999999",
    "-0",
    "ffffffffffffffff-ffffffffffffffff",
    "0-0",
    "1--1",
];

async fn start() -> TestServer {
    let server = TestServer::with(WITH_SUBJECTS).start().await;
    let entry = json!({"subject": "a subject", "actions": [{"type": "move"}]});
    append(&server, &with(mail("<1@test>"), &entry)).await;
    server
}

#[tokio::test]
async fn no_value_of_any_parameter_is_a_server_error() {
    let server = start().await;
    let (long, longer) = ("x".repeat(500), "9".repeat(5_000));
    let mut asked = 0;
    for (path, parameters) in PARAMETERS {
        for parameter in *parameters {
            for value in NASTY.iter().copied().chain([long.as_str(), &longer]) {
                let query = format!("{path}?{parameter}={value}");
                let response = server.get(&query).open().await;
                let status = response.status().as_u16();
                assert!(matches!(status, 200 | 404 | 422), "{query}: {status}");
                if status != 200 {
                    let reply = get(&server, &query).await;
                    let told = reply.json();
                    assert!(
                        told["error"].is_string() && told["code"].is_string(),
                        "{query}"
                    );
                    assert!(reply.header("x-request-id").len() >= 16);
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
    assert_eq!(json_of(&server, "/api/activity").await["total"], 1);
    assert_eq!(server.stop().await.cut, 0);
}

#[tokio::test]
async fn a_parameter_that_does_not_fit_is_named() {
    let server = start().await;
    for (query, field) in [
        ("/api/stats?period=year", "period"),
        ("/api/stats?account=a%20b", "account"),
        ("/api/stats/series?from=yesterday", "from"),
        ("/api/stats/series?step=90s", "step"),
        ("/api/stats/series?step=0", "step"),
        ("/api/activity?page=0", "page"),
        ("/api/activity?page=10001", "page"),
        ("/api/activity?pageSize=0", "pageSize"),
        ("/api/activity?pageSize=201", "pageSize"),
        ("/api/activity?pageSize=%2B5", "pageSize"),
        ("/api/activity?cursor=x", "cursor"),
        ("/api/activity?total=true", "total"),
        ("/api/export?total=exact", "total"),
        ("/api/activity?outcome=OK", "outcome"),
        ("/api/activity?actionType=a%20b", "actionType"),
        ("/api/activity?actionTypes=move,", "actionTypes"),
        ("/api/activity?startDate=2026-11-22", "startDate"),
        ("/api/activity?endDate=1.5", "endDate"),
        ("/api/activity?search=ab", "search"),
        ("/api/logs?level=fatal", "level"),
        ("/api/logs?counts=1", "counts"),
        ("/api/export?format=xml", "format"),
        ("/api/events?types=all", "types"),
    ] {
        let reply = get(&server, query).await;
        crate::fixture::refused(&reply, 422, "invalid_value", Some(field));
    }
}

#[tokio::test]
async fn parameters_that_are_unknown_empty_or_double_are_refused() {
    let server = start().await;
    for (path, parameters) in PARAMETERS {
        for query in [
            "unknown=1".to_owned(),
            "=1".to_owned(),
            "%00=1".to_owned(),
            format!("{}=", parameters[0]),
            format!("{0}=a&{0}=b", parameters[0]),
        ] {
            let reply = get(&server, &format!("{path}?{query}")).await;
            assert_eq!(reply.status.as_u16(), 422, "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn deletions_do_not_guess() {
    let server = start().await;
    for path in [
        "/api/activity",
        "/api/activity?before=",
        "/api/activity?before=x",
        "/api/activity?befor=2026-11-22T00:00:00Z",
        "/api/activity?before=1&before=2",
        "/api/logs?before=x",
        "/api/logs?accountName=work",
        "/api/stats?account=",
        "/api/stats?acount=work",
    ] {
        let reply = server.call("DELETE", path).send().await;
        assert_eq!(reply.status.as_u16(), 422, "{path}");
    }
    assert_eq!(json_of(&server, "/api/activity").await["total"], 1);
    assert_eq!(
        json_of(&server, "/api/stats").await["totals"]["emailsProcessed"],
        1
    );
}
