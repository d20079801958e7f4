//! A server with a past: accounts in different states, mail of a month, keys, sessions, log lines.
//!
//! For pictures and for people who want to look at pages. Everything goes in through the HTTP API, at the time
//! the story gives it, so that what is shown was counted by the server itself.

mod clock;
mod engine;
mod mails;
mod many;
mod random;
mod story;

use std::{path::PathBuf, sync::Arc};

use mailpilot_server::Clock;
use mailpilot_test_support::TestServer;
use tokio::task::JoinHandle;

use self::{clock::DemoClock, engine::DemoEngine};

/// The credential the story is told with.
pub(crate) const TOKEN: &str = "demo-token-of-the-server";

const CONFIGURATION: &str = "
server:
  auth_token: demo-token-of-the-server
dashboard:
  session_ttl: 7d
  api_keys:
    - {name: prometheus, key: mp_demo_key_of_prometheus, permissions: [read:stats]}
state: {audit_subjects: true, audit_retention: 60d, log_retention: 30d}
accounts:
  - name: personal
    imap: {host: mail.example.org, username: ann, password: not-a-secret}
    expected_interval: 6h
  - name: work
    imap: {host: imap.example.com, username: ann.lee, password: not-a-secret}
    expected_interval: 6h
  - name: lists
    imap: {host: mail.example.org, username: lists, password: not-a-secret}
    expected_interval: 1h
  - name: shop
    imap: {host: imap.example.net, username: orders, password: not-a-secret, tls: starttls, port: 143}
  - name: archive
    imap: {host: old.example.org, username: ann, password: not-a-secret}
";

/// How a demo server is to be.
#[derive(Clone, Debug, Default)]
pub struct DemoOptions {
    /// Port; 0 takes a free one.
    pub port: u16,
    /// Mailboxes with real mail, mboxrd, plain or gzip; a made-up set without any.
    pub mailboxes: Vec<PathBuf>,
    /// As many made-up entries in addition.
    pub entries: u64,
    /// Whether mail keeps coming.
    pub live: bool,
}

/// A running demo server; log in as [`ADMIN`](mailpilot_test_support::ADMIN).
#[derive(Debug)]
pub struct Demo {
    server: Arc<TestServer>,
    life: JoinHandle<()>,
    mails: usize,
}

impl Demo {
    /// Starts a server and tells it its story. Needs a runtime of one thread, whose time it stops meanwhile.
    pub async fn start(options: &DemoOptions) -> Self {
        let clock = Arc::new(DemoClock::default());
        let (engine, commands) = DemoEngine::new();
        let server = TestServer::with(CONFIGURATION)
            .port(options.port)
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .engine(Arc::new(engine))
            .start()
            .await;
        let server = Arc::new(server);
        let mails = mails::all(&options.mailboxes);
        story::tell(&server, &clock, &mails).await;
        many::file(&server, options.entries).await;
        let pace = options.live.then_some(mails.clone());
        let life = tokio::spawn(engine::live(Arc::clone(&server), commands, pace));
        Self {
            server,
            life,
            mails: mails.len(),
        }
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &TestServer {
        &self.server
    }

    /// Every page worth a look, with a name for its picture.
    pub async fn pages(&self) -> Vec<(&'static str, String)> {
        let newest = async |outcome: &str| {
            let path = format!("/api/activity?outcome={outcome}&pageSize=1");
            let page = self
                .server
                .get(&path)
                .bearer(TOKEN)
                .send()
                .await
                .expect(200);
            page.json()["entries"][0]["id"].to_string()
        };
        let (done, failed) = (newest("ok").await, newest("failed").await);
        let fixed = [
            ("now", "/"),
            ("now-30-days", "/?range=30d"),
            ("activity", "/activity"),
            ("activity-failed", "/activity?outcome=failed"),
            ("activity-no-match", "/activity?search=nobody-wrote-this"),
            ("mail-absent", "/activity/999999999"),
            ("accounts", "/accounts"),
            ("account-connected", "/accounts/work"),
            ("account-stalled", "/accounts/lists"),
            ("account-error", "/accounts/archive"),
            ("account-paused", "/accounts/shop"),
            ("account-absent", "/accounts/nobody"),
            ("logs", "/logs"),
            ("logs-errors", "/logs?level=error"),
            ("system", "/system"),
            ("system-keys", "/system?part=keys"),
            ("system-sessions", "/system?part=sessions"),
            ("system-password", "/system?part=password"),
            ("system-access", "/system?part=access"),
            ("system-health", "/system?part=health"),
            ("system-configuration", "/system?part=configuration"),
            ("system-check", "/system?part=check"),
            ("not-found", "/nowhere"),
        ];
        let mut pages: Vec<_> = fixed
            .map(|(name, path)| (name, path.to_owned()))
            .into_iter()
            .collect();
        pages.push(("mail", format!("/activity/{done}")));
        pages.push(("mail-failed", format!("/activity/{failed}")));
        pages
    }

    /// How many mails the story has.
    #[must_use]
    pub const fn mails(&self) -> usize {
        self.mails
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.life.abort();
    }
}
