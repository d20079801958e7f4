//! The server under test: a configuration in a folder of its own, started from the release binary.

use std::{
    fmt::Write as _,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{client::Client, process::Process};

/// `server.auth_token` of every server here.
pub(crate) const TOKEN: &str = "token-of-the-checks-0123456789";
/// An API key with `read:stats` and `read:activity`.
pub(crate) const KEY: &str = "mp_key-of-the-checks-0123456789";
/// The administrator's name.
pub(crate) const USER: &str = "operator";
/// The administrator's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What a check wants configured; everything else is as a user would find it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// More lines of `server:`, without indentation.
    pub(crate) server: Vec<String>,
    /// Whether token and key are configured.
    pub(crate) credentials: bool,
}

impl Settings {
    /// Token, key, two accounts, a free port of the loopback address.
    pub(crate) fn local() -> Self {
        Self {
            server: vec!["port: 0".into(), "bind: 127.0.0.1".into()],
            credentials: true,
        }
    }

    /// The same on every address of the host, as without any `bind`.
    pub(crate) fn everywhere() -> Self {
        Self {
            server: vec!["port: 0".into()],
            credentials: true,
        }
    }

    /// One more line of `server:`.
    pub(crate) fn with(mut self, line: impl Into<String>) -> Self {
        self.server.push(line.into());
        self
    }

    /// No token and no key: development mode.
    pub(crate) fn open(mut self) -> Self {
        self.credentials = false;
        self
    }

    /// The configuration file.
    pub(crate) fn yaml(&self, folder: &Path) -> String {
        let mut text = String::from("server:\n");
        for line in &self.server {
            writeln!(text, "  {line}").unwrap_or_default();
        }
        if self.credentials {
            writeln!(text, "  auth_token: {TOKEN}\ndashboard:\n  api_keys:\n    - name: monitoring\n      key: {KEY}\n      permissions: [read:stats, read:activity]").unwrap_or_default();
        }
        let database = folder.join("data/mailpilot.db");
        writeln!(
            text,
            "state:\n  database_path: {}\n  audit_subjects: true",
            database.display()
        )
        .unwrap_or_default();
        text.push_str("logging:\n  format: json\naccounts:\n");
        for name in ["personal", "work"] {
            let imap = "{ host: imap.example.com, username: somebody, password: nothing-real }";
            writeln!(text, "  - name: {name}\n    imap: {imap}").unwrap_or_default();
        }
        text
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) port: u16,
    home: Home,
}

/// The folder a server keeps its things in. It outlives the server, so that one can be started again.
#[derive(Debug)]
pub(crate) struct Home {
    binary: PathBuf,
    folder: TempDir,
}

impl Home {
    /// An empty folder.
    pub(crate) fn new(binary: &Path) -> Result<Self> {
        Ok(Self {
            binary: binary.to_owned(),
            folder: tempfile::Builder::new().prefix("mailpilot-").tempdir()?,
        })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("config.yaml")
    }

    /// Writes the configuration file, readable for its owner only since it holds secrets.
    pub(crate) fn configure(&self, text: &str) -> Result<()> {
        let file = self.config();
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }

    /// The command that runs the binary on this configuration, in this folder and a bare environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .current_dir(self.path())
            .env_clear();
        command
    }

    /// Starts a server on the configuration that is there and waits for the line with its URL.
    pub(crate) fn start(self) -> Result<Server> {
        let process = Process::start("mailpilot", &mut self.command(&["serve"]))?;
        let port = process.wait_for("its URL", 0, url_port)?;
        Ok(Server {
            process,
            port,
            home: self,
        })
    }
}

/// The port of the first `http://host:port` in a line that is not a log record.
fn url_port(line: &str) -> Option<u16> {
    if line.starts_with('{') {
        return None;
    }
    let (_, rest) = line.split_once("http://")?;
    let authority = rest.split(['/', ' ', '"']).next()?;
    let (_, port) = authority.rsplit_once(':')?;
    port.parse().ok()
}

impl Server {
    /// A fresh server.
    pub(crate) fn start(binary: &Path, settings: &Settings) -> Result<Self> {
        let home = Home::new(binary)?;
        home.configure(&settings.yaml(home.path()))?;
        home.start()
    }

    /// Its folder.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Ends the process at once and gives the folder back.
    pub(crate) fn kill(mut self) -> Result<Home> {
        self.process.kill()?;
        Ok(self.home)
    }

    /// A client without a credential.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&format!("http://127.0.0.1:{}", self.port))
    }

    /// A client that may do everything.
    pub(crate) fn client(&self) -> Client {
        self.anonymous().bearer(TOKEN)
    }

    /// The setup code, from what the server printed at start.
    pub(crate) fn setup_code(&self) -> Result<String> {
        self.process.wait_for("the setup code", 0, |line| {
            let (_, rest) = line
                .split_once("code=")
                .or_else(|| line.split_once("etup code: "))?;
            let code: String = rest
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                .collect();
            (code.len() >= 8).then_some(code)
        })
    }

    /// Creates the administrator from this machine and gives a client that is logged in, with its cookie.
    pub(crate) fn set_up(&self) -> Result<(Client, String)> {
        let browser = self
            .anonymous()
            .with("Sec-Fetch-Site", "same-origin".into());
        let cookie = browser
            .post("/api/setup", &setup_form(None))?
            .expect(200)?
            .cookie()?;
        Ok((browser.with("Cookie", cookie.clone()), cookie))
    }

    /// Stops it as a service manager would and checks that it ended well and in time.
    pub(crate) fn stop(mut self) -> Result<Home> {
        self.process.signal("TERM")?;
        let status = self.process.wait(Duration::from_secs(11))?;
        ensure!(
            status.success(),
            "SIGTERM ended the server with {status}:\n{}",
            self.process.printed()
        );
        Ok(self.home)
    }
}

/// The form that creates the administrator.
pub(crate) fn setup_form(code: Option<&str>) -> Value {
    let mut form = json!({ "username": USER, "password": PASSWORD, "confirm": PASSWORD });
    if let Some(code) = code {
        form["setupCode"] = code.into();
    }
    form
}

/// One processed mail as a worker reports it.
pub(crate) fn activity(message: &str) -> Value {
    json!({
        "messageId": format!("<{message}@checks.example>"),
        "accountName": "personal",
        "actions": [{ "type": "move", "folder": "Archive" }],
        "subject": format!("subject of {message}"),
        "from": "someone@example.com",
        "durationMs": 120,
        "idempotencyKey": message,
    })
}

/// A port of the loopback address that nobody uses at the moment.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_first_url_and_not_from_log_records() {
        assert_eq!(
            url_port("Mailpilot is at http://localhost:8123/ now"),
            Some(8123)
        );
        assert_eq!(url_port("http://[::1]:8123"), Some(8123));
        assert_eq!(
            url_port(r#"{"message":"see http://localhost:8123/"}"#),
            None
        );
        assert_eq!(url_port("starting"), None);
    }

    #[test]
    fn the_configuration_has_every_section_once() {
        let text = Settings::local()
            .with("base_path: /mail")
            .yaml(Path::new("folder"));
        for section in ["server:", "dashboard:", "state:", "logging:", "accounts:"] {
            assert_eq!(
                text.lines().filter(|line| *line == section).count(),
                1,
                "{section}\n{text}"
            );
        }
        assert!(
            !Settings::local()
                .open()
                .yaml(Path::new("folder"))
                .contains("dashboard:")
        );
    }
}
