//! Real mail through the replay example: everything arrives, nothing twice, and all views agree.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    Lab,
    server::{KEY, Server, Settings, TOKEN},
};
use crate::{report::Outcome, workspace::cargo};

/// A mailbox, the account it belongs to, and how many mails are in it.
const MAILBOXES: [(&str, &str, u64); 2] = [
    ("ham.mbox.gz", "personal", 2_500),
    ("spam.mbox.gz", "work", 500),
];

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    let folder = lab.workspace.shared("data/mail");
    if MAILBOXES
        .iter()
        .any(|(name, ..)| !folder.join(name).is_file())
    {
        return Ok(Outcome::NoData(
            "../shared/data/mail is not there, real mail was not replayed".into(),
        ));
    }
    let server = Server::start(lab.binary(), &Settings::local())?;
    for (name, account, _) in MAILBOXES {
        replay(lab, &server, name, account)?;
    }
    let first = views_agree(&server)?;
    for (name, account, _) in MAILBOXES {
        replay(lab, &server, name, account)?;
    }
    let second = views_agree(&server).context("after the second run")?;
    ensure!(
        first == second,
        "the second run changed the totals: {first} became {second}"
    );
    server.stop()?;
    Ok(Outcome::Passed)
}

fn replay(lab: &Lab<'_>, server: &Server, name: &str, account: &str) -> Result<()> {
    let status = cargo()
        .args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "mailpilot-examples",
            "--example",
            "replay",
            "--",
        ])
        .arg("--mbox")
        .arg(lab.workspace.shared("data/mail").join(name))
        .args([
            "--account",
            account,
            "--url",
            &format!("http://127.0.0.1:{}", server.port),
        ])
        .env("MAILPILOT_KEY", TOKEN)
        .current_dir(lab.workspace.root())
        .status()?;
    ensure!(status.success(), "the replay of {name} ended with {status}");
    Ok(())
}

/// Statistics, activity, export, metrics and health tell the same story.
fn views_agree(server: &Server) -> Result<Value> {
    let client = server.client();
    let all: u64 = MAILBOXES.iter().map(|(_, _, count)| count).sum();
    let stats = client.get("/api/stats")?.json(200)?;
    ensure!(
        stats["totals"]["emailsProcessed"] == all,
        "stats: {}",
        stats["totals"]
    );
    let export = client.get("/api/export?format=ndjson")?.expect(200)?;
    ensure!(
        export.text.lines().count() as u64 == all,
        "export: {} lines",
        export.text.lines().count()
    );
    let metrics = server.anonymous().get("/metrics")?.expect(200)?.text;
    let health = server.anonymous().get("/health")?.json(200)?;
    for (_, account, count) in MAILBOXES {
        let path = format!("/api/activity?accountName={account}&pageSize=1");
        let page = server.anonymous().bearer(KEY).get(&path)?.json(200)?;
        ensure!(
            page["total"] == count,
            "{account}: activity has {}",
            page["total"]
        );
        let line = format!("mailpilot_emails_processed_total{{account=\"{account}\"}} {count}");
        ensure!(
            metrics.lines().any(|l| l == line),
            "{account}: /metrics lacks `{line}`"
        );
        ensure!(
            health["accounts"][account].is_string(),
            "{account}: health: {health}"
        );
    }
    ensure!(health["database"] == "ok", "health: {health}");
    Ok(stats["totals"].clone())
}
