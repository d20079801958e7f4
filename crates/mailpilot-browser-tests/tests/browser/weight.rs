//! How much the first view costs, and that nobody but the server is asked for anything.

use mailpilot_browser_tests::{Browser, Demo, DemoOptions, Options, Traffic};

/// Requests of the first view, those to the API and the event stream included.
const REQUESTS: usize = 12;
/// Bytes of the first view on the wire, compressed, without the heads.
const BYTES: u64 = 60_000;

async fn first_view(path: &str) -> Traffic {
    let demo = Demo::start(&DemoOptions::default()).await;
    let browser = Browser::logged_in(demo.server(), Options::desktop()).await;
    browser.goto(path).await;
    browser.idle().await;
    let traffic = browser.traffic().await;
    let foreign = traffic
        .requests
        .iter()
        .find(|r| !r.url.starts_with(browser.origin()));
    assert_eq!(foreign, None, "nobody else is to be asked");
    let failed = traffic.requests.iter().find(|r| r.status != 200);
    assert_eq!(failed, None, "{traffic:#?}");
    browser.finish().await;
    traffic
}

#[tokio::test]
async fn the_first_view_is_light() {
    let traffic = first_view("/").await;
    assert!(
        traffic.count() <= REQUESTS,
        "{} requests: {traffic:#?}",
        traffic.count()
    );
    let bytes = traffic.body_bytes();
    assert!(bytes <= BYTES, "{bytes} bytes: {traffic:#?}");
    // Compressed, and Chromium tells heads apart from bodies.
    let script = traffic.requests.iter().find(|r| r.url.ends_with("/app.js"));
    let script = script.map_or(0, |r| r.bytes - r.head);
    assert!((5_000..40_000).contains(&script), "{traffic:#?}");
}

#[tokio::test]
async fn a_second_visit_takes_its_files_from_the_cache() {
    let demo = Demo::start(&DemoOptions::default()).await;
    let browser = Browser::logged_in(demo.server(), Options::desktop()).await;
    browser.goto("/").await;
    browser.idle().await;
    browser.forget_traffic().await;
    browser.goto("/").await;
    browser.idle().await;
    let traffic = browser.traffic().await;
    let fetched = |r: &&mailpilot_browser_tests::Fetched| {
        !r.cached && !r.url.contains("/api/") && r.url != format!("{}/", browser.origin())
    };
    let again: Vec<_> = traffic.requests.iter().filter(fetched).collect();
    assert!(again.is_empty(), "{again:#?}");
    browser.finish().await;
}
