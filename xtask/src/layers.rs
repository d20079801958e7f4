//! Checks which crate may use which: the layer table of `Cargo.toml`, and libraries with a single owner.
//!
//! Reads `cargo metadata` only; sources are the business of `tidy`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{
    report::Outcome,
    workspace::{Dependency, Workspace},
};

/// Libraries that stay behind one crate, so that they can be replaced there.
const OWNERS: [(&str, &str); 9] = [
    ("rusqlite", "mailpilot-storage"),
    ("figment", "mailpilot-config"),
    ("serde-saphyr", "mailpilot-config"),
    ("strsim", "mailpilot-config"),
    ("argon2", "mailpilot-auth"),
    ("metrics-exporter-prometheus", "mailpilot-metrics"),
    ("hyper", "mailpilot-http-server"),
    ("matchit", "mailpilot-http-server"),
    ("clap", "mailpilot"),
];

/// The tool itself uses no crate of the product and none uses it, so it has no row.
const TOOL: &str = "xtask";

/// Prints every violation and fails if there is one.
pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    let packages: BTreeMap<&str, Vec<Dependency<'_>>> = workspace.packages().collect();
    let violations = violations(workspace.layers(), &packages);
    for violation in &violations {
        println!("layers: {violation}");
    }
    if !violations.is_empty() {
        bail!(
            "{} violations of the layer table in Cargo.toml",
            violations.len()
        );
    }
    Ok(Outcome::Noted(format!("{} crates", packages.len())))
}

fn violations(table: &Value, packages: &BTreeMap<&str, Vec<Dependency<'_>>>) -> Vec<String> {
    let (rows, dev_only, mut found) = read_table(table);
    for name in rows
        .keys()
        .chain(&dev_only)
        .filter(|name| !packages.contains_key(**name))
    {
        found.push(format!(
            "`{name}` is listed but is no crate of the workspace"
        ));
    }
    for (&name, dependencies) in packages {
        let row = rows.get(name).copied();
        if row.is_none() && !dev_only.contains(name) && name != TOOL {
            found.push(format!(
                "`{name}` has no row; add it to [workspace.metadata.layers]"
            ));
        }
        for used in dependencies.iter().filter(|used| used.local && !used.dev) {
            found.extend(edge(name, row, used.name, &rows, &dev_only));
        }
        for used in dependencies.iter().filter(|used| !used.local && !used.dev) {
            found.extend(owner(name, used.name, dev_only.contains(name)));
        }
    }
    found
}

type Rows<'a> = BTreeMap<&'a str, usize>;

fn read_table(table: &Value) -> (Rows<'_>, BTreeSet<&str>, Vec<String>) {
    let (mut rows, mut found) = (Rows::new(), Vec::new());
    for (index, row) in table["rows"].as_array().into_iter().flatten().enumerate() {
        for name in names(row) {
            if rows.insert(name, index).is_some() {
                found.push(format!("`{name}` is listed in two rows"));
            }
        }
    }
    (rows, names(&table["dev-only"]).collect(), found)
}

fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn edge(
    name: &str,
    row: Option<usize>,
    used: &str,
    rows: &Rows<'_>,
    dev_only: &BTreeSet<&str>,
) -> Option<String> {
    if name == TOOL || used == TOOL {
        return Some(format!(
            "`{name}` uses `{used}`; the tool and the product stay apart"
        ));
    }
    if dev_only.contains(used) && !dev_only.contains(name) {
        return Some(format!("`{name}` uses `{used}`, which is for tests only"));
    }
    let (Some(above), Some(below)) = (row, rows.get(used).copied()) else {
        return None;
    };
    (below >= above).then(|| {
        format!("`{name}` (row {above}) uses `{used}` (row {below}); only lower rows are allowed")
    })
}

fn owner(name: &str, used: &str, dev_only: bool) -> Option<String> {
    let (_, owner) = OWNERS.iter().find(|(library, _)| *library == used)?;
    (name != *owner && !dev_only)
        .then(|| format!("`{name}` uses `{used}`, which belongs to `{owner}` alone"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn local(name: &str, dev: bool) -> Dependency<'_> {
        Dependency {
            name,
            requirement: "*",
            dev,
            local: true,
        }
    }

    fn check(packages: &[(&'static str, Vec<Dependency<'static>>)], expected: &[&str]) {
        let table =
            json!({ "rows": [["low", "beside"], ["high"]], "dev-only": ["support", "harness"] });
        let mut all: BTreeMap<_, _> = ["low", "beside", "high", "support", "harness"]
            .map(|name| (name, Vec::new()))
            .into_iter()
            .collect();
        all.extend(packages.iter().cloned());
        assert_eq!(violations(&table, &all), expected);
    }

    #[test]
    fn a_crate_may_use_lower_rows_and_anything_in_its_tests() {
        check(&[("high", vec![local("low", false)])], &[]);
        check(
            &[("low", vec![local("high", true), local("support", true)])],
            &[],
        );
        check(&[("support", vec![local("high", false)])], &[]);
        check(&[("support", vec![local("harness", false)])], &[]);
        check(
            &[("high", vec![local("support", false)])],
            &["`high` uses `support`, which is for tests only"],
        );
    }

    #[test]
    fn an_edge_upwards_or_sideways_is_named() {
        check(
            &[("low", vec![local("high", false)])],
            &["`low` (row 0) uses `high` (row 1); only lower rows are allowed"],
        );
        check(
            &[("low", vec![local("beside", false)])],
            &["`low` (row 0) uses `beside` (row 0); only lower rows are allowed"],
        );
        check(
            &[("high", vec![local("support", false)])],
            &["`high` uses `support`, which is for tests only"],
        );
    }

    #[test]
    fn every_crate_is_listed() {
        check(
            &[("new", vec![])],
            &["`new` has no row; add it to [workspace.metadata.layers]"],
        );
        let table = json!({ "rows": [["gone"]], "dev-only": [] });
        assert_eq!(
            violations(&table, &BTreeMap::new()),
            ["`gone` is listed but is no crate of the workspace"]
        );
    }

    #[test]
    fn a_library_with_an_owner_is_refused_elsewhere() {
        let rusqlite = Dependency {
            name: "rusqlite",
            requirement: "^0.41",
            dev: false,
            local: false,
        };
        check(
            &[("high", vec![rusqlite])],
            &["`high` uses `rusqlite`, which belongs to `mailpilot-storage` alone"],
        );
    }
}
