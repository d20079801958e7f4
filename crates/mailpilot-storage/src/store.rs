//! The store as its users hold it: the way to the writer and to the readers, opening and closing.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock, mpsc},
    thread::{self, JoinHandle},
};

use mailpilot_clock::Clock;
use tokio::sync::{Semaphore, oneshot};

use crate::{
    error::{Fault, StorageError},
    listing::Counts,
    live::Live,
    model::CommitObserver,
    open::{self, Files},
    readers::{Gate, Reader, Readers},
    rollup,
    settings::StorageSettings,
    writer::{Call, Message, Tx, Writer},
};

/// Writes that may wait; more callers wait for a place.
const QUEUE: usize = 4_096;
/// Queries that run at the same time.
const READERS: usize = 3;

/// The store. Cheap to clone; all clones are the same store.
///
/// Every write is on disk when its future is done. Dropping the future of a write does not undo it:
/// once it waits in the queue it is carried out. Dropping the future of a read stops it.
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    files: Files,
    settings: Arc<RwLock<StorageSettings>>,
    live: Arc<Live>,
    counts: Arc<Counts>,
    writer: mpsc::Sender<Message>,
    places: Arc<Semaphore>,
    readers: Readers,
    /// A reader of its own for questions about health, so that they never wait behind other queries.
    watch: Readers,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Storage")
            .field(&self.0.files.database)
            .finish()
    }
}

impl Drop for Inner {
    /// Ends the threads once what waits is written, so that the file is free afterwards.
    fn drop(&mut self) {
        self.readers.stop();
        self.watch.stop();
        let (unused, empty) = mpsc::channel();
        drop(empty);
        // The writer ends when nobody can send to it any more.
        drop(std::mem::replace(&mut self.writer, unused));
        join(&self.threads);
    }
}

fn join(threads: &Mutex<Vec<JoinHandle<()>>>) {
    let threads = std::mem::take(&mut *threads.lock().unwrap_or_else(PoisonError::into_inner));
    for handle in threads {
        // The last holder may be the writer's own observer.
        if handle.thread().id() != thread::current().id() && handle.join().is_err() {
            tracing::error!("a thread of the store panicked");
        }
    }
}

impl Storage {
    /// Opens the store, making it if there never was one, and starts its threads.
    ///
    /// The folder is made with mode 0700, the files with 0600. `observer` is told of every commit.
    ///
    /// # Errors
    /// [`StorageError::InUse`] if another server has it open; [`StorageError::Lost`] if there was a
    /// store and it is gone or empty; [`StorageError::Corrupt`], [`StorageError::Foreign`],
    /// [`StorageError::TooNew`] if the file cannot be used; [`StorageError::ReadOnly`],
    /// [`StorageError::Full`] and [`StorageError::Io`] if it cannot be written.
    ///
    /// # Cancel safety
    /// Dropping the future lets a thread finish opening and then close the file again.
    pub async fn open(
        settings: StorageSettings,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, StorageError> {
        let path = settings.path.clone();
        let (reply, answer) = oneshot::channel();
        thread::Builder::new()
            .name("mailpilot-open".into())
            .spawn(move || drop(reply.send(Self::open_blocking(settings, clock, observer))))
            .map_err(|e| open::failed("start a thread for", &path, e))?;
        answer.await.map_err(|_| StorageError::ShuttingDown)?
    }

    fn open_blocking(
        settings: StorageSettings,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, StorageError> {
        let files = Files::new(&settings.path);
        let opened = open::open_writer(&files)?;
        let live = Arc::new(Live::default());
        let totals = rollup::load_totals(&opened.conn)
            .map_err(|fault| fault.into_error("read the totals", &files.database))?;
        live.begin(totals);
        let settings = Arc::new(RwLock::new(settings));
        let gate = Arc::new(Gate::default());
        let (sender, inbox) = mpsc::channel();
        let writer = Writer::new(
            opened,
            files.clone(),
            Arc::clone(&settings),
            (clock, observer),
            (Arc::clone(&live), Arc::clone(&gate)),
            inbox,
        )?;
        let (readers, mut threads) = Readers::start(&files.database, READERS, &gate)?;
        let (watch, watching) = Readers::start(&files.database, 1, &gate)?;
        threads.extend(watching);
        let thread = thread::Builder::new()
            .name("mailpilot-write".into())
            .spawn(move || writer.run())
            .map_err(|e| open::failed("start a thread for", &files.database, e))?;
        threads.push(thread);
        Ok(Self(Arc::new(Inner {
            files,
            settings,
            live,
            counts: Arc::default(),
            writer: sender,
            places: Arc::new(Semaphore::new(QUEUE)),
            readers,
            watch,
            threads: Mutex::new(threads),
        })))
    }

    /// Takes over retention and whether subjects are kept, for what comes from now on.
    ///
    /// The path cannot change while the store is open and is ignored.
    pub fn reconfigure(&self, settings: StorageSettings) {
        let mut current = self
            .0
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let path = std::mem::take(&mut current.path);
        *current = StorageSettings { path, ..settings };
    }

    /// Writes what waits, checkpoints, closes the file and ends the threads.
    ///
    /// Later calls of any method answer [`StorageError::ShuttingDown`].
    ///
    /// # Errors
    /// An error of the last checkpoint; everything acknowledged is on disk all the same.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the closing.
    pub async fn close(&self) -> Result<(), StorageError> {
        self.0.places.close();
        self.0.readers.stop();
        self.0.watch.stop();
        let (reply, answer) = oneshot::channel();
        if self.0.writer.send(Message::Close(reply)).is_err() {
            return Ok(());
        }
        // No answer means that another call has closed it.
        let closed = answer.await.unwrap_or(Ok(()));
        join(&self.0.threads);
        closed
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> StorageSettings {
        self.0
            .settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    pub(crate) fn live_handle(&self) -> Arc<Live> {
        Arc::clone(&self.0.live)
    }

    pub(crate) fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.0.counts)
    }

    pub(crate) fn files(&self) -> &Files {
        &self.0.files
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0.files.database
    }

    /// Queues a write and waits until it is on disk.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        op: &'static str,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StorageError> {
        let place = Arc::clone(&self.0.places).acquire_owned().await;
        let place = place.map_err(|_| StorageError::ShuttingDown)?;
        let (call, answer) = Call::new(op, work, place);
        self.tell_writer(Message::Job(Box::new(call)))?;
        answer.await.map_err(|_| StorageError::ShuttingDown)?
    }

    /// Whether the writer and all readers are at work.
    pub(crate) fn threads_run(&self) -> bool {
        let threads = self
            .0
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        !threads.is_empty() && !threads.iter().any(JoinHandle::is_finished)
    }

    pub(crate) fn tell_writer(&self, message: Message) -> Result<(), StorageError> {
        self.0
            .writer
            .send(message)
            .map_err(|_| StorageError::ShuttingDown)
    }

    /// Queues a query and waits for its result.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        op: &'static str,
        work: impl FnOnce(&mut Reader) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StorageError> {
        let outcome = self.0.readers.read(op, work).await;
        self.note_damage(outcome)
    }

    /// Like [`Self::read`], but never behind other queries; for quick ones.
    pub(crate) async fn read_apart<T: Send + 'static>(
        &self,
        op: &'static str,
        work: impl FnOnce(&mut Reader) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StorageError> {
        let outcome = self.0.watch.read(op, work).await;
        self.note_damage(outcome)
    }

    fn note_damage<T>(&self, outcome: Result<T, StorageError>) -> Result<T, StorageError> {
        if let Err(error @ StorageError::Corrupt { .. }) = &outcome
            && self.0.live.note(Some(error.again()))
        {
            tracing::error!(%error, "the store is damaged");
        }
        outcome
    }
}
