//! Attempts to log in, by how they ended.

use metrics::Counter;

use crate::{registry::LOGINS, series::Series};

/// `mailpilot_logins_total`, one handle per outcome; all stand at 0 from the start.
#[derive(Clone, Debug)]
pub struct LoginMetrics {
    /// A session was made.
    pub succeeded: Counter,
    /// User name or password were wrong.
    pub failed: Counter,
    /// Refused before the password was looked at, because of earlier failures.
    pub throttled: Counter,
}

impl LoginMetrics {
    pub(crate) fn new(series: &Series) -> Self {
        Self {
            succeeded: series.counter(&LOGINS, &["succeeded"]),
            failed: series.counter(&LOGINS, &["failed"]),
            throttled: series.counter(&LOGINS, &["throttled"]),
        }
    }
}
