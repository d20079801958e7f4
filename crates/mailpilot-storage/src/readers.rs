//! The readers: a few threads with connections of their own, each query one snapshot.
//!
//! A query whose caller has gone, that runs too long, or that a closing store no longer wants, is
//! interrupted inside SQLite.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use mailpilot_engine::AccountName;
use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use crate::{
    error::{Fault, StorageError},
    open,
    rollup::account_name,
    writer::step,
};

/// Queries that may wait; more callers wait for a place.
const QUEUE: usize = 1_024;
const DEADLINE: Duration = Duration::from_secs(10);
/// Virtual-machine steps between two looks at whether to go on; about a tenth of a millisecond.
const STEPS_BETWEEN_CHECKS: i32 = 4_000;

/// Whether the query that runs is still wanted.
#[derive(Debug)]
struct Wanted {
    gone: Arc<AtomicBool>,
    until: Instant,
}

/// Shared by a reader and its connection's progress handler.
#[derive(Debug)]
struct Stop {
    wanted: Mutex<Option<Wanted>>,
    closing: Arc<AtomicBool>,
}

impl Stop {
    fn set(&self, wanted: Option<Wanted>) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
    }

    fn requested(&self) -> bool {
        let wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        self.closing.load(Ordering::Relaxed)
            || wanted
                .as_ref()
                .is_some_and(|w| w.gone.load(Ordering::Relaxed) || Instant::now() >= w.until)
    }
}

/// Lets the writer hold back new queries for a moment, so that none reads the write-ahead log.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    held: Mutex<bool>,
    opened: Condvar,
}

/// Opens the gate when it is dropped.
pub(crate) struct Held<'a>(&'a Gate);

impl Gate {
    pub(crate) fn hold(&self) -> Held<'_> {
        *self.held() = true;
        Held(self)
    }

    fn pass(&self) {
        let passed = self.opened.wait_while(self.held(), |held| *held);
        drop(passed.unwrap_or_else(PoisonError::into_inner));
    }

    fn held(&self) -> MutexGuard<'_, bool> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.0.held() = false;
        self.0.opened.notify_all();
    }
}

/// What a query works with.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) conn: Connection,
    stop: Arc<Stop>,
    gate: Arc<Gate>,
    accounts: HashMap<i64, AccountName>,
}

impl Reader {
    fn open(path: &Path, closing: Arc<AtomicBool>, gate: Arc<Gate>) -> Result<Self, StorageError> {
        let mut conn = open::open_reader(path)?;
        let stop = Arc::new(Stop {
            wanted: Mutex::new(None),
            closing,
        });
        let handler = Arc::clone(&stop);
        conn.progress_handler(STEPS_BETWEEN_CHECKS, Some(move || handler.requested()))
            .map_err(|e| Fault::from(e).into_error("open the store", path))?;
        Ok(Self {
            conn,
            stop,
            gate,
            accounts: HashMap::new(),
        })
    }

    /// # Errors
    /// [`StorageError::TimedOut`] if the query is to end here; for loops between statements.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.stop.requested() {
            Err(StorageError::TimedOut.into())
        } else {
            Ok(())
        }
    }

    /// The account's name; rows of the table never change their name.
    pub(crate) fn account(&mut self, id: i64) -> rusqlite::Result<AccountName> {
        if let Some(name) = self.accounts.get(&id) {
            return Ok(name.clone());
        }
        let name = self
            .conn
            .prepare_cached("SELECT name FROM account WHERE id = ?1")?
            .query_row([id], |row| account_name(row, 0))?;
        self.accounts.insert(id, name.clone());
        Ok(name)
    }

    /// Runs `work` on one snapshot of the database.
    fn snapshot<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.gate.pass();
        step(&self.conn, "BEGIN")?;
        let outcome = work(self);
        // The handler must not stop the end of the transaction as well.
        self.stop.set(None);
        let end = if outcome.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        if !self.conn.is_autocommit() {
            step(&self.conn, end)?;
        }
        outcome
    }
}

type Query = Box<dyn FnOnce(&mut Reader) + Send>;

/// Sets a flag when the caller's future is dropped.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The readers' threads and the way to them.
#[derive(Debug)]
pub(crate) struct Readers {
    count: usize,
    queue: mpsc::Sender<Option<Query>>,
    places: Arc<Semaphore>,
    closing: Arc<AtomicBool>,
    path: PathBuf,
}

impl Readers {
    /// Opens `count` connections and starts a thread for each.
    pub(crate) fn start(
        path: &Path,
        count: usize,
        gate: &Arc<Gate>,
    ) -> Result<(Self, Vec<JoinHandle<()>>), StorageError> {
        let (queue, inbox) = mpsc::channel::<Option<Query>>();
        let inbox = Arc::new(Mutex::new(inbox));
        let closing = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::with_capacity(count);
        for _ in 0..count {
            let reader = Reader::open(path, Arc::clone(&closing), Arc::clone(gate))?;
            let inbox = Arc::clone(&inbox);
            let thread = std::thread::Builder::new()
                .name("mailpilot-read".into())
                .spawn(move || serve(reader, &inbox))
                .map_err(|e| open::failed("start a thread for", path, e))?;
            threads.push(thread);
        }
        let places = Arc::new(Semaphore::new(QUEUE));
        Ok((
            Self {
                count,
                queue,
                places,
                closing,
                path: path.into(),
            },
            threads,
        ))
    }

    /// Lets the threads end: running queries are interrupted, waiting ones dropped.
    pub(crate) fn stop(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.places.close();
        for _ in 0..self.count {
            // A thread that has ended already needs no word.
            drop(self.queue.send(None));
        }
    }

    /// Runs a query; dropping the future interrupts it.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        op: &'static str,
        work: impl FnOnce(&mut Reader) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StorageError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StorageError::ShuttingDown)?;
        let (reply, answer) = oneshot::channel();
        let gone = Arc::new(AtomicBool::new(false));
        let _guard = Guard(Arc::clone(&gone));
        let path = self.path.clone();
        let query: Query = Box::new(move |reader| {
            let _place = place;
            if gone.load(Ordering::Relaxed) {
                return;
            }
            reader.stop.set(Some(Wanted {
                gone,
                until: Instant::now() + DEADLINE,
            }));
            let outcome =
                reader
                    .snapshot(work)
                    .map_err(|fault| match fault.into_error(op, &path) {
                        StorageError::TimedOut if reader.stop.closing.load(Ordering::Relaxed) => {
                            StorageError::ShuttingDown
                        }
                        error => error,
                    });
            drop(reply.send(outcome));
        });
        self.queue
            .send(Some(query))
            .map_err(|_| StorageError::ShuttingDown)?;
        answer.await.map_err(|_| StorageError::ShuttingDown)?
    }
}

fn serve(mut reader: Reader, inbox: &Mutex<mpsc::Receiver<Option<Query>>>) {
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(Some(query)) => query(&mut reader),
            Ok(None) | Err(_) => return,
        }
    }
}
