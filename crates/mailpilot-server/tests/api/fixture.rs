//! What most tests begin with: two accounts, a clock that stands still, mails, and short ways to ask.

use std::{sync::Arc, time::Duration};

use mailpilot_server::{ManualClock, Timestamp};
use mailpilot_test_support::{Reply, TestServer};
use serde_json::{Value, json};

/// Two accounts and nobody's credential, so that local callers may do everything.
pub(crate) const TWO_ACCOUNTS: &str = "accounts:\n  - name: personal\n  - name: work\n";
/// As [`TWO_ACCOUNTS`], with subjects and senders kept.
pub(crate) const WITH_SUBJECTS: &str =
    "state: {audit_subjects: true}\naccounts:\n  - name: personal\n  - name: work\n";
/// When the tests with a clock begin.
pub(crate) const NOON: &str = "2026-11-22T12:00:00.000Z";
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) async fn two_accounts() -> TestServer {
    TestServer::with(TWO_ACCOUNTS).start().await
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(instant(NOON)))
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A mail of `personal` without actions.
pub(crate) fn mail(id: &str) -> Value {
    json!({"messageId": id, "accountName": "personal", "actions": []})
}

/// `value` with the members of `more` in place of its own.
pub(crate) fn with(mut value: Value, more: &Value) -> Value {
    for (name, member) in more.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

/// Appends, which must succeed, and gives the ids.
pub(crate) async fn append(server: &TestServer, entries: &Value) -> Vec<i64> {
    let answer = server
        .post("/api/activity", entries)
        .send()
        .await
        .expect(201);
    let ids = answer.json()["ids"].clone();
    serde_json::from_value(ids).unwrap()
}

/// Reports, which must succeed.
pub(crate) async fn report(server: &TestServer, report: &Value) {
    server.post("/api/stats", report).send().await.expect(204);
}

/// GET, which must answer 200 with JSON.
pub(crate) async fn json_of(server: &TestServer, path: &str) -> Value {
    server.get(path).send().await.expect(200).json()
}

/// GET, whatever comes.
pub(crate) async fn get(server: &TestServer, path: &str) -> Reply {
    server.get(path).send().await
}

/// The message ids of a list, in its order.
pub(crate) async fn listed(server: &TestServer, query: &str) -> Vec<String> {
    let page = json_of(server, &format!("/api/activity{query}")).await;
    texts(&page["entries"], "messageId")
}

/// One member of every element.
pub(crate) fn texts(list: &Value, member: &str) -> Vec<String> {
    let text = |entry: &Value| entry[member].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(text).collect()
}

/// `emailsProcessed`, `actionsTaken` and `errors` of `GET /api/stats` with this query.
pub(crate) async fn totals(server: &TestServer, query: &str) -> (u64, u64, u64) {
    counted(&json_of(server, &format!("/api/stats{query}")).await["totals"])
}

/// The three counts of an object.
pub(crate) fn counted(object: &Value) -> (u64, u64, u64) {
    let count = |name: &str| object[name].as_u64().unwrap();
    (
        count("emailsProcessed"),
        count("actionsTaken"),
        count("errors"),
    )
}

/// The value of one series as `/metrics` prints it; none if it is not there.
pub(crate) async fn metric(server: &TestServer, series: &str) -> Option<f64> {
    let text = get(server, "/metrics").await.expect(200).text();
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.map(|value| value.parse().unwrap())
}

/// An error as the contract words it: `error`, `code`, and the member it is about.
#[track_caller]
pub(crate) fn refused(reply: &Reply, status: u16, code: &str, field: Option<&str>) {
    let text = String::from_utf8_lossy(&reply.body);
    assert_eq!(reply.status.as_u16(), status, "{text}");
    let body = reply.json();
    assert_eq!(body["code"], code, "{text}");
    assert_eq!(body["field"].as_str(), field, "{text}");
    assert!(
        body["error"].as_str().is_some_and(|error| error.len() > 10),
        "{text}"
    );
}
