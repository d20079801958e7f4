//! Everything the configuration says, parsed. Must not know where a value came from.

use std::fmt;

use mailpilot_auth::CredentialSettings;
use mailpilot_engine::{AccountSettings, LogLevel};
use mailpilot_http_server::HttpSettings;
use mailpilot_secret::Secret;
use mailpilot_sessions::SessionPolicy;
use mailpilot_storage::StorageSettings;
use serde_json::{Map, Value};

/// Everything the configuration says. [`Settings::default`] is what holds without any source.
#[derive(Clone, Default)]
pub struct Settings {
    /// `server` and the part of `dashboard` that HTTP is concerned with.
    pub http: HttpSettings,
    /// `server.auth_token` and `dashboard.api_keys`.
    pub credentials: CredentialSettings,
    /// `dashboard.session_secret`. None: one is generated and kept in the data dir.
    pub session_secret: Option<Secret>,
    /// `dashboard.session_ttl`.
    pub sessions: SessionPolicy,
    /// `state`.
    pub storage: StorageSettings,
    /// `logging`.
    pub logging: LoggingSettings,
    /// `accounts`, names unique, in the order of the file.
    pub accounts: Vec<AccountSettings>,
    /// The top-level sections of a mail engine, as they are. May hold secrets: never shown.
    pub engine: Map<String, Value>,
}

/// `logging`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggingSettings {
    /// Lines below this level are dropped.
    pub level: LogLevel,
    /// The form of a line on standard error.
    pub format: LogFormat,
}

impl Default for LoggingSettings {
    fn default() -> Self {
        Self {
            level: LogLevel::Info,
            format: LogFormat::default(),
        }
    }
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// All forms.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// The name in configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Leaves out what may hold a secret of a mail engine: its sections and its members of accounts.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts: Vec<_> = self
            .accounts
            .iter()
            .map(|account| account.name.as_str())
            .collect();
        let engine: Vec<_> = self.engine.keys().collect();
        f.debug_struct("Settings")
            .field("http", &self.http)
            .field("credentials", &self.credentials)
            .field("session_secret", &self.session_secret)
            .field("sessions", &self.sessions)
            .field("storage", &self.storage)
            .field("logging", &self.logging)
            .field("accounts", &accounts)
            .field("engine", &engine)
            .finish()
    }
}
