//! From configuration to a bound server.

use std::{fmt, net::TcpListener, sync::Arc};

use mailpilot_clock::{Clock, SystemClock};
use mailpilot_config::{LoggingSettings, Source};
use mailpilot_engine::{Engine, NoEngine};
use mailpilot_http_server::{App, AppParts, Configuration, Feed, SecretKept, bind};
use mailpilot_metrics::Metrics;
use mailpilot_storage::{CommitObserver, Storage};

use crate::{
    BoundServer, LogLines, ServerError, data_dir,
    live::{LiveConfiguration, OnReload},
};

/// What a server is made from. Everything but the configuration has a default.
#[must_use = "a builder does nothing until `build`"]
pub struct ServerBuilder {
    source: Source,
    engine: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
    listener: Option<TcpListener>,
    logs: Option<LogLines>,
    on_reload: Option<OnReload>,
    max_connections: Option<usize>,
    revision: String,
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl ServerBuilder {
    /// A server as `source` configures it.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            engine: Arc::new(NoEngine),
            clock: Arc::new(SystemClock),
            listener: None,
            logs: None,
            on_reload: None,
            max_connections: None,
            revision: "unknown".to_owned(),
        }
    }

    /// What carries out pause, resume, reconnect and process.
    pub fn engine(mut self, engine: Arc<dyn Engine>) -> Self {
        self.engine = engine;
        self
    }

    /// Wall time; for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// A socket that listens already, in place of `server.bind` and `server.port`.
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Lines of a [`LogLayer`](crate::LogLayer), for the Logs page.
    pub fn logs(mut self, lines: LogLines) -> Self {
        self.logs = Some(lines);
        self
    }

    /// Is called after each reload that succeeded, for what the program itself configures.
    pub fn on_reload(mut self, hear: impl Fn(&LoggingSettings) + Send + Sync + 'static) -> Self {
        self.on_reload = Some(Box::new(hear));
        self
    }

    /// The most connections the process can hold; the lower one of this and the server's own limit counts.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.max_connections = Some(most);
        self
    }

    /// The source revision to show in `mailpilot_build_info`.
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = revision.into();
        self
    }

    /// Reads the configuration, opens the store, binds the address. Serves nothing yet.
    ///
    /// # Errors
    /// [`ServerError`]: what was wrong, where, and what to do.
    ///
    /// # Cancel safety
    /// Dropping the future may leave an empty store and a session secret behind, nothing else.
    pub async fn build(self) -> Result<BoundServer, ServerError> {
        let loaded = self.source.load().map_err(ServerError::Config)?;
        for warning in &loaded.warnings {
            tracing::warn!(warning = %warning, "configuration");
        }
        let mut settings = loaded.settings.clone();
        if let Some(most) = self.max_connections {
            settings.http.limits.max_connections = settings.http.limits.max_connections.min(most);
        }
        // Bound before the store is opened: a taken port must not cost a database its first migration.
        let listener = match self.listener {
            Some(listener) => listener,
            None => bind(&settings.http).map_err(ServerError::Bind)?,
        };
        let version = env!("CARGO_PKG_VERSION");
        let feed = Arc::new(Feed::new(
            Metrics::new(version, &self.revision),
            Arc::clone(&self.clock),
        ));
        let observer: Arc<dyn CommitObserver> = Arc::clone(&feed) as _;
        let storage =
            Storage::open(settings.storage.clone(), Arc::clone(&self.clock), observer).await?;
        let dir = data_dir::of(&settings.storage.path);
        let (session_secret, session_secret_kept) = match settings.session_secret.clone() {
            Some(secret) => (secret, SecretKept::Configured),
            None => data_dir::session_secret(&dir)?,
        };
        let configuration: Arc<dyn Configuration> =
            Arc::new(LiveConfiguration::new(self.source, loaded, self.on_reload));
        let setup_code_file = data_dir::setup_code_file(&dir);
        let (app, setup_code) = App::new(AppParts {
            settings: settings.http.clone(),
            credentials: settings.credentials,
            sessions: settings.sessions,
            session_secret,
            session_secret_kept,
            address: listener.local_addr().map_err(ServerError::Listener)?,
            configuration,
            engine: self.engine,
            storage: storage.clone(),
            feed: Arc::clone(&feed),
            clock: Arc::clone(&self.clock),
            version: version.to_owned(),
            setup_code_file: Some(setup_code_file.clone()),
        })
        .await?;
        if let Some(code) = &setup_code {
            data_dir::write_setup_code(&setup_code_file, code);
        }
        BoundServer::new(
            app,
            feed,
            storage,
            self.clock,
            listener,
            settings.http,
            setup_code,
            self.logs,
        )
    }
}
