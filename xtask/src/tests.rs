//! `cargo xtask test`: what everybody runs before a commit. Needs cargo and git alone.

use anyhow::{Result, bail};

use crate::{
    browser, layers,
    report::{Outcome, Report, strict},
    tidy, vendor,
    workspace::{Workspace, cargo},
};

/// The quick checks first, then all tests, doc tests included. Those in a browser run where there is one; the
/// build machine runs them in `cargo xtask ci`.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    report.step("layers", || layers::check(workspace));
    report.step("tidy", || tidy::check(workspace));
    report.step("vendored modules", || vendor::check(workspace));
    report.step("tests", || {
        let all = ["test", "--workspace", "--exclude", browser::PACKAGE];
        run_cargo(workspace, &all, &[])
    });
    if !strict() {
        report.step("browser tests", || browser::check(workspace));
    }
}

/// Runs cargo in the root; on the build machine the lock file must fit.
pub(crate) fn run_cargo(
    workspace: &Workspace,
    arguments: &[&str],
    env: &[(&str, &str)],
) -> Result<Outcome> {
    let (command, rest) = arguments.split_first().unwrap_or((&"help", &[]));
    let resolves = ["bench", "build", "check", "clippy", "doc", "run", "test"].contains(command);
    let locked = (resolves && strict()).then_some("--locked");
    let status = cargo()
        .arg(command)
        .args(locked)
        .args(rest)
        // Set by `cargo run`, of which this is a child: cargo-machete then takes its own name for a folder.
        .env_remove("CARGO_PKG_NAME")
        .envs(env.iter().copied())
        .current_dir(workspace.root())
        .status()?;
    if !status.success() {
        bail!("`cargo {}` failed with {status}", arguments.join(" "));
    }
    Ok(Outcome::Passed)
}
