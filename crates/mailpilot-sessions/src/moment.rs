//! Now, by both clocks. Must not read either.

use std::time::Instant;

use mailpilot_clock::Timestamp;

/// The present, by the wall clock, which may step, and by the monotonic one, which ends with the process.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Wall time.
    pub wall: Timestamp,
    /// Monotonic time.
    pub monotonic: Instant,
}
