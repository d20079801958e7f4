//! The dashboard in a real, headless Chromium: what a test needs to look at it and to use it.
//!
//! For tests only: everything here panics when something is not as it should be, and says what the page
//! showed instead. Each [`Browser`] has a chromedriver, a profile and a window of its own and ends them.
//!
//! Things are found as people find them, by role and accessible name as Chromium computes them, and never
//! by class or structure. Whatever looks for something waits until it is there, so a test neither sleeps
//! nor retries.
//!
//! ```no_run
//! use mailpilot_browser_tests::{Browser, Key, Options};
//! use mailpilot_test_support::TestServer;
//!
//! # async fn a_paused_account_says_so() {
//! let server = TestServer::with("accounts:\n  - name: work\n").start().await;
//! let browser = Browser::logged_in(&server, Options::phone()).await;
//! browser.goto("/accounts").await;
//! browser.click("button", "Pause work").await;
//! browser.shows("Paused").await;
//! browser.press(Key::Escape).await;
//! browser.accessible().await;
//! browser.finish().await;
//! # }
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod axe;
mod browser;
mod console;
mod demo;
mod driver;
mod element;
mod emulation;
mod find;
mod picture;
mod traffic;
mod wait;

pub use browser::{Browser, Options, Scheme};
pub use demo::{Demo, DemoOptions};
pub use element::Element;
pub use find::{ANY, Name, containing};
pub use thirtyfour::Key;
pub use traffic::{Fetched, Traffic};
