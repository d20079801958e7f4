//! The API as its users meet it: every test starts a server on a free port and speaks HTTP to it.
//!
//! Who may do what is the other binary's; here the caller is mostly a local one in development mode.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod accounts;
mod activity;
mod activity_input;
mod audit_subjects;
mod bad_bodies;
mod bad_queries;
mod base_path;
mod check;
mod configuration;
mod events;
mod export;
mod fixture;
mod health;
mod lifecycle;
mod logs;
mod malformed;
mod metrics;
mod pages;
mod reports;
mod seed;
mod timeline;
mod totals;
