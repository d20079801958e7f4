//! Why a server could not start or run. Says what was wrong, where, and what to do; holds no secret.

use std::{io, path::PathBuf};

use mailpilot_auth::{AuthError, WeakPassword};
use mailpilot_config::ConfigError;
use mailpilot_http_server::{AppError, BindError};
use mailpilot_storage::StorageError;

/// Why a server could not start or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The configuration cannot be used; every problem is in the source.
    #[error("the configuration cannot be used")]
    Config(#[source] ConfigError),
    /// The address cannot be listened on.
    #[error("the server cannot listen")]
    Bind(#[source] BindError),
    /// The store cannot be opened or failed.
    #[error("the store cannot be used")]
    Storage(#[from] StorageError),
    /// What the store holds cannot be put together.
    #[error("the server cannot be put together")]
    App(#[from] AppError),
    /// Passwords cannot be hashed.
    #[error("credentials cannot be used")]
    Auth(#[from] AuthError),
    /// A file of the data dir holds something else than it should.
    #[error(
        "{path} is damaged: put back the one from your backup, or remove it, which logs everybody out"
    )]
    DamagedSecret {
        /// The file.
        path: PathBuf,
    },
    /// A file of the data dir cannot be read or written.
    #[error("cannot {op} {path}")]
    File {
        /// What was tried.
        op: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The listening socket cannot be used.
    #[error("the listening socket cannot be used")]
    Listener(#[source] io::Error),
    /// A password that is not accepted.
    #[error("the password is not accepted")]
    WeakPassword(#[from] WeakPassword),
    /// There is no such administrator.
    #[error("there is no administrator `{username}` in this store{hint}")]
    UnknownUser {
        /// The name that was given.
        username: String,
        /// What there is instead.
        hint: String,
    },
}
