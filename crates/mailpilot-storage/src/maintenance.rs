//! What the store does by itself and for its operator: the search index, retention, free pages, health,
//! copies, checks.
//!
//! Upkeep runs on the writer's thread in steps of a few milliseconds between the jobs.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use mailpilot_clock::Timestamp;
use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
    params,
};
use tokio::sync::oneshot;

use crate::{
    activity::remove_all,
    erase::go_on,
    error::{Fault, StorageError},
    live::Effect,
    open::{self, beside, failed},
    rollup::remove_old,
    search::index_step,
    settings::StorageSettings,
    store::Storage,
    watch::forget,
    writer::{Message, Tx, Writer, step},
};

/// Entries that may wait for the search index before writers have to wait for it.
const MAX_LAG: i64 = 20_000;
/// Entries that are worth a step at once.
const FULL_STEP: i64 = 1_000;
/// How long a few entries wait for more of them.
const SOON: Duration = Duration::from_millis(250);
/// How long entries wait while jobs keep coming.
const LATE: Duration = Duration::from_millis(500);
/// How often a store that does not accept writes is tried.
const PROBE_EVERY: Duration = Duration::from_millis(500);
/// How often old rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// A pause between two steps of a sweep, for readers; a longer one while jobs keep coming.
const BREATH: Duration = Duration::from_millis(5);
const BREATH_UNDER_LOAD: Duration = Duration::from_millis(50);
/// What a step of a sweep should take.
const STEP_TIME: Duration = Duration::from_millis(8);
const MIN_ROWS: i64 = 8;
/// Removing an entry makes the search index merge its pages, by leaps: few rows keep a step short.
const MAX_ROWS: i64 = 64;
/// Rows from the future that one step goes past.
const MAX_PASSED: i64 = 1_000;
/// Pages given back to the file system in one step, and how many stay for the rows to come.
const VACUUM_PAGES: i64 = 64;
const SPARE_PAGES: i64 = 1_024;

/// What upkeep is due when.
#[derive(Debug)]
pub(crate) struct Upkeep {
    /// The last entry in the search index.
    indexed: i64,
    /// The last entry there is.
    last: i64,
    /// Since when there are entries above the mark.
    lagging_since: Option<Instant>,
    /// Not before then, because writing fails.
    paused_until: Option<Instant>,
    next_sweep: Instant,
    pub(crate) passed: Passed,
    /// Rows in the next step of a sweep.
    rows: i64,
    /// Callers who want to know when the index holds everything.
    waiting: Vec<oneshot::Sender<()>>,
}

impl Upkeep {
    pub(crate) fn begin(conn: &Connection) -> Result<Self, Fault> {
        let sql = "SELECT value, (SELECT ifnull(max(id), 0) FROM activity) FROM mark WHERE name = 'indexed'";
        let (indexed, last) = conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let now = Instant::now();
        Ok(Self {
            indexed,
            last,
            lagging_since: (last > indexed).then_some(now),
            paused_until: None,
            next_sweep: now + SWEEP_EVERY / 60,
            passed: Passed::default(),
            rows: MAX_ROWS / 2,
            waiting: Vec::new(),
        })
    }

    pub(crate) fn indexed(&self) -> i64 {
        self.indexed
    }

    /// Writing fails: tries again a little later.
    pub(crate) fn pause(&mut self) {
        self.paused_until = Some(Instant::now() + PROBE_EVERY);
    }

    /// How long nothing is due.
    pub(crate) fn wait(&self) -> Duration {
        let now = Instant::now();
        if let Some(until) = self.paused_until {
            return until.saturating_duration_since(now);
        }
        let sweep = self.next_sweep.saturating_duration_since(now);
        match self.lagging_since {
            Some(_) if self.index_due(SOON, FULL_STEP) => Duration::ZERO,
            Some(since) => sweep.min((since + SOON).saturating_duration_since(now)),
            None => sweep,
        }
    }

    /// Takes note of what a commit has brought.
    pub(crate) fn noticed(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Activity { entries, .. } => {
                    self.last = entries.last().map_or(self.last, |entry| entry.id);
                    self.lagging_since.get_or_insert_with(Instant::now);
                }
                Effect::Reset(_) | Effect::SweepDue => self.next_sweep = Instant::now(),
                _ => {}
            }
        }
    }

    /// Answers `caller` as soon as the index holds everything there is now.
    pub(crate) fn tell_when_indexed(&mut self, caller: oneshot::Sender<()>) {
        self.waiting.push(caller);
        self.tell_if_indexed();
    }

    fn tell_if_indexed(&mut self) {
        if self.lagging_since.is_none() {
            // A caller that has gone away does not want to know.
            for caller in self.waiting.drain(..) {
                caller.send(()).ok();
            }
        }
    }

    /// Whether more entries wait for the index than may.
    fn overdue(&self) -> bool {
        self.paused_until.is_none()
            && self.lagging_since.is_some()
            && self.last - self.indexed > MAX_LAG
    }

    fn index_due(&self, after: Duration, rows: i64) -> bool {
        let urgent = !self.waiting.is_empty() || self.last - self.indexed >= rows;
        self.lagging_since
            .is_some_and(|since| urgent || since.elapsed() >= after)
    }
}

impl Writer {
    /// One step of what is due while nobody waits.
    pub(crate) fn keep_up(&mut self) {
        if self.upkeep.paused_until.is_some() {
            self.probe();
        } else if self.upkeep.index_due(SOON, FULL_STEP) {
            self.index();
        } else if self.upkeep.next_sweep <= Instant::now() {
            self.sweep(BREATH);
        }
    }

    /// One step of what cannot wait longer, between two commits.
    pub(crate) fn keep_up_under_load(&mut self) {
        if let Some(until) = self.upkeep.paused_until {
            if until <= Instant::now() {
                self.probe();
            }
            return;
        }
        if self.upkeep.index_due(LATE, MAX_LAG) {
            self.index();
        }
        // Searches read what lies above the mark one by one: that must not grow.
        while self.upkeep.overdue() {
            self.index();
        }
        if self.upkeep.next_sweep <= Instant::now() {
            self.sweep(BREATH_UNDER_LOAD);
        }
    }

    /// A transaction of upkeep; none if it failed.
    fn upkeep<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Option<T> {
        let mut effects = Vec::new();
        let now = self.clock.now();
        let mut tx = Tx {
            conn: &self.conn,
            names: &mut self.names,
            effects: &mut effects,
            now,
            keep_subjects: false,
            indexed: self.upkeep.indexed,
            passed: &mut self.upkeep.passed,
        };
        let outcome = step(tx.conn, "BEGIN IMMEDIATE")
            .map_err(Fault::from)
            .and_then(|()| {
                let done = work(&mut tx)?;
                step(tx.conn, "COMMIT")?;
                Ok(done)
            });
        match outcome {
            Ok(done) => {
                self.publish(&effects);
                Some(done)
            }
            Err(fault) => {
                self.undo();
                let error = fault.into_error("keep the store in order", &self.files.database);
                self.failed(error);
                self.upkeep.pause();
                None
            }
        }
    }

    /// Tries whether the store can write, and grow, again. Leaves nothing behind.
    fn probe(&mut self) {
        const GROW: &str =
            "INSERT INTO setting (key, value) VALUES ('', printf('%.*c', 100000, 'x'))";
        let tried = self.upkeep(|tx| {
            step(
                tx.conn,
                "UPDATE mark SET value = value + 1 WHERE name = 'probe'",
            )?;
            step(tx.conn, GROW)?;
            Ok(step(tx.conn, "DELETE FROM setting WHERE key = ''")?)
        });
        if tried.is_some() {
            self.upkeep.paused_until = None;
            self.succeeded();
        }
    }

    fn index(&mut self) {
        if let Some(mark) = self.upkeep(|tx| index_step(tx, FULL_STEP)) {
            // A step that finds nothing has seen that the last entries were removed again.
            let done = mark == self.upkeep.indexed || mark >= self.upkeep.last;
            self.upkeep.indexed = mark;
            self.upkeep.lagging_since = (!done).then(Instant::now);
            self.upkeep.tell_if_indexed();
        }
    }

    fn sweep(&mut self, breath: Duration) {
        let settings = self.settings();
        let rows = self.upkeep.rows;
        let begun = Instant::now();
        let Some(more) = self.upkeep(|tx| sweep_step(tx, &settings, rows)) else {
            return;
        };
        let took = begun.elapsed();
        if took > STEP_TIME {
            self.upkeep.rows = (rows / 2).max(MIN_ROWS);
        } else if took < STEP_TIME / 2 {
            self.upkeep.rows = (rows * 2).min(MAX_ROWS);
        }
        self.upkeep.next_sweep = Instant::now() + if more { breath } else { SWEEP_EVERY };
    }
}

/// Removes some rows that are too old or belong to nothing; whether there may be more.
fn sweep_step(tx: &mut Tx<'_>, settings: &StorageSettings, rows: i64) -> Result<bool, Fault> {
    if go_on(tx)? {
        return Ok(true);
    }
    let old = tx.now.saturating_sub(settings.audit_retention);
    let sql = "SELECT id, recorded_at FROM activity WHERE id > ?1 ORDER BY id LIMIT ?2";
    let found = recorded_before(tx.conn, sql, &mut tx.passed.activity, (old, tx.now), rows)?;
    remove_all(tx, &found.ids)?;
    if found.more {
        return Ok(true);
    }
    let old = tx.now.saturating_sub(settings.log_retention);
    let sql = "SELECT id, recorded_at FROM log WHERE id > ?1 ORDER BY id LIMIT ?2";
    let found = recorded_before(tx.conn, sql, &mut tx.passed.logs, (old, tx.now), rows)?;
    for id in &found.ids {
        tx.conn
            .prepare_cached("DELETE FROM log WHERE id = ?1")?
            .execute([id])?;
    }
    if !found.ids.is_empty() {
        tx.effects.push(Effect::LogsRemoved);
    }
    if found.more
        || remove_retired(tx.conn, rows)?
        || remove_old(tx, rows)?
        || forget(tx, settings.audit_retention, rows)?
        || give_back_pages(tx.conn)?
    {
        return Ok(true);
    }
    *tx.passed = Passed::default();
    Ok(false)
}

/// The last rows a sweep has gone past because they claim to come from the future, where the clock
/// once was.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    activity: i64,
    logs: i64,
}

/// Rows that are too old.
struct Old {
    ids: Vec<i64>,
    /// Whether there may be more of them.
    more: bool,
}

/// The oldest rows as far as they arrived before `old`. Numbers rise with arrival, so no index is needed.
fn recorded_before(
    conn: &Connection,
    sql: &'static str,
    passed: &mut i64,
    (old, now): (Timestamp, Timestamp),
    rows: i64,
) -> rusqlite::Result<Old> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut found = statement.query([*passed, rows + MAX_PASSED])?;
    let mut ids = Vec::new();
    let mut seen = 0;
    while let Some(row) = found.next()? {
        seen += 1;
        let (id, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        if at > now.as_millis() {
            *passed = id;
        } else if at >= old.as_millis() {
            let more = !ids.is_empty();
            return Ok(Old { ids, more });
        } else {
            ids.push(id);
            if ids.len() as i64 == rows {
                return Ok(Old { ids, more: true });
            }
        }
    }
    let more = !ids.is_empty() || seen == rows + MAX_PASSED;
    Ok(Old { ids, more })
}

/// Removes rows of a series that was reset; whether there was one.
fn remove_retired(conn: &Connection, rows: i64) -> rusqlite::Result<bool> {
    let series: Option<i64> = conn
        .prepare_cached("SELECT min(id) FROM series WHERE retired = 1")?
        .query_row([], |row| row.get(0))?;
    let Some(series) = series else {
        return Ok(false);
    };
    let mut removed = 0;
    for sql in [
        "DELETE FROM rollup WHERE series = ?1 AND (span, at) IN \
         (SELECT span, at FROM rollup WHERE series = ?1 LIMIT ?2)",
        "DELETE FROM rollup_action WHERE series = ?1 AND (span, at, kind) IN \
         (SELECT span, at, kind FROM rollup_action WHERE series = ?1 LIMIT ?2)",
    ] {
        removed += conn.prepare_cached(sql)?.execute(params![series, rows])?;
    }
    if removed == 0 {
        for sql in [
            "DELETE FROM total WHERE series = ?1",
            "DELETE FROM total_action WHERE series = ?1",
            "DELETE FROM series WHERE id = ?1",
        ] {
            conn.prepare_cached(sql)?.execute([series])?;
        }
    }
    Ok(true)
}

/// Shrinks the file a little if much of it is unused.
fn give_back_pages(conn: &Connection) -> rusqlite::Result<bool> {
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (free, all) = (number("freelist_count")?, number("page_count")?);
    if free < SPARE_PAGES.max(all / 8) {
        return Ok(false);
    }
    conn.execute_batch(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
    Ok(true)
}

/// A consistent copy of the database `from` at `to`, also while a server in this or another process
/// uses it. Takes as long as copying the file and blocks meanwhile.
///
/// The copy is made beside `to` and takes its place at the end, with mode 0600.
///
/// # Errors
/// [`StorageError::Lost`] and [`StorageError::Io`] if there is no database at `from`;
/// [`StorageError::Full`], [`StorageError::ReadOnly`], [`StorageError::Io`] if `to` cannot be
/// written; [`StorageError::Corrupt`] if `from` is damaged; [`StorageError::Busy`] if another process
/// keeps it locked. Then `to` is as it was.
pub fn backup_file(from: &Path, to: &Path) -> Result<(), StorageError> {
    if !open::Files::new(from).present()? {
        let source = std::io::ErrorKind::NotFound.into();
        return Err(StorageError::Io {
            op: "copy",
            path: from.into(),
            source,
        });
    }
    if same_file(from, to) {
        let source = std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "this is the database itself; choose another file",
        );
        return Err(StorageError::Io {
            op: "write the copy to",
            path: to.into(),
            source,
        });
    }
    let partial = beside(to, ".partial");
    let copied = copy(from, &partial).and_then(|()| {
        fs::rename(&partial, to).map_err(|e| failed("write", to, e))?;
        open::sync_folder(to)
    });
    if copied.is_err() {
        for left in [beside(&partial, "-journal"), partial] {
            if left.exists() {
                fs::remove_file(&left).map_err(|e| failed("remove", &left, e))?;
            }
        }
    }
    copied
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn copy(from: &Path, partial: &Path) -> Result<(), StorageError> {
    let mut create = OpenOptions::new();
    let file = open::private_file(partial, create.write(true).create(true).truncate(true))?;
    let copied = || -> Result<(), Fault> {
        let source = open::connect(from)?;
        let mut target = Connection::open(partial)?;
        // All in one step, which is one snapshot: writers go on in the write-ahead log.
        let outcome = Backup::new(&source, &mut target)?.step(-1)?;
        if outcome != StepResult::Done {
            return Err(StorageError::Busy.into());
        }
        // One file, so that it can be moved about by itself.
        target.pragma_update(None, "journal_mode", "DELETE")?;
        target.close().map_err(|(_, error)| error.into())
    };
    copied().map_err(|fault| fault.into_error("copy the database", from))?;
    file.sync_all().map_err(|e| failed("write", partial, e))
}

fn check_whole(path: &Path) -> Result<(), StorageError> {
    let check = || -> Result<(), Fault> {
        let conn = open::connect(path)?;
        let found: String = conn.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
        if found == "ok" {
            return Ok(());
        }
        Err(StorageError::Corrupt {
            path: path.into(),
            what: found,
        }
        .into())
    };
    check().map_err(|fault| fault.into_error("check the database", path))
}

impl Storage {
    /// Whether the store works: the file is there, a read succeeds, and the last write did.
    ///
    /// A store that could not write tries by itself twice a second, so this recovers without traffic;
    /// one that was found damaged stays so until it is opened again.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn health(&self) -> Result<(), StorageError> {
        if let Some(failure) = self.live().failure() {
            return Err(failure);
        }
        if !self.threads_run() {
            return Err(StorageError::ShuttingDown);
        }
        let files = self.files().clone();
        self.read_apart("read the store's mark", move |reader| {
            if !files.present()? {
                return Err(files.lost().into());
            }
            let sql = "SELECT value FROM mark WHERE name = 'probe'";
            reader
                .conn
                .prepare_cached(sql)?
                .query_row([], |row| row.get::<_, i64>(0))?;
            Ok(())
        })
        .await
    }

    /// Bytes of the database and its write-ahead log.
    ///
    /// # Errors
    /// [`StorageError::Io`] if the files cannot be looked at.
    pub async fn size_bytes(&self) -> Result<u64, StorageError> {
        let files = self.files().clone();
        self.read_apart("measure the store", move |_| Ok(files.size()?))
            .await
    }

    /// One small step of retention; whether more is left to remove.
    ///
    /// The store does this by itself once a minute; this is for whoever wants it now.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn retain(&self) -> Result<bool, StorageError> {
        let settings = self.settings();
        self.write("remove old rows", move |tx| {
            sweep_step(tx, &settings, MAX_ROWS)
        })
        .await
    }

    /// Waits until the search index holds every entry stored before this call.
    ///
    /// Searches are right without it: entries above the index's mark are looked at one by one.
    ///
    /// # Errors
    /// [`StorageError::ShuttingDown`] if the store closes before.
    pub async fn catch_up(&self) -> Result<(), StorageError> {
        let (reply, answer) = oneshot::channel();
        self.tell_writer(Message::TellWhenIndexed(reply))?;
        answer.await.map_err(|_| StorageError::ShuttingDown)
    }

    /// A consistent copy at `to`, made while the store is in use; see [`backup_file`].
    ///
    /// # Errors
    /// As [`backup_file`].
    ///
    /// # Cancel safety
    /// Dropping the future lets a thread finish the copy.
    pub async fn backup(&self, to: &Path) -> Result<(), StorageError> {
        let to = to.to_path_buf();
        self.apart(move |from| backup_file(&from, &to)).await
    }

    /// Reads the whole database and compares its indexes with its tables. Takes minutes on large ones.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] with what was found.
    ///
    /// # Cancel safety
    /// Dropping the future lets a thread finish the check.
    pub async fn check_integrity(&self) -> Result<(), StorageError> {
        self.apart(|path| check_whole(&path)).await
    }

    /// Runs long work on a thread of its own, so that it keeps no reader busy.
    async fn apart(
        &self,
        work: impl FnOnce(PathBuf) -> Result<(), StorageError> + Send + 'static,
    ) -> Result<(), StorageError> {
        let path = self.path().to_path_buf();
        let (reply, answer) = oneshot::channel();
        thread::Builder::new()
            .name("mailpilot-copy".into())
            .spawn(move || drop(reply.send(work(path))))
            .map_err(|e| failed("start a thread for", self.path(), e))?;
        answer.await.map_err(|_| StorageError::ShuttingDown)?
    }
}
