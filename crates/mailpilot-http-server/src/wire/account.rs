//! Accounts: allow-listed members only, secrets as `{"configured": true}`.

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, AccountSettings, AccountState, AccountStatus, Controls};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Rfc3339, number};
use crate::{configuration::AccountSource, openapi::schemas};

/// `PUT /api/accounts/{name}`: what the described members have to be. Read beside the members
/// themselves, which the configuration checks by the rules of the file: those take a number for a text,
/// as YAML needs it, and JSON does not.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewAccount)]
#[allow(
    dead_code,
    reason = "that they can be read is all that is asked of most members"
)]
pub(crate) struct AccountIn {
    /// Where the mail lives; left out for an account that only reports.
    imap: Option<ImapIn>,
    pub(crate) paused: Option<bool>,
    /// How long the account may be connected without progress before it counts as stalled.
    #[schema(value_type = Option<schemas::Interval>)]
    expected_interval: Option<String>,
}

impl AccountIn {
    /// Rewrites what JSON and the configuration see differently: null as left out where it does not take
    /// something away, and a port such as `993.0`.
    pub(crate) fn settle(&self, body: &mut Value) {
        let Some(members) = body.as_object_mut() else {
            return;
        };
        if self.paused.is_none() {
            members.remove("paused");
        }
        let Some(Value::Object(imap)) = members.get_mut("imap") else {
            return;
        };
        imap.retain(|name, value| name == "password" || !value.is_null());
        if let Some(port) = self.imap.as_ref().and_then(|imap| imap.port) {
            imap.insert("port".to_owned(), port.into());
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewImap)]
#[allow(dead_code, reason = "as for the account")]
struct ImapIn {
    #[schema(value_type = schemas::Host)]
    host: String,
    /// 993 if left out.
    #[schema(minimum = 1, maximum = 65535)]
    #[serde(default, deserialize_with = "number::maybe")]
    port: Option<u16>,
    /// `auto` if left out.
    #[schema(value_type = Option<schemas::ImapTls>)]
    tls: Option<String>,
    #[schema(value_type = schemas::NotBlank)]
    username: String,
    /// Keeps its value if left out, or as answers show it; null takes it away.
    #[schema(value_type = Option<schemas::NewImapPassword>)]
    password: Option<PasswordMemberIn>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "as for the account")]
enum PasswordMemberIn {
    New(IgnoredText),
    Kept(ConfiguredView),
}

/// A secret that is not kept here.
#[derive(Debug)]
struct IgnoredText;

impl<'de> Deserialize<'de> for IgnoredText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|_| Self)
    }
}

/// One account, configuration and state.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub(crate) struct AccountView<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    imap: Option<ImapView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_interval: Option<String>,
    #[schema(value_type = schemas::AccountSource)]
    source: &'static str,
    #[schema(value_type = schemas::AccountStatus)]
    status: &'static str,
    connected: bool,
    paused: bool,
    #[schema(required)]
    last_error: Option<&'a str>,
    #[schema(required)]
    last_activity_at: Option<Rfc3339>,
    controls: ControlsView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Imap)]
struct ImapView<'a> {
    host: &'a str,
    port: u16,
    #[schema(value_type = schemas::ImapTls)]
    tls: &'static str,
    username: &'a str,
    password: ConfiguredView,
}

/// How answers show a secret.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Configured)]
struct ConfiguredView {
    configured: bool,
}

/// What can be asked of the account now.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Controls)]
struct ControlsView {
    pause: bool,
    reconnect: bool,
    process: bool,
}

impl<'a> AccountView<'a> {
    pub(crate) fn new(
        settings: &'a AccountSettings,
        source: AccountSource,
        state: &'a AccountState,
        controls: Controls,
        now: Timestamp,
    ) -> Self {
        Self {
            name: settings.name.as_str(),
            imap: settings.imap.as_ref().map(|imap| ImapView {
                host: &imap.host,
                port: imap.port,
                tls: imap.tls.name(),
                username: &imap.username,
                password: ConfiguredView {
                    configured: imap.password.is_some(),
                },
            }),
            expected_interval: settings
                .expected_interval
                .map(|interval| humantime::format_duration(interval).to_string()),
            source: source.name(),
            status: state.status(now).name(),
            connected: is_connected(state),
            paused: state.paused,
            last_error: state.last_error.as_deref(),
            last_activity_at: state.last_activity.map(Rfc3339),
            controls: ControlsView {
                pause: controls.pause,
                reconnect: controls.reconnect,
                process: controls.process,
            },
        }
    }
}

/// Whether the account holds a connection, stalled or not.
pub(crate) fn is_connected(state: &AccountState) -> bool {
    state.reported == AccountStatus::Connected && !state.paused
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Accounts)]
pub(crate) struct AccountsView<'a> {
    pub(crate) accounts: Vec<AccountView<'a>>,
}

/// After pause, resume, reconnect, process.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Controlled)]
pub(crate) struct ControlView {
    pub(crate) success: bool,
    pub(crate) paused: bool,
}

/// `event: accounts`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountEvent<'a> {
    pub(crate) name: &'a str,
    #[schema(value_type = schemas::AccountStatus)]
    pub(crate) status: &'static str,
    pub(crate) connected: bool,
    pub(crate) paused: bool,
    #[schema(required)]
    pub(crate) last_error: Option<&'a str>,
    #[schema(required)]
    pub(crate) last_activity_at: Option<Rfc3339>,
    /// Set when an operator asks for something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Command>)]
    pub(crate) command: Option<&'static str>,
}

impl<'a> AccountEvent<'a> {
    pub(crate) fn new(
        name: &'a AccountName,
        state: &'a AccountState,
        now: Timestamp,
        command: Option<&'static str>,
    ) -> Self {
        Self {
            name: name.as_str(),
            status: state.status(now).name(),
            connected: is_connected(state),
            paused: state.paused,
            last_error: state.last_error.as_deref(),
            last_activity_at: state.last_activity.map(Rfc3339),
            command,
        }
    }
}

/// `event: accounts` for an account that is no longer there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GoneAccountEvent<'a> {
    pub(crate) name: &'a str,
    pub(crate) removed: bool,
}
