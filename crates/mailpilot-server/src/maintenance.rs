//! What an operator does to a store while no server is being served from it: reset a password, copy it.

use std::{path::Path, sync::Arc};

use mailpilot_clock::SystemClock;
use mailpilot_config::Source;
use mailpilot_secret::Secret;
use mailpilot_storage::{CommitObserver, Committed, Storage};

use crate::ServerError;

/// Nobody listens.
struct Nobody;

impl CommitObserver for Nobody {
    fn committed(&self, _: &Committed<'_>) {}
}

/// Gives the administrator a new password and ends every session. The server must not be running.
///
/// # Errors
/// [`ServerError`]: an unknown user, a weak password, a store in use or out of reach.
///
/// # Cancel safety
/// Dropped before the write is committed, nothing changes.
pub async fn reset_password(
    source: &Source,
    username: &str,
    password: Secret,
) -> Result<(), ServerError> {
    let loaded = source.load().map_err(ServerError::Config)?;
    mailpilot_auth::check_password(username, &password)?;
    let storage = Storage::open(
        loaded.settings.storage,
        Arc::new(SystemClock),
        Arc::new(Nobody),
    )
    .await?;
    let result = reset(&storage, username, &password).await;
    storage.close().await?;
    result
}

async fn reset(storage: &Storage, username: &str, password: &Secret) -> Result<(), ServerError> {
    let known = storage.administrator().await?;
    if known
        .as_ref()
        .is_none_or(|admin| admin.username != username)
    {
        let hint = match known {
            Some(admin) => format!("; the administrator is `{}`", admin.username),
            None => "; open the dashboard to create one".to_owned(),
        };
        return Err(ServerError::UnknownUser {
            username: username.to_owned(),
            hint,
        });
    }
    let hash = mailpilot_auth::hash_password(password)?;
    storage
        .set_password(username.to_owned(), hash, None)
        .await?;
    Ok(())
}

/// Copies the store to `to`, consistent also while a server uses it.
///
/// # Errors
/// [`ServerError`]: no store there, or `to` cannot be written or exists already. Nothing is ever written
/// over: a slip of the hand could hit the store itself, or a file beside it.
pub fn backup(source: &Source, to: &Path) -> Result<(), ServerError> {
    let loaded = source.load().map_err(ServerError::Config)?;
    if to.symlink_metadata().is_ok() {
        return Err(ServerError::File {
            op: "back up to",
            path: to.to_owned(),
            source: std::io::ErrorKind::AlreadyExists.into(),
        });
    }
    mailpilot_storage::backup_file(&loaded.settings.storage.path, to)?;
    Ok(())
}
