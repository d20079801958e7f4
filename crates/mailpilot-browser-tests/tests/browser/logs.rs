//! Logs: seen as they come, held back, found, linked to, taken along, removed.

use mailpilot_browser_tests::{Browser, Key, Options, Scheme, containing};
use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

const TOKEN: &str = "a-token-of-the-configuration";
const CONFIGURATION: &str = "server:
  auth_token: a-token-of-the-configuration
state: {log_retention: 3650d}
accounts:
  - name: home
  - name: work
";

async fn log(server: &TestServer, lines: Value) -> Vec<u64> {
    let call = server.post("/api/logs", &lines).bearer(TOKEN);
    let answer = call.send().await.expect(201).json();
    let ids = answer["ids"].as_array().unwrap().iter();
    ids.map(|id| id.as_u64().unwrap()).collect()
}

/// Lines `line 1` to `line count`, a second apart.
async fn log_many(server: &TestServer, count: u64) {
    let line = |number: u64| {
        let at = 1_700_000_000_000_u64 + number * 1000;
        json!({"level": "info", "message": format!("line {number}"), "timestamp": at})
    };
    log(server, (1..=count).map(line).collect()).await;
}

async fn server() -> TestServer {
    TestServer::with(CONFIGURATION).start().await
}

async fn follows(browser: &Browser) -> bool {
    let switch = browser.by_role("switch", "Follow").await;
    switch.attribute("aria-checked").await.as_deref() == Some("true")
}

#[tokio::test]
async fn an_empty_log_says_what_is_kept_and_then_shows_the_first_line() {
    let server = server().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs").await;
    browser.shows("Nothing is in the log yet").await;
    browser.shows("keeps lines of level Info and above").await;
    browser.accessible().await;
    browser.shows("Live").await;
    log(
        &server,
        json!({"level": "warn", "message": "the first line"}),
    )
    .await;
    browser.shows("the first line").await;
    browser.by_role("button", "Warning 1").await;
    browser.finish().await;
}

#[tokio::test]
async fn whoever_reads_further_up_is_not_disturbed_by_new_lines() {
    let server = server().await;
    log_many(&server, 60).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs").await;
    browser
        .by_role("button", containing("line 60"))
        .await
        .focus()
        .await;
    assert!(follows(&browser).await);
    browser.press(Key::Home).await;
    browser
        .wait_for("following to rest", async || !follows(&browser).await)
        .await;
    assert_eq!(browser.focused().await, "button “line 1”");

    log(&server, json!({"level": "info", "message": "one more"})).await;
    log(&server, json!({"level": "info", "message": "and another"})).await;
    browser.by_role("button", "2 new lines").await;
    assert_eq!(browser.count("button", containing("one more")).await, 0);
    assert_eq!(browser.focused().await, "button “line 1”");
    browser.accessible().await;
    browser.click("button", "2 new lines").await;
    browser.by_role("button", containing("and another")).await;
    assert!(follows(&browser).await);
    browser.gone("button", "2 new lines").await;

    browser.press("f").await;
    browser
        .wait_for("f to switch off", async || !follows(&browser).await)
        .await;
    log(&server, json!({"level": "info", "message": "the last"})).await;
    browser.by_role("button", "1 new line").await;
    browser.press("f").await;
    browser.by_role("button", containing("the last")).await;
    browser.finish().await;
}

#[tokio::test]
async fn older_lines_come_without_moving_what_is_read() {
    let server = server().await;
    log_many(&server, 450).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs").await;
    browser
        .by_role("button", containing("line 450"))
        .await
        .focus()
        .await;
    browser.press(Key::Home).await;
    let known = "return Number(document.querySelector('table').getAttribute('aria-rowcount'))";
    browser
        .wait_for("older lines", async || {
            browser.script(known, Vec::new()).await.as_u64() > Some(201)
        })
        .await;
    assert_eq!(browser.focused().await, "button “line 251”");
    let (_, top, _, _) = browser
        .by_role("button", "line 251")
        .await
        .rectangle()
        .await;
    assert!((100.0..800.0).contains(&top), "{top}");
    browser
        .wait_for("the beginning", async || {
            browser.press(Key::Home).await;
            browser.count("button", "line 1").await == 1
        })
        .await;
    browser.shows("Nothing older").await;
    browser.finish().await;
}

#[tokio::test]
async fn filters_live_in_the_address_and_hold_for_lines_that_come() {
    let server = server().await;
    let lines = json!([
        {"level": "debug", "message": "quota is fine", "accountName": "work"},
        {"level": "info", "message": "quota at 80 %", "accountName": "work"},
        {"level": "warn", "message": "Quota nearly used up", "accountName": "work"},
        {"level": "error", "message": "quota used up", "accountName": "home"},
        {"level": "error", "message": "no route to host", "accountName": "work"},
    ]);
    log(&server, lines).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs").await;
    browser.by_role("button", "Error 2").await;
    browser.click("button", "Warning 1").await;
    browser.at("/logs?level=warn").await;
    browser.gone("button", containing("quota at")).await;
    browser.press("/").await;
    browser.press("QUOTA").await;
    browser.at("/logs?level=warn&search=QUOTA").await;
    browser.gone("button", containing("no route")).await;
    browser
        .wait_for("two marks", async || {
            browser.count("mark", mailpilot_browser_tests::ANY).await == 2
        })
        .await;
    browser.choose("Account", "work").await;
    browser
        .at("/logs?level=warn&search=QUOTA&accountName=work")
        .await;
    browser.gone("button", containing("quota used up")).await;
    browser.reload().await;
    browser
        .by_role("button", containing("Quota nearly used up"))
        .await;
    assert_eq!(browser.by_label("Search").await.value().await, "QUOTA");

    let more = json!([
        {"level": "info", "message": "quota: too harmless", "accountName": "work"},
        {"level": "error", "message": "quota: of somebody else", "accountName": "home"},
        {"level": "error", "message": "something else", "accountName": "work"},
        {"level": "error", "message": "quota: exceeded", "accountName": "work"},
    ]);
    browser.shows("Live").await;
    log(&server, more).await;
    browser.by_role("button", "quota: exceeded").await;
    assert_eq!(browser.count("button", containing("quota:")).await, 1);
    assert_eq!(browser.count("button", "something else").await, 0);

    browser.fill("Search", "nobody wrote this").await;
    browser.shows("No line matches").await;
    browser.accessible().await;
    browser.click("link", "Clear filters").await;
    browser.at("/logs").await;
    browser.by_role("button", "something else").await;
    browser.expects("status of 404");
    browser.goto("/logs?accountName=nobody").await;
    browser.shows("These filters do not work").await;
    browser.finish().await;
}

#[tokio::test]
async fn a_line_has_an_address_that_shows_it_among_its_neighbours() {
    let server = server().await;
    log_many(&server, 30).await;
    let line = json!({
        "level": "error", "target": "imap::session", "message": "first\nsecond <b>", "accountName": "work",
        "fields": {"uid": 7, "folder": "Lists"}, "timestamp": 1_700_000_015_500_u64,
    });
    let id = log(&server, line).await[0];
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs?level=error").await;
    browser
        .click("button", containing("first second <b>"))
        .await;
    browser.shows("Lists").await;
    browser.accessible().await;
    browser.click("button", "Copy link").await;
    browser.shows("Copied").await;
    let link = browser.clipboard().await;
    assert_eq!(link, format!("{}/logs?line={id}", browser.origin()));
    browser.click("link", "Show in context").await;
    browser.at(&format!("/logs?line={id}")).await;
    browser.by_role("button", "line 15").await;
    browser.by_role("button", "line 16").await;
    let marked = "return document.querySelector('tr[aria-current=true]').innerText";
    let row = browser.script(marked, Vec::new()).await;
    assert!(row.as_str().unwrap().contains("imap::session"), "{row}");
    browser.accessible().await;
    let ways = browser.all_by_role("link", "Show the newest lines").await;
    ways[0].click().await;
    browser.at("/logs").await;
    browser.expects("status of 404");
    browser.goto("/logs?line=999999").await;
    browser.shows("This line is gone").await;
    browser.finish().await;
}

/// Loses the network, and as much is logged meanwhile that the stream cannot tell it all afterwards.
async fn break_off(server: &TestServer, browser: &Browser) {
    browser.expects("ERR_INTERNET_DISCONNECTED");
    browser.offline(true).await;
    browser.shows("Connection lost").await;
    log(server, json!({"level": "info", "message": "needle 2"})).await;
    for _ in 0..3 {
        let hay = json!({"level": "info", "message": "hay"});
        log(server, Value::from(vec![hay; 1000])).await;
    }
    log(server, json!({"level": "info", "message": "needle 3"})).await;
    browser.offline(false).await;
}

#[tokio::test]
async fn a_break_heals_by_itself_without_a_line_missing_or_twice() {
    let server = server().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs?search=needle").await;
    browser.shows("Live").await;
    log(&server, json!({"level": "info", "message": "needle 1"})).await;
    browser.by_role("button", "needle 1").await;
    break_off(&server, &browser).await;
    browser.by_role("button", "needle 2").await;
    browser.by_role("button", "needle 3").await;
    browser.no_longer_shows("missing").await;
    log(&server, json!({"level": "info", "message": "needle 4"})).await;
    browser.by_role("button", "needle 4").await;
    let lines = browser.names("button").await;
    let lines: Vec<&String> = lines
        .iter()
        .filter(|name| name.starts_with("needle"))
        .collect();
    assert_eq!(lines, ["needle 1", "needle 2", "needle 3", "needle 4"]);
    browser.finish().await;
}

#[tokio::test]
async fn where_too_many_lines_are_missing_a_mark_offers_to_read_them() {
    let server = server().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs").await;
    browser.shows("Live").await;
    log(&server, json!({"level": "info", "message": "needle 1"})).await;
    browser.by_role("button", "needle 1").await;
    break_off(&server, &browser).await;
    // Opened, so that the list stands still.
    browser.click("button", "needle 3").await;
    browser.by_role("button", "Copy link").await;
    browser.press(Key::Home).await;
    browser.by_role("button", "needle 1").await;
    browser.shows("Lines may be missing here.").await;
    assert_eq!(browser.count("button", "needle 2").await, 0);
    browser.accessible().await;
    browser.click("button", "Read them").await;
    browser.by_role("button", "needle 2").await;
    browser.no_longer_shows("missing").await;
    let known = "return document.querySelector('table').getAttribute('aria-rowcount')";
    // The three needles, the hay, the head of the table.
    assert_eq!(browser.script(known, Vec::new()).await, "3004");
    browser.finish().await;
}

#[tokio::test]
async fn a_download_has_exactly_the_lines_that_match() {
    let server = server().await;
    log_many(&server, 250).await;
    let lines = json!([
        {"level": "warn", "message": "first\nwarning", "fields": {"n": 1}, "timestamp": 1_700_000_000_000_u64},
        {"level": "error", "message": "then an error", "accountName": "work", "timestamp": 1_700_000_001_000_u64},
    ]);
    log(&server, lines).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs?level=warn").await;
    browser.click("button", "Download").await;
    browser.choose("Format", "Text").await;
    browser.accessible().await;
    browser.click("button", "Download").await;
    browser.shows("2 lines are in the file.").await;
    let file = browser.by_role("link", containing(".log")).await;
    let text = browser.downloaded(file.name()).await;
    let expected = "2023-11-14T22:13:20.000Z WARN  external first\\nwarning n=1\n\
        2023-11-14T22:13:21.000Z ERROR external [work] then an error\n";
    assert_eq!(text, expected);
    browser.click("button", "Done").await;

    browser.goto("/logs?level=info").await;
    browser.click("button", "Download").await;
    browser.click("button", "Download").await;
    browser.shows("252 lines are in the file.").await;
    let file = browser.by_role("link", containing(".ndjson")).await;
    let text = browser.downloaded(file.name()).await;
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 252);
    assert_eq!(lines[251]["message"], "line 250");
    browser.finish().await;
}

#[tokio::test]
async fn old_lines_are_removed_after_a_question_that_counts_them() {
    let server = server().await;
    log_many(&server, 2).await;
    log(&server, json!({"level": "info", "message": "of today"})).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/logs").await;
    browser.by_role("button", "line 1").await;
    browser.click("button", "Remove lines").await;
    browser.choose("Which lines", "Older than 7 days").await;
    browser.shows("That is 2 lines.").await;
    browser.accessible().await;
    browser.click("button", "Remove lines").await;
    browser.click("button", "Really remove 2 lines").await;
    browser.shows("The lines are removed.").await;
    browser.gone("button", "line 1").await;
    browser.by_role("button", "of today").await;
    browser.finish().await;
}

#[tokio::test]
async fn the_log_fits_a_phone_in_both_themes() {
    let server = server().await;
    log_many(&server, 40).await;
    let words = "a long message ".repeat(20);
    log(
        &server,
        json!({"level": "error", "message": words, "accountName": "work"}),
    )
    .await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/logs").await;
    browser.click("button", containing("a long message")).await;
    browser.by_role("button", "Copy link").await;
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.prefer(scheme, true).await;
        browser.accessible().await;
    }
    assert!(!browser.scrolls_sideways().await);
    assert_eq!(browser.small_targets(44).await, Vec::<String>::new());
    browser.click("button", "Filters").await;
    browser.choose("Time range", "Last hour").await;
    browser.gone("button", "line 40").await;
    browser.shows("From").await;
    assert!(!browser.scrolls_sideways().await);
    browser.finish().await;
}
