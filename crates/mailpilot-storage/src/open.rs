//! Opening the database file: folder, modes, lock, marker, header, pragmas.
//!
//! Never recreates a store that was there before: a lost administrator would let the next visitor
//! become one.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use crate::{
    error::{Fault, StorageError, classify},
    migrations,
};

/// "MPlt": tells a Mailpilot store from any other SQLite database.
const APPLICATION_ID: i64 = 0x4D50_6C74;
const HEADER: &[u8; 16] = b"SQLite format 3\0";
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A file up to this size is checked wholly at start; larger ones only where it costs nothing.
const QUICK_CHECK_BYTES: u64 = 8 << 20;

/// The files of one store.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    /// The database.
    pub(crate) database: PathBuf,
    /// Says that a store was made here.
    pub(crate) marker: PathBuf,
    /// Held while a server runs.
    lock: PathBuf,
}

impl Files {
    pub(crate) fn new(database: &Path) -> Self {
        Self {
            database: database.into(),
            marker: beside(database, ".created"),
            lock: beside(database, ".lock"),
        }
    }

    fn folder(&self) -> &Path {
        match self.database.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Whether the database is there and not empty.
    ///
    /// # Errors
    /// [`StorageError::Lost`] if it is not although a store was made here.
    pub(crate) fn present(&self) -> Result<bool, StorageError> {
        let there = size(&self.database)? > 0;
        let known =
            || self.marker.exists() || size(&beside(&self.database, "-wal")).is_ok_and(|n| n > 0);
        if !there && known() {
            return Err(self.lost());
        }
        Ok(there)
    }

    /// There was a store here, and it is gone.
    pub(crate) fn lost(&self) -> StorageError {
        StorageError::Lost {
            path: self.database.clone(),
            marker: self.marker.clone(),
        }
    }

    /// Bytes of the database and its write-ahead log.
    pub(crate) fn size(&self) -> Result<u64, StorageError> {
        Ok(size(&self.database)? + self.log_size()?)
    }

    /// Bytes of the write-ahead log.
    pub(crate) fn log_size(&self) -> Result<u64, StorageError> {
        size(&beside(&self.database, "-wal"))
    }
}

/// `path` with `suffix` put behind its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn size(path: &Path) -> Result<u64, StorageError> {
    match fs::metadata(path) {
        Ok(data) => Ok(data.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(failed("look at", path, e)),
    }
}

/// An I/O error in the words of the crate.
pub(crate) fn failed(op: &'static str, path: &Path, source: io::Error) -> StorageError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StorageError::Full,
        io::ErrorKind::ReadOnlyFilesystem => StorageError::ReadOnly,
        _ => StorageError::Io {
            op,
            path: path.into(),
            source,
        },
    }
}

/// The writer's connection and the lock that goes with it; the lock is given back last.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) conn: Connection,
    pub(crate) lock: File,
}

/// Opens the store for its one writer, making it if there never was one.
pub(crate) fn open_writer(files: &Files) -> Result<Opened, StorageError> {
    make_folder(files.folder())?;
    let lock = take_lock(files)?;
    let path = &files.database;
    let there = files.present()?;
    if there {
        check_header(path)?;
    } else {
        drop(private_file(
            path,
            OpenOptions::new().write(true).create(true),
        )?);
    }
    let conn = prepare(files, there).map_err(|fault| fault.into_error("open the store", path))?;
    for file in [path.clone(), beside(path, "-wal"), beside(path, "-shm")] {
        restrict(&file)?;
    }
    if !files.marker.exists() {
        leave_marker(files)?;
    }
    Ok(Opened { conn, lock })
}

/// Opens a connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StorageError> {
    let open = || {
        let conn = connect(path)?;
        conn.pragma_update(None, "cache_size", -4_096)?;
        conn.pragma_update(None, "query_only", true)?;
        conn.set_prepared_statement_cache_capacity(128);
        Ok(conn)
    };
    open().map_err(|e| classify(&e, "open the store", path))
}

/// Connects to an existing file and sets what every connection has in common.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(conn)
}

fn prepare(files: &Files, there: bool) -> Result<Connection, Fault> {
    let path = &files.database;
    let mut conn = connect(path)?;
    if conn.is_readonly("main")? {
        return Err(StorageError::ReadOnly.into());
    }
    conn.set_prepared_statement_cache_capacity(128);
    let unclaimed = check_owner(&conn, files)?;
    if !there {
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StorageError::ReadOnly.into());
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    // Entries arrive with scattered idempotency keys: fewer checkpoints write the same pages less often.
    conn.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
    if unclaimed {
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    migrations::apply(&mut conn, path)?;
    if !files.marker.exists() {
        checkpoint(&conn)?;
    }
    check_cheaply(&conn, files)?;
    Ok(conn)
}

/// A database with tables of somebody else is left alone, and one that has lost its own is not made
/// anew. Whether it is nobody's yet.
fn check_owner(conn: &Connection, files: &Files) -> Result<bool, Fault> {
    let owner: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if owner != APPLICATION_ID && (tables > 0 || owner != 0) {
        let path = files.database.clone();
        return Err(StorageError::Foreign { path }.into());
    }
    // The marker is left after the tables were made: a file without them is not the one that was here.
    if (tables == 0 || version == 0) && files.marker.exists() {
        return Err(files.lost().into());
    }
    Ok(owner == 0)
}

/// Moves the write-ahead log into the main file, which then carries at least every table by itself.
pub(crate) fn checkpoint(conn: &Connection) -> Result<(), Fault> {
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        return Err(StorageError::Busy.into());
    }
    Ok(())
}

/// Reads the root of every table, compares the file's length, and reads small files wholly.
fn check_cheaply(conn: &Connection, files: &Files) -> Result<(), Fault> {
    let path = &files.database;
    let damaged = |what: &str| StorageError::Corrupt {
        path: path.into(),
        what: what.into(),
    };
    let tables: Vec<String> = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for table in tables {
        // Names come from the migrations, which this file has just been checked to consist of.
        conn.prepare(&format!("SELECT 1 FROM \"{table}\" LIMIT 1"))?
            .exists([])?;
    }
    let pages: u64 = pragma_number(conn, "page_count")? * pragma_number(conn, "page_size")?;
    let logged = size(&beside(path, "-wal"))?;
    let length = size(path)?;
    if logged == 0 && length < pages {
        return Err(damaged("it is shorter than its header says").into());
    }
    if length <= QUICK_CHECK_BYTES {
        check_pages(conn, path)?;
    }
    Ok(())
}

fn pragma_number(conn: &Connection, name: &str) -> rusqlite::Result<u64> {
    let number: i64 = conn.pragma_query_value(None, name, |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// Reads every page; takes as long as reading the file.
pub(crate) fn check_pages(conn: &Connection, path: &Path) -> Result<(), Fault> {
    let found: String = conn.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(StorageError::Corrupt {
        path: path.into(),
        what: found,
    }
    .into())
}

fn check_header(path: &Path) -> Result<(), StorageError> {
    let mut head = [0_u8; 16];
    let mut file = File::open(path).map_err(|e| failed("read", path, e))?;
    let what = match file.read_exact(&mut head) {
        Ok(()) if &head == HEADER => return Ok(()),
        Ok(()) => "it does not begin like a SQLite database",
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => "it is too short for a database",
        Err(e) => return Err(failed("read", path, e)),
    };
    Err(StorageError::Corrupt {
        path: path.into(),
        what: what.into(),
    })
}

fn make_folder(folder: &Path) -> Result<(), StorageError> {
    if folder.is_dir() {
        return Ok(());
    }
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .collect();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| failed("make the folder", folder, e))?;
    missing.into_iter().try_for_each(sync_folder)
}

/// One server per file; the lock goes away with the process, however it ends.
fn take_lock(files: &Files) -> Result<File, StorageError> {
    let file = private_file(
        &files.lock,
        OpenOptions::new().write(true).create(true).truncate(false),
    )?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StorageError::InUse {
            path: files.database.clone(),
        }),
        Err(TryLockError::Error(e)) => Err(failed("lock", &files.lock, e)),
    }
}

/// Opens a file that nobody else may read, whatever the process's umask says.
pub(crate) fn private_file(path: &Path, options: &mut OpenOptions) -> Result<File, StorageError> {
    let file = options.mode(0o600).open(path).map_err(|e| match e.kind() {
        io::ErrorKind::PermissionDenied => StorageError::ReadOnly,
        _ => failed("open", path, e),
    })?;
    restrict(path)?;
    Ok(file)
}

fn restrict(path: &Path) -> Result<(), StorageError> {
    match fs::set_permissions(path, Permissions::from_mode(0o600)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed("restrict", path, e)),
        _ => Ok(()),
    }
}

fn leave_marker(files: &Files) -> Result<(), StorageError> {
    let file = private_file(
        &files.marker,
        OpenOptions::new().write(true).create(true).truncate(false),
    )?;
    file.sync_all()
        .map_err(|e| failed("write", &files.marker, e))?;
    sync_folder(&files.marker)
}

/// Makes the new name of a file or folder survive a power cut.
pub(crate) fn sync_folder(file: &Path) -> Result<(), StorageError> {
    let files = Files::new(file);
    let folder = files.folder();
    let handle = File::open(folder).map_err(|e| failed("open", folder, e))?;
    handle.sync_all().map_err(|e| failed("write", folder, e))
}
