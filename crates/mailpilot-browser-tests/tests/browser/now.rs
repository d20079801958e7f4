//! Now: whether anything is wrong and mail flows, in one glance, and the way from each number to its rows.

use std::sync::Arc;

use mailpilot_browser_tests::{ANY, Browser, Key, Options, Scheme};
use mailpilot_server::{Command, Engine};
use mailpilot_test_support::{RecordingEngine, TestServer};
use serde_json::{Value, json};

const TOKEN: &str = "a-token-of-the-configuration";
const TWO_ACCOUNTS: &str = "server:
  auth_token: a-token-of-the-configuration
  bind: 127.0.0.1
  metrics_auth: required
accounts:
  - name: home
  - name: work
";

async fn post(server: &TestServer, path: &str, body: Value, status: u16) {
    let request = server.post(path, &body).bearer(TOKEN);
    request.send().await.expect(status);
}

async fn status(server: &TestServer, account: &str, status: &str) {
    let report = json!({"account": account, "status": status, "lastError": "LOGIN was refused"});
    post(server, "/api/stats", report, 204).await;
}

fn mail(number: u32, action: &str) -> Value {
    json!({
        "messageId": format!("<{number}@example.org>"), "accountName": "work",
        "actions": [{"type": action}], "durationMs": 700,
    })
}

/// A server whose engine carries out everything, with both accounts well.
async fn well() -> (TestServer, Arc<RecordingEngine>) {
    let engine = Arc::new(RecordingEngine::default());
    let server = TestServer::with(TWO_ACCOUNTS)
        .engine(Arc::clone(&engine) as Arc<dyn Engine>)
        .start()
        .await;
    for account in ["home", "work"] {
        let report = json!({"account": account, "status": "connected"});
        post(&server, "/api/stats", report, 204).await;
    }
    (server, engine)
}

#[tokio::test]
async fn without_accounts_it_says_how_to_get_the_first() {
    let server = TestServer::with("").start().await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/").await;
    browser.shows("Waiting for the first account").await;
    browser.shows("expected_interval: 15m").await;
    browser.accessible().await;
    assert!(!browser.scrolls_sideways().await);
    browser.click("link", "Add account").await;
    browser.at("/accounts?new=1").await;
    browser.finish().await;
}

#[tokio::test]
async fn a_mail_from_outside_is_told_at_once() {
    let (server, _engine) = well().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/").await;
    browser.shows("All 2 accounts current, no mail yet").await;
    browser.shows("Nothing happened in this time").await;
    browser
        .shows("No classification was timed in this time")
        .await;
    browser.accessible().await;
    post(&server, "/api/activity", mail(1, "move"), 201).await;
    browser.shows("All 2 accounts current, last mail now").await;
    browser.by_role("slider", "Actions over time").await;
    browser.by_role("link", "move 1").await;
    browser.finish().await;
}

#[tokio::test]
async fn the_worst_account_is_the_verdict_with_its_buttons() {
    let (server, engine) = well().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/").await;
    browser.shows("All 2 accounts current").await;
    status(&server, "work", "error").await;
    browser.shows("work: Error").await;
    browser.shows("LOGIN was refused").await;
    let reconnect = browser.all_by_role("button", "Reconnect work").await;
    reconnect[0].click().await;
    browser.shows("work was told to reconnect.").await;
    assert_eq!(engine.asked(), [("work".to_owned(), Command::Reconnect)]);
    browser.accessible().await;
    browser.prefer(Scheme::Dark, false).await;
    browser.accessible().await;
    browser.finish().await;
}

#[tokio::test]
async fn an_account_is_paused_on_a_phone_with_two_taps() {
    let (server, engine) = well().await;
    post(&server, "/api/activity", mail(1, "move"), 201).await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/").await;
    browser.by_role("slider", "Actions over time").await;
    assert_eq!(browser.small_targets(44).await, Vec::<String>::new());
    assert!(!browser.scrolls_sideways().await);
    browser.click("button", "Pause work").await;
    browser.by_role("dialog", "Pause work?").await;
    browser.click("button", "Pause work").await;
    browser.shows("1 of 2 accounts current, 1 paused").await;
    assert_eq!(engine.asked(), [("work".to_owned(), Command::Pause)]);
    browser.accessible().await;
    browser.click("button", "Resume work").await;
    browser.shows("All 2 accounts current").await;
    browser.finish().await;
}

#[tokio::test]
async fn every_number_leads_to_its_rows() {
    let (server, _engine) = well().await;
    for (number, action) in [(1, "move"), (2, "move"), (3, "flag")] {
        post(&server, "/api/activity", mail(number, action), 201).await;
    }
    let mut failed = mail(4, "move");
    failed["error"] = "the classifier did not answer".into();
    post(&server, "/api/activity", failed, 201).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/").await;
    browser.shows("1 mail failed in the last 24 hours").await;
    for (link, filters, count) in [
        ("move 2", "actionType=move&outcome=ok", 2),
        ("flag 1", "actionType=flag&outcome=ok", 1),
        ("failed 1", "outcome=failed", 1),
    ] {
        browser.click("link", link).await;
        let path = browser.path().await;
        assert!(
            path.starts_with(&format!("/activity?{filters}&startDate=")),
            "{path}"
        );
        let api = path.replace("/activity", "/api/activity");
        let rows = server.get(&api).bearer(TOKEN).send().await.expect(200);
        assert_eq!(rows.json()["total"], count, "{path}");
        browser.back().await;
        browser.by_role("slider", "Actions over time").await;
    }
    browser.finish().await;
}

#[tokio::test]
async fn charts_are_read_by_keyboard_and_as_tables() {
    let (server, _engine) = well().await;
    for (number, action) in [(1, "move"), (2, "move"), (3, "flag")] {
        post(&server, "/api/activity", mail(number, action), 201).await;
    }
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/").await;
    let chart = browser.by_role("slider", "Actions over time").await;
    chart.focus().await;
    browser.press(Key::Left).await;
    browser.shows("3 mails, move 2, and flag 1").await;
    browser.press(Key::Up).await;
    browser.by_role("link", "Show move").await;
    // What comes in meanwhile moves neither the cursor nor the focus.
    post(&server, "/api/activity", mail(4, "flag"), 201).await;
    browser.by_role("link", "flag 2").await;
    assert!(chart.has_focus().await, "{}", browser.focused().await);
    browser.by_role("link", "Show move").await;
    browser.press(Key::Enter).await;
    browser
        .wait_for("the rows of the bar", async || {
            let path = browser.path().await;
            path.starts_with("/activity?actionType=move&outcome=ok&startDate=")
        })
        .await;
    browser.back().await;
    let latency = browser
        .by_role("slider", "Classification time over time")
        .await;
    latency.focus().await;
    browser.press(Key::End).await;
    browser.shows("4 mails timed").await;
    let tables = browser.all_by_role("table", ANY).await.len();
    for chart in ["Throughput", "Classification time"] {
        let name = format!("Show as table: {chart}");
        let role = "DisclosureTriangle";
        browser.by_role(role, &name).await.click().await;
    }
    browser.by_role("table", "Throughput").await;
    browser.by_role("table", "Classification time").await;
    assert_eq!(browser.all_by_role("table", ANY).await.len(), tables + 2);
    browser.by_role("columnheader", "move").await;
    browser.accessible().await;
    browser.finish().await;
}

#[tokio::test]
async fn the_range_is_part_of_the_address() {
    let (server, _engine) = well().await;
    let mut old = mail(1, "move");
    old["createdAt"] = json!("2026-01-01T00:00:00Z");
    post(&server, "/api/activity", old, 201).await;
    post(&server, "/api/activity", mail(2, "flag"), 201).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/").await;
    browser.by_role("link", "flag 1").await;
    for (link, path) in [("7 d", "/?range=7d"), ("1 h", "/?range=1h"), ("24 h", "/")] {
        browser.click("link", link).await;
        browser.at(path).await;
        browser.by_role("link", "flag 1").await;
    }
    browser.goto("/?range=30d").await;
    browser.by_role("link", "flag 1").await;
    browser.back().await;
    browser.finish().await;
}
