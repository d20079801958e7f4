//! Why the store could not do what was asked. Says what was wrong, where, and what to do; holds no stored value.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

/// What SQLite said, in words; kept out of the public types.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

/// A cause that does not name the library it comes from.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// No space is left; nothing of the write was kept. Writes work again as soon as there is space.
    #[error("the disk is full: nothing was stored; free some space on the volume of the database")]
    Full,
    /// The database or its folder cannot be written.
    #[error(
        "the database or its folder is read-only: make both writable for the user the server runs as"
    )]
    ReadOnly,
    /// The file is damaged or is no SQLite database.
    #[error(
        "the database {path} is damaged ({what}): restore it from a backup; it has not been changed"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// There was a store here, and its file is gone or empty.
    #[error(
        "the database {path} is missing or empty although a store was made here before: restore it from a backup, \
         or remove {marker} to begin with an empty store and a new administrator"
    )]
    Lost {
        /// The file that should be there.
        path: PathBuf,
        /// The file that says so.
        marker: PathBuf,
    },
    /// The file is a sound database of another program.
    #[error("{path} is a database of another program: choose another path for the store")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer server has written the file.
    #[error(
        "the database {path} has version {found}, this server knows up to {known}: use the newer server"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version this server knows.
        known: i64,
    },
    /// Another server has the file open.
    #[error(
        "another server is using the database {path}: stop it, or choose another path for this one"
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Another process kept the database locked; a retry may succeed.
    #[error("the database stayed locked by another process")]
    Busy,
    /// A search text of fewer than three characters.
    #[error("a search needs at least 3 characters")]
    SearchTooShort,
    /// The range, or the width of its points, is not usable.
    #[error(
        "a series needs a step of whole minutes, its beginning before its end, and at most {max} points"
    )]
    BadSeries {
        /// The most points a series may have.
        max: u64,
    },
    /// A query ran longer than it may.
    #[error("the query took too long and was stopped: narrow it by account or dates")]
    TimedOut,
    /// The store is being closed, or has been.
    #[error("the store is shutting down")]
    ShuttingDown,
    /// A file could not be made, read or moved.
    #[error("cannot {op} {path}")]
    Io {
        /// What was tried.
        op: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The device failed to read or write.
    #[error("the device under the database failed to {op}")]
    Device {
        /// What was tried.
        op: &'static str,
        /// What the database said.
        #[source]
        source: Source,
    },
    /// Anything else the database refused.
    #[error("the database refused to {op}")]
    Database {
        /// What was tried.
        op: &'static str,
        /// What the database said.
        #[source]
        source: Source,
    },
}

/// A failure inside the crate, before it is known which operation and which file it belongs to.
#[derive(Debug)]
pub(crate) enum Fault {
    /// From SQLite.
    Sql(rusqlite::Error),
    /// Already in the words of the crate.
    Known(StorageError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<rusqlite::types::FromSqlError> for Fault {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sql(error.into())
    }
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        Self::Known(error)
    }
}

impl Fault {
    /// The public error; `op` completes "refused to …".
    pub(crate) fn into_error(self, op: &'static str, path: &Path) -> StorageError {
        match self {
            Self::Known(error) => error,
            Self::Sql(error) => classify(&error, op, path),
        }
    }
}

/// What an error of SQLite means for the caller.
pub(crate) fn classify(error: &rusqlite::Error, op: &'static str, path: &Path) -> StorageError {
    let source = || Box::new(Cause(error.to_string()));
    match error.sqlite_error() {
        // No room for the shared-memory file of the write-ahead log comes as an I/O error.
        Some(e) if e.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => StorageError::Full,
        Some(e) => match e.code {
            ErrorCode::DiskFull => StorageError::Full,
            ErrorCode::ReadOnly => StorageError::ReadOnly,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StorageError::Corrupt {
                path: path.into(),
                what: error.to_string(),
            },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StorageError::Busy,
            ErrorCode::OperationInterrupted => StorageError::TimedOut,
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => StorageError::Device {
                op,
                source: source(),
            },
            _ => StorageError::Database {
                op,
                source: source(),
            },
        },
        None => StorageError::Database {
            op,
            source: source(),
        },
    }
}

impl StorageError {
    /// Whether it says something about the disk or the file, rather than about one request.
    pub(crate) fn is_environmental(&self) -> bool {
        matches!(
            self,
            Self::Full
                | Self::ReadOnly
                | Self::Corrupt { .. }
                | Self::Lost { .. }
                | Self::Busy
                | Self::Io { .. }
                | Self::Device { .. }
        )
    }

    /// The same failure for one more caller who waited for it.
    pub(crate) fn again(&self) -> Self {
        let text = |source: &Source| Box::new(Cause(source.to_string()));
        match self {
            Self::Full => Self::Full,
            Self::ReadOnly => Self::ReadOnly,
            Self::Corrupt { path, what } => Self::Corrupt {
                path: path.clone(),
                what: what.clone(),
            },
            Self::Lost { path, marker } => Self::Lost {
                path: path.clone(),
                marker: marker.clone(),
            },
            Self::Busy => Self::Busy,
            Self::Device { op, source } => Self::Device {
                op,
                source: text(source),
            },
            Self::Io { op, path, source } => {
                let source = io::Error::new(source.kind(), source.to_string());
                Self::Io {
                    op,
                    path: path.clone(),
                    source,
                }
            }
            other => Self::Database {
                op: "write",
                source: Box::new(Cause(other.to_string())),
            },
        }
    }
}
