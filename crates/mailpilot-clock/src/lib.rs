//! Wall time: what "now" is, as a value that pure code takes and tests can set.
//!
//! Must not be used for waiting or for measuring durations: timers and throttles use the monotonic
//! clock, because wall time can step.

mod clock;
mod timestamp;

pub use clock::{Clock, ManualClock, SystemClock};
pub use timestamp::{ParseTimestampError, Timestamp};
