//! What most tests begin with, and short ways to say it.

use std::{path::Path, sync::Arc, time::Duration};

use mailpilot_server::ManualClock;
use mailpilot_test_support::{Call, Events, Reply, TestServer};
use serde_json::json;

/// The auth token of [`KEYED`].
pub(crate) const TOKEN: &str = "token-0123456789abcdef";
/// The configured key of [`KEYED`].
pub(crate) const KEY: &str = "mp_watcher_0123456789";
/// A token, a key that may read statistics, an account.
pub(crate) const KEYED: &str = "
server: {auth_token: token-0123456789abcdef}
dashboard:
  api_keys:
    - {name: watcher, key: mp_watcher_0123456789, permissions: [read:stats]}
accounts: [{name: work}]
";
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// A clock that stands still.
pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-11-22T12:00:00Z".parse().unwrap()))
}

/// `call` as a trusted proxy on this machine hands it on for `client`.
pub(crate) fn via_proxy(call: Call, client: &str) -> Call {
    call.header("x-forwarded-for", client)
}

/// `call` as a proxy hands it on that ends TLS.
pub(crate) fn via_tls(call: Call) -> Call {
    via_proxy(call, "203.0.113.9").header("x-forwarded-proto", "https")
}

/// The status of `GET path` with this session.
pub(crate) async fn status_with_session(server: &TestServer, path: &str, cookie: &str) -> u16 {
    status(server.get(path).session(cookie)).await
}

/// The status of `GET path` with this token or key.
pub(crate) async fn status_with_bearer(server: &TestServer, path: &str, token: &str) -> u16 {
    status(server.get(path).bearer(token)).await
}

pub(crate) async fn status(call: Call) -> u16 {
    call.send_for_error().await.status.as_u16()
}

/// An open event stream of everything the session may see.
pub(crate) async fn stream_of_session(server: &TestServer, cookie: &str) -> Events {
    Events::open(server.get("/api/events").session(cookie)).await
}

pub(crate) async fn stream_of_bearer(server: &TestServer, token: &str) -> Events {
    Events::open(server.get("/api/events").bearer(token)).await
}

/// A line for the log; needs `write:logs`.
pub(crate) fn late_line(server: &TestServer) -> Call {
    server.post(
        "/api/logs",
        &json!({"level": "info", "message": "too late"}),
    )
}

/// Waits for the end of a stream that has been told to end already: of a line written now it does not hear.
pub(crate) async fn ended_before(mut stream: Events, line: Call) {
    line.send().await.expect(201);
    while let Some(event) = stream.next().await {
        assert_ne!(event.data["message"], "too late");
    }
}

/// An error as the contract words it.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, code: &str) {
    let text = String::from_utf8_lossy(&reply.body);
    assert_eq!(reply.status.as_u16(), status, "{text}");
    assert_eq!(reply.code(), code, "{text}");
}

/// As [`refused`], and about this member.
#[track_caller]
pub(crate) fn refused_field(reply: &Reply, status: u16, code: &str, field: &str) {
    refused(reply, status, code);
    assert_eq!(reply.json()["field"], field, "{}", reply.text());
}

/// The value of one series as `/metrics` prints it.
pub(crate) async fn metric(server: &TestServer, series: &str) -> f64 {
    let text = server.get("/metrics").send().await.expect(200).text();
    text.lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("no {series} in {text}"))
        .parse()
        .unwrap()
}

/// Every file below `dir` with what it holds.
pub(crate) fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

pub(crate) fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}
