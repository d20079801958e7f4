//! Pictures of every page in both themes, at a desk and on a phone, for eyes to judge; and those of the README.
//!
//! `cargo xtask screenshots` calls it.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for the terminal of whoever works on the pages"
)]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use mailpilot_browser_tests::{Browser, Demo, DemoOptions, Options, Scheme, containing};
use mailpilot_test_support::TestServer;

/// Pictures of every page.
#[derive(Parser)]
struct Arguments {
    /// Folder to write into
    #[arg(long)]
    out: PathBuf,
    /// Mailboxes whose mail is shown (mboxrd, plain or .gz); made-up mail without
    #[arg(long)]
    mbox: Vec<PathBuf>,
    /// Only pictures whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// Only the four of the README, under the names it uses
    #[arg(long)]
    readme: bool,
}

/// The least width and height of what fingers must hit, in CSS pixels.
const FINGER: u32 = 44;

/// A picture, at a page's address.
type Page = (&'static str, String);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.mbox.is_empty() {
        println!("no mailbox given, the mail in the pictures is made up");
    }
    let demo = Demo::start(&DemoOptions {
        mailboxes: arguments.mbox.clone(),
        ..DemoOptions::default()
    })
    .await;
    if arguments.readme {
        for_readme(&demo, &arguments.out).await;
        return ExitCode::SUCCESS;
    }
    let empty = TestServer::with("").start().await;
    empty.administrator().await;
    let fresh = TestServer::with("").start().await;
    let mut gallery = Gallery::new(arguments);
    let pages = demo.pages().await;
    for (look, options) in looks() {
        let browser = Browser::logged_in(demo.server(), options).await;
        browser.expects("status of 404");
        gallery.all(&browser, look, options, &pages).await;
        gallery.dialogs(&browser, look, options).await;
        gallery.close(browser).await;
        let browser = Browser::logged_in(&empty, options).await;
        gallery.all(&browser, look, options, &of_empty()).await;
        gallery.close(browser).await;
        for (server, page) in [
            (demo.server(), ("login", "/login")),
            (&fresh, ("setup", "/setup")),
        ] {
            let browser = Browser::start(server, options).await;
            let pages = [(page.0, page.1.to_owned())];
            gallery.all(&browser, look, options, &pages).await;
            gallery.close(browser).await;
        }
    }
    for (look, options) in [
        ("german", Options::desktop()),
        ("german-phone", Options::phone()),
    ] {
        let options = Options {
            language: "de-DE,de",
            timezone: "Europe/Berlin",
            ..options
        };
        let browser = Browser::logged_in(demo.server(), options).await;
        browser.expects("status of 404");
        gallery.all(&browser, look, options, &pages).await;
        gallery.close(browser).await;
    }
    gallery.finish()
}

/// Both themes, at a desk and on a phone.
fn looks() -> [(&'static str, Options); 4] {
    let dark = |options| Options {
        scheme: Scheme::Dark,
        ..options
    };
    [
        ("desktop-light", Options::desktop()),
        ("desktop-dark", dark(Options::desktop())),
        ("phone-light", Options::phone()),
        ("phone-dark", dark(Options::phone())),
    ]
}

/// Nothing has happened yet.
fn of_empty() -> Vec<Page> {
    [
        ("empty-now", "/"),
        ("empty-activity", "/activity"),
        ("empty-accounts", "/accounts"),
        ("empty-logs", "/logs"),
        ("empty-keys", "/system?part=keys"),
    ]
    .map(|(name, path)| (name, path.to_owned()))
    .to_vec()
}

struct Gallery {
    arguments: Arguments,
    pictures: usize,
    errors: usize,
}

impl Gallery {
    const fn new(arguments: Arguments) -> Self {
        Self {
            arguments,
            pictures: 0,
            errors: 0,
        }
    }

    fn wants(&self, file: &str) -> bool {
        file.contains(&self.arguments.only)
    }

    async fn all(&mut self, browser: &Browser, look: &str, options: Options, pages: &[Page]) {
        for (name, path) in pages {
            let file = format!("{name}.{look}.png");
            if self.wants(&file) {
                browser.goto(path).await;
                self.take(browser, &file, options).await;
            }
        }
    }

    /// What opens above a page.
    async fn dialogs(&mut self, browser: &Browser, look: &str, options: Options) {
        let file = format!("dialog-help.{look}.png");
        if !options.phone && self.wants(&file) {
            browser.goto("/").await;
            browser.idle().await;
            browser.press("?").await;
            browser
                .by_role("dialog", mailpilot_browser_tests::ANY)
                .await;
            self.take(browser, &file, options).await;
        }
        let file = format!("offline.{look}.png");
        if self.wants(&file) {
            browser.goto("/").await;
            browser.idle().await;
            browser.expects("ERR_INTERNET_DISCONNECTED");
            browser.offline(true).await;
            let banner = containing("");
            browser
                .wait_for("a word about the connection", async || {
                    browser.count("status", banner.clone()).await
                        + browser.count("alert", banner.clone()).await
                        > 0
                })
                .await;
            self.take(browser, &file, options).await;
            browser.offline(false).await;
        }
    }

    async fn take(&mut self, browser: &Browser, file: &str, options: Options) {
        browser.idle().await;
        browser
            .screenshot(&self.arguments.out.join(file), options)
            .await;
        self.pictures += 1;
        if options.phone {
            for target in browser.small_targets(FINGER).await {
                println!("{file}: too small for a finger: {target}");
                self.errors += 1;
            }
        }
        if browser.scrolls_sideways().await {
            println!("{file}: the page is wider than the window");
            self.errors += 1;
        }
    }

    async fn close(&mut self, browser: Browser) {
        for error in browser.errors().await {
            println!("console: {error}");
            browser.expects(&error);
            self.errors += 1;
        }
        browser.finish().await;
    }

    fn finish(self) -> ExitCode {
        let folder = self.arguments.out.display();
        println!(
            "{} pictures in {folder}, {} things wrong",
            self.pictures, self.errors
        );
        if self.errors == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// The four of the README.
async fn for_readme(demo: &Demo, folder: &Path) {
    let dark = Options {
        scheme: Scheme::Dark,
        ..Options::desktop()
    };
    let pictures = [
        ("now.png", "/", dark),
        (
            "activity.png",
            "/activity?accountName=lists",
            Options::desktop(),
        ),
        ("phone.png", "/", Options::phone()),
        ("accounts.png", "/accounts", Options::desktop()),
    ];
    for (file, path, options) in pictures {
        let browser = Browser::logged_in(demo.server(), options).await;
        browser.goto(path).await;
        browser.idle().await;
        browser.window_picture(&folder.join(file)).await;
        browser.finish().await;
    }
    println!("4 pictures in {}", folder.display());
}
