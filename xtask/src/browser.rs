//! The tests of the dashboard in a real Chromium. They live in a crate of their own; this only runs it.

use anyhow::Result;

use crate::{report::Outcome, tests::run_cargo, tools, workspace::Workspace};

/// The crate. `cargo xtask test` leaves it out of the other tests.
pub(crate) const PACKAGE: &str = "mailpilot-browser-tests";

/// Runs them, two windows at a time: a Chromium keeps a core busy.
pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["chromedriver", "chromium"]) {
        return Ok(skipped);
    }
    let tests = ["test", "--package", PACKAGE, "--", "--test-threads=2"];
    run_cargo(workspace, &tests, &[])
}
