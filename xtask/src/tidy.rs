//! House rules no compiler knows: file heads, leftovers, machine paths, links, the list of dependencies.
//!
//! Reads files only. Words it looks for are written in pieces, so that it does not find itself.

mod dependencies;
mod front_end;
mod links;
mod text;

use std::path::Path;

use anyhow::{Result, bail};

use crate::{report::Outcome, workspace::Workspace};

/// Prints every finding and fails if there is one.
pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    let files = workspace.files()?;
    let mut findings = Vec::new();
    let mut checked = 0;
    for path in files.iter().filter(|path| is_text(path)) {
        let content = workspace.read(path)?;
        let name = path.to_string_lossy();
        text::check(&name, &content, &mut findings);
        front_end::check(&name, &content, &mut findings);
        if path.extension().is_some_and(|e| e == "md") {
            links::check(workspace.root(), path, &content, &mut findings);
        }
        checked += 1;
    }
    dependencies::check(workspace, &mut findings)?;
    for finding in &findings {
        println!("tidy: {finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    Ok(Outcome::Noted(format!("{checked} files")))
}

/// Files people write; lock files, pictures and vendored code are left alone.
fn is_text(path: &Path) -> bool {
    const ENDINGS: [&str; 12] = [
        "rs", "toml", "md", "js", "css", "html", "yaml", "yml", "sql", "json", "sh", "txt",
    ];
    let vendored = path.components().any(|part| part.as_os_str() == "vendor");
    let known = path
        .extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| ENDINGS.contains(&e));
    !vendored && (known || path.starts_with(".ci"))
}
