//! Checks of the dashboard's front end by tools for it: types, format, unit tests, types of the API.
//!
//! Building and running need none of these tools; where they are missing, the checks are skipped.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    node::Packages,
    report::{Outcome, Report},
    tools,
    workspace::{Workspace, cargo},
};

const CRATE: &str = "crates/mailpilot-dashboard";
const API_TYPES: &str = "ui/api-types.d.ts";

/// Types that come with packages: the name in an import, and the file.
const TYPES: [(&str, &str); 4] = [
    ("preact", "preact/src/index.d.ts"),
    ("preact/hooks", "preact/hooks/src/index.d.ts"),
    ("@preact/signals", "@preact/signals/dist/signals.d.ts"),
    ("htm", "htm/dist/htm.d.ts"),
];

/// Each check on its own, so that one run shows all that is wrong.
pub(crate) fn check(workspace: &Workspace, report: &mut Report) {
    let with = |work: fn(&Workspace, &Packages) -> Result<Outcome>| match Packages::find(workspace)?
    {
        Ok(packages) => work(workspace, &packages),
        Err(missing) => Ok(missing),
    };
    report.step("front end: types", || with(types));
    report.step("front end: format", || {
        with(|w, p| prettier(w, p, "--check"))
    });
    report.step("front end: unit tests", || unit_tests(workspace));
    report.step("front end: types of the API", || with(api_types_are_fresh));
}

/// Formats the front end and makes the types of the API anew.
pub(crate) fn write(workspace: &Workspace, report: &mut Report) {
    report.step("front end: write", || {
        let packages = match Packages::find(workspace)? {
            Ok(packages) => packages,
            Err(missing) => return Ok(missing),
        };
        let path = workspace.root().join(CRATE).join(API_TYPES);
        fs::write(&path, api_types(workspace, &packages)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        prettier(workspace, &packages, "--write")
    });
}

/// The compiler's configuration, with the place of the packages on this machine.
fn types(workspace: &Workspace, packages: &Packages) -> Result<Outcome> {
    let folder = workspace.target().join("ui");
    fs::create_dir_all(&folder)?;
    let path = |(name, file): &(&str, &str)| {
        let file = packages.folder().join(file).display().to_string();
        ((*name).to_owned(), json!([file]))
    };
    let paths: serde_json::Map<String, Value> = TYPES.iter().map(path).collect();
    let base = workspace.root().join(CRATE).join("tsconfig.json");
    let config = json!({ "extends": base, "compilerOptions": { "paths": paths } });
    let file = folder.join("tsconfig.json");
    fs::write(&file, config.to_string())?;
    run(
        workspace,
        packages.program("tsc").arg("--project").arg(file),
    )
}

fn prettier(workspace: &Workspace, packages: &Packages, mode: &str) -> Result<Outcome> {
    let what = ["ui", "ui-tests", "*.json"];
    run(
        workspace,
        packages
            .program("prettier")
            .args([mode, "--log-level=warn"])
            .args(what),
    )
}

fn unit_tests(workspace: &Workspace) -> Result<Outcome> {
    let Some(node) = tools::find("node") else {
        return Ok(Outcome::Skipped("node is not installed".to_owned()));
    };
    let mut files: Vec<PathBuf> = fs::read_dir(workspace.root().join(CRATE).join("ui-tests"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    files.sort();
    ensure!(!files.is_empty(), "there are no unit tests");
    run(
        workspace,
        Command::new(node)
            .args(["--test", "--test-reporter=spec"])
            .args(files),
    )
}

fn api_types_are_fresh(workspace: &Workspace, packages: &Packages) -> Result<Outcome> {
    let path = Path::new(CRATE).join(API_TYPES);
    if workspace.read(&path)? != api_types(workspace, packages)? {
        bail!(
            "{} is out of date; renew with `cargo xtask ui --write`",
            path.display()
        );
    }
    Ok(Outcome::Passed)
}

/// What openapi-typescript makes of the server's own description.
fn api_types(workspace: &Workspace, packages: &Packages) -> Result<String> {
    let description = cargo()
        .args(["run", "--quiet", "--package", "mailpilot", "--", "openapi"])
        .current_dir(workspace.root())
        .output()?;
    let description = output_of("mailpilot openapi", description)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("openapi.json");
    fs::write(&file, description)?;
    let types = packages.program("openapi-typescript").arg(file).output()?;
    let types = output_of("openapi-typescript", types)?;
    Ok(format!(
        "// What the API sends and takes, made from its description by `cargo xtask ui --write`.\n\n{types}"
    ))
}

fn output_of(what: &str, output: std::process::Output) -> Result<String> {
    ensure!(
        output.status.success(),
        "{what} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn run(workspace: &Workspace, command: &mut Command) -> Result<Outcome> {
    let name = command.get_program().to_owned();
    let name = Path::new(&name)
        .file_name()
        .unwrap_or(&name)
        .display()
        .to_string();
    let status = command
        .current_dir(workspace.root().join(CRATE))
        .status()
        .with_context(|| format!("{name} did not start"))?;
    ensure!(status.success(), "{name} failed with {status}");
    Ok(Outcome::Passed)
}
