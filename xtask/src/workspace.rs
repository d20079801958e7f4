//! The root and the crates, as `cargo metadata` tells them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The workspace this tool was built in.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    metadata: Value,
}

/// One direct dependency of a crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dependency<'a> {
    /// The package's name.
    pub(crate) name: &'a str,
    /// The version asked for, such as `^1`.
    pub(crate) requirement: &'a str,
    /// Whether only tests, examples and benches see it.
    pub(crate) dev: bool,
    /// Whether it is a crate of this workspace.
    pub(crate) local: bool,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .output()
            .context("cargo metadata did not start")?;
        if !output.status.success() {
            bail!(
                "cargo metadata failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let path = |key: &str| -> Result<PathBuf> {
            let text = metadata[key]
                .as_str()
                .with_context(|| format!("cargo metadata lacks {key}"))?;
            Ok(PathBuf::from(text))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            metadata,
        })
    }

    /// The folder of the root manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Files that lie beside the checkout and are no part of it: real mail, advisories.
    pub(crate) fn shared(&self, path: &str) -> PathBuf {
        self.root.join("../shared").join(path)
    }

    /// `[workspace.metadata.layers]`.
    pub(crate) fn layers(&self) -> &Value {
        &self.metadata["metadata"]["layers"]
    }

    /// Each crate with its direct dependencies.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (&str, Vec<Dependency<'_>>)> {
        let packages = self.metadata["packages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        packages.iter().map(|package| {
            let list = package["dependencies"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            (
                package["name"].as_str().unwrap_or_default(),
                list.iter().map(dependency).collect(),
            )
        })
    }

    /// Files git knows or would take, relative to the root. Those deleted but not committed are left out.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let output = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(&self.root)
            .output()
            .context("git did not start; the rules are checked on the files git knows")?;
        if !output.status.success() {
            bail!(
                "git ls-files failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        let mut files: Vec<PathBuf> = names
            .split_terminator('\0')
            .map(PathBuf::from)
            .filter(|f| self.root.join(f).is_file())
            .collect();
        files.sort();
        Ok(files)
    }

    /// A text file of the workspace.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Result<String> {
        let path = path.as_ref();
        fs::read_to_string(self.root.join(path))
            .with_context(|| format!("cannot read {}", path.display()))
    }
}

fn dependency(value: &Value) -> Dependency<'_> {
    Dependency {
        name: value["name"].as_str().unwrap_or_default(),
        requirement: value["req"].as_str().unwrap_or_default(),
        dev: value["kind"] == "dev",
        local: value["path"].is_string(),
    }
}

/// The cargo that runs this tool.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
