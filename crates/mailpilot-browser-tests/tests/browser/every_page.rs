//! What holds on every page, in both themes, at a desk and on a phone: nobody is shut out, nothing sticks out, and
//! the console is silent.

use mailpilot_browser_tests::{Browser, Demo, DemoOptions, Options, Scheme};
use mailpilot_test_support::TestServer;

/// The least width and height of what fingers must hit, in CSS pixels.
const FINGER: u32 = 44;

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

/// Looks at every page of the demo and of an empty server, and at those before the login.
pub(crate) async fn every_page(options: Options, mut look: impl AsyncFnMut(&Browser, &str)) {
    let demo = Demo::start(&DemoOptions::default()).await;
    let empty = TestServer::with("").start().await;
    let browser = Browser::start(&empty, options).await;
    look(&browser, "/setup").await;
    browser.log_in(&empty).await;
    for path in ["/", "/activity", "/accounts", "/logs", "/system"] {
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
}

async fn check(options: Options) {
    let mut found = Vec::new();
    every_page(options, async |browser: &Browser, path: &str| {
        browser.goto(path).await;
        browser.idle().await;
        let mut wrong = wrong(browser).await;
        if options.phone {
            wrong.extend(browser.small_targets(FINGER).await);
        }
        found.extend(wrong.into_iter().map(|what| format!("{path}: {what}")));
    })
    .await;
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
