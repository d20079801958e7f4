//! From an address somebody was given to a dashboard that knows them.

use mailpilot_browser_tests::{Browser, Options};
use mailpilot_test_support::{ADMIN, PASSWORD, TestServer};

#[tokio::test]
async fn the_first_visitor_creates_the_administrator_and_is_logged_in() {
    let server = TestServer::with("accounts:\n  - name: work\n")
        .start()
        .await;
    let browser = Browser::start(&server, Options::desktop()).await;
    browser.goto("/").await;
    browser.at("/setup").await;
    browser.fill("Username", ADMIN).await;
    browser.fill("Password", PASSWORD).await;
    browser.fill("Confirm password", PASSWORD).await;
    browser.accessible().await;
    browser.click("button", "Create administrator").await;
    browser.at("/system?part=check").await;
    browser.click("DisclosureTriangle", "Preferences").await;
    browser.by_role("button", "Log out").await;
    browser.finish().await;
}
