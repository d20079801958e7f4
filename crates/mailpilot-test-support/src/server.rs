//! A server of its own for each test: free port, temporary data dir, configuration as text.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use mailpilot_server::{
    Clock, Drained, Engine, LogLines, NoEngine, Overrides, ServerBuilder, ServerError,
    ServerHandle, Source, SystemClock,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{Call, RawConnection, Reply};

/// The administrator that [`TestServer::administrator`] creates.
pub const ADMIN: &str = "admin";
/// Their password.
pub const PASSWORD: &str = "correct horse battery";

/// How a test server is to be.
#[derive(Debug)]
#[must_use = "nothing runs until `start`"]
pub struct TestServerBuilder {
    yaml: String,
    engine: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
    environment: Vec<(String, String)>,
    logs: Option<LogLines>,
    port: u16,
    dir: Arc<TempDir>,
}

/// A running server.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    url: String,
    handle: ServerHandle,
    setup_code: Option<String>,
    task: JoinHandle<Drained>,
    dir: Arc<TempDir>,
}

impl TestServerBuilder {
    /// Carries out commands.
    pub fn engine(mut self, engine: Arc<dyn Engine>) -> Self {
        self.engine = engine;
        self
    }

    /// Wall time.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The environment that the configuration sees.
    pub fn environment(mut self, variables: &[(&str, &str)]) -> Self {
        self.environment = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self
    }

    /// Lines for the Logs page.
    pub fn logs(mut self, lines: LogLines) -> Self {
        self.logs = Some(lines);
        self
    }

    /// On this port rather than on a free one.
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// In the data dir of another server, which must have stopped.
    pub fn in_dir_of(mut self, other: &Arc<TempDir>) -> Self {
        self.dir = Arc::clone(other);
        self
    }

    /// Starts it.
    pub async fn start(self) -> TestServer {
        let started = self.try_start().await;
        started.unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// Starts it, if it can be started.
    ///
    /// # Errors
    /// Why not.
    pub async fn try_start(self) -> Result<TestServer, ServerError> {
        let config = self.dir.path().join("config.yaml");
        std::fs::write(&config, &self.yaml).unwrap();
        let source = Source::new()
            .file(config)
            .environment(self.environment)
            .command_line(Overrides {
                port: Some(self.port),
                data_dir: Some(self.dir.path().join("data")),
                log_level: None,
            });
        let mut builder = ServerBuilder::new(source)
            .engine(self.engine)
            .clock(self.clock);
        if let Some(lines) = self.logs {
            builder = builder.logs(lines);
        }
        let server = builder.build().await?;
        let (port, url) = (server.local_addr().port(), server.url());
        let (handle, setup_code) = (
            server.handle(),
            server.setup_code().map(|code| code.expose().to_owned()),
        );
        let task = tokio::spawn(async { server.serve().await.unwrap() });
        Ok(TestServer {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            url,
            handle,
            setup_code,
            task,
            dir: self.dir,
        })
    }
}

impl TestServer {
    /// A server with this configuration.
    pub fn with(yaml: &str) -> TestServerBuilder {
        TestServerBuilder {
            yaml: yaml.to_owned(),
            engine: Arc::new(NoEngine),
            clock: Arc::new(SystemClock),
            environment: Vec::new(),
            logs: None,
            port: 0,
            dir: Arc::new(tempfile::tempdir().unwrap()),
        }
    }

    /// Where it listens, by IPv4.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address it prints.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Steers it.
    #[must_use]
    pub const fn handle(&self) -> &ServerHandle {
        &self.handle
    }

    /// The code it printed at start.
    #[must_use]
    pub fn setup_code(&self) -> &str {
        self.setup_code
            .as_deref()
            .expect("there is an administrator already")
    }

    /// The folder of its configuration and data.
    #[must_use]
    pub const fn dir(&self) -> &Arc<TempDir> {
        &self.dir
    }

    /// Its configuration file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.dir.path().join("config.yaml")
    }

    /// Writes another configuration; a reload puts it in force.
    pub fn reconfigure(&self, yaml: &str) {
        std::fs::write(self.config_file(), yaml).unwrap();
    }

    /// Stops it, and gives the builder of a server with this configuration on the same data.
    pub async fn restart(self, yaml: &str) -> TestServerBuilder {
        let dir = Arc::clone(&self.dir);
        self.stop().await;
        Self::with(yaml).in_dir_of(&dir)
    }

    /// A request to it.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.address, method, path)
    }

    /// GET.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &serde_json::Value) -> Call {
        self.call("POST", path).json(body)
    }

    /// A connection whose bytes the test writes itself.
    pub async fn raw(&self) -> RawConnection {
        RawConnection::open(self.address).await
    }

    /// Creates the administrator as a local visitor and gives their session cookie.
    pub async fn administrator(&self) -> String {
        let body = json!({"username": ADMIN, "password": PASSWORD, "confirm": PASSWORD});
        self.post("/api/setup", &body)
            .send()
            .await
            .expect(200)
            .session_cookie()
    }

    /// Logs the administrator in anew.
    pub async fn login(&self) -> String {
        self.try_login(PASSWORD).await.expect(200).session_cookie()
    }

    /// Tries to log in.
    pub async fn try_login(&self, password: &str) -> Reply {
        self.post(
            "/api/login",
            &json!({"username": ADMIN, "password": password}),
        )
        .send()
        .await
    }

    /// Makes a key with these permissions.
    pub async fn make_key(&self, session: &str, name: &str, permissions: &[&str]) -> String {
        let body = json!({"name": name, "permissions": permissions});
        let made = self
            .post("/api/keys", &body)
            .session(session)
            .send()
            .await
            .expect(201)
            .json();
        made["key"].as_str().unwrap().to_owned()
    }

    /// Stops it in order and waits until its store is closed.
    pub async fn stop(self) -> Drained {
        self.handle.shutdown();
        self.task.await.unwrap()
    }
}
