//! Holds `docs/DEPENDENCIES.md` to what the crates really use: every library named, none that is gone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::workspace::Workspace;

const DOCUMENT: &str = "docs/DEPENDENCIES.md";

/// Compares the table's first two columns with the direct dependencies of all crates.
pub(crate) fn check(workspace: &Workspace, findings: &mut Vec<String>) -> Result<()> {
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, dependencies) in workspace.packages() {
        for library in dependencies.into_iter().filter(|d| !d.local) {
            used.entry(library.name)
                .or_default()
                .insert(library.requirement.trim_start_matches('^'));
        }
    }
    let text = workspace.read(DOCUMENT)?;
    compare(&used, &rows(&text), findings);
    Ok(())
}

/// The rows that begin with a name in backticks, as name and version.
fn rows(text: &str) -> BTreeMap<&str, &str> {
    let cells = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((name, cells.next()?))
    });
    cells.collect()
}

fn compare(
    used: &BTreeMap<&str, BTreeSet<&str>>,
    rows: &BTreeMap<&str, &str>,
    findings: &mut Vec<String>,
) {
    for (name, versions) in used {
        match rows.get(name) {
            None => findings.push(format!("{DOCUMENT}: `{name}` is used but has no row")),
            Some(version) if !versions.contains(version) => {
                let wanted: Vec<&str> = versions.iter().copied().collect();
                findings.push(format!(
                    "{DOCUMENT}: `{name}` is given as {version}, used as {}",
                    wanted.join(" and ")
                ));
            }
            Some(_) => {}
        }
    }
    for name in rows.keys().filter(|name| !used.contains_key(*name)) {
        findings.push(format!(
            "{DOCUMENT}: `{name}` has a row but no crate uses it"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_stale_and_outdated_rows_are_named() {
        let used = BTreeMap::from([
            ("hyper", BTreeSet::from(["1"])),
            ("ring", BTreeSet::from(["0.17"])),
            ("serde", BTreeSet::from(["1"])),
        ]);
        let rows = rows(
            "| crate | version |\n|---|---|\n| `hyper` | 1 | MIT |\n| `ring` | 0.16 |\n| `log` | 0.4 |\n",
        );
        let mut findings = Vec::new();
        compare(&used, &rows, &mut findings);
        assert_eq!(
            findings,
            [
                "docs/DEPENDENCIES.md: `ring` is given as 0.16, used as 0.17",
                "docs/DEPENDENCIES.md: `serde` is used but has no row",
                "docs/DEPENDENCIES.md: `log` has a row but no crate uses it",
            ]
        );
    }
}
