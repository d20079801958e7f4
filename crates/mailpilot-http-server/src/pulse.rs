//! Whether the store works, asked at most four times a second however often probes come: a flood of
//! `/health` must not become a flood of reads.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use mailpilot_storage::Storage;

/// How long an answer holds: short enough that a recovery is seen within a second.
const FRESH: Duration = Duration::from_millis(250);
/// A store that is busy with long queries is not broken: after this long its last answer holds.
const PATIENCE: Duration = Duration::from_secs(1);

/// Milliseconds of silence after which a store hangs.
const HANGS: u64 = 10_000;

/// The latest answer of the store, with its age.
#[derive(Debug)]
pub(crate) struct Pulse {
    started: Instant,
    /// Milliseconds since `started` when the store was last asked, shifted left by one; the lowest bit is
    /// the answer. Zero until it was asked.
    last: AtomicU64,
    /// Milliseconds since `started` when it last answered at all.
    answered: AtomicU64,
    asking: tokio::sync::Mutex<()>,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            last: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            asking: tokio::sync::Mutex::new(()),
        }
    }

    /// Whether the store works, as of at most [`FRESH`] ago.
    ///
    /// # Cancel safety
    /// Dropped while the store is asked, the next caller asks it.
    pub(crate) async fn beats(&self, storage: &Storage) -> bool {
        if let Some(known) = self.known() {
            return known;
        }
        let _one_asks = self.asking.lock().await;
        if let Some(known) = self.known() {
            return known;
        }
        let answer = tokio::time::timeout(PATIENCE, storage.health()).await;
        if answer.is_ok() {
            self.answered.store(self.age(), Ordering::Release);
        }
        let healthy = match answer {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "the store does not work");
                false
            }
            Err(_) => {
                let silent = self
                    .age()
                    .saturating_sub(self.answered.load(Ordering::Acquire));
                let was_healthy = self.last.load(Ordering::Acquire) & 1 == 1;
                was_healthy && silent < HANGS
            }
        };
        // Never zero, which means that nobody has asked.
        let asked = self.age().max(1);
        self.last
            .store((asked << 1) | u64::from(healthy), Ordering::Release);
        healthy
    }

    fn known(&self) -> Option<bool> {
        let last = self.last.load(Ordering::Acquire);
        let asked = Duration::from_millis(last >> 1);
        let fresh = last != 0 && self.started.elapsed() < asked + FRESH;
        fresh.then_some(last & 1 == 1)
    }

    fn age(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX >> 1)
    }
}
