//! API keys: list, make, revoke.

use std::collections::BTreeMap;

use http::StatusCode;
use mailpilot_auth::KeyCredential;
use mailpilot_clock::Timestamp;
use mailpilot_permissions::{Permission, PermissionSet};
use mailpilot_storage::StoredKey;

use crate::{
    answer::{self, Response},
    body,
    error::ApiError,
    service::Call,
    wire::{KeyView, KeysView, MadeKeyView, NewKeyIn, Rfc3339},
};

const MAX_NAME_CHARS: usize = 64;

pub(super) async fn list(call: Call) -> Result<Response, ApiError> {
    let mut uses = call.app.storage.key_uses().await?;
    uses.extend(call.app.recent_key_uses());
    let credentials = call.app.credentials();
    let configured = credentials.configured.keys.iter().map(|key| KeyView {
        name: key.name.clone(),
        permissions: key.permissions.names(),
        source: "config",
        created_at: None,
        expires_at: key.expires_at.map(Rfc3339),
        last_used_at: uses.get(&key.name).copied().map(Rfc3339),
    });
    let keys = configured
        .chain(credentials.made.iter().map(|key| made_view(key, &uses)))
        .collect();
    Ok(answer::ok(&KeysView { keys }))
}

fn made_view(key: &StoredKey, uses: &BTreeMap<String, Timestamp>) -> KeyView {
    KeyView {
        name: key.name.clone(),
        permissions: key.permissions.names(),
        source: "api",
        created_at: Some(Rfc3339(key.created_at)),
        expires_at: key.expires_at.map(Rfc3339),
        last_used_at: uses.get(&key.name).copied().map(Rfc3339),
    }
}

pub(super) async fn make(call: Call) -> Result<Response, ApiError> {
    let input: NewKeyIn = body::parse(&call.body)?;
    let now = call.app.clock.now();
    let name = checked_name(&input.name)?;
    let permissions = match &input.permissions {
        Some(names) => permissions(names)?,
        None => PermissionSet::default_for_keys(),
    };
    let expires_at = input.expires_at.map(|t| t.0);
    if expires_at.is_some_and(|at| at <= now) {
        return Err(
            ApiError::conflict("expires_in_past", "`expiresAt` must lie in the future")
                .field("expiresAt"),
        );
    }
    let (secret, sha256) = mailpilot_auth::generate_key().map_err(|error| {
        tracing::error!(error = %error, "no key could be made");
        ApiError::internal()
    })?;
    let key = StoredKey {
        name: name.to_owned(),
        sha256,
        permissions,
        created_at: now,
        expires_at,
    };
    let _one_at_a_time = call.app.changes.lock().await;
    if call.app.credentials().ring.source_of(name).is_some()
        || !call.app.storage.insert_key(key.clone()).await?
    {
        return Err(ApiError::conflict(
            "key_exists",
            "there is a key of this name already; choose another",
        )
        .field("name"));
    }
    let mut made = call.app.credentials().made.clone();
    made.push(key.clone());
    put_in_force(&call, made)?;
    tracing::info!(key = name, principal = %call.caller.label(), client = %call.client.address, "API key made");
    let view = made_view(&key, &BTreeMap::new());
    Ok(answer::json(
        StatusCode::CREATED,
        &MadeKeyView {
            key: secret.expose(),
            view,
        },
    ))
}

/// The rule the configuration has: something to read, nothing that breaks a log line or a path.
fn checked_name(name: &str) -> Result<&str, ApiError> {
    let chars = name.chars().count();
    let clean = name.trim() == name && !name.chars().any(|c| c.is_control() || c == '/');
    if (1..=MAX_NAME_CHARS).contains(&chars) && clean {
        Ok(name)
    } else {
        Err(ApiError::invalid(
            "name",
            "a key name has 1 to 64 characters, no slash, and no space at its ends",
        ))
    }
}

fn permissions(names: &[String]) -> Result<PermissionSet, ApiError> {
    let valid = || Permission::ALL.map(Permission::name).join(", ");
    if names.is_empty() {
        return Err(ApiError::invalid(
            "permissions",
            format!("grant at least one of {}", valid()),
        ));
    }
    names
        .iter()
        .map(|name| name.parse::<Permission>())
        .collect::<Result<PermissionSet, _>>()
        .map_err(|_| {
            ApiError::invalid("permissions", format!("a permission is one of {}", valid()))
        })
}

pub(super) async fn revoke(call: Call) -> Result<Response, ApiError> {
    let name = call.parameter().to_owned();
    let _one_at_a_time = call.app.changes.lock().await;
    let credentials = call.app.credentials();
    let configured = credentials
        .configured
        .keys
        .iter()
        .find(|key| key.name == name);
    if let Some(key) = configured {
        let kind = match key.credential {
            KeyCredential::Plain(_) => "key",
            KeyCredential::Sha256(_) => "key_hash",
        };
        return Err(ApiError::conflict(
            "key_configured",
            format!(
                "this key stands in the configuration (`{kind}`); take it out there and reload"
            ),
        ));
    }
    if !call.app.storage.delete_key(name.clone()).await? {
        return Err(ApiError::not_found(
            "unknown_key",
            "there is no key of this name; GET /api/keys lists them",
        ));
    }
    call.app.forget_key_use(&name);
    let mut made = credentials.made.clone();
    made.retain(|key| key.name != name);
    put_in_force(&call, made)?;
    tracing::info!(key = %name, principal = %call.caller.label(), client = %call.client.address, "API key revoked");
    Ok(answer::no_content())
}

/// Puts the made keys in force. Taken from memory, not read back: once the store has answered, nothing may
/// fail.
fn put_in_force(call: &Call, made: Vec<StoredKey>) -> Result<(), ApiError> {
    call.app.set_made_keys(made).map_err(|error| {
        tracing::error!(error = %error, "keys could not be put in force");
        ApiError::internal()
    })
}
