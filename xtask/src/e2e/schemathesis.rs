//! Schemathesis judges the running API by its own description.

use std::process::Command;

use anyhow::{Result, ensure};

use super::{
    Lab,
    server::{Server, Settings, TOKEN, activity},
};
use crate::{report::Outcome, tools};

/// Cases per operation and phase.
const MAX_EXAMPLES: &str = "25";

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["schemathesis"]) {
        return Ok(skipped);
    }
    let server = Server::start(lab.binary(), &Settings::local())?;
    server
        .client()
        .post("/api/activity", &activity("first"))?
        .expect(201)?;
    let (_, cookie) = server.set_up()?;
    // While a worker listens, accounts can be paused and resumed.
    let _worker = server
        .client()
        .events("types=accounts&controls=personal,work")?;

    // An event stream never ends, so a client that reads answers to their end cannot judge it.
    let status = Command::new("schemathesis")
        .arg("--config-file")
        .arg(lab.workspace.root().join(".ci/schemathesis.toml"))
        .arg("run")
        .arg(format!("http://127.0.0.1:{}/api/openapi.json", server.port))
        .args([
            "--checks",
            "all",
            "--max-examples",
            MAX_EXAMPLES,
            "--request-timeout",
            "10",
        ])
        .args(["--exclude-path", "/api/events", "--no-color"])
        .args(["--header", "Sec-Fetch-Site: same-origin"])
        .env("MAILPILOT_TOKEN", TOKEN)
        .env(
            "MAILPILOT_SESSION",
            cookie.split_once('=').map_or("", |(_, value)| value),
        )
        .current_dir(server.home().path())
        .status()?;
    ensure!(
        status.success(),
        "schemathesis found something ({status}); see above"
    );
    server.client().get("/health")?.expect(200)?;
    server.stop()?;
    Ok(Outcome::Passed)
}
