//! What all requests share: settings, credentials, sessions, accounts, the store. Built once, handed
//! about as one `Arc`; what can be reloaded is swapped whole.
//!
//! Must not look at a request; that is `gate` and the handlers.

mod chores;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use mailpilot_auth::{AuthError, CredentialSettings, KeyRing, MadeKey, SetupCode, Throttle};
use mailpilot_clock::{Clock, Timestamp};
use mailpilot_engine::{AccountBook, AccountName, AccountState, Engine};
use mailpilot_metrics::Metrics;
use mailpilot_secret::Secret;
use mailpilot_sessions::{Moment, Session, SessionError, SessionKeys, SessionPolicy, SessionTable};
use mailpilot_storage::{AccountOverlay, Storage, StorageError, StoredKey, Watch};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    configuration::{Configuration, ConfiguredAccount, Problem, Reloaded},
    endpoint::Router,
    error::ApiError,
    events::EventHub,
    feed::Feed,
    history::History,
    pulse::Pulse,
    settings::{HttpSettings, SecretKept},
    streams::{OpenStreams, Workers},
    wire::AccountEvent,
};

/// Durable facts, by the key they have in the store.
pub(crate) mod fact {
    /// Set once a proxy or a remote visitor was seen: development mode is over for good.
    pub(crate) const DEVELOPMENT_CLOSED: &str = "development_closed";
    /// Defaults of the export, as JSON.
    pub(crate) const EXPORT_SETTINGS: &str = "export_settings";
    /// Which session secret the stored sessions belong to.
    pub(crate) const SESSION_KEYS: &str = "session_keys";
}

/// Exports at once; one more is told to come back.
const MAX_EXPORTS: usize = 4;
/// How long a visitor waits for the end of development mode to be stored, and how often that is tried.
const LATCH_WAIT: Duration = Duration::from_secs(2);
const LATCH_RETRY: Duration = Duration::from_secs(5);

/// KiB of request bodies in memory at once. Small ones do not count.
const BODY_ROOM: usize = 128 * 1024;
const SMALL_BODY: usize = 64 * 1024;

/// What a server is made of.
#[derive(Debug)]
pub struct AppParts {
    /// HTTP settings.
    pub settings: HttpSettings,
    /// Token and configured keys.
    pub credentials: CredentialSettings,
    /// Rules for sessions.
    pub sessions: SessionPolicy,
    /// What session cookies are sealed under.
    pub session_secret: Secret,
    /// Where that secret comes from.
    pub session_secret_kept: SecretKept,
    /// Where the server listens.
    pub address: SocketAddr,
    /// Where configuration comes from.
    pub configuration: Arc<dyn Configuration>,
    /// What steers mail.
    pub engine: Arc<dyn Engine>,
    /// The store, whose observer is `feed`.
    pub storage: Storage,
    /// What the store tells of its commits.
    pub feed: Arc<Feed>,
    /// Wall time.
    pub clock: Arc<dyn Clock>,
    /// The version to show.
    pub version: String,
    /// Where the setup code is left for the operator while there is no administrator.
    pub setup_code_file: Option<PathBuf>,
}

/// Why the parts do not make a server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The store did not answer.
    #[error("the store could not be read at start")]
    Storage(#[from] StorageError),
    /// Keys could not be set up.
    #[error("credentials could not be set up")]
    Auth(#[from] AuthError),
    /// Sessions could not be set up.
    #[error("sessions could not be set up")]
    Sessions(#[from] SessionError),
    /// Two routes contradict each other.
    #[error("two routes contradict each other")]
    Routes(#[from] matchit::InsertError),
}

/// Why the configuration was not read again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// Something in it is wrong; every problem.
    #[error("{} problems in the configuration", .0.len())]
    Invalid(Vec<Problem>),
    /// The store did not answer.
    #[error("the store could not be read")]
    Storage(#[from] StorageError),
    /// Keys could not be set up.
    #[error("credentials could not be set up")]
    Auth(#[from] AuthError),
    /// Reading panicked; the log tells where.
    #[error("reading the configuration failed inside the server")]
    Panicked,
}

/// What all requests share.
#[derive(Debug)]
pub struct App {
    pub(crate) router: Router,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) configuration: Arc<dyn Configuration>,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) storage: Storage,
    /// Whether the store works.
    pub(crate) pulse: Pulse,
    pub(crate) hub: Arc<EventHub>,
    pub(crate) metrics: Metrics,
    pub(crate) version: String,
    pub(crate) streams: OpenStreams,
    pub(crate) workers: Workers,
    pub(crate) logins: Throttle,
    pub(crate) setups: Throttle,
    pub(crate) bad_bearers: Throttle,
    /// Two hashes at a time: each takes 19 MiB and a core.
    pub(crate) hashing: Arc<Semaphore>,
    /// Requests that wait for a hash or have one made.
    pub(crate) hash_queue: AtomicUsize,
    /// Fires when the server begins to stop.
    pub(crate) stop: CancellationToken,
    pub(crate) setup_code_file: Option<PathBuf>,
    pub(crate) session_secret_kept: SecretKept,
    /// Where the server listens, whatever the configuration says by now.
    pub(crate) address: SocketAddr,
    /// One change of credentials or accounts at a time. Never held while a host's code runs.
    pub(crate) changes: tokio::sync::Mutex<()>,
    /// One reading of the configuration at a time.
    reloads: tokio::sync::Mutex<()>,
    /// Changes that go on although their client may have gone.
    pub(crate) under_way: TaskTracker,
    /// One pause or resume at a time. Taken before `changes`, never after.
    pub(crate) pauses: tokio::sync::Mutex<()>,
    /// Room for large request bodies, in KiB.
    bodies: Arc<Semaphore>,
    /// Exports that run: each reads as fast as its client takes.
    pub(crate) exports: Arc<Semaphore>,
    settings: RwLock<Arc<HttpSettings>>,
    credentials: RwLock<Arc<Credentials>>,
    sessions: Mutex<SessionTable>,
    book: Arc<RwLock<AccountBook>>,
    history: Arc<History>,
    accounts: RwLock<Arc<Vec<ConfiguredAccount>>>,
    setup_code: Mutex<Option<SetupCode>>,
    has_administrator: AtomicBool,
    development_closed: AtomicBool,
    development_end_stored: AtomicBool,
    /// When storing that end was last tried.
    development_latch: tokio::sync::Mutex<Option<Instant>>,
    key_uses: Mutex<BTreeMap<String, Timestamp>>,
    started: Instant,
}

/// Token, configured keys and made keys.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) configured: CredentialSettings,
    pub(crate) made: Vec<StoredKey>,
    pub(crate) ring: KeyRing,
}

impl Credentials {
    fn new(configured: CredentialSettings, made: Vec<StoredKey>) -> Result<Self, AuthError> {
        let ring = KeyRing::new(
            &configured,
            made.iter().map(|key| MadeKey {
                name: key.name.clone(),
                sha256: key.sha256,
                permissions: key.permissions,
                expires_at: key.expires_at,
            }),
        )?;
        Ok(Self {
            configured,
            made,
            ring,
        })
    }
}

/// A panic elsewhere cannot leave these half changed: each is swapped or changed in one step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Loads from the store what has to be in memory. The second value is the setup code to print, if
    /// there is no administrator yet.
    ///
    /// # Errors
    /// [`AppError`] when the store cannot be read.
    pub async fn new(parts: AppParts) -> Result<(Arc<Self>, Option<Secret>), AppError> {
        let AppParts {
            storage,
            clock,
            feed,
            ..
        } = parts;
        let now = clock.now();
        let keys = SessionKeys::derive(&parts.session_secret)?;
        let sessions = sessions_under(&storage, &keys).await?;
        let table = SessionTable::new(
            parts.sessions,
            keys,
            sessions,
            Moment {
                wall: now,
                monotonic: Instant::now(),
            },
        );
        let credentials = Credentials::new(parts.credentials, storage.keys().await?)?;
        let has_administrator = storage.administrator().await?.is_some();
        let development_closed = storage.setting(fact::DEVELOPMENT_CLOSED).await?.is_some();
        // Also while the dashboard is disabled: it may be enabled by a reload.
        let (setup_code, printed) = if has_administrator {
            (None, None)
        } else {
            let (code, text) = SetupCode::generate(now, Instant::now())?;
            (Some(code), Some(text))
        };
        let app = Self {
            router: Router::new()?,
            configuration: parts.configuration,
            engine: parts.engine,
            pulse: Pulse::new(),
            hub: Arc::clone(&feed.hub),
            metrics: feed.metrics.clone(),
            version: parts.version,
            streams: OpenStreams::default(),
            workers: Workers::default(),
            logins: Throttle::login(),
            setups: Throttle::setup_code(),
            bad_bearers: Throttle::bearer(),
            hashing: Arc::new(Semaphore::new(2)),
            hash_queue: AtomicUsize::new(0),
            stop: CancellationToken::new(),
            setup_code_file: parts.setup_code_file,
            session_secret_kept: parts.session_secret_kept,
            address: parts.address,
            changes: tokio::sync::Mutex::new(()),
            reloads: tokio::sync::Mutex::new(()),
            under_way: TaskTracker::new(),
            pauses: tokio::sync::Mutex::new(()),
            bodies: Arc::new(Semaphore::new(BODY_ROOM)),
            exports: Arc::new(Semaphore::new(MAX_EXPORTS)),
            settings: RwLock::new(Arc::new(parts.settings)),
            credentials: RwLock::new(Arc::new(credentials)),
            sessions: Mutex::new(table),
            book: Arc::clone(&feed.book),
            history: Arc::clone(&feed.history),
            accounts: RwLock::default(),
            setup_code: Mutex::new(setup_code),
            has_administrator: AtomicBool::new(has_administrator),
            development_closed: AtomicBool::new(development_closed),
            development_end_stored: AtomicBool::new(development_closed),
            development_latch: tokio::sync::Mutex::new(None),
            key_uses: Mutex::default(),
            started: Instant::now(),
            clock,
            storage,
        };
        app.refresh_accounts().await?;
        Ok((Arc::new(app), printed))
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Arc<HttpSettings> {
        Arc::clone(&read(&self.settings))
    }

    /// Whether development mode could be had by a local client now.
    #[must_use]
    pub fn development_possible(&self) -> bool {
        let settings = read(&self.settings);
        settings.dashboard.enabled
            && !settings.dashboard.require_login
            && !self.has_administrator.load(Ordering::Acquire)
            && !self.development_closed.load(Ordering::Acquire)
            && read(&self.credentials).ring.is_empty()
    }

    /// Ends development mode in memory; whether it was this call that did.
    pub(crate) fn close_development_now(&self) -> bool {
        let first = !self.development_closed.swap(true, Ordering::AcqRel);
        if first {
            self.recheck_streams();
        }
        first
    }

    /// Ends development mode for good, because a proxy or a remote visitor showed itself: in memory at
    /// once, and on disk before such a visitor is answered, as long as the store answers in time.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the storing to a task of its own.
    pub(crate) async fn close_development(self: &Arc<Self>) {
        self.close_development_now();
        let app = Arc::clone(self);
        // A visitor who hangs up must not undo it, and a store that hangs must not hold up everybody.
        let storing = tokio::spawn(async move { app.store_development_end().await });
        if tokio::time::timeout(LATCH_WAIT, storing).await.is_err() {
            tracing::warn!("storing the end of development mode takes long");
        }
    }

    /// One at a time; the others wait for the one that stores.
    async fn store_development_end(&self) {
        let mut last_try = self.development_latch.lock().await;
        let tried_lately = last_try.is_some_and(|at: Instant| at.elapsed() < LATCH_RETRY);
        if self.development_end_stored() || tried_lately {
            return;
        }
        *last_try = Some(Instant::now());
        let stored = self
            .storage
            .put_setting(fact::DEVELOPMENT_CLOSED, "true")
            .await;
        match stored {
            Ok(()) => self.development_end_stored.store(true, Ordering::Release),
            // It stays closed until a restart, and a later such visitor has it stored again.
            Err(error) => {
                tracing::warn!(error = %error, "the end of development mode could not be stored");
            }
        }
    }

    /// Whether development mode is over for good, also for the next start.
    pub(crate) fn development_end_stored(&self) -> bool {
        self.development_end_stored.load(Ordering::Acquire)
    }

    pub(crate) fn has_administrator(&self) -> bool {
        self.has_administrator.load(Ordering::Acquire)
    }

    /// Setup is over: the code is void and development mode ended.
    pub(crate) fn administrator_created(&self) {
        self.has_administrator.store(true, Ordering::Release);
        *lock(&self.setup_code) = None;
        self.recheck_streams();
    }

    pub(crate) fn setup_code(&self) -> MutexGuard<'_, Option<SetupCode>> {
        lock(&self.setup_code)
    }

    pub(crate) fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&read(&self.credentials))
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, SessionTable> {
        lock(&self.sessions)
    }

    pub(crate) fn book(&self) -> RwLockReadGuard<'_, AccountBook> {
        read(&self.book)
    }

    pub(crate) fn book_mut(&self) -> RwLockWriteGuard<'_, AccountBook> {
        write(&self.book)
    }

    /// Notes the state of every account as it is now, and gives what the store may not have yet.
    pub(crate) fn watched(&self) -> Vec<Watch> {
        self.note_states();
        self.history.live()
    }

    /// Notes the state of every account as it is now, and tells streams of those that time has changed.
    pub(crate) fn note_states(&self) {
        self.note_book(&self.book());
    }

    fn note_book(&self, book: &AccountBook) {
        let now = self.clock.now();
        for name in self.history.note_all(book, now) {
            if let Some(state) = book.get(name.as_str()) {
                Feed::publish_account(&self.hub, &AccountEvent::new(&name, state, now, None));
            }
        }
    }

    pub(crate) fn accounts(&self) -> Arc<Vec<ConfiguredAccount>> {
        Arc::clone(&read(&self.accounts))
    }

    /// Whether `name` may be reported about.
    pub(crate) fn is_account(&self, name: &AccountName) -> bool {
        self.book().get(name.as_str()).is_some()
    }

    /// Now, by both clocks.
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            wall: self.clock.now(),
            monotonic: Instant::now(),
        }
    }

    /// Room for a body of `bytes`, to be held while it is read and handled.
    ///
    /// # Errors
    /// 503 when so many large bodies are under way that there is none within `patience`.
    pub(crate) async fn body_room(
        &self,
        bytes: usize,
        patience: Duration,
    ) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
        if bytes <= SMALL_BODY {
            return Ok(None);
        }
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.bodies).acquire_many_owned(kib);
        match tokio::time::timeout(patience, room).await {
            Ok(Ok(room)) => Ok(Some(room)),
            Ok(Err(_)) | Err(_) => Err(ApiError::unavailable(
                "busy",
                "too many large bodies are under way; try again in a second",
            )),
        }
    }

    /// Time since start.
    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn key_used(&self, name: &str, now: Timestamp) {
        let mut uses = lock(&self.key_uses);
        match uses.get_mut(name) {
            Some(last) => *last = now,
            None => {
                uses.insert(name.to_owned(), now);
            }
        }
    }

    /// A key that is gone was not used.
    pub(crate) fn forget_key_use(&self, name: &str) {
        lock(&self.key_uses).remove(name);
    }

    /// Uses of keys that are not in the store yet.
    pub(crate) fn recent_key_uses(&self) -> BTreeMap<String, Timestamp> {
        lock(&self.key_uses).clone()
    }

    /// Puts made keys in force; streams of keys that are gone end.
    pub(crate) fn set_made_keys(&self, made: Vec<StoredKey>) -> Result<(), AuthError> {
        let configured = self.credentials().configured.clone();
        let fresh = Credentials::new(configured, made)?;
        *write(&self.credentials) = Arc::new(fresh);
        self.recheck_streams();
        Ok(())
    }

    /// Ends every stream whose credential no longer opens it.
    pub(crate) fn recheck_streams(&self) {
        let now = self.moment();
        let credentials = self.credentials();
        let development = self.development_possible();
        let sessions = self.sessions();
        self.streams
            .end_unless(|held| held.still_opens(&credentials.ring, &sessions, development, now));
    }

    /// Reads the configuration again and puts it in force, all of it or nothing.
    ///
    /// # Errors
    /// [`ReloadError`]; nothing has changed then.
    ///
    /// # Cancel safety
    /// Dropped before the reading is done, nothing changes; after that nothing waits.
    pub async fn reload(self: &Arc<Self>) -> Result<Reloaded, ReloadError> {
        let _one_at_a_time = self.reloads.lock().await;
        let closed = !self.development_possible();
        let outcome = self.read_again().await;
        if closed && self.development_possible() {
            tracing::warn!(
                "no credential is left: programs on this machine need none now (development mode)"
            );
        }
        self.metrics
            .config_last_reload_successful
            .set(if outcome.is_ok() { 1.0 } else { 0.0 });
        match &outcome {
            Ok(done) => {
                tracing::info!(changed = ?done.changed, restart = ?done.restart_required, "configuration read again");
            }
            Err(error) => tracing::warn!(
                error = %error,
                "configuration not read again: the old one stays in force"
            ),
        }
        outcome
    }

    /// What can fail comes before the configuration is taken over, so that nothing is left half done.
    async fn read_again(self: &Arc<Self>) -> Result<Reloaded, ReloadError> {
        let (configuration, now) = (Arc::clone(&self.configuration), self.clock.now());
        let read = tokio::task::spawn_blocking(move || configuration.read(now)).await;
        let reloaded = read
            .map_err(|_| ReloadError::Panicked)?
            .map_err(ReloadError::Invalid)?;
        // Only now: a file on a slow disk must hold up nobody's login.
        let _one_at_a_time = self.changes.lock().await;
        let decided = Decided::load(&self.storage).await?;
        let made = self.credentials().made.clone();
        let fresh = Credentials::new(reloaded.credentials.clone(), made)?;
        self.configuration.commit(now);
        {
            // Both at once, or development mode could be had in between.
            let mut settings = write(&self.settings);
            *write(&self.credentials) = Arc::new(fresh);
            *settings = Arc::new(reloaded.http.clone());
        }
        self.sessions().set_policy(reloaded.sessions, self.moment());
        self.storage.reconfigure(reloaded.storage.clone());
        self.apply_accounts(&decided);
        self.recheck_streams();
        Ok(reloaded)
    }

    /// Takes accounts from configuration and the store.
    pub(crate) async fn refresh_accounts(&self) -> Result<(), StorageError> {
        let decided = Decided::load(&self.storage).await?;
        self.apply_accounts(&decided);
        Ok(())
    }

    fn apply_accounts(&self, decided: &Decided) {
        let accounts = self.configuration.accounts(&decided.overlays);
        let totals = self.storage.totals();
        let fresh = accounts.iter().map(|account| {
            let name = account.settings.name.clone();
            let known = totals.get(&name);
            let state = AccountState {
                paused: decided
                    .paused
                    .get(&name)
                    .copied()
                    .unwrap_or(account.settings.paused),
                expected_interval: account.settings.expected_interval,
                last_activity: known.and_then(|t| t.last_activity),
                last_error: known.and_then(|t| t.last_error.clone()),
                ..AccountState::default()
            };
            (name, state)
        });
        let mut book = self.book_mut();
        let before: Vec<AccountName> = book.iter().map(|(name, _)| name.clone()).collect();
        book.configure(fresh.collect::<Vec<_>>());
        for gone in before
            .iter()
            .filter(|name| book.get(name.as_str()).is_none())
        {
            self.metrics.remove_account(gone.as_str());
        }
        for (name, state) in book.iter() {
            let account = self.metrics.account(name.as_str());
            // Only before the first report can come: later, a total may be ahead of what the feed has counted.
            if !before.contains(name)
                && let Some(known) = totals.get(name)
            {
                let actions = known
                    .actions
                    .iter()
                    .map(|(kind, count)| (kind.as_str(), *count));
                account.set_totals(known.emails, known.errors, actions);
            }
            crate::feed::show(&account, state);
        }
        self.note_book(&book);
        *write(&self.accounts) = Arc::new(accounts);
    }

    /// Begins to stop: not ready any more, streams end.
    pub fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Waits for changes whose clients have gone, at most for `patience`; says how many are left.
    ///
    /// # Cancel safety
    /// Dropping the future stops the waiting, not the changes.
    pub async fn finish_changes(&self, patience: Duration) -> usize {
        self.under_way.close();
        // Either way the number tells.
        drop(tokio::time::timeout(patience, self.under_way.wait()).await);
        self.under_way.len()
    }

    /// Fires when the server begins to stop.
    #[must_use]
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// What was decided about accounts through the API.
struct Decided {
    overlays: Vec<AccountOverlay>,
    paused: BTreeMap<AccountName, bool>,
}

impl Decided {
    async fn load(storage: &Storage) -> Result<Self, StorageError> {
        Ok(Self {
            overlays: storage.overlays().await?,
            paused: storage.paused().await?,
        })
    }
}

/// The stored sessions, unless the session secret has changed since: then they are void and go.
async fn sessions_under(
    storage: &Storage,
    keys: &SessionKeys,
) -> Result<Vec<Session>, StorageError> {
    let (before, sessions) = (
        storage.setting(fact::SESSION_KEYS).await?,
        storage.load_sessions().await?,
    );
    let now = keys.fingerprint();
    if before.as_deref() == Some(now.as_str()) {
        return Ok(sessions);
    }
    storage
        .delete_sessions(sessions.iter().map(|session| session.id).collect())
        .await?;
    storage.put_setting(fact::SESSION_KEYS, &now).await?;
    Ok(Vec::new())
}
