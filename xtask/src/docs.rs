//! Documents that are generated from the code: writes them, or checks that they are fresh.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::{
    report::Outcome,
    workspace::{Workspace, cargo},
};

/// What to do with a document that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Say so and fail.
    Check,
    /// Write it anew.
    Write,
}

/// Each document with the package and example that prints it.
const GENERATED: [(&str, &str, &str); 1] = [(
    "docs/CONFIGURATION.md",
    "mailpilot-config",
    "configuration_md",
)];

/// Goes through all generated documents.
pub(crate) fn run(workspace: &Workspace, mode: Mode) -> Result<Outcome> {
    let mut stale = Vec::new();
    for (path, package, example) in GENERATED {
        let fresh = print(workspace, package, example)?;
        if workspace.read(path).is_ok_and(|present| present == fresh) {
            continue;
        }
        match mode {
            Mode::Check => stale.push(path),
            Mode::Write => {
                fs::write(workspace.root().join(path), fresh)
                    .with_context(|| format!("cannot write {path}"))?;
                println!("written: {path}");
            }
        }
    }
    if !stale.is_empty() {
        bail!(
            "out of date: {}; renew with `cargo xtask docs`",
            stale.join(", ")
        );
    }
    Ok(Outcome::Passed)
}

fn print(workspace: &Workspace, package: &str, example: &str) -> Result<String> {
    let output = cargo()
        .args(["run", "--quiet", "--package", package, "--example", example])
        .current_dir(workspace.root())
        .output()?;
    ensure!(
        output.status.success(),
        "the example `{example}` of {package} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).context("the document is not UTF-8")
}
