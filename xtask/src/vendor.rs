//! Makes the modules of others that the dashboard serves, and checks that they are what they claim to be.
//!
//! Building and running need none of this: the files are in the repository.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    node::{Packages, listed, locked},
    report::Outcome,
    workspace::Workspace,
};

const FOLDER: &str = "crates/mailpilot-dashboard/ui/vendor";
const TABLE: &str = "README.md";
const LICENSES: &str = "LICENSES.txt";

/// A file of `FOLDER`, made from the entry of the same name in `xtask/node/entries`.
struct Recipe {
    file: &'static str,
    /// What esbuild puts into it.
    packages: &'static [&'static str],
}

const RECIPES: [Recipe; 2] = [
    Recipe {
        file: "d3.js",
        packages: &["d3-array", "d3-time"],
    },
    Recipe {
        file: "preact.js",
        packages: &["preact", "@preact/signals", "@preact/signals-core", "htm"],
    },
];

/// Writes everything anew.
pub(crate) fn write(workspace: &Workspace) -> Result<Outcome> {
    let packages = match Packages::find(workspace)? {
        Ok(packages) => packages,
        Err(missing) => return Ok(missing),
    };
    let made = make(workspace, &packages)?;
    for (name, bytes) in &made {
        let path = workspace.root().join(FOLDER).join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Noted(format!("{} files", made.len())))
}

/// Compares the files with their table and the table with the lock file. Needs no network and no Node.
pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    let table = workspace.read(format!("{FOLDER}/{TABLE}"))?;
    let rows = rows(&table);
    let mut findings = Vec::new();
    for (name, version) in listed(workspace)? {
        let pinned = locked(workspace, &name)?;
        if version != pinned {
            findings.push(format!(
                "xtask/node: {name} is {version} in package.json, {pinned} in the lock file"
            ));
        }
    }
    for recipe in &RECIPES {
        let expected = versions(workspace, recipe)?;
        match rows.get(recipe.file) {
            None => findings.push(format!("{FOLDER}/{TABLE}: no row for `{}`", recipe.file)),
            Some((packages, _)) if *packages != expected => findings.push(format!(
                "{FOLDER}/{TABLE}: `{}` is said to be of {packages}; the lock file says {expected}",
                recipe.file
            )),
            Some(_) => {}
        }
    }
    for name in files(workspace)? {
        let bytes = fs::read(workspace.root().join(FOLDER).join(&name))?;
        match rows.get(name.as_str()) {
            None => findings.push(format!("{FOLDER}/{name}: no row in {TABLE}")),
            Some((_, hash)) if *hash != sha256(&bytes) => {
                findings.push(format!(
                    "{FOLDER}/{name}: its SHA-256 is not that of {TABLE}"
                ));
            }
            Some(_) => {}
        }
    }
    for name in rows
        .keys()
        .filter(|name| !workspace.root().join(FOLDER).join(name).is_file())
    {
        findings.push(format!(
            "{FOLDER}/{TABLE}: `{name}` has a row but is not there"
        ));
    }
    answer(&findings)?;
    Ok(Outcome::Noted(format!("{} files", rows.len())))
}

/// Makes everything once more and compares the bytes.
pub(crate) fn check_made(workspace: &Workspace) -> Result<Outcome> {
    let packages = match Packages::find(workspace)? {
        Ok(packages) => packages,
        Err(missing) => return Ok(missing),
    };
    let differs = |(name, fresh): (String, Vec<u8>)| {
        let path = workspace.root().join(FOLDER).join(&name);
        let same = fs::read(path).is_ok_and(|present| present == fresh);
        (!same).then(|| format!("{FOLDER}/{name}: the packages give other bytes"))
    };
    let made = make(workspace, &packages)?;
    let findings: Vec<String> = made.into_iter().filter_map(differs).collect();
    answer(&findings)?;
    Ok(Outcome::Passed)
}

fn answer(findings: &[String]) -> Result<()> {
    for finding in findings {
        println!("vendor: {finding}");
    }
    if !findings.is_empty() {
        bail!(
            "{} findings; `cargo xtask vendor` makes the files anew",
            findings.len()
        );
    }
    Ok(())
}

/// Every file that is made, by name.
fn make(workspace: &Workspace, packages: &Packages) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut made = BTreeMap::new();
    let mut rows = Vec::new();
    for recipe in &RECIPES {
        let bytes = bundle(workspace, packages, recipe)?;
        rows.push((
            recipe.file,
            versions(workspace, recipe)?,
            licenses(packages, recipe)?,
            sha256(&bytes),
        ));
        made.insert(recipe.file.to_owned(), bytes);
    }
    let texts = license_texts(workspace, packages)?.into_bytes();
    rows.push((
        LICENSES,
        "all of these".to_owned(),
        "their texts".to_owned(),
        sha256(&texts),
    ));
    made.insert(LICENSES.to_owned(), texts);

    let mut table = "# Modules of others\n\nMade by `cargo xtask vendor` with esbuild from the npm packages that \
        `xtask/node` pins; edit nothing here by hand.\n`cargo xtask vendor --check` compares this table with the files \
        and the lock file. The `.d.ts` files are ours.\n\n| file | packages | licence | SHA-256 |\n|---|---|---|---|\n"
        .to_owned();
    rows.sort();
    for (file, packages, license, hash) in rows {
        table.push_str(&format!(
            "| `{file}` | {packages} | {license} | `{hash}` |\n"
        ));
    }
    made.insert(TABLE.to_owned(), table.into_bytes());
    Ok(made)
}

fn bundle(workspace: &Workspace, packages: &Packages, recipe: &Recipe) -> Result<Vec<u8>> {
    let kind = recipe.file.rsplit('.').next().unwrap_or_default();
    let named = versions(workspace, recipe)?;
    let output = packages
        .program("esbuild")
        .arg(format!("entries/{}", recipe.file))
        .args([
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022",
            "--charset=utf8",
        ])
        .args(["--legal-comments=none", "--log-level=warning"])
        .arg(format!(
            "--banner:{kind}=/*! {named}: see {LICENSES} beside this file */"
        ))
        .env("NODE_PATH", packages.folder())
        .current_dir(workspace.root().join("xtask/node"))
        .output()
        .context("esbuild did not start")?;
    ensure!(
        output.status.success() && output.stderr.is_empty(),
        "esbuild failed on {}:\n{}",
        recipe.file,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}

/// `preact 11.2.0, htm 3.1.1`, of the lock file.
fn versions(workspace: &Workspace, recipe: &Recipe) -> Result<String> {
    let named = |name: &&str| Ok(format!("{name} {}", locked(workspace, name)?));
    let all: Vec<String> = recipe.packages.iter().map(named).collect::<Result<_>>()?;
    Ok(all.join(", "))
}

fn licenses(packages: &Packages, recipe: &Recipe) -> Result<String> {
    let mut all = Vec::new();
    for package in recipe.packages {
        let manifest = packages.manifest(package)?;
        let license = manifest["license"].as_str();
        let license = license
            .with_context(|| format!("{package} names no licence"))?
            .to_owned();
        if !all.contains(&license) {
            all.push(license);
        }
    }
    Ok(all.join(", "))
}

fn license_texts(workspace: &Workspace, packages: &Packages) -> Result<String> {
    let mut names: Vec<&str> = RECIPES
        .iter()
        .flat_map(|recipe| recipe.packages)
        .copied()
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut texts = Vec::new();
    for name in names {
        let path = packages.folder().join(name).join("LICENSE");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let version = locked(workspace, name)?;
        texts.push(format!(
            "==== {name} {version} ====\n\n{}\n",
            text.trim_end().trim_start_matches('\n')
        ));
    }
    Ok(texts.join("\n"))
}

/// What is made: all but types and the table itself.
fn files(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace.root().join(FOLDER))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(Path::new)
            .unwrap_or(&path)
            .display()
            .to_string();
        if name != TABLE && !name.ends_with(".d.ts") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Packages and hash by file.
fn rows(table: &str) -> BTreeMap<&str, (&str, &str)> {
    let rows = table.lines().filter_map(|line| {
        let cells: Vec<&str> = line
            .split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect();
        match cells[..] {
            ["", file, packages, _, hash, ""] if hash.len() == 64 => Some((file, (packages, hash))),
            _ => None,
        }
    });
    rows.collect()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_in_hexadecimal() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn rows_are_those_with_a_hash() {
        let hash = "0".repeat(64);
        let table = format!(
            "| file | packages | licence | SHA-256 |\n|---|---|---|---|\n| `a.js` | b 1, c 2 | MIT | `{hash}` |\n"
        );
        assert_eq!(
            rows(&table).into_iter().collect::<Vec<_>>(),
            [("a.js", ("b 1, c 2", hash.as_str()))]
        );
    }
}
