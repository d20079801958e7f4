//! The settings as a flat list of documented keys: the allow-list behind the view and behind the
//! comparison of two configurations. What is not named here can appear in neither.

use std::{borrow::Cow, time::Duration};

use mailpilot_auth::{KeyCredential, KeySettings};
use mailpilot_engine::AccountSettings;
use mailpilot_secret::Secret;
use serde_json::{Value, json};

use crate::{
    sections::{health_name, metrics_name},
    settings::Settings,
};

/// One key and what it holds.
pub(crate) struct Fact<'a> {
    /// Its path; within a list, the path below the element.
    pub(crate) key: &'static str,
    pub(crate) content: Content<'a>,
}

/// What a key holds.
#[derive(PartialEq)]
pub(crate) enum Content<'a> {
    Plain(Value),
    /// Never leaves but as whether there is one.
    Secret(Option<Cow<'a, str>>),
}

fn plain<'a>(key: &'static str, value: impl Into<Value>) -> Fact<'a> {
    Fact {
        key,
        content: Content::Plain(value.into()),
    }
}

fn secret<'a>(key: &'static str, secret: Option<&'a Secret>) -> Fact<'a> {
    Fact {
        key,
        content: Content::Secret(secret.map(|secret| Cow::Borrowed(secret.expose()))),
    }
}

/// As it is written in files: `60d`, `1h 30m`. Not in months, whose length nobody knows by heart.
fn duration(duration: Duration) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    if duration.subsec_nanos() > 0 || duration.is_zero() {
        return humantime::format_duration(duration).to_string();
    }
    let mut left = duration.as_secs();
    let mut parts = Vec::new();
    for (name, length) in UNITS {
        if left >= length {
            parts.push(format!("{}{name}", left / length));
        }
        left %= length;
    }
    parts.join(" ")
}

/// Every key outside of lists with members of their own.
pub(crate) fn scalars(settings: &Settings) -> Vec<Fact<'_>> {
    let Settings {
        http,
        credentials,
        session_secret,
        sessions,
        storage,
        logging,
        ..
    } = settings;
    let base_path = if http.base_path.prefix().is_empty() {
        "/"
    } else {
        http.base_path.prefix()
    };
    let proxies: Vec<_> = http
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    vec![
        plain("server.port", http.port),
        plain("server.bind", http.bind.to_string()),
        secret("server.auth_token", credentials.auth_token.as_ref()),
        plain("server.base_path", base_path),
        plain("server.trusted_proxies", proxies),
        plain("server.metrics_auth", metrics_name(http.metrics_auth)),
        plain("server.health_accounts", health_name(http.health_accounts)),
        plain("dashboard.enabled", http.dashboard.enabled),
        plain("dashboard.require_login", http.dashboard.require_login),
        secret("dashboard.session_secret", session_secret.as_ref()),
        plain("dashboard.session_ttl", duration(sessions.ttl)),
        plain("state.database_path", storage.path.to_string_lossy()),
        plain("state.audit_retention", duration(storage.audit_retention)),
        plain("state.log_retention", duration(storage.log_retention)),
        plain("state.audit_subjects", storage.audit_subjects),
        plain("logging.level", logging.level.name()),
        plain("logging.format", logging.format.name()),
    ]
}

/// The members of one of `dashboard.api_keys`.
pub(crate) fn key(key: &KeySettings) -> Vec<Fact<'_>> {
    let (member, credential) = match &key.credential {
        KeyCredential::Plain(secret) => ("key", Cow::Borrowed(secret.expose())),
        KeyCredential::Sha256(hash) => ("key_hash", Cow::Owned(format!("{hash:02x?}"))),
    };
    vec![
        plain("name", key.name.as_str()),
        Fact {
            key: member,
            content: Content::Secret(Some(credential)),
        },
        plain("permissions", key.permissions.names()),
        plain("expires_at", key.expires_at.map(|at| at.to_string())),
    ]
}

/// The members of one of `accounts`; those of a mail engine are not among them.
pub(crate) fn account(account: &AccountSettings) -> Vec<Fact<'_>> {
    let mut facts = vec![plain("name", account.name.as_str())];
    match &account.imap {
        None => facts.push(plain("imap", Value::Null)),
        Some(imap) => facts.extend([
            plain("imap.host", imap.host.as_str()),
            plain("imap.port", imap.port),
            plain("imap.tls", imap.tls.name()),
            plain("imap.username", imap.username.as_str()),
            secret("imap.password", imap.password.as_ref()),
        ]),
    }
    facts.push(plain("paused", account.paused));
    facts.push(plain(
        "expected_interval",
        account.expected_interval.map(duration),
    ));
    facts
}

impl Content<'_> {
    /// What may be shown.
    pub(crate) fn shown(self) -> Value {
        match self {
            Self::Plain(value) => value,
            Self::Secret(secret) => json!({ "configured": secret.is_some() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_as_they_are_written() {
        for text in ["60d", "365d", "1d", "1h 30m", "10m", "45s", "1s 500ms"] {
            let read = humantime::parse_duration(text).unwrap();
            assert_eq!(duration(read), text);
        }
    }
}
