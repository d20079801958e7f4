//! Starts a chromedriver and, through it, Chromium; ends both. Looks for neither anywhere but in `PATH`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};

/// No harm to the host, nothing fetched from anywhere, and an end of its own when chromedriver is gone.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// A chromedriver of ours. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
    profile: PathBuf,
    /// Kept open: a program whose output nobody takes may end.
    _output: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts one on a free port. Whatever it and Chromium want to keep goes into `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let profile = folder.join("profile");
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .env("XDG_CONFIG_HOME", &profile)
            .env("XDG_CACHE_HOME", &profile)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver should start (Debian: apt install chromium chromium-driver)");
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            let read = output.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "chromedriver ended before it said its port");
            if let Some((_, port)) = line.trim().trim_end_matches('.').split_once("on port ")
                && line.contains("success")
            {
                break port.parse().unwrap();
            }
        };
        Self {
            process,
            port,
            profile,
            _output: output,
        }
    }

    /// Opens a window with a fresh profile; `more` are flags besides the usual.
    pub(crate) async fn session(&self, language: &str, more: &[String]) -> WebDriver {
        let own = [
            format!("--user-data-dir={}", self.profile.display()),
            format!("--accept-lang={language}"),
        ];
        let flags: Vec<&str> = FLAGS
            .into_iter()
            .chain(own.iter().chain(more).map(String::as_str))
            .collect();
        let mut wanted = Capabilities::new();
        let options = json!({"args": flags});
        let logs = json!({"browser": "ALL", "performance": "ALL"});
        let all = [
            ("browserName", json!("chrome")),
            ("goog:chromeOptions", options),
            ("goog:loggingPrefs", logs),
        ];
        for (name, value) in all {
            wanted.set(name, value).unwrap();
        }
        WebDriver::builder(format!("http://127.0.0.1:{}", self.port), wanted)
            .request_timeout(Duration::from_secs(60))
            .await
            .expect("Chromium should start")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
        self.remove_profile();
    }
}

impl Driver {
    /// Chromium ends by itself when chromedriver is gone, but writes into its profile until then, so that one
    /// attempt to remove it may fail half way.
    fn remove_profile(&self) {
        const PACE: Duration = Duration::from_millis(20);
        const MOST: u32 = 250;
        for _ in 0..MOST {
            drop(fs::remove_dir_all(&self.profile));
            if !self.profile.exists() {
                return;
            }
            thread::sleep(PACE);
        }
    }
}
