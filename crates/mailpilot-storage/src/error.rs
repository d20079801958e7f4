//! Why the store could not do what was asked. Says what was wrong, where, and what to do; holds no stored value.

use std::{io, path::PathBuf};

/// What SQLite said, in words; kept out of the public types.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Cause(pub(crate) String);

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
