//! The dashboard as people see it: one module for each subject, run by `cargo xtask ci`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod accounts;
mod activity;
mod every_page;
mod first_visit;
mod german;
mod harness;
mod keyboard;
mod logs;
mod now;
mod prefix;
mod session;
mod system;
mod weight;
