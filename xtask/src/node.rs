//! Finds the npm packages that `xtask/node` lists. Installs nothing: `npm ci` and `.ci/run` do.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{report::Outcome, workspace::Workspace};

/// Where the packages are, if not beside their list.
const VARIABLE: &str = "MAILPILOT_NODE_MODULES";
const LIST: &str = "xtask/node/package.json";
const LOCK: &str = "xtask/node/package-lock.json";

/// A `node_modules` folder that holds what is listed, in the versions that are listed.
#[derive(Debug)]
pub(crate) struct Packages {
    folder: PathBuf,
}

impl Packages {
    /// Looks below the variable, then beside the list.
    pub(crate) fn find(workspace: &Workspace) -> Result<Result<Self, Outcome>> {
        let folder = match env::var_os(VARIABLE) {
            Some(folder) => PathBuf::from(folder),
            None => workspace.root().join("xtask/node/node_modules"),
        };
        let found = Self { folder };
        for (name, version) in listed(workspace)? {
            if found.version(&name).as_deref() != Some(&version) {
                return Ok(Err(Outcome::Skipped(format!(
                    "{name} {version} is not in {}: run `npm ci` in xtask/node or set {VARIABLE}",
                    found.folder.display()
                ))));
            }
        }
        Ok(Ok(found))
    }

    /// The folder `node_modules`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A program of a package.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join(".bin").join(name))
    }

    /// What a package says of itself, such as its licence.
    pub(crate) fn manifest(&self, package: &str) -> Result<Value> {
        let path = self.folder.join(package).join("package.json");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(serde_json::from_str(&text)?)
    }

    fn version(&self, package: &str) -> Option<String> {
        let manifest = self.manifest(package).ok()?;
        Some(manifest["version"].as_str()?.to_owned())
    }
}

/// Names and versions of the packages the checks name themselves.
pub(crate) fn listed(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let list: Value = serde_json::from_str(&workspace.read(LIST)?)?;
    let packages = list["devDependencies"]
        .as_object()
        .with_context(|| format!("{LIST} has no devDependencies"))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(packages
        .iter()
        .map(|(name, version)| (name.clone(), text(version)))
        .collect())
}

/// The version of a package in the lock file; those that others bring have one there too.
pub(crate) fn locked(workspace: &Workspace, package: &str) -> Result<String> {
    let lock: Value = serde_json::from_str(&workspace.read(LOCK)?)?;
    let version = &lock["packages"][format!("node_modules/{package}")]["version"];
    let version = version.as_str();
    Ok(version
        .with_context(|| format!("{LOCK} does not hold {package}"))?
        .to_owned())
}
