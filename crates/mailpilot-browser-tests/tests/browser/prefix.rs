//! Below a prefix, as behind a proxy that passes it on: every page, file, link and redirect stays below it.

use mailpilot_browser_tests::{Browser, Options, containing};
use mailpilot_test_support::{ADMIN, PASSWORD, TestServer};
use serde_json::json;

const TOKEN: &str = "a-token-of-the-configuration";
const CONFIGURATION: &str = "server:
  base_path: /mail
  auth_token: a-token-of-the-configuration
state: {audit_subjects: true}
accounts:
  - name: work
";

/// Where links of the page lead, those to other sites left out.
const LINKS: &str =
    "return [...document.querySelectorAll('a[href], link[href], script[src], img[src], use')]
    .map((e) => e.href?.baseVal ?? e.href ?? e.src).filter((to) => to.startsWith(location.origin))
    .map((to) => to.slice(location.origin.length))";

/// Everything the window asked for, and every link it shows, is below the prefix.
async fn stays_below(browser: &Browser) {
    let traffic = browser.traffic().await;
    let asked = traffic.requests.iter().map(|r| r.url.clone());
    let paths = asked.map(|url| match url.strip_prefix(browser.origin()) {
        Some(path) => path.to_owned(),
        None => url,
    });
    let links = browser.script(LINKS, Vec::new()).await;
    let links: Vec<String> = serde_json::from_value(links).unwrap();
    assert!(!links.is_empty());
    let outside: Vec<_> = paths
        .chain(links)
        .filter(|path| !path.starts_with("/mail/"))
        .collect();
    assert!(outside.is_empty(), "{}: {outside:?}", browser.path().await);
}

#[tokio::test]
async fn below_a_prefix_everything_stays_below_it() {
    let server = TestServer::with(CONFIGURATION).start().await;
    let browser = Browser::start(&server, Options::desktop()).await;
    browser.goto("/mail/").await;
    browser.at("/mail/setup").await;
    browser.fill("Username", ADMIN).await;
    browser.fill("Password", PASSWORD).await;
    browser.fill("Confirm password", PASSWORD).await;
    browser.click("button", "Create administrator").await;
    browser.by_role("heading", "System").await;
    browser.at("/mail/system?part=check").await;
    stays_below(&browser).await;

    for (place, path) in [
        ("Activity", "/mail/activity"),
        ("Accounts", "/mail/accounts"),
        ("Logs", "/mail/logs"),
        ("System", "/mail/system"),
        ("Now", "/mail/"),
    ] {
        browser.click("link", place).await;
        browser.at(path).await;
        browser.idle().await;
        stays_below(&browser).await;
    }
    for path in [
        "/mail/accounts/work",
        "/mail/accounts?new=1",
        "/mail/logs?level=warn",
        "/mail/system?part=health",
        "/mail/system?part=configuration",
        "/mail/system?part=check",
    ] {
        browser.goto(path).await;
        browser.at(path).await;
        browser.idle().await;
        stays_below(&browser).await;
    }
    browser.finish().await;
}

#[tokio::test]
async fn below_a_prefix_the_stream_is_live_and_the_login_leads_back() {
    let server = TestServer::with(CONFIGURATION).start().await;
    let browser = Browser::logged_in(&server, Options::phone()).await;
    browser.goto("/mail/activity").await;
    browser.shows("No mail yet").await;
    browser.idle().await;
    let mail = json!({
        "messageId": "<1@example.org>", "accountName": "work", "subject": "below", "actions": [{"type": "spam"}],
    });
    let posted = server.post("/mail/api/activity", &mail).bearer(TOKEN);
    posted.send().await.expect(201);
    browser.click("button", "1 new").await;
    browser.click("link", containing("below")).await;
    browser.at("/mail/activity/1").await;
    browser.by_role("heading", "below").await;
    browser.idle().await;
    stays_below(&browser).await;
    browser.press("ga").await;
    browser.at("/mail/activity").await;
    browser.idle().await;
    browser.press("gc").await;
    browser.at("/mail/accounts").await;

    browser.idle().await;
    browser.forget_cookies().await;
    browser.goto("/mail/logs?level=error").await;
    browser.at("/mail/login?next=%2Flogs%3Flevel%3Derror").await;
    browser.fill("Username", ADMIN).await;
    browser.fill("Password", PASSWORD).await;
    browser.click("button", "Log in").await;
    browser.at("/mail/logs?level=error").await;
    stays_below(&browser).await;
    browser.expects("status of 404");
    browser.goto("/mail/nowhere").await;
    browser.click("link", "Go to Now").await;
    browser.shows("work").await;
    stays_below(&browser).await;
    browser.finish().await;
}
