//! `cargo xtask ci`: everything the build machine runs beyond the tests.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{
    docs, layers,
    report::{Outcome, Report},
    tests::run_cargo,
    tidy, tools, ui, vendor,
    workspace::{Workspace, cargo},
};

/// Each check on its own, so that one run shows all that is wrong.
pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    const WARNINGS: [&str; 2] = ["-D", "warnings"];
    let cargo = |arguments: &[&str]| run_cargo(workspace, arguments, &[]);
    report.step("format", || cargo(&["fmt", "--all", "--check"]));
    report.step("layers", || layers::check(workspace));
    report.step("tidy", || tidy::check(workspace));
    report.step("clippy", || {
        let scope = ["clippy", "--workspace", "--all-targets", "--quiet", "--"];
        cargo(&[&scope[..], &WARNINGS[..]].concat())
    });
    report.step("rustdoc", || {
        let scope = ["doc", "--workspace", "--no-deps", "--quiet"];
        run_cargo(workspace, &scope, &[("RUSTDOCFLAGS", "-D warnings")])
    });
    report.step("vendored modules made anew", || {
        vendor::check_made(workspace)
    });
    ui::check(workspace, report);
    report.step("documents", || docs::run(workspace, docs::Mode::Check));
    report.step("unused dependencies", || {
        subcommand(workspace, &["machete"])
    });
    report.step("licences, bans, sources", || {
        subcommand(
            workspace,
            &[
                "deny",
                "check",
                "--hide-inclusion-graph",
                "licenses",
                "bans",
                "sources",
            ],
        )
    });
    report.step("advisories", || advisories(workspace));
    report.step("each feature", || {
        subcommand(
            workspace,
            &[
                "hack",
                "check",
                "--workspace",
                "--each-feature",
                "--all-targets",
                "--quiet",
            ],
        )
    });
}

/// Runs `cargo <name> …` if `cargo-<name>` is installed.
fn subcommand(workspace: &Workspace, arguments: &[&str]) -> Result<Outcome> {
    let name = format!("cargo-{}", arguments.first().context("no subcommand")?);
    if let Some(skipped) = tools::missing(&[&name]) {
        return Ok(skipped);
    }
    run_cargo(workspace, arguments, &[])
}

/// Compares the lock file with a copy of the RustSec database that lies beside the checkout.
fn advisories(workspace: &Workspace) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["cargo-audit", "tar"]) {
        return Ok(skipped);
    }
    let archive = workspace.shared("data/advisory-db.tar.gz");
    if !archive.is_file() {
        let place = "../shared/data/advisory-db.tar.gz";
        return Ok(Outcome::NoData(format!(
            "{place} is not there, advisories were not checked"
        )));
    }
    let folder = tempfile::tempdir()?;
    let unpacked = Command::new("tar")
        .arg("-xzf")
        .arg(&archive)
        .arg("-C")
        .arg(folder.path())
        .status()?;
    ensure!(
        unpacked.success(),
        "tar could not unpack {}",
        archive.display()
    );
    let status = cargo()
        .args([
            "audit",
            "--no-fetch",
            "--stale",
            "--deny",
            "warnings",
            "--db",
        ])
        .arg(folder.path())
        .current_dir(workspace.root())
        .status()?;
    if !status.success() {
        bail!("`cargo audit` failed with {status}");
    }
    Ok(Outcome::Passed)
}
