//! Activity: mails as they come, held back, filtered, looked into, taken along, removed.

use mailpilot_browser_tests::{Browser, Key, Options, containing};
use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

const TOKEN: &str = "a-token-of-the-configuration";
const CONFIGURATION: &str = "server:
  auth_token: a-token-of-the-configuration
state: {audit_subjects: true, audit_retention: 36500d}
accounts:
  - name: home
  - name: work
";
/// Half an hour before the newest of [`many`].
const LONG_AGO: u64 = 1_700_000_000_000;

async fn server() -> TestServer {
    TestServer::with(CONFIGURATION).start().await
}

async fn post(server: &TestServer, entries: Value) -> Vec<u64> {
    let call = server.post("/api/activity", &entries).bearer(TOKEN);
    let answer = call.send().await.expect(201).json();
    let ids = answer["ids"].as_array().unwrap().iter();
    ids.map(|id| id.as_u64().unwrap()).collect()
}

fn mail(subject: &str) -> Value {
    json!({
        "messageId": format!("<{}@example.org>", subject.replace(' ', ".")), "accountName": "work", "subject": subject,
        "from": "Ana <ana@example.org>", "actions": [{"type": "move", "folder": "Lists"}],
    })
}

/// Mails `mail 1` to `mail count`, a second apart, long ago.
async fn many(server: &TestServer, count: u64) -> Vec<u64> {
    let mut ids = Vec::new();
    let numbers: Vec<u64> = (1..=count).collect();
    for part in numbers.chunks(1_000) {
        let entry = |number: &u64| {
            let mut entry = mail(&format!("mail {number}"));
            entry["createdAt"] = json!(LONG_AGO + number * 1_000);
            entry
        };
        ids.extend(post(server, part.iter().map(entry).collect()).await);
    }
    ids
}

/// Subjects of the rows that are in the document, from the top.
async fn subjects(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[data-row]')]
        .sort((a, b) => a.dataset.row - b.dataset.row).map((row) => row.querySelector('a span').innerText)";
    serde_json::from_value(browser.script(script, Vec::new()).await).unwrap()
}

/// How far from the top of the window a row stands.
async fn top_of(browser: &Browser, subject: &str) -> f64 {
    let row = browser
        .by_role("rowheader", containing(&format!("{subject} ")))
        .await;
    row.rectangle().await.1
}

async fn scroll_to(browser: &Browser, y: u32) {
    browser
        .script("scrollTo(0, arguments[0])", vec![json!(y)])
        .await;
}

#[tokio::test]
async fn an_empty_list_says_so_and_the_first_mail_waits_behind_a_button() {
    let server = server().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser.shows("No mail yet").await;
    browser.shows("Live").await;
    browser.accessible().await;
    browser.idle().await;
    post(&server, mail("the first")).await;
    browser.shows("1 new").await;
    assert_eq!(subjects(&browser).await, [""; 0]);
    browser.click("button", "1 new").await;
    browser.by_role("rowheader", containing("the first")).await;
    browser.shows("1 mail").await;
    browser.shows("move → Lists").await;
    browser.gone("button", "1 new").await;
    browser.accessible().await;
    browser.finish().await;
}

#[tokio::test]
async fn new_mails_come_in_order_each_once_and_do_not_move_what_is_read() {
    let server = server().await;
    many(&server, 120).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser.by_role("rowheader", containing("mail 120 ")).await;
    browser.idle().await;
    scroll_to(&browser, 2_000).await;
    browser.by_role("button", "To the newest").await;
    let before = top_of(&browser, "mail 85").await;

    let mut late = mail("late");
    late["createdAt"] = json!(LONG_AGO + 100_500);
    let ids = post(&server, json!([mail("newer"), late])).await;
    browser.by_role("button", "2 new").await;
    let mut again = mail("newer");
    again["idempotencyKey"] = json!("once");
    let newest = post(&server, json!(again)).await;
    assert_eq!(post(&server, again).await, newest);
    browser.by_role("button", "3 new").await;
    assert!(before - top_of(&browser, "mail 85").await < 1.0);
    browser.by_role("button", "3 new").await.focus().await;
    browser.press(Key::Enter).await;
    browser.gone("button", "3 new").await;
    assert_eq!(browser.focused().await, "button “To the newest”");
    assert!((before - top_of(&browser, "mail 85").await).abs() < 1.0);

    browser.press(Key::Enter).await;
    browser.gone("button", "To the newest").await;
    browser.by_role("rowheader", containing("mail 120 ")).await;
    let shown = subjects(&browser).await;
    assert_eq!(shown[..3], ["newer", "newer", "mail 120"]);
    let at = shown.iter().position(|subject| subject == "late").unwrap();
    assert_eq!(shown[at - 1..=at + 1], ["mail 101", "late", "mail 100"]);
    browser.shows("123 mails").await;
    assert_eq!(ids.len(), 2);
    browser.finish().await;
}

#[tokio::test]
async fn live_mails_flow_in_at_the_top_once_that_is_wanted() {
    let server = server().await;
    many(&server, 3).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser.by_role("rowheader", containing("mail 3 ")).await;
    browser.click("switch", "Follow").await;
    browser.idle().await;
    browser
        .by_role("link", containing("mail 3 "))
        .await
        .focus()
        .await;
    post(&server, mail("straight in")).await;
    browser
        .by_role("rowheader", containing("straight in"))
        .await;
    assert_eq!(subjects(&browser).await[..2], ["straight in", "mail 3"]);
    assert!(browser.focused().await.contains("mail 3 "));
    browser.reload().await;
    let follow = browser.by_role("switch", "Follow").await;
    assert_eq!(
        follow.attribute("aria-checked").await.as_deref(),
        Some("true")
    );
    browser.finish().await;
}

#[tokio::test]
async fn after_a_break_no_mail_is_missing_and_none_is_there_twice() {
    let server = server().await;
    many(&server, 5).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser.by_role("rowheader", containing("mail 5 ")).await;
    browser.idle().await;
    post(&server, mail("before")).await;
    browser.by_role("button", "1 new").await;
    browser.expects("ERR_INTERNET_DISCONNECTED");
    browser.offline(true).await;
    browser.shows("Connection lost").await;
    post(&server, json!([mail("during"), mail("meanwhile")])).await;
    browser.offline(false).await;
    browser.by_role("button", "3 new").await;
    browser.no_longer_shows("Connection lost").await;
    browser.click("button", "3 new").await;
    browser.shows("8 mails").await;
    let mut shown = subjects(&browser).await;
    assert_eq!(shown.len(), 8, "{shown:?}");
    shown.sort();
    shown.dedup();
    assert_eq!(shown.len(), 8, "{shown:?}");
    browser.finish().await;
}

#[tokio::test]
async fn filters_live_in_the_address_and_hold_for_mails_that_come() {
    let server = server().await;
    let mut failed = mail("Invoice of June");
    failed["error"] = json!("the mailbox is full");
    let mut home = mail("invoice for home");
    home["accountName"] = json!("home");
    home["actions"] = json!([{"type": "spam"}]);
    post(&server, json!([mail("Lunch"), home, failed])).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser.by_role("rowheader", containing("Lunch")).await;
    browser.press("/").await;
    browser.press("in").await;
    browser.shows("Type at least three characters").await;
    browser.by_role("rowheader", containing("Lunch")).await;
    browser.press("VOICE").await;
    browser.at("/activity?search=inVOICE").await;
    browser.gone("rowheader", containing("Lunch")).await;
    browser.shows("2 mails").await;
    assert_eq!(browser.focused().await, "searchbox “Search”");
    browser.choose("Account", "work").await;
    browser
        .at("/activity?search=inVOICE&accountName=work")
        .await;
    browser.gone("rowheader", containing("for home")).await;
    browser.idle().await;
    let mut other = mail("invoice of somebody else");
    other["accountName"] = json!("home");
    post(
        &server,
        json!([other, mail("no match"), mail("Another INVOICE")]),
    )
    .await;
    browser.by_role("button", "1 new").await;
    browser.reload().await;
    browser
        .by_role("rowheader", containing("Another INVOICE"))
        .await;
    assert_eq!(browser.by_label("Search").await.value().await, "inVOICE");

    browser.click("link", "Failed").await;
    browser.at("/activity?outcome=failed").await;
    browser.gone("rowheader", containing("Another")).await;
    browser
        .by_role("rowheader", containing("Invoice of June"))
        .await;
    browser.choose("Action", "spam").await;
    browser.shows("Nothing matches").await;
    browser.accessible().await;
    browser.click("button", "Clear all filters").await;
    browser.at("/activity").await;
    browser.by_role("rowheader", containing("Lunch")).await;
    browser.back().await;
    browser.shows("Nothing matches").await;
    browser.expects("status of 404");
    browser.goto("/activity?accountName=nobody").await;
    browser.shows("This could not be loaded").await;
    browser.by_role("button", "Clear all filters").await;
    browser.finish().await;
}

#[tokio::test]
async fn dates_are_chosen_in_the_time_of_the_browser_and_asked_for_in_utc() {
    let server = server().await;
    let mut summer = mail("summer");
    summer["createdAt"] = json!("2026-07-01T10:30:20Z");
    let mut later = mail("later");
    later["createdAt"] = json!("2026-07-01T10:31:00Z");
    post(&server, json!([summer, later])).await;
    let options = Options {
        timezone: "Europe/Berlin",
        ..Options::desktop()
    };
    let browser = Browser::logged_in(&server, options).await;
    browser.goto("/activity").await;
    browser.by_role("rowheader", containing("later")).await;
    browser.choose("Time", "From … to …").await;
    let set = "const field = arguments[0]; const input = [...document.querySelectorAll('label')]
        .find((label) => label.innerText.trim() === field).querySelector('input');
        input.value = '2026-07-01T12:30'; input.dispatchEvent(new Event('change', { bubbles: true }));";
    browser
        .wait_for("the fields", async || browser.text().await.contains("From"))
        .await;
    for field in ["From", "To"] {
        browser.script(set, vec![json!(field)]).await;
    }
    browser
        .at("/activity?startDate=2026-07-01T10%3A30%3A00.000Z&endDate=2026-07-01T10%3A30%3A59.999Z")
        .await;
    browser.gone("rowheader", containing("later")).await;
    browser.by_role("rowheader", containing("summer")).await;
    browser.choose("Time", "Today").await;
    browser.at("/activity?range=today").await;
    browser.finish().await;
}

#[tokio::test]
async fn thousands_of_mails_are_in_reach_of_the_keyboard_and_few_in_the_document() {
    let server = server().await;
    many(&server, 1_000).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser
        .by_role("link", containing("mail 1000 "))
        .await
        .focus()
        .await;
    for _ in 0..3 {
        browser.press(Key::Down).await;
    }
    assert!(browser.focused().await.contains("mail 997 "));
    browser
        .wait_for("the oldest mail", async || {
            browser.press(Key::End).await;
            browser.focused().await.contains("mail 1 ")
        })
        .await;
    browser.shows("No older mails").await;
    assert!(subjects(&browser).await.len() < 80);
    let row = "const row = document.activeElement.closest('tr');
        return [row.ariaRowIndex, row.closest('table').ariaRowCount]";
    assert_eq!(
        browser.script(row, Vec::new()).await,
        json!(["1001", "1001"])
    );
    let (_, top, _, height) = browser
        .by_role("link", containing("mail 1 "))
        .await
        .rectangle()
        .await;
    assert!(top > 0.0 && top + height < 900.0, "{top} {height}");
    browser.accessible().await;
    browser.press(Key::Home).await;
    browser
        .wait_for("the newest mail", async || {
            browser.focused().await.contains("mail 1000 ")
        })
        .await;
    browser.finish().await;
}

#[tokio::test]
async fn a_mail_tells_how_it_was_decided_and_the_way_back_leads_to_the_same_place() {
    let server = server().await;
    many(&server, 100).await;
    let told = json!({
        "messageId": "<told@example.org>", "accountName": "home", "subject": "mail told in full", "from": "Bo <bo@example.org>",
        "actions": [{"type": "move", "folder": "Lists", "flags": ["\\Seen"], "reason": "a newsletter"}],
        "llmProvider": "ollama", "llmModel": "qwen3:8b", "confidence": 0.87, "reasoning": "It has a list header.",
        "durationMs": 1500, "error": "the mailbox is full", "createdAt": LONG_AGO + 50_500,
    });
    let ids = post(&server, told).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser.by_role("rowheader", containing("mail 100 ")).await;
    scroll_to(&browser, 2_100).await;
    let before = top_of(&browser, "mail told in full").await;
    browser.click("link", containing("mail told in full")).await;
    browser.at(&format!("/activity/{}", ids[0])).await;
    browser.by_role("heading", "mail told in full").await;
    for text in [
        "Bo <bo@example.org>",
        "<told@example.org>",
        "2023-11-14 22:14:10 UTC",
        "ollama · qwen3:8b",
        "87%",
        "It has a list header.",
        "1.5 sec",
        "\\Seen",
        "a newsletter",
        "the mailbox is full",
        "The actions above do not count",
    ] {
        browser.shows(text).await;
    }
    browser.accessible().await;
    let same = browser.by_role("link", "Mails with bo@example.org").await;
    assert_eq!(
        same.attribute("href").await.as_deref(),
        Some("/activity?search=bo%40example.org")
    );
    browser.click("link", "Back to the list").await;
    browser.at("/activity").await;
    browser
        .wait_for("the place in the list", async || {
            (before - top_of(&browser, "mail told in full").await).abs() < 2.0
        })
        .await;
    browser.finish().await;
}

#[tokio::test]
async fn an_entry_is_deleted_after_a_question_and_its_address_says_that_it_is_gone() {
    let server = server().await;
    let ids = many(&server, 3).await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/activity").await;
    browser.click("link", containing("mail 2 ")).await;
    browser.click("button", "Delete").await;
    browser.by_role("dialog", "Delete this entry?").await;
    browser.accessible().await;
    browser.press(Key::Escape).await;
    browser.gone("dialog", "Delete this entry?").await;
    browser.click("button", "Delete").await;
    browser.click("button", "Delete entry").await;
    browser.at("/activity").await;
    browser.shows("2 mails").await;
    assert_eq!(subjects(&browser).await, ["mail 3", "mail 1"]);
    browser.expects("status of 404");
    browser.goto(&format!("/activity/{}", ids[1])).await;
    browser.shows("This entry is gone").await;
    browser.click("link", "All activity").await;
    browser.at("/activity").await;
    browser.finish().await;
}

#[tokio::test]
async fn an_export_is_exactly_what_is_filtered() {
    let server = server().await;
    many(&server, 12).await;
    let mut home = mail("at home");
    home["accountName"] = json!("home");
    home["createdAt"] = json!("2026-07-01T10:30:00Z");
    post(&server, home).await;
    let options = Options {
        timezone: "Europe/Berlin",
        ..Options::desktop()
    };
    let browser = Browser::logged_in(&server, options).await;
    browser.goto("/activity?accountName=work").await;
    browser.click("button", "Export").await;
    browser.shows("Exactly what is filtered: 12 rows.").await;
    browser.accessible().await;
    browser.fill("Row limit", "5").await;
    browser.shows("The newest 5 of 12 filtered rows.").await;
    browser.fill("Time zone", "Berlin").await;
    browser.shows("There is no such time zone").await;
    browser.press(Key::Escape).await;
    browser.press(Key::Escape).await;
    browser.gone("dialog", "Export these mails").await;

    browser.choose("Account", "home").await;
    browser.shows("1 mail").await;
    browser.click("button", "Export").await;
    browser.shows("Exactly what is filtered: 1 row.").await;
    assert_eq!(
        browser.by_label("Time zone").await.value().await,
        "Europe/Berlin"
    );
    for column in [
        "id",
        "messageId",
        "from",
        "llmProvider",
        "llmModel",
        "confidence",
        "durationMs",
        "reasoning",
        "error",
    ] {
        browser.click("checkbox", column).await;
    }
    browser.click("button", "Remember as default").await;
    browser
        .shows("The next export begins with these choices")
        .await;
    browser.click("link", "Download").await;
    let file = browser.downloaded("mailpilot-activity.csv").await;
    assert_eq!(
        file,
        "createdAt,accountName,subject,outcome,actions\r\n\
         2026-07-01T12:30:00+02:00,home,at home,ok,move:Lists\r\n"
    );
    browser.click("button", "Export").await;
    browser.by_role("checkbox", "subject").await;
    assert!(
        !browser
            .by_role("checkbox", "reasoning")
            .await
            .is_selected()
            .await
    );
    browser.finish().await;
}

#[tokio::test]
async fn on_a_phone_mails_are_cards_and_filters_are_folded_away() {
    let server = server().await;
    let mut failed =
        mail("A subject that is much too long for the width of a small phone, and then some more");
    failed["error"] = json!("no");
    post(&server, json!([mail("mail 1"), failed])).await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/activity").await;
    browser.by_role("rowheader", containing("mail 1 ")).await;
    assert_eq!(browser.count("combobox", "Account").await, 0);
    browser.click("button", "Filters").await;
    browser.choose("Outcome", "Failed").await;
    browser.at("/activity?outcome=failed").await;
    browser.by_role("button", "Filters (1)").await;
    browser.gone("rowheader", containing("mail 1 ")).await;
    assert_eq!(browser.small_targets(44).await, Vec::<String>::new());
    assert!(!browser.scrolls_sideways().await);
    browser.accessible().await;
    browser.click("link", containing("A subject")).await;
    browser.by_role("heading", containing("A subject")).await;
    assert_eq!(browser.small_targets(44).await, Vec::<String>::new());
    assert!(!browser.scrolls_sideways().await);
    browser.accessible().await;
    browser.finish().await;
}
