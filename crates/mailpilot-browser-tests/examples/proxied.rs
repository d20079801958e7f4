//! Looks at a running dashboard through a proxy, as somebody with a browser does. `cargo xtask e2e proxies` runs it.
//!
//! Logs in, waits until the page is live, has a mail posted to the server itself and sees it come through the proxy;
//! then looks at what the installation check says of the proxy. Ends with a panic when something is not so, or when
//! the console has an error.

use std::net::SocketAddr;

use clap::Parser;
use mailpilot_browser_tests::{Browser, Options, containing};
use mailpilot_test_support::Call;
use serde_json::json;

#[derive(Parser)]
struct Arguments {
    /// Where the proxy listens
    #[arg(long)]
    proxy: SocketAddr,
    /// Scheme and name of the site, such as `https://mailpilot.example.com`
    #[arg(long)]
    origin: String,
    /// The prefix of the dashboard: empty, or such as `/mail`
    #[arg(long, default_value = "")]
    base: String,
    /// Where the server itself listens
    #[arg(long)]
    server: SocketAddr,
    #[arg(long)]
    user: String,
    #[arg(long)]
    password: String,
    /// What the mail is posted with
    #[arg(long)]
    token: String,
    /// The account of the mail
    #[arg(long)]
    account: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let told = Arguments::parse();
    let base = &told.base;
    let browser = Browser::through(told.proxy, &told.origin, Options::desktop()).await;
    if told.origin.starts_with("http:") {
        // Chromium says so wherever there is no TLS, except on localhost.
        browser.expects("Cross-Origin-Opener-Policy header has been ignored");
    }
    browser.goto(&format!("{base}/")).await;
    browser.at(&format!("{base}/login")).await;
    browser.fill("Username", &told.user).await;
    browser.fill("Password", &told.password).await;
    browser.click("button", "Log in").await;
    browser.at(&format!("{base}/")).await;
    browser.shows("Live").await;

    browser.click("link", "Activity").await;
    browser.at(&format!("{base}/activity")).await;
    browser.shows("Live").await;
    browser.idle().await;
    let mail = json!({
        "messageId": "<proxied@checks.example>", "accountName": told.account, "subject": "through the proxy",
        "actions": [{"type": "move", "folder": "Archive"}],
    });
    let post = Call::new(told.server, "POST", "/api/activity").json(&mail);
    post.bearer(&told.token).send().await.expect(201);
    browser.click("button", "1 new").await;
    browser.click("link", containing("through the proxy")).await;
    browser.by_role("heading", "through the proxy").await;

    browser.goto(&format!("{base}/system?part=check")).await;
    browser
        .shows("A trusted proxy stands in front of the server.")
        .await;
    browser.idle().await;
    let traffic = browser.traffic().await;
    let below = format!("{}{base}/", told.origin);
    let outside: Vec<_> = traffic
        .requests
        .iter()
        .filter(|request| !request.url.starts_with(&below))
        .collect();
    assert!(outside.is_empty(), "{outside:#?}");
    browser.finish().await;
}
