//! Files the mail of an mbox file through a running server's HTTP API, as a mail program would.
//!
//! Nothing is filed twice: every mail has a key that is the same in every run, so an interrupted run is resumed by
//! starting it again. Changes no mail and uses nothing of the server but its API.
//!
//! ```text
//! cargo run --release --example replay -- --mbox inbox.mbox.gz --account personal --create-account
//! ```

mod classify;
mod client;
mod entry;
mod mbox;
mod report;
mod text;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    rc::Rc,
};

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use mailpilot_clock::{Clock, SystemClock};

use crate::{
    client::{Client, Counts},
    entry::{Dates, Entries, Entry},
    mbox::Mailbox,
    report::{Outcome, Progress, Tally},
};

/// Half of what the server takes in one body, however long the headers of a mail are.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Files the mail of an mbox file through a running Mailpilot server.
///
/// Subjects and senders are sent, but the server keeps them only if `state.audit_subjects` is true.
#[derive(Parser)]
#[command(name = "replay")]
struct Arguments {
    /// The mailbox: mboxrd, plain or gzip
    #[arg(long, value_name = "FILE")]
    mbox: PathBuf,
    /// The account to file it under
    #[arg(long, value_parser = account_name)]
    account: String,
    /// Address of the server's dashboard
    #[arg(long, default_value = "http://localhost:8080")]
    url: String,
    /// API key with write:activity, read:stats and read:activity; not needed in development mode
    #[arg(long, env = "MAILPILOT_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Mails in one request
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=1000))]
    batch: u16,
    /// Add the account first if the server does not have it (needs read:accounts and write:accounts)
    #[arg(long)]
    create_account: bool,
    /// Date of the entries: when they were processed, which is now, or when the mail was written
    #[arg(long, value_enum, default_value_t = DateChoice::Processed)]
    dates: DateChoice,
}

#[derive(Clone, Copy, ValueEnum)]
enum DateChoice {
    Processed,
    Original,
}

fn account_name(text: &str) -> Result<String, String> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._@-".contains(&b));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("1 to 64 characters out of A-Z a-z 0-9 . _ @ -".to_owned())
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "replay: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let mut mailbox =
        Mailbox::open(&arguments.mbox).with_context(|| arguments.mbox.display().to_string())?;
    let progress = Rc::new(Progress::begin());
    let teller = Rc::clone(&progress);
    let key = arguments.key.as_deref().filter(|key| !key.is_empty());
    let client = Client::new(&arguments.url, key, &arguments.account, move |sentence| {
        teller.say(sentence)
    })?;
    if arguments.create_account && client.create_account()? {
        progress.say(&format!("account `{}` added", arguments.account));
    }
    let before = counts(&client)?;

    let dates = match arguments.dates {
        DateChoice::Processed => Dates::Processed,
        DateChoice::Original => Dates::Original {
            now: SystemClock.now(),
        },
    };
    let mut replay = Replay {
        client: &client,
        entries: Entries::new(&arguments.account, dates),
        batch: Batch::default(),
        tally: Tally::default(),
    };
    let outcome = replay.all(&mut mailbox, arguments.batch.into(), &progress);
    progress.clear();
    if let Err(error) = outcome {
        let filed = replay.tally.filed();
        return Err(error.context(format!("stopped after {filed} mails were filed")));
    }

    let elapsed = progress.elapsed();
    let after = counts(&client)?;
    let closing = replay
        .tally
        .close(replay.entries.distinct() as u64, before.zip(after), elapsed);
    writeln!(io::stdout(), "{closing}").context("standard output")?;
    if !closing.disagreements().is_empty() {
        bail!("the server's count does not agree");
    }
    Ok(())
}

/// None where the key may file mail but not read counts: that is no reason to stop.
fn counts(client: &Client) -> Result<Option<Counts>> {
    match client.counts() {
        Ok(counts) => Ok(Some(counts)),
        Err(error) if error.is_status(403) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

struct Replay<'a> {
    client: &'a Client,
    entries: Entries<'a>,
    batch: Batch,
    tally: Tally,
}

impl Replay<'_> {
    /// Files every mail that can be read, also when the file is damaged further on.
    fn all(&mut self, mailbox: &mut Mailbox, batch_size: usize, progress: &Progress) -> Result<()> {
        while let Some(mail) = mailbox.next() {
            match mail {
                Ok(mail) => self.batch.push(&self.entries.make(&mail))?,
                Err(error) => {
                    self.file()?;
                    return Err(error)
                        .context("the mailbox cannot be read further: it is damaged or cut off");
                }
            }
            if self.batch.outcomes.len() >= batch_size || self.batch.json.len() >= MAX_BATCH_BYTES {
                self.file()?;
                progress.show(mailbox.share_read(), self.tally.filed());
            }
        }
        self.file()?;
        progress.show(1.0, self.tally.filed());
        Ok(())
    }

    fn file(&mut self) -> Result<()> {
        if self.batch.outcomes.is_empty() {
            return Ok(());
        }
        let ids = self.client.file(self.batch.list())?;
        let sent = self.batch.outcomes.len();
        ensure!(
            ids.len() == sent,
            "the server gave {} numbers for {sent} mails",
            ids.len()
        );
        for (id, outcome) in ids.into_iter().zip(self.batch.outcomes.drain(..)) {
            self.tally.add(id, outcome);
        }
        self.batch.json.clear();
        Ok(())
    }
}

/// Entries that go out together, already as JSON.
#[derive(Default)]
struct Batch {
    json: Vec<u8>,
    outcomes: Vec<Outcome>,
}

impl Batch {
    fn push(&mut self, entry: &Entry<'_>) -> Result<()> {
        self.json
            .push(if self.outcomes.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.json, entry)?;
        self.outcomes.push(Outcome {
            is_failed: entry.is_failed(),
            actions: entry.counted_actions(),
        });
        Ok(())
    }

    /// The finished list.
    fn list(&mut self) -> &[u8] {
        self.json.push(b']');
        &self.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_one_json_list() {
        let mut batch = Batch::default();
        let mut entries = Entries::new("personal", Dates::Processed);
        for mail in [
            &b"Subject: one\n\n"[..],
            b"Subject: \"two\"\n\n",
            b"no mail",
        ] {
            batch.push(&entries.make(mail)).unwrap();
        }
        let list: serde_json::Value = serde_json::from_slice(batch.list()).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 3);
        assert_eq!(list[1]["subject"], "\"two\"");
        assert!(list[2]["error"].is_string());
        assert_eq!(
            batch
                .outcomes
                .iter()
                .filter(|outcome| outcome.is_failed)
                .count(),
            1
        );
    }

    #[test]
    fn an_account_name_is_checked_before_anything_is_sent() {
        assert!(account_name("ann@example.org").is_ok());
        for bad in ["", "a b", "a/b", &"x".repeat(65)] {
            assert!(account_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
