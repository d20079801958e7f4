//! A line of the application log.

use std::{fmt, str::FromStr};

use mailpilot_clock::Timestamp;
use serde_json::{Map, Value};

use crate::AccountName;

/// How grave a line is; later is graver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// For following the program step by step.
    Trace,
    /// For finding a fault.
    Debug,
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warn,
    /// Something failed.
    Error,
}

impl LogLevel {
    /// All levels, least grave first.
    pub const ALL: [Self; 5] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
    ];

    /// The name in answers and configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of trace, debug, info, warn, error")]
pub struct UnknownLogLevel;

impl FromStr for LogLevel {
    type Err = UnknownLogLevel;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|l| l.name() == name)
            .ok_or(UnknownLogLevel)
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// When; the store's clock if not given.
    pub timestamp: Option<Timestamp>,
    /// How grave.
    pub level: LogLevel,
    /// The part of the program that speaks.
    pub target: String,
    /// What it says.
    pub message: String,
    /// The account it is about.
    pub account: Option<AccountName>,
    /// Structured values.
    pub fields: Map<String, Value>,
}
