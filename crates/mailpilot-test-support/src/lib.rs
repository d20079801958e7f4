//! A Mailpilot server on a free port, and a client that speaks to it: the one way integration tests go.
//!
//! For tests only: everything here panics when something is not as it should be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod client;
mod engine;
mod events;
mod raw;
mod server;

pub use client::{Call, Reply};
pub use engine::RecordingEngine;
pub use events::{Event, Events};
pub use raw::RawConnection;
pub use server::{ADMIN, PASSWORD, TestServer, TestServerBuilder};
