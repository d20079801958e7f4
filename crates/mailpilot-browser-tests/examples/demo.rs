//! A server with demo data, in the foreground, to look at pages by hand.
//!
//! ```text
//! cargo run -p mailpilot-browser-tests --example demo -- --port 8090
//! cargo run --release -p mailpilot-browser-tests --example demo -- --entries 1000000
//! ```

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::path::PathBuf;

use clap::Parser;
use mailpilot_browser_tests::{Demo, DemoOptions};
use mailpilot_test_support::{ADMIN, PASSWORD};

/// A Mailpilot server with a month of demo data.
#[derive(Parser)]
struct Arguments {
    /// Port to listen on
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Mailboxes whose mail is shown (mboxrd, plain or .gz)
    #[arg(long)]
    mbox: Vec<PathBuf>,
    /// So many made-up entries in addition
    #[arg(long, default_value_t = 0)]
    entries: u64,
    /// New mail every few seconds
    #[arg(long)]
    live: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let demo = Demo::start(&DemoOptions {
        port: arguments.port,
        mailboxes: arguments.mbox,
        entries: arguments.entries,
        live: arguments.live,
    })
    .await;
    println!(
        "{} — log in as `{ADMIN}` with `{PASSWORD}`; {} mails; Ctrl-C ends it",
        demo.server().url(),
        demo.mails()
    );
    tokio::signal::ctrl_c().await.ok();
}
