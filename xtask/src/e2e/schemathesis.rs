//! Schemathesis judges the running API by its own description.

use std::process::Command;

use anyhow::{Result, ensure};

use super::{
    Lab,
    server::{Server, Settings, TOKEN, activity},
};
use crate::{report::Outcome, tools};

/// Bounds of a run: cases per operation, and seconds for all.
const MAX_EXAMPLES: &str = "25";
const MAX_SECONDS: &str = "300";

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["schemathesis"]) {
        return Ok(skipped);
    }
    let server = Server::start(lab.binary(), &Settings::local())?;
    server
        .client()
        .post("/api/activity", &activity("first"))?
        .expect(201)?;
    // An event stream never ends, so a client that reads answers to their end cannot judge it.
    let status = Command::new("schemathesis")
        .arg("run")
        .arg(format!("http://127.0.0.1:{}/api/openapi.json", server.port))
        .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
        .args([
            "--checks",
            "all",
            "--max-examples",
            MAX_EXAMPLES,
            "--max-time",
            MAX_SECONDS,
        ])
        .args([
            "--exclude-path",
            "/api/events",
            "--request-timeout",
            "10",
            "--no-color",
        ])
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
