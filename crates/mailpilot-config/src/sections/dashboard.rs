//! `dashboard`: pages, sessions and API keys.

use std::{collections::HashMap, time::Duration};

use mailpilot_auth::{KeyCredential, KeySettings, key_sha256, parse_key_hash};
use mailpilot_permissions::{Permission, PermissionSet};
use mailpilot_secret::Secret;

use super::server::{MIN_SECRET, warn_of_weakness};
use crate::{
    reader::Node,
    reference::{KeyDoc, Kind, Reload},
    settings::Settings,
};

pub(super) const KEYS: &[KeyDoc] = &[
    KeyDoc {
        key: "dashboard.enabled",
        kind: Kind::Flag,
        default: Some("true"),
        rule: "`false` takes pages, setup, login and sessions away; tokens and keys keep working on `/api`.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.require_login",
        kind: Kind::Flag,
        default: Some("false"),
        rule: "`true` turns development mode off: even local programs need a credential from the first start.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.session_secret",
        kind: Kind::Secret,
        default: None,
        rule: "At least 16 characters, better 32 (`openssl rand -base64 32`). Left out, one is made once and kept as `session_secret` in the data dir. A new one ends every session.",
        reload: Reload::Restart,
    },
    KeyDoc {
        key: "dashboard.session_ttl",
        kind: Kind::Duration,
        default: Some("24h"),
        rule: "Life of a session, counted from login. Zero is an error, more than 30 days a warning.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.api_keys",
        kind: Kind::List,
        default: Some("[]"),
        rule: "Keys for programs. Names and keys are unique, and none equals `server.auth_token`.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.api_keys[].name",
        kind: Kind::Text,
        default: None,
        rule: "Required. 1 to 64 characters, for people and logs.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.api_keys[].key",
        kind: Kind::Secret,
        default: None,
        rule: "At least 16 characters. Either this or `key_hash`.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.api_keys[].key_hash",
        kind: Kind::Secret,
        default: None,
        rule: "`sha256:` and 64 hexadecimal digits, as `mailpilot hash-key` prints it. Either this or `key`.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.api_keys[].permissions",
        kind: Kind::Words,
        default: Some("[read:stats]"),
        rule: "What the holder may do: `read:` or `write:` with `stats`, `activity`, `logs`, `export`, `accounts` or `*`; or `*` alone. `write:x` does not include `read:x`.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "dashboard.api_keys[].expires_at",
        kind: Kind::Time,
        default: None,
        rule: "From then on the key is refused. RFC 3339, such as `2027-01-31T00:00:00Z`.",
        reload: Reload::AtOnce,
    },
];

const LONG_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const GOOD_SESSION_SECRET: usize = 32;
const MAX_NAME: usize = 64;

pub(super) fn read(node: &Node<'_>, settings: &mut Settings) {
    if node.map().is_none() {
        return;
    }
    node.refuse_unknown(&[]);
    let dashboard = &mut settings.http.dashboard;
    dashboard.enabled = node.member("enabled").flag().unwrap_or(dashboard.enabled);
    dashboard.require_login = node
        .member("require_login")
        .flag()
        .unwrap_or(dashboard.require_login);
    settings.session_secret = session_secret(&node.member("session_secret"));
    settings.sessions.ttl =
        session_ttl(&node.member("session_ttl")).unwrap_or(settings.sessions.ttl);
    if let Some(keys) = node.member("api_keys").list() {
        settings.credentials.keys = keys.iter().filter_map(key).collect();
        compare_names(&keys);
    }
}

fn session_secret(node: &Node<'_>) -> Option<Secret> {
    let secret = node.secret()?;
    match secret.chars() {
        short @ ..MIN_SECRET => {
            node.problem_with_help(
                format!(
                    "a session secret needs at least {MIN_SECRET} characters, this one has {short}"
                ),
                "make one with `openssl rand -base64 32`, or leave it out",
            );
            return None;
        }
        fair @ ..GOOD_SESSION_SECRET => {
            node.warning(format!(
                "the secret has {fair} characters; {GOOD_SESSION_SECRET} or more are better"
            ));
        }
        _ => {}
    }
    Some(secret)
}

fn session_ttl(node: &Node<'_>) -> Option<Duration> {
    let ttl = node.duration()?;
    if ttl > LONG_TTL {
        node.warning("sessions live for more than 30 days; a stolen cookie stays good as long");
    }
    Some(ttl)
}

fn key(node: &Node<'_>) -> Option<KeySettings> {
    node.map()?;
    node.refuse_unknown(&[]);
    let name = name(&node.required("name"));
    let credential = credential(node);
    let permissions = permissions(&node.member("permissions"));
    let expires_at = node
        .member("expires_at")
        .parse("a date and time such as 2027-01-31T00:00:00Z", |text| {
            text.parse().ok()
        });
    Some(KeySettings {
        name: name?,
        credential: credential?,
        permissions,
        expires_at,
    })
}

fn name(node: &Node<'_>) -> Option<String> {
    let name = node.text()?;
    let fits = name.chars().count() <= MAX_NAME && !name.contains(char::is_control);
    if !fits {
        node.problem(format!(
            "a name has at most {MAX_NAME} characters and no line breaks"
        ));
    }
    fits.then_some(name)
}

fn credential(node: &Node<'_>) -> Option<KeyCredential> {
    let (plain, hash) = (node.member("key"), node.member("key_hash"));
    match (plain.is_absent(), hash.is_absent()) {
        (true, true) => {
            plain.problem("expected `key` or `key_hash`, found neither");
            None
        }
        (false, false) => {
            hash.problem("expected `key` or `key_hash`, found both");
            None
        }
        (false, true) => plain_key(&plain).map(KeyCredential::Plain),
        (true, false) => hash
            .parse("`sha256:` and 64 hexadecimal digits", |text| {
                parse_key_hash(text).ok()
            })
            .map(KeyCredential::Sha256),
    }
}

fn plain_key(node: &Node<'_>) -> Option<Secret> {
    let key = node.secret()?;
    if key.chars() < MIN_SECRET {
        node.problem_with_help(
            format!(
                "an API key needs at least {MIN_SECRET} characters, this one has {}",
                key.chars()
            ),
            "make one with `mailpilot hash-key`",
        );
        return None;
    }
    warn_of_weakness(node, &key);
    Some(key)
}

fn permissions(node: &Node<'_>) -> PermissionSet {
    match node.list() {
        Some(names) => names
            .iter()
            .filter_map(|name| name.choice(&Permission::ALL, Permission::name))
            .collect(),
        None => PermissionSet::default_for_keys(),
    }
}

fn compare_names(keys: &[Node<'_>]) {
    let mut first: HashMap<String, Node<'_>> = HashMap::new();
    for name in keys.iter().map(|key| key.member("name")) {
        let Some(text) = name.known_text() else {
            continue;
        };
        match first.get(&text) {
            Some(earlier) => name.problem_with_help(
                format!("duplicate key name{}", name.quoted()),
                used(earlier),
            ),
            None => {
                first.insert(text, name);
            }
        }
    }
}

/// Finds a key that is there twice, or that is the auth token too, whether as text or as its hash.
pub(super) fn compare_credentials(root: &Node<'_>) {
    let mut first: HashMap<[u8; 32], Node<'_>> = HashMap::new();
    let token = root.member("server").member("auth_token");
    if let Some(text) = token.known_text() {
        first.insert(key_sha256(&text), token);
    }
    for key in root.member("dashboard").member("api_keys").elements() {
        let (plain, hashed) = (key.member("key"), key.member("key_hash"));
        let (node, digest) = match (
            plain.known_text(),
            hashed
                .known_text()
                .and_then(|text| parse_key_hash(&text).ok()),
        ) {
            (Some(text), _) => (plain, key_sha256(&text)),
            (None, Some(digest)) => (hashed, digest),
            (None, None) => continue,
        };
        match first.get(&digest) {
            Some(earlier) => node.problem_with_help(
                format!("the same secret as `{}`", earlier.path()),
                used(earlier),
            ),
            None => {
                first.insert(digest, node);
            }
        }
    }
}

fn used(earlier: &Node<'_>) -> String {
    match earlier.line() {
        Some(line) => format!("first used on line {line}"),
        None => format!("first used by {}", earlier.origin()),
    }
}
