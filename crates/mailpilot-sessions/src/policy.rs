//! How long a session lives and how many a user may have.

use std::time::Duration;

/// The rules for sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Life of a session, counted from login; use does not extend it.
    pub ttl: Duration,
    /// Sessions one user may have; one more ends the oldest.
    pub max_per_user: usize,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(24 * 60 * 60),
            max_per_user: 100,
        }
    }
}
