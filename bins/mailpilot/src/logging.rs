//! Log lines: to standard error in the form configured, and to the store for the Logs page. The level can
//! be changed while the program runs.

use std::io::{self, IsTerminal};

use mailpilot_server::{LogFormat, LogLayer, LogLevel, LoggingSettings};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    fmt,
    layer::SubscriberExt,
    reload::{self, Handle},
    util::{SubscriberInitExt, TryInitError},
};

/// Changes the level.
#[derive(Clone, Debug)]
pub(crate) struct Level(Handle<Targets, Registry>);

impl Level {
    pub(crate) fn set(&self, level: LogLevel) {
        if let Err(error) = self.0.reload(filter(level)) {
            tracing::warn!(error = %error, "the log level could not be changed");
        }
    }
}

/// Our own lines from `level` on; libraries from `warn` on, as their steps are nobody's business here.
fn filter(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Trace => LevelFilter::TRACE,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Error => LevelFilter::ERROR,
    };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("mailpilot", level)
}

/// Installs the program's subscriber.
pub(crate) fn init(settings: &LoggingSettings, store: LogLayer) -> Result<Level, TryInitError> {
    let (level, handle) = reload::Layer::new(filter(settings.level));
    let lines = fmt::layer().with_writer(io::stderr);
    let lines = match settings.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.and_then(store).with_filter(level))
        .try_init()?;
    Ok(Level(handle))
}
