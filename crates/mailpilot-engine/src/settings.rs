//! What is configured about an account.

use std::{fmt, time::Duration};

use mailpilot_secret::Secret;
use serde_json::{Map, Value};

use crate::AccountName;

/// How the connection to the IMAP server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImapTls {
    /// TLS on 993, STARTTLS elsewhere.
    #[default]
    Auto,
    /// TLS from the first byte.
    Tls,
    /// Plain text first, then STARTTLS.
    StartTls,
    /// No protection at all.
    Insecure,
}

impl ImapTls {
    /// All values.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Tls, Self::StartTls, Self::Insecure];

    /// The name in configuration and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tls => "tls",
            Self::StartTls => "starttls",
            Self::Insecure => "insecure",
        }
    }
}

/// Where an account's mail lives.
#[derive(Clone, Debug)]
pub struct ImapSettings {
    /// Host name or address.
    pub host: String,
    /// TCP port, 1..=65535.
    pub port: u16,
    /// Protection.
    pub tls: ImapTls,
    /// Login name.
    pub username: String,
    /// Password. None where the program gets it elsewhere.
    pub password: Option<Secret>,
}

/// One account as configured.
#[derive(Clone)]
pub struct AccountSettings {
    /// Its name, unique.
    pub name: AccountName,
    /// Where the mail lives. None for accounts that only report.
    pub imap: Option<ImapSettings>,
    /// Starts paused.
    pub paused: bool,
    /// How long without progress until the account counts as stalled.
    pub expected_interval: Option<Duration>,
    /// Members this server does not know, for the embedding program. May hold secrets: never shown.
    pub extra: Map<String, Value>,
}

impl fmt::Debug for AccountSettings {
    /// Without `extra`, which may hold secrets this server does not know of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountSettings")
            .field("name", &self.name)
            .field("imap", &self.imap)
            .field("paused", &self.paused)
            .field("expected_interval", &self.expected_interval)
            .finish_non_exhaustive()
    }
}
