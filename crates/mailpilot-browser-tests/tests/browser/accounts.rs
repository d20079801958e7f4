//! Accounts: who needs somebody, what is asked of them, and how they are added, changed and removed.

use std::sync::Arc;

use mailpilot_browser_tests::{Browser, Key, Options, containing};
use mailpilot_server::{AccountName, Command, Controls, Engine, EngineError, EngineFuture};
use mailpilot_test_support::{Events, RecordingEngine, TestServer};
use serde_json::{Value, json};

const TOKEN: &str = "a-token-of-the-configuration";
const TWO_ACCOUNTS: &str = "server:
  auth_token: a-token-of-the-configuration
accounts:
  - name: home
  - name: work
    imap: {host: imap.example.com, username: me, password: never-shown}
    expected_interval: 15m
";

/// What a worker outside tells.
async fn report(server: &TestServer, report: Value) {
    server
        .post("/api/stats", &report)
        .bearer(TOKEN)
        .send()
        .await
        .expect(204);
}

/// A server whose engine carries out everything.
async fn steered() -> (TestServer, Arc<RecordingEngine>) {
    let engine = Arc::new(RecordingEngine::default());
    let server = TestServer::with(TWO_ACCOUNTS)
        .engine(Arc::clone(&engine) as Arc<dyn Engine>)
        .start()
        .await;
    for name in ["home", "work"] {
        report(&server, json!({"account": name, "status": "connected"})).await;
    }
    (server, engine)
}

/// Can do everything for everybody, but `work` never listens.
#[derive(Debug)]
struct DeafToWork;

impl Engine for DeafToWork {
    fn controls(&self, _: &AccountName) -> Controls {
        Controls::ALL
    }

    fn command<'a>(&'a self, account: &'a AccountName, _: Command) -> EngineFuture<'a> {
        let outcome = if account.as_str() == "work" {
            Err(EngineError::Failed("no route to host".to_owned()))
        } else {
            Ok(())
        };
        Box::pin(std::future::ready(outcome))
    }
}

#[tokio::test]
async fn the_gravest_account_stands_first_and_reports_show_by_themselves() {
    let (server, _engine) = steered().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/accounts").await;
    browser.by_role("rowheader", containing("home")).await;
    let order = async || browser.names("rowheader").await;
    assert!(order().await[0].starts_with("home"), "{:?}", order().await);
    let trouble = json!({"account": "work", "status": "error", "lastError": "LOGIN was refused"});
    report(&server, trouble).await;
    browser.shows("LOGIN was refused").await;
    assert!(order().await[0].starts_with("work"), "{:?}", order().await);
    let entry = json!({"messageId": "<1@example.org>", "accountName": "work", "actions": [], "error": "no"});
    let added = server.post("/api/activity", &entry).bearer(TOKEN);
    added.send().await.expect(201);
    browser.accessible().await;
    browser.choose("State", "Error (1)").await;
    browser.at("/accounts?status=error").await;
    browser.gone("rowheader", containing("home")).await;
    browser.fill("Find by name or host", "nowhere").await;
    browser.shows("No account matches").await;
    browser.click("button", "Show all accounts").await;
    browser.by_role("rowheader", containing("home")).await;
    browser.at("/accounts").await;
    browser.finish().await;
}

#[tokio::test]
async fn an_account_is_paused_on_a_phone_with_two_taps_and_goes_on_with_one() {
    let (server, engine) = steered().await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/accounts").await;
    browser.by_role("button", "Pause work").await;
    assert_eq!(browser.small_targets(44).await, Vec::<String>::new());
    assert!(!browser.scrolls_sideways().await);
    browser.click("button", "Pause work").await;
    browser.by_role("dialog", "Pause work?").await;
    browser.accessible().await;
    browser.click("button", "Pause work").await;
    let resume = browser.by_role("button", "Resume work").await;
    assert!(resume.has_focus().await, "{}", browser.focused().await);
    browser.shows("Paused").await;
    browser.accessible().await;
    assert_eq!(engine.asked(), [("work".to_owned(), Command::Pause)]);
    resume.click().await;
    browser.by_role("button", "Pause work").await;
    let asked = ("work".to_owned(), Command::Resume);
    assert_eq!(engine.asked().last(), Some(&asked));
    browser.finish().await;
}

#[tokio::test]
async fn a_question_that_is_left_does_nothing() {
    let (server, engine) = steered().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/accounts/work").await;
    browser.click("button", "Pause work").await;
    browser.by_role("dialog", "Pause work?").await;
    browser.press(Key::Escape).await;
    browser.gone("dialog", "Pause work?").await;
    assert_eq!(browser.focused().await, "button “Pause work”");
    assert_eq!(engine.asked(), []);
    browser.click("button", "Reconnect work").await;
    browser.shows("work was told to reconnect.").await;
    assert_eq!(engine.asked(), [("work".to_owned(), Command::Reconnect)]);
    browser.finish().await;
}

#[tokio::test]
async fn several_are_asked_at_once_by_name_and_each_result_is_told() {
    let server = TestServer::with(TWO_ACCOUNTS)
        .engine(Arc::new(DeafToWork))
        .start()
        .await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.expects("status of 502");
    browser.goto("/accounts").await;
    browser.click("checkbox", "Select all").await;
    browser.by_role("group", "2 accounts selected").await;
    browser.click("button", "Pause").await;
    let question = browser.by_role("dialog", "Pause 2 accounts?").await;
    let text = question.text().await;
    assert!(text.contains("home") && text.contains("work"), "{text}");
    browser.click("button", "Pause 2 accounts").await;
    browser.shows("Paused: home.").await;
    browser.shows("no route to host").await;
    browser.accessible().await;
    // What failed stays selected, to be tried again.
    browser.by_role("group", "1 account selected").await;
    assert!(
        browser
            .by_role("checkbox", "Select work")
            .await
            .is_selected()
            .await
    );
    browser.click("button", "Deselect").await;
    browser.gone("group", "1 account selected").await;
    browser.finish().await;
}

#[tokio::test]
async fn an_account_is_added_with_the_servers_objections_at_the_fields_then_changed_and_removed() {
    let server = TestServer::with(TWO_ACCOUNTS).start().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.expects("status of 422");
    browser.goto("/accounts").await;
    browser.click("link", "Add account").await;
    browser.at("/accounts?new=1").await;
    browser.fill("Name", "work").await;
    browser.fill("Host", "https://imap.example.org").await;
    browser.fill("Username", "me").await;
    browser.fill("Password", "secret-of-third").await;
    browser.fill("Expected interval", "soon").await;
    browser.click("button", "Add account").await;
    browser
        .shows("There is an account of this name already.")
        .await;
    browser.fill("Name", "third").await;
    browser.click("button", "Add account").await;
    browser.shows("Expected a host name or address").await;
    browser.shows("Expected a duration").await;
    let host = browser.by_label("Host").await;
    assert!(host.has_focus().await, "{}", browser.focused().await);
    assert_eq!(
        host.attribute("aria-invalid").await.as_deref(),
        Some("true")
    );
    browser.accessible().await;
    browser.fill("Host", "imap.example.org").await;
    browser.fill("Expected interval", "90m").await;
    browser.click("button", "Add account").await;
    browser.at("/accounts/third").await;
    browser.shows("the dashboard or the API").await;
    assert!(!browser.text().await.contains("secret-of-third"));
    browser.click("link", "Edit").await;
    browser.fill("Host", "imap.example.net").await;
    browser.shows("which is then sent to the new host").await;
    browser.click("button", "Save").await;
    browser.shows("imap.example.net").await;
    browser.shows("stored, never shown").await;
    assert_eq!(browser.focused().await, "link “Edit”");
    browser.click("link", "Edit").await;
    browser
        .click("checkbox", "Remove the stored password")
        .await;
    browser.click("button", "Save").await;
    browser.shows("none stored").await;
    browser.accessible().await;
    browser.click("button", "Remove third").await;
    browser.by_role("dialog", "Remove third?").await;
    browser.click("button", "Remove third").await;
    browser.at("/accounts").await;
    browser.shows("third is removed.").await;
    browser.gone("rowheader", containing("third")).await;
    browser.goto("/accounts/third").await;
    browser.shows("There is no account third").await;
    browser.finish().await;
}

#[tokio::test]
async fn changes_to_an_account_of_the_file_can_be_undone() {
    let server = TestServer::with(TWO_ACCOUNTS).start().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/accounts/work?edit=1").await;
    browser.fill("Expected interval", "2h").await;
    browser.click("button", "Save").await;
    browser
        .shows("changed in the dashboard or by the API")
        .await;
    browser.shows("2 hr").await;
    browser.click("button", "Undo the changes").await;
    browser.by_role("dialog", "Undo the changes to work?").await;
    browser.click("button", "Undo the changes").await;
    browser
        .shows("work is again what the configuration file says.")
        .await;
    browser.shows("15 min").await;
    browser.gone("button", "Undo the changes").await;
    browser.finish().await;
}

#[tokio::test]
async fn an_account_that_nothing_controls_says_how_it_would_be() {
    let server = TestServer::with(TWO_ACCOUNTS).start().await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/accounts/work").await;
    browser.shows("Why there are no buttons").await;
    assert_eq!(browser.count("button", "Pause work").await, 0);
    browser.click("button", "Copy").await;
    browser.shows("Copied").await;
    let snippet = browser.clipboard().await;
    assert!(
        snippet.contains("types=accounts&controls=work"),
        "{snippet}"
    );
    browser.accessible().await;
    assert!(!browser.scrolls_sideways().await);
    let orders = server
        .get("/api/events?types=accounts&controls=work")
        .bearer(TOKEN);
    let mut orders = Events::open(orders).await;
    browser.goto("/accounts/work").await;
    browser.click("button", "Process now: work").await;
    let order = loop {
        let event = orders.next_of("accounts").await;
        if !event.data["command"].is_null() {
            break event.data;
        }
    };
    assert_eq!(order["command"], "process");
    browser.finish().await;
}

#[tokio::test]
async fn without_accounts_there_is_a_beginning() {
    let server = TestServer::with("").start().await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/accounts").await;
    browser.shows("No accounts yet").await;
    browser.shows("expected_interval: 15m").await;
    browser.accessible().await;
    assert!(!browser.scrolls_sideways().await);
    browser.finish().await;
}
