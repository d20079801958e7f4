//! Wall time as the story needs it: some time ago, or now.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use mailpilot_server::{Clock, SystemClock, Timestamp};

/// The system's clock, behind by so many milliseconds.
#[derive(Debug, Default)]
pub(crate) struct DemoClock(AtomicI64);

impl DemoClock {
    /// From now on it is so long ago; never longer than before.
    pub(crate) fn ago(&self, ago: Duration) {
        let behind = i64::try_from(ago.as_millis()).unwrap();
        self.0.store(behind, Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let behind = self.0.load(Ordering::SeqCst);
        Timestamp::from_millis(SystemClock.now().as_millis() - behind)
    }
}
