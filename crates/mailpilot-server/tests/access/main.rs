//! Who may do what: credentials, permissions, sessions, keys, first visit, as met over HTTP.
//!
//! Each module holds one promise of the contract's sections 2 and 3. Nothing here calls into the server but
//! through its port and its handle.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop at what is not as it should be"
)]

mod can_i;
mod csrf;
mod decision;
mod development_mode;
mod fixture;
mod keys;
mod login;
mod matrix;
mod reload;
mod sessions;
mod setup;
