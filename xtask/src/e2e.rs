//! End-to-end checks against the release binary: real clients, proxies, crashes, signals.
//!
//! Each check starts its own server in a folder of its own and ends whatever it started.

pub(crate) mod client;
mod clients;
mod kill9;
mod namespaces;
pub(crate) mod process;
mod prometheus;
mod proxies;
mod replay;
mod schemathesis;
pub(crate) mod server;
mod signals;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use crate::{
    report::{Outcome, Report},
    tests::run_cargo,
    workspace::Workspace,
};

/// What a check gets.
#[derive(Debug)]
pub(crate) struct Lab<'a> {
    workspace: &'a Workspace,
    binary: PathBuf,
}

type Check = fn(&Lab<'_>) -> Result<Outcome>;

const CHECKS: [(&str, Check); 8] = [
    ("clients", clients::check),
    ("signals", signals::check),
    ("kill9", kill9::check),
    ("replay", replay::check),
    ("proxies", proxies::check),
    ("prometheus", prometheus::check),
    ("namespaces", namespaces::check),
    ("schemathesis", schemathesis::check),
];

/// Builds the server and runs the checks named, or all.
pub(crate) fn run(workspace: &Workspace, report: &mut Report, names: &[&str]) -> Result<()> {
    if let Some(unknown) = names
        .iter()
        .find(|name| CHECKS.iter().all(|(known, _)| known != *name))
    {
        let known: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
        bail!(
            "no check is called `{unknown}`; there are {}",
            known.join(", ")
        );
    }
    let binary = workspace.target().join("release").join("mailpilot");
    let lab = Lab { workspace, binary };
    let mut built = false;
    report.step("release build", || {
        let outcome = run_cargo(
            workspace,
            &["build", "--release", "--package", "mailpilot"],
            &[],
        )?;
        ensure!(
            lab.binary.is_file(),
            "{} is not there after the build",
            lab.binary.display()
        );
        built = true;
        Ok(outcome)
    });
    if built {
        for (name, check) in CHECKS
            .iter()
            .filter(|(name, _)| names.is_empty() || names.contains(name))
        {
            report.step(&format!("end to end: {name}"), || check(&lab));
        }
    }
    Ok(())
}

impl Lab<'_> {
    fn binary(&self) -> &Path {
        &self.binary
    }
}

/// Whether this process may do everything on this host.
fn is_root() -> bool {
    std::process::Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
