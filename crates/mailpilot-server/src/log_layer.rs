//! A `tracing` layer whose lines end up in the store and so on the Logs page.
//!
//! Never blocks whoever logs: the channel is bounded, and what does not fit is counted and told. It must
//! not take lines of the store, or each write would cause another, and of single requests only those that
//! were refused, and of those so few that no stranger can fill the disk with them.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mailpilot_clock::Clock;
use mailpilot_engine::{LogLevel, LogRecord};
use mailpilot_storage::Storage;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Layer};

/// Lines that wait for the store.
const WAITING: usize = 4_096;
/// Lines written at once.
const BATCH: usize = 256;
/// Longest message or value, in bytes.
const MAX_TEXT: usize = 8 * 1024;
/// Lines of single requests that are stored in a minute; all of them stand on standard error.
const REQUESTS_PER_MINUTE: u64 = 60;
/// What never goes into the store: the store's own lines, and single requests below `warn`.
const STORE_TARGET: &str = "mailpilot_storage";
const REQUEST_TARGET: &str = "mailpilot_http_server::request";

/// A layer, and the end that the server reads. Give the layer to the program's subscriber and the lines
/// to [`ServerBuilder::logs`](crate::ServerBuilder::logs).
#[must_use]
pub fn log_channel(clock: Arc<dyn Clock>) -> (LogLayer, LogLines) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let dropped = Arc::new(AtomicU64::new(0));
    (
        LogLayer {
            sender,
            clock,
            dropped: Arc::clone(&dropped),
            requests: Mutex::default(),
        },
        LogLines { receiver, dropped },
    )
}

/// The layer.
#[derive(Debug)]
pub struct LogLayer {
    sender: mpsc::Sender<LogRecord>,
    clock: Arc<dyn Clock>,
    dropped: Arc<AtomicU64>,
    /// The minute, and how many lines of requests were stored in it.
    requests: Mutex<(i64, u64)>,
}

/// The lines the layer took.
#[derive(Debug)]
pub struct LogLines {
    receiver: mpsc::Receiver<LogRecord>,
    dropped: Arc<AtomicU64>,
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let target = metadata.target();
        let is_request = target == REQUEST_TARGET && *metadata.level() > Level::WARN;
        if is_request || target.starts_with(STORE_TARGET) {
            return;
        }
        // Only refusals are in a stranger's hand; what failed inside is always stored.
        let is_refusal = target == REQUEST_TARGET && *metadata.level() == Level::WARN;
        if is_refusal && !self.has_room_for_request() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut collected = Collected::default();
        event.record(&mut collected);
        let record = LogRecord {
            timestamp: Some(self.clock.now()),
            level: level(*metadata.level()),
            target: target.to_owned(),
            message: collected.message,
            account: collected
                .fields
                .get("account")
                .and_then(Value::as_str)
                .and_then(|name| name.parse().ok()),
            fields: collected.fields,
        };
        if self.sender.try_send(record).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl LogLayer {
    fn has_room_for_request(&self) -> bool {
        let minute = self.clock.now().as_millis() / 60_000;
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.0 != minute {
            *requests = (minute, 0);
        }
        requests.1 += 1;
        requests.1 <= REQUESTS_PER_MINUTE
    }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::TRACE => LogLevel::Trace,
        Level::DEBUG => LogLevel::Debug,
        Level::INFO => LogLevel::Info,
        Level::WARN => LogLevel::Warn,
        Level::ERROR => LogLevel::Error,
    }
}

#[derive(Debug, Default)]
struct Collected {
    message: String,
    fields: Map<String, Value>,
}

impl Collected {
    fn add(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for Collected {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = cut(format!("{value:?}"));
        if field.name() == "message" {
            self.message = text;
        } else {
            self.add(field, Value::String(text));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = cut(value.to_owned());
        } else {
            self.add(field, Value::String(cut(value.to_owned())));
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::from(value));
    }
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

impl LogLines {
    /// Writes lines to the store as they come, until every layer is gone or the future is dropped.
    ///
    /// # Cancel safety
    /// Lines handed to the store are written; those still waiting stay in the channel.
    pub(crate) async fn pump(&mut self, storage: &Storage, clock: &dyn Clock) {
        const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
        let mut batch = Vec::with_capacity(BATCH);
        while self.receiver.recv_many(&mut batch, BATCH).await > 0 {
            let lost = self.dropped.swap(0, Ordering::Relaxed);
            if lost > 0 {
                batch.push(self.told(lost, clock));
            }
            let lines = batch.len() as u64;
            if storage
                .append_logs(std::mem::take(&mut batch))
                .await
                .is_err()
            {
                // The store tells of its own failure; here only the loss is counted, and told once it writes again.
                self.dropped.fetch_add(lost + lines, Ordering::Relaxed);
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
    }

    /// Writes what waits, at the end.
    pub(crate) async fn flush(&mut self, storage: &Storage) {
        let mut rest = Vec::new();
        while let Ok(line) = self.receiver.try_recv() {
            rest.push(line);
        }
        if !rest.is_empty()
            && let Err(error) = storage.append_logs(rest).await
        {
            tracing::warn!(error = %error, "the last log lines could not be stored");
        }
    }

    fn told(&self, lost: u64, clock: &dyn Clock) -> LogRecord {
        LogRecord {
            timestamp: Some(clock.now()),
            level: LogLevel::Warn,
            target: "mailpilot_server::log".to_owned(),
            message: format!("{lost} log lines were not stored: they came too fast"),
            account: None,
            fields: Map::from_iter([("dropped".to_owned(), Value::from(lost))]),
        }
    }
}

#[cfg(test)]
mod tests {
    use mailpilot_clock::SystemClock;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn lines(log: impl FnOnce()) -> (Vec<LogRecord>, u64) {
        let (layer, mut lines) = log_channel(Arc::new(SystemClock));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
        let mut all = Vec::new();
        while let Ok(line) = lines.receiver.try_recv() {
            all.push(line);
        }
        (all, lines.dropped.load(Ordering::Relaxed))
    }

    #[test]
    fn a_line_keeps_its_level_message_fields_and_account() {
        let (lines, _) =
            lines(|| tracing::warn!(account = "work", attempts = 3_u64, "cannot connect"));
        assert_eq!(lines.len(), 1);
        assert_eq!(
            (lines[0].level, lines[0].message.as_str()),
            (LogLevel::Warn, "cannot connect")
        );
        assert_eq!(lines[0].fields["attempts"], 3);
        assert_eq!(
            lines[0]
                .account
                .as_ref()
                .map(ToString::to_string)
                .as_deref(),
            Some("work")
        );
    }

    #[test]
    fn the_store_and_single_requests_are_left_out() {
        let (lines, _) = lines(|| {
            tracing::error!(target: "mailpilot_storage::writer", "no");
            tracing::info!(target: "mailpilot_http_server::request", "no");
            tracing::warn!(target: "mailpilot_http_server::request", "yes");
        });
        assert_eq!(
            lines.iter().map(|l| l.message.as_str()).collect::<Vec<_>>(),
            ["yes"]
        );
    }

    #[test]
    fn refused_requests_cannot_flood_the_store() {
        let (lines, dropped) = lines(|| {
            for _ in 0..1_000 {
                tracing::warn!(target: "mailpilot_http_server::request", "401");
            }
        });
        // Two minutes' worth, if the minute turned in between.
        assert!(lines.len() <= 120 && lines.len() as u64 + dropped == 1_000);
    }

    #[test]
    fn a_flood_is_counted_and_never_blocks() {
        let (lines, dropped) = lines(|| (0..WAITING + 10).for_each(|_| tracing::info!("x")));
        assert_eq!((lines.len(), dropped), (WAITING, 10));
    }
}
