//! Asks axe-core whether the page can be used by everybody. The script is an npm package for tests only.

use std::{env, fs, path::PathBuf};

use serde_json::Value;

use crate::Browser;

/// Where npm packages for tests are; without it they are looked for beside their list, in `xtask/node`.
const VARIABLE: &str = "MAILPILOT_NODE_MODULES";

impl Browser {
    /// Panics if axe-core finds a violation on the page as it is now.
    ///
    /// Without axe-core there is nothing to ask: then it says so, and on the build machine (`CI=true`) panics.
    pub async fn accessible(&self) {
        let violations = self.axe().await;
        if !violations.is_empty() {
            let list = violations.join("\n");
            self.fail(&format!("axe-core has found\n{list}\n")).await;
        }
    }

    /// Violations of axe-core's usual rules: one line each, with rule, advice and place.
    pub async fn axe(&self) -> Vec<String> {
        let Some(source) = axe_source() else {
            return Vec::new();
        };
        let script = format!(
            "{source}\n;const done = arguments[arguments.length - 1];
             axe.run(document, {{ resultTypes: ['violations'] }}).then((r) => done(r.violations), (e) => done(String(e)));"
        );
        let found = self.driver.execute_async(script, Vec::new()).await;
        let found = match found {
            Ok(found) => found.json().clone(),
            Err(error) => self.fail(&format!("axe-core did not run: {error}")).await,
        };
        let Some(violations) = found.as_array() else {
            self.fail(&format!("axe-core did not run: {found}")).await
        };
        violations.iter().flat_map(lines).collect()
    }
}

fn lines(violation: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let nodes = violation["nodes"].as_array().cloned().unwrap_or_default();
    let line = |node: &Value| {
        format!(
            "{}: {} at {} ({})",
            text(&violation["id"]),
            text(&violation["help"]),
            node["target"],
            text(&node["failureSummary"]).replace('\n', " ")
        )
    };
    nodes.iter().map(line).collect()
}

fn axe_source() -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../xtask/node/node_modules");
    let modules = env::var_os(VARIABLE).map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = modules.join("axe-core/axe.min.js");
    match fs::read_to_string(&path) {
        Ok(source) => Some(source),
        Err(error) => {
            let message = format!(
                "{} ({error}): run `npm ci` in xtask/node, or set {VARIABLE}",
                path.display()
            );
            let strict = env::var("CI").is_ok_and(|value| value == "true");
            assert!(!strict, "{message}");
            report_skip(&message);
            None
        }
    }
}

#[allow(clippy::print_stderr, reason = "what a test left out must be seen")]
fn report_skip(message: &str) {
    eprintln!("skipped: axe-core is not there: {message}");
}
