//! What holds on every page, in both themes, at a desk and on a phone: nobody is shut out, nothing sticks out, and
//! the console is silent.

use mailpilot_browser_tests::{Browser, Demo, DemoOptions, Options, Scheme};
use mailpilot_test_support::TestServer;

/// What is wrong with the page that is open.
async fn wrong(browser: &Browser) -> Vec<String> {
    let mut found = browser.axe().await;
    if browser.scrolls_sideways().await {
        found.push("it is wider than the window".to_owned());
    }
    if browser.text().await.contains("undefined") {
        found.push("it says “undefined”".to_owned());
    }
    found
}

/// Every page of the demo and of an empty server, and those before the login.
async fn check(options: Options) {
    let demo = Demo::start(&DemoOptions::default()).await;
    let empty = TestServer::with("").start().await;
    let mut found = Vec::new();
    let mut look = async |browser: &Browser, path: &str| {
        browser.goto(path).await;
        browser.idle().await;
        let wrong = wrong(browser).await;
        found.extend(wrong.into_iter().map(|what| format!("{path}: {what}")));
    };
    let browser = Browser::start(&empty, options).await;
    look(&browser, "/setup").await;
    browser.log_in(&empty).await;
    for path in ["/", "/activity", "/accounts", "/logs", "/system?part=keys"] {
        look(&browser, path).await;
    }
    browser.finish().await;
    let browser = Browser::start(demo.server(), options).await;
    browser.expects("status of 404");
    look(&browser, "/login").await;
    browser.log_in(demo.server()).await;
    for (_, path) in demo.pages().await {
        look(&browser, &path).await;
    }
    browser.finish().await;
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[tokio::test]
async fn pages_are_usable_by_everybody_at_a_desk_in_the_light() {
    check(Options::desktop()).await;
}

#[tokio::test]
async fn pages_are_usable_by_everybody_at_a_desk_in_the_dark() {
    check(Options {
        scheme: Scheme::Dark,
        ..Options::desktop()
    })
    .await;
}

#[tokio::test]
async fn pages_are_usable_by_everybody_on_a_phone_in_the_light() {
    check(Options::phone()).await;
}

#[tokio::test]
async fn pages_are_usable_by_everybody_on_a_german_phone_in_the_dark() {
    check(Options {
        scheme: Scheme::Dark,
        language: "de-DE,de",
        timezone: "Europe/Berlin",
        ..Options::phone()
    })
    .await;
}
