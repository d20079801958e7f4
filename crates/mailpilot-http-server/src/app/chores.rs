//! What the server does by itself while it runs, each chore at its own pace. Must not be waited for by a
//! request.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mailpilot_storage::StorageError;

use super::{App, lock};
use crate::feed::Feed;

impl App {
    /// Chores of every few seconds: metrics upkeep, expired sessions, streams that outlived their credential.
    pub(crate) async fn tick(self: &Arc<Self>) {
        let expired = self.sessions().expire(self.moment());
        if !expired.is_empty()
            && let Err(error) = self.storage.delete_sessions(expired).await
        {
            tracing::warn!(error = %error, "expired sessions could not be removed from the store");
        }
        let live = self.sessions().len();
        #[allow(clippy::cast_precision_loss, reason = "a count of sessions")]
        self.metrics.sessions.set(live as f64);
        self.recheck_streams();
        let monotonic = Instant::now();
        for throttle in [&self.logins, &self.setups, &self.bad_bearers] {
            throttle.sweep(monotonic);
        }
        let metrics = self.metrics.clone();
        // Sorting samples into buckets may take milliseconds; requests must not wait for it.
        drop(tokio::task::spawn_blocking(move || metrics.upkeep()));
    }

    /// Writes down when sessions and keys were last used. Not per request: a read must not cost a write.
    pub(crate) async fn store_uses(&self) {
        let sessions = self.sessions().take_touched();
        let keys = std::mem::take(&mut *lock(&self.key_uses));
        let unsaved = keys.clone();
        let stored = async {
            if !sessions.is_empty() {
                self.storage.touch_sessions(sessions).await?;
            }
            if !keys.is_empty() {
                self.storage.touch_keys(keys.into_iter().collect()).await?;
            }
            if let Ok(bytes) = self.storage.size_bytes().await {
                #[allow(clippy::cast_precision_loss, reason = "exact to 8 PiB")]
                self.metrics.store_size.set(bytes as f64);
            }
            Ok::<(), StorageError>(())
        };
        if let Err(error) = stored.await {
            tracing::warn!(error = %error, "last uses of sessions and keys could not be stored");
            let mut uses = lock(&self.key_uses);
            for (name, at) in unsaved {
                uses.entry(name).or_insert(at);
            }
        }
    }

    /// Notes the states of accounts, also those that time alone has changed, and stores what is due; `all` of
    /// it at the end.
    async fn store_states(&self, all: bool) {
        self.note_states();
        let watches = self.history.unsaved(all);
        if watches.is_empty() {
            return;
        }
        match self.storage.keep_watches(watches.clone()).await {
            Ok(()) => self.history.saved(&watches),
            // Once, not every second until the store is well again.
            Err(error) if self.history.not_saved() => {
                tracing::warn!(error = %error, "states of accounts could not be stored; it is tried again");
            }
            Err(_) => {}
        }
    }

    /// The feed's one stats event a second, if anything changed.
    pub(crate) fn publish_stats(&self, feed: &Feed) {
        if feed.take_dirty() {
            let totals = self.storage.totals();
            if let Ok(json) = crate::handlers::stats::render(self, &totals, None) {
                self.hub.publish(crate::events::EventKind::Stats, &json);
            }
        }
    }

    /// Runs until the server stops: the chores above, each at its own pace.
    ///
    /// # Cancel safety
    /// Dropping the future ends the chores; nothing acknowledged is lost.
    pub async fn run_chores(self: Arc<Self>, feed: Arc<Feed>) {
        const STATS: Duration = Duration::from_secs(1);
        const TICKS_PER_UPKEEP: u32 = 5;
        const TICKS_PER_USES: u32 = 60;
        let mut pace = tokio::time::interval(STATS);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ticks = 0_u32;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                _ = pace.tick() => {}
            }
            self.publish_stats(&feed);
            self.store_states(false).await;
            if ticks.is_multiple_of(TICKS_PER_UPKEEP) {
                self.tick().await;
            }
            if ticks.is_multiple_of(TICKS_PER_USES) {
                self.store_uses().await;
            }
            ticks = ticks.wrapping_add(1);
        }
        self.store_states(true).await;
        self.store_uses().await;
    }
}
