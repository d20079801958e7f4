//! The dashboard through a proxy, in a browser. What is done there is an example of the browser tests' crate.

use anyhow::{Result, bail};

use super::{Proxy, SITE};
use crate::{
    browser::PACKAGE,
    e2e::{
        Lab,
        server::{PASSWORD, Server, TOKEN, USER},
    },
    report::{Outcome, strict},
    tests::run_cargo,
    tools,
};

/// Whether there is a browser. Without one it says so and the proxies are checked without; the build machine has one.
pub(super) fn has_browser() -> Result<bool> {
    match tools::missing(&["chromedriver", "chromium"]) {
        Some(Outcome::Skipped(reason)) if strict() => bail!(reason),
        Some(Outcome::Skipped(reason)) => {
            println!("skipped: the dashboard through the proxies, {reason}");
            Ok(false)
        }
        _ => Ok(true),
    }
}

/// Logs in, watches a mail come, and sees no error: at the site's own name, with a prefix or without.
pub(super) fn look(lab: &Lab<'_>, server: &Server, proxy: &Proxy, base: &str) -> Result<()> {
    let origin = format!("{}://{SITE}", proxy.scheme());
    let address = |port: u16| format!("127.0.0.1:{port}");
    let (proxy, server) = (address(proxy.port), address(server.port));
    let visit = [
        ["--proxy", &proxy],
        ["--origin", &origin],
        ["--base", base],
        ["--server", &server],
        ["--user", USER],
        ["--password", PASSWORD],
        ["--token", TOKEN],
        ["--account", "personal"],
    ];
    let example = [
        "run",
        "--quiet",
        "--package",
        PACKAGE,
        "--example",
        "proxied",
        "--",
    ];
    run_cargo(
        lab.workspace,
        &[&example[..], &visit.concat()].concat(),
        &[],
    )?;
    Ok(())
}
