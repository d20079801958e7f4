//! A bound server: where it listens, how it is served, reloaded and stopped.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use mailpilot_clock::Clock;
use mailpilot_http_server::{
    App, Drained, Feed, HttpSettings, Mailpilot, ReloadError, Reloaded, Serving, serve_connections,
};
use mailpilot_metrics::Metrics;
use mailpilot_secret::Secret;
use mailpilot_storage::{Storage, StorageError};
use tokio_util::sync::CancellationToken;

use crate::{LogLines, ServerError};

/// A server that has its address and its store, and waits to be served.
#[derive(Debug)]
#[must_use = "nothing is answered until `serve`"]
pub struct BoundServer {
    app: Arc<App>,
    feed: Arc<Feed>,
    storage: Storage,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    address: SocketAddr,
    settings: HttpSettings,
    setup_code: Option<Secret>,
    logs: Option<LogLines>,
    force: CancellationToken,
}

/// Steers a server that is being served from elsewhere. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ServerHandle {
    app: Arc<App>,
    force: CancellationToken,
}

impl ServerHandle {
    /// Begins to stop: not ready any more, streams end, running requests are finished.
    pub fn shutdown(&self) {
        self.app.begin_stop();
    }

    /// Stops without waiting for running requests.
    pub fn force_shutdown(&self) {
        self.app.begin_stop();
        self.force.cancel();
    }

    /// Reads the configuration again and puts it in force, all of it or nothing.
    ///
    /// # Errors
    /// [`ReloadError`]; nothing has changed then.
    ///
    /// # Cancel safety
    /// Dropped before the reading is done, nothing changes; after that nothing waits.
    pub async fn reload(&self) -> Result<Reloaded, ReloadError> {
        self.app.reload().await
    }

    /// Whether a local client needs no credential now, because none of any kind exists.
    #[must_use]
    pub fn development_possible(&self) -> bool {
        self.app.development_possible()
    }
}

impl BoundServer {
    #[allow(
        clippy::too_many_arguments,
        reason = "the builder's parts, passed once and named alike"
    )]
    pub(crate) fn new(
        app: Arc<App>,
        feed: Arc<Feed>,
        storage: Storage,
        clock: Arc<dyn Clock>,
        listener: TcpListener,
        settings: HttpSettings,
        setup_code: Option<Secret>,
        logs: Option<LogLines>,
    ) -> Result<Self, ServerError> {
        listener
            .set_nonblocking(true)
            .map_err(ServerError::Listener)?;
        let address = listener.local_addr().map_err(ServerError::Listener)?;
        let force = CancellationToken::new();
        Ok(Self {
            app,
            feed,
            storage,
            clock,
            listener,
            address,
            settings,
            setup_code,
            logs,
            force,
        })
    }

    /// Where the server listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The address to open in a browser on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let host = match self.address.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) if ip == Ipv4Addr::LOCALHOST => "127.0.0.1".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        format!(
            "http://{host}:{}{}/",
            self.address.port(),
            self.settings.base_path.prefix()
        )
    }

    /// Whether there are pages, and with them a first visit; false after `dashboard.enabled: false`.
    #[must_use]
    pub const fn dashboard_enabled(&self) -> bool {
        self.settings.dashboard.enabled
    }

    /// The code a visitor from elsewhere needs to create the administrator; none once there is one. While the
    /// dashboard is disabled nobody can use it: it waits for a reload that enables it.
    #[must_use]
    pub const fn setup_code(&self) -> Option<&Secret> {
        self.setup_code.as_ref()
    }

    /// Steers the server while it is served.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        ServerHandle {
            app: Arc::clone(&self.app),
            force: self.force.clone(),
        }
    }

    /// The server's metrics, for a program that wants its own in the same output.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        self.feed.metrics()
    }

    /// Serves until [`ServerHandle::shutdown`], then finishes running requests and closes the store.
    ///
    /// # Errors
    /// [`ServerError`] when the socket cannot be used or the store cannot be closed in order. What was
    /// acknowledged is on disk in any case.
    ///
    /// # Cancel safety
    /// Dropping the future stops accepting; what was acknowledged is on disk, connections end with the runtime.
    pub async fn serve(self) -> Result<Drained, ServerError> {
        let listener =
            tokio::net::TcpListener::from_std(self.listener).map_err(ServerError::Listener)?;
        let chores = tokio::spawn(Arc::clone(&self.app).run_chores(Arc::clone(&self.feed)));
        let quiet = CancellationToken::new();
        let logs = self.logs.map(|lines| {
            tokio::spawn(write_logs(
                lines,
                self.storage.clone(),
                Arc::clone(&self.clock),
                quiet.clone(),
            ))
        });
        let http_metrics = self.feed.metrics().http.clone();
        let serving = Serving {
            limits: self.settings.limits,
            trusted_proxies: self.settings.trusted_proxies.clone(),
            stop: self.app.stop_token(),
            force: self.force.clone(),
            gauge: Box::new(move |open| http_metrics.set_connections(open)),
        };
        let app = Arc::clone(&self.app);
        let drained = serve_connections(listener, serving, move |peer| {
            Mailpilot::of_connection(Arc::clone(&app), peer)
        })
        .await;
        for task in [Some(chores), logs].into_iter().flatten() {
            quiet.cancel();
            if let Err(error) = task.await {
                tracing::error!(error = %error, "a background task of the server ended badly");
            }
        }
        let left = self.app.finish_changes(self.settings.limits.drain).await;
        if left > 0 {
            tracing::warn!(
                left,
                "changes were still under way and may not have been stored"
            );
        }
        match self.storage.close().await {
            // What was acknowledged is in the log beside the database; only tidying up had no room.
            Err(error @ (StorageError::Full | StorageError::ReadOnly | StorageError::Busy)) => {
                tracing::warn!(error = %error, "the store was closed without tidying up");
            }
            closed => closed?,
        }
        Ok(drained)
    }
}

async fn write_logs(
    mut lines: LogLines,
    storage: Storage,
    clock: Arc<dyn Clock>,
    quiet: CancellationToken,
) {
    tokio::select! {
        () = lines.pump(&storage, clock.as_ref()) => {}
        () = quiet.cancelled() => {}
    }
    lines.flush(&storage).await;
}
