//! A window: how it is opened, led to a page, typed into and closed.

use std::{net::SocketAddr, path::PathBuf, sync::Mutex};

use mailpilot_test_support::{PASSWORD, TestServer};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{Key, TypingData, WebDriver};

use crate::{console::Console, driver::Driver, traffic::Log};

/// The colours the system asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

/// How a window is to be. `Options { language: "de", ..Options::phone() }`.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What the browser asks for, best first: `en-US,en`.
    pub language: &'static str,
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Whether it is a phone: touch, and the viewport that the page asks for.
    pub phone: bool,
    /// Device pixels for each CSS pixel; matters for pictures only.
    pub scale: f64,
    /// The colours the system asks for.
    pub scheme: Scheme,
    /// Whether the system asks for less motion.
    pub reduced_motion: bool,
    /// The time zone, such as `Europe/Berlin`.
    pub timezone: &'static str,
}

impl Options {
    /// A desk: 1280 × 900.
    #[must_use]
    pub const fn desktop() -> Self {
        Self {
            language: "en-US,en",
            width: 1280,
            height: 900,
            phone: false,
            scale: 1.0,
            scheme: Scheme::Light,
            reduced_motion: false,
            timezone: "UTC",
        }
    }

    /// A small phone: 360 × 740.
    #[must_use]
    pub const fn phone() -> Self {
        Self {
            width: 360,
            height: 740,
            phone: true,
            scale: 2.0,
            ..Self::desktop()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::desktop()
    }
}

/// A window of a Chromium of its own.
///
/// Every test ends with [`finish`](Self::finish).
#[derive(Debug)]
#[must_use = "end a test with `finish`"]
pub struct Browser {
    // The order matters: Chromium goes first, its profile last.
    pub(crate) driver: WebDriver,
    _process: Driver,
    folder: TempDir,
    origin: String,
    pub(crate) console: Mutex<Console>,
    pub(crate) log: Mutex<Log>,
}

impl Browser {
    /// Opens an empty window for this server.
    pub async fn start(server: &TestServer, options: Options) -> Self {
        Self::for_origin(&format!("http://{}", server.address()), options).await
    }

    /// Opens an empty window for any origin, such as a proxy's: `http://127.0.0.1:8081`.
    pub async fn for_origin(origin: &str, options: Options) -> Self {
        Self::open_window(origin, &[], options).await
    }

    /// Opens an empty window for the site of a proxy by the site's own name, such as `https://mail.example.com`,
    /// which leads to `proxy` whatever its certificate says.
    pub async fn through(proxy: SocketAddr, origin: &str, options: Options) -> Self {
        let name = origin.split("://").nth(1).unwrap();
        let flags = [
            format!("--host-resolver-rules=MAP {name} {proxy}"),
            "--ignore-certificate-errors".to_owned(),
            // Otherwise Chromium tries TLS first where the origin has none.
            "--disable-features=HttpsUpgrades".to_owned(),
        ];
        Self::open_window(origin, &flags, options).await
    }

    async fn open_window(origin: &str, flags: &[String], options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = Driver::start(folder.path());
        let driver = process.session(options.language, flags).await;
        let browser = Self {
            driver,
            _process: process,
            folder,
            origin: origin.to_owned(),
            console: Mutex::default(),
            log: Mutex::default(),
        };
        browser.emulate(options).await;
        browser
    }

    /// Opens an empty window in which the administrator is logged in; creates them if there is none.
    pub async fn logged_in(server: &TestServer, options: Options) -> Self {
        let browser = Self::start(server, options).await;
        browser.log_in(server).await;
        browser
    }

    /// Gives this window a new session of the administrator, past the login page.
    pub async fn log_in(&self, server: &TestServer) {
        let login = server.try_login(PASSWORD).await;
        let cookie = if login.status.is_success() {
            login.session_cookie()
        } else {
            server.administrator().await
        };
        self.set_cookie(&cookie).await;
    }

    /// Gives this window a cookie, as `name=value`.
    pub async fn set_cookie(&self, cookie: &str) {
        let (name, value) = cookie.split_once('=').unwrap();
        let cookie = json!({
            "name": name, "value": value, "url": self.origin, "httpOnly": true, "sameSite": "Lax",
        });
        self.devtools("Network.setCookie", cookie).await;
    }

    /// Forgets all cookies, as if the session had never been.
    pub async fn forget_cookies(&self) {
        self.devtools("Network.clearBrowserCookies", json!({}))
            .await;
    }

    /// Loads a path of the server, as typed into the address bar, and waits until the page shows a heading
    /// or a form.
    pub async fn goto(&self, path: &str) {
        self.open(path).await;
        self.ready().await;
    }

    /// Loads a path and does not wait for the application.
    pub async fn open(&self, path: &str) {
        let url = format!("{}{path}", self.origin);
        if let Err(error) = self.driver.goto(&url).await {
            panic!("{url} does not load: {error}");
        }
    }

    /// Waits until the application has drawn its page: a heading is there.
    pub async fn ready(&self) {
        self.wait_for("a heading", async || {
            self.count("heading", crate::ANY).await > 0
        })
        .await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.driver.refresh().await.unwrap();
        self.ready().await;
    }

    /// As the browser's own button.
    pub async fn back(&self) {
        self.driver.back().await.unwrap();
    }

    /// The origin, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Path, query and fragment of the address.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.as_str()
            .strip_prefix(&self.origin)
            .unwrap_or(url.as_str())
            .to_owned()
    }

    /// The title of the window.
    pub async fn title(&self) -> String {
        self.driver.title().await.unwrap()
    }

    /// The text the page shows; empty while it loads.
    pub async fn text(&self) -> String {
        let script = "return document.body ? document.body.innerText : ''";
        let result = self.driver.execute(script, Vec::new()).await;
        result
            .ok()
            .and_then(|text| text.json().as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Presses keys one after the other wherever the focus is: text, or a [`Key`](crate::Key).
    pub async fn press(&self, keys: impl Into<TypingData>) {
        let pressed = self.driver.action_chain().send_keys(keys).perform().await;
        pressed.expect("keys should go to the page");
    }

    /// Presses keys while holding one down, such as `Key::Shift` for `Key::Tab`.
    pub async fn press_holding(&self, held: Key, keys: impl Into<TypingData>) {
        let chain = self.driver.action_chain().key_down(held.clone());
        let pressed = chain.send_keys(keys).key_up(held).perform().await;
        pressed.expect("keys should go to the page");
    }

    /// Runs a function body in the page and gives what it returns. Look through the eyes of a user where you
    /// can; this is for what they cannot see, such as sizes.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Value {
        match self.driver.execute(body, arguments).await {
            Ok(result) => result.json().clone(),
            Err(error) => self.fail(&format!("a script failed: {error}")).await,
        }
    }

    /// Closes the window. Panics if the console has errors or violations of the content security policy that
    /// were not announced by [`expects`](Self::expects).
    pub async fn finish(self) {
        let errors = self.errors().await;
        if !errors.is_empty() {
            self.fail(&format!("the console has {} errors", errors.len()))
                .await;
        }
        self.driver.clone().quit().await.unwrap();
    }

    /// The text of the file that was downloaded under this name; waits for it.
    pub async fn downloaded(&self, name: &str) -> String {
        let path = self.downloads().join(name);
        // An empty file keeps the name until the whole one takes its place.
        let is_there = async || path.metadata().is_ok_and(|file| file.len() > 0);
        self.wait_for(&format!("the download {name}"), is_there)
            .await;
        std::fs::read_to_string(&path).unwrap()
    }

    /// Where downloads go.
    pub(crate) fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    /// A command of Chromium's own protocol, which must succeed.
    pub(crate) async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let answer = self.driver.cdp().send_raw(method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After a failure chromedriver is killed, and Chromium ends with it; asking first would block this thread,
        // on which the server runs. After `finish` there is nothing to leave behind.
        drop(self.driver.clone().leak());
    }
}
