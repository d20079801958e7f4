//! What can fail here that is nobody's mistake. Must not carry any credential.

use argon2::password_hash;

/// A cryptographic operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The operating system gave no random bytes.
    #[error("the operating system's random generator failed")]
    Random(#[source] ring::error::Unspecified),
    /// Argon2 refused to hash, for want of memory as a rule: one hash needs 19 MiB.
    #[error("the password could not be hashed")]
    Hash(#[source] password_hash::Error),
}
