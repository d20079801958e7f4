//! Credentials: keys, token, passwords, setup code, throttle. Pure: no I/O, takes `now`.

mod settings;

pub use settings::{CredentialSettings, KeyCredential, KeySettings};
