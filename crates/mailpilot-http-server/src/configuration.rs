//! The port through which configuration is read again and accounts are checked. The facade implements
//! it: this crate knows no file and no YAML.

use std::{fmt, path::PathBuf};

use mailpilot_auth::CredentialSettings;
use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, AccountSettings};
use mailpilot_sessions::SessionPolicy;
use mailpilot_storage::{AccountOverlay, StorageSettings};
use serde_json::Value;

use crate::settings::HttpSettings;

/// Everything that changes at once when the configuration is read again.
#[derive(Clone, Debug)]
pub struct Reloaded {
    /// HTTP.
    pub http: HttpSettings,
    /// Token and keys.
    pub credentials: CredentialSettings,
    /// Sessions.
    pub sessions: SessionPolicy,
    /// Retention and what is kept.
    pub storage: StorageSettings,
    /// Key paths that changed.
    pub changed: Vec<String>,
    /// Key paths that changed and wait for a restart.
    pub restart_required: Vec<String>,
}

/// One thing wrong with the configuration or with an account. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Key path or member.
    pub field: Option<String>,
    /// What is wrong, where, and what to do.
    pub message: String,
}

/// Where an account's settings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSource {
    /// The configuration.
    File,
    /// The API.
    Api,
    /// The configuration, changed through the API.
    FileAndApi,
}

impl AccountSource {
    /// The name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Api => "api",
            Self::FileAndApi => "file+api",
        }
    }
}

/// An account as it is in force.
#[derive(Clone, Debug)]
pub struct ConfiguredAccount {
    /// Its settings.
    pub settings: AccountSettings,
    /// Where they come from.
    pub source: AccountSource,
}

/// One effective value.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigValue {
    /// Key path.
    pub key: String,
    /// The value; secrets are `{"configured": true}`.
    pub value: Value,
    /// Where it comes from, in words.
    pub origin: String,
}

/// How the last reading went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastReload {
    /// When.
    pub at: Timestamp,
    /// What was wrong; empty means it succeeded.
    pub problems: Vec<Problem>,
}

/// The effective configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigurationView {
    /// Every value.
    pub values: Vec<ConfigValue>,
    /// The file, if one is used.
    pub file: Option<PathBuf>,
    /// What the configuration warns of.
    pub warnings: Vec<String>,
    /// The last reading after start; none if there was none.
    pub last_reload: Option<LastReload>,
    /// Key paths that changed in the file since start and wait for a restart.
    pub restart_required: Vec<String>,
}

/// What the HTTP layer asks of configuration.
pub trait Configuration: Send + Sync + fmt::Debug {
    /// Reads everything again. Changes nothing that is in force until [`Self::commit`]. Blocks on file I/O.
    ///
    /// # Errors
    /// All problems; they stay visible in [`Self::view`] until a reading succeeds.
    fn read(&self, now: Timestamp) -> Result<Reloaded, Vec<Problem>>;

    /// Takes over what [`Self::read`] gave last: from now on [`Self::view`] and [`Self::accounts`] follow it.
    fn commit(&self, now: Timestamp);

    /// The effective configuration.
    fn view(&self) -> ConfigurationView;

    /// The accounts in force, with `overlays` laid over those of the file.
    fn accounts(&self, overlays: &[AccountOverlay]) -> Vec<ConfiguredAccount>;

    /// Checks an account sent through the API by the rules of the file. A secret that is left out is
    /// taken from `previous`.
    ///
    /// # Errors
    /// All problems, by member.
    fn overlay(
        &self,
        name: &AccountName,
        body: &Value,
        previous: Option<&AccountSettings>,
    ) -> Result<AccountOverlay, Vec<Problem>>;
}
