//! The one writer: takes what waits, commits it once, then tells everybody.
//!
//! No job is answered before its commit is on disk. A job that fails is undone alone; a failing
//! commit fails every job in it.

use std::{
    fs::File,
    sync::{Arc, RwLock, mpsc},
    time::{Duration, Instant},
};

use mailpilot_clock::{Clock, Timestamp};
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::{
    error::{Fault, StorageError, classify},
    live::{Effect, Live},
    maintenance::{Passed, Upkeep},
    model::{CommitObserver, Committed},
    names::Names,
    open::{BUSY_TIMEOUT, Files, Opened, checkpoint},
    readers::Gate,
    rollup::Pending,
    settings::StorageSettings,
};

/// Most jobs in one commit.
const MAX_BATCH: usize = 512;
/// Rows, and time, after which a commit takes no further job: whoever waits for it waits for all of it.
const MAX_ROWS: usize = 5_000;
const MAX_TIME: Duration = Duration::from_millis(20);
/// A write-ahead log larger than this is emptied although readers may have to wait for that.
pub(crate) const LOG_LIMIT: u64 = 64 << 20;
/// How much it grows before the next try, if readers were in the way.
const LOG_GROWTH: u64 = 4 << 20;
/// How long readers that are at work are waited for then.
const LOG_WAIT: Duration = Duration::from_millis(50);

/// What a job works with: the open transaction and what belongs to it.
pub(crate) struct Tx<'a> {
    pub(crate) conn: &'a Connection,
    pub(crate) names: &'a mut Names,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(crate) now: Timestamp,
    /// Whether subjects and senders are kept.
    pub(crate) keep_subjects: bool,
    /// The last entry the search index holds.
    pub(crate) indexed: i64,
    /// How far retention has gone past rows it leaves.
    pub(crate) passed: &'a mut Passed,
}

/// One write that waits.
pub(crate) trait Job: Send {
    /// Does the work inside the transaction.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Fault>;
    /// Tells the caller: what came out, or why nothing was stored.
    fn answer(self: Box<Self>, failure: Option<StorageError>);
    /// What it does, for messages.
    fn op(&self) -> &'static str;
}

/// What the writer's thread receives.
pub(crate) enum Message {
    Job(Box<dyn Job>),
    /// Answer as soon as the search index holds everything.
    TellWhenIndexed(oneshot::Sender<()>),
    /// Finish what waits, close the file, then answer.
    Close(oneshot::Sender<Result<(), StorageError>>),
}

/// A closure as a job.
pub(crate) struct Call<T, F> {
    op: &'static str,
    work: Option<F>,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StorageError>>,
    _permit: OwnedSemaphorePermit,
}

impl<T, F> Call<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Send,
{
    pub(crate) fn new(
        op: &'static str,
        work: F,
        permit: OwnedSemaphorePermit,
    ) -> (Self, oneshot::Receiver<Result<T, StorageError>>) {
        let (reply, answer) = oneshot::channel();
        (
            Self {
                op,
                work: Some(work),
                done: None,
                reply,
                _permit: permit,
            },
            answer,
        )
    }
}

impl<T, F> Job for Call<T, F>
where
    T: Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        if let Some(work) = self.work.take() {
            self.done = Some(work(tx)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, failure: Option<StorageError>) {
        let outcome = match (failure, self.done) {
            (None, Some(done)) => Ok(done),
            (Some(failure), _) => Err(failure),
            (None, None) => Err(StorageError::ShuttingDown),
        };
        // A caller that has gone away does not want to know.
        drop(self.reply.send(outcome));
    }

    fn op(&self) -> &'static str {
        self.op
    }
}

/// The writer's thread.
pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) files: Files,
    pub(crate) settings: Arc<RwLock<StorageSettings>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) live: Arc<Live>,
    gate: Arc<Gate>,
    /// Size of the write-ahead log from which on it is emptied.
    log_limit: u64,
    pub(crate) names: Names,
    pub(crate) upkeep: Upkeep,
    observer: Arc<dyn CommitObserver>,
    inbox: mpsc::Receiver<Message>,
    /// Given back when the connection is closed.
    _lock: File,
}

impl Writer {
    pub(crate) fn new(
        opened: Opened,
        files: Files,
        settings: Arc<RwLock<StorageSettings>>,
        (clock, observer): (Arc<dyn Clock>, Arc<dyn CommitObserver>),
        (live, gate): (Arc<Live>, Arc<Gate>),
        inbox: mpsc::Receiver<Message>,
    ) -> Result<Self, StorageError> {
        let upkeep = Upkeep::begin(&opened.conn)
            .map_err(|fault| fault.into_error("open the store", &files.database))?;
        Ok(Self {
            conn: opened.conn,
            files,
            settings,
            clock,
            live,
            gate,
            log_limit: LOG_LIMIT,
            names: Names::default(),
            upkeep,
            observer,
            inbox,
            _lock: opened.lock,
        })
    }

    /// Works until the store is closed or nobody holds it any more.
    pub(crate) fn run(mut self) {
        let closing = loop {
            match self.inbox.recv_timeout(self.upkeep.wait()) {
                Ok(Message::Job(first)) => {
                    let closing = self.take_batch(first);
                    if closing.is_some() {
                        break closing;
                    }
                    self.keep_up_under_load();
                }
                Ok(Message::TellWhenIndexed(caller)) => self.upkeep.tell_when_indexed(caller),
                Ok(Message::Close(reply)) => break Some(reply),
                Err(mpsc::RecvTimeoutError::Timeout) => self.keep_up(),
                Err(mpsc::RecvTimeoutError::Disconnected) => break None,
            }
        };
        while let Ok(message) = self.inbox.try_recv() {
            if let Message::Job(job) = message {
                drop(self.take_batch(job));
            }
        }
        let closed = self.close();
        if let Some(reply) = closing {
            drop(reply.send(closed));
        }
    }

    /// Commits `first` and whatever waits behind it; gives back a wish to close that was among it.
    fn take_batch(
        &mut self,
        first: Box<dyn Job>,
    ) -> Option<oneshot::Sender<Result<(), StorageError>>> {
        let mut jobs = vec![first];
        let mut closing = None;
        while jobs.len() < MAX_BATCH && closing.is_none() {
            match self.inbox.try_recv() {
                Ok(Message::Job(job)) => jobs.push(job),
                Ok(Message::TellWhenIndexed(caller)) => self.upkeep.tell_when_indexed(caller),
                Ok(Message::Close(reply)) => closing = Some(reply),
                Err(_) => break,
            }
        }
        while !jobs.is_empty() {
            jobs = self.commit(jobs);
            if !jobs.is_empty() {
                self.keep_up_under_load();
            }
        }
        closing
    }

    /// Commits jobs from the first on, as many as fit, and gives back the others.
    fn commit(&mut self, mut jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let begun = Instant::now();
        let mut effects = Vec::new();
        match self.attempt(&mut jobs, &mut effects) {
            Ok(outcomes) => {
                let rest = jobs.split_off(outcomes.len());
                if outcomes.iter().any(Option::is_none) {
                    self.succeeded();
                }
                self.upkeep.noticed(&effects);
                self.live.publish(&effects, &*self.observer);
                let duration = begun.elapsed();
                self.observer.committed(&Committed::Batch {
                    jobs: jobs.len(),
                    duration,
                });
                for (job, failure) in jobs.into_iter().zip(outcomes) {
                    job.answer(failure);
                }
                // A main file copied without its log must not let the next visitor become administrator.
                if effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::AdministratorMade))
                {
                    self.log_limit = 0;
                }
                self.empty_log();
                rest
            }
            Err(error) => {
                self.undo();
                // First noted, so that whoever is answered finds the store unwell.
                let answers: Vec<_> = jobs.into_iter().map(|job| (job, error.again())).collect();
                self.failed(error);
                for (job, error) in answers {
                    job.answer(Some(error));
                }
                Vec::new()
            }
        }
    }

    /// Empties a write-ahead log that has grown large because there was always a reader in it.
    fn empty_log(&mut self) {
        let size = match self.files.log_size() {
            Ok(size) if size > self.log_limit => size,
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "the size of the write-ahead log is unknown");
                return;
            }
        };
        let path = self.files.database.clone();
        let _held = self.gate.hold();
        let emptied = self
            .conn
            .busy_timeout(LOG_WAIT)
            .map_err(Fault::from)
            .and_then(|()| checkpoint(&self.conn))
            .map_err(|fault| fault.into_error("empty the write-ahead log", &path));
        let restored = self.conn.busy_timeout(BUSY_TIMEOUT);
        self.log_limit = match emptied {
            Ok(()) => LOG_LIMIT,
            Err(_) => size + LOG_GROWTH,
        };
        if let Err(error) = emptied
            && !matches!(error, StorageError::Busy)
        {
            tracing::warn!(%error, "the write-ahead log stays large");
        }
        if let Err(error) = restored {
            tracing::warn!(%error, "the busy timeout could not be set");
        }
    }

    /// Runs jobs in one transaction, from the first on, until they are enough. `Ok` holds the own
    /// failure of each that ran; `Err` undoes them all.
    fn attempt(
        &mut self,
        jobs: &mut [Box<dyn Job>],
        effects: &mut Vec<Effect>,
    ) -> Result<Vec<Option<StorageError>>, StorageError> {
        let now = self.clock.now();
        let path = self.files.database.clone();
        let fatal = |e: rusqlite::Error| classify(&e, "write", &path);
        self.conn
            .prepare_cached("BEGIN IMMEDIATE")
            .and_then(|mut s| s.execute([]))
            .map_err(fatal)?;
        let keep_subjects = self.settings().audit_subjects;
        let mut pending = Pending::default();
        let mut outcomes = Vec::with_capacity(jobs.len());
        let many = jobs.len() > 1;
        let begun = Instant::now();
        let mut rows = 0;
        for job in jobs.iter_mut() {
            if rows >= MAX_ROWS || (!outcomes.is_empty() && begun.elapsed() >= MAX_TIME) {
                break;
            }
            let before = effects.len();
            if many {
                step(&self.conn, "SAVEPOINT job").map_err(fatal)?;
            }
            let mut tx = Tx {
                conn: &self.conn,
                names: &mut self.names,
                effects,
                now,
                keep_subjects,
                indexed: self.upkeep.indexed(),
                passed: &mut self.upkeep.passed,
            };
            let failure = match job.run(&mut tx) {
                Ok(()) => {
                    for effect in &effects[before..] {
                        effect.gather(&mut pending);
                        rows += effect.rows();
                    }
                    None
                }
                Err(fault) => {
                    effects.truncate(before);
                    self.names.forget();
                    let error = fault.into_error(job.op(), &path);
                    // A full disk or a broken device takes the transaction with it.
                    if !many || error.is_environmental() || self.conn.is_autocommit() {
                        return self.alone(many, error).map(|own| vec![Some(own)]);
                    }
                    step(&self.conn, "ROLLBACK TO job").map_err(fatal)?;
                    Some(error)
                }
            };
            if many {
                step(&self.conn, "RELEASE job").map_err(fatal)?;
            }
            outcomes.push(failure);
        }
        pending.flush(&self.conn, &mut self.names).map_err(fatal)?;
        // A file that somebody took away still takes writes, but nobody will ever read them again.
        if !self.files.present()? {
            return Err(self.files.lost());
        }
        step(&self.conn, "COMMIT").map_err(fatal)?;
        Ok(outcomes)
    }

    /// The failure of a job that was alone in its transaction: its own unless the disk is to blame.
    fn alone(&mut self, many: bool, error: StorageError) -> Result<StorageError, StorageError> {
        if many || error.is_environmental() {
            return Err(error);
        }
        self.undo();
        Ok(error)
    }

    /// Leaves no transaction open, whatever has happened to it.
    pub(crate) fn undo(&mut self) {
        self.names.forget();
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// Something was written.
    pub(crate) fn succeeded(&mut self) {
        if self.live.note(None) {
            tracing::info!("the store accepts writes again");
        }
    }

    /// Something could not be written.
    pub(crate) fn failed(&mut self, error: StorageError) {
        if !error.is_environmental() {
            tracing::warn!(%error, "a write failed");
            return;
        }
        let text = error.to_string();
        if self.live.note(Some(error)) {
            tracing::error!(error = text, "the store does not accept writes");
        }
        self.upkeep.pause();
    }

    /// The settings as they stand now.
    pub(crate) fn settings(&self) -> StorageSettings {
        self.settings
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Tells what upkeep has changed.
    pub(crate) fn publish(&mut self, effects: &[Effect]) {
        self.live.publish(effects, &*self.observer);
    }

    fn close(self) -> Result<(), StorageError> {
        let path = self.files.database;
        let checkpoint = self
            .conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let closed = self.conn.close().map_err(|(_, error)| error);
        checkpoint
            .and(closed)
            .map_err(|e| classify(&e, "close the store", &path))
    }
}

/// Runs a statement without parameters.
pub(crate) fn step(conn: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}
