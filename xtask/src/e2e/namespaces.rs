//! A visitor from another host, made with a network namespace: development mode is not for strangers.

use std::process::Command;

use anyhow::{Result, ensure};

use super::{
    Lab,
    process::run,
    server::{Server, Settings, setup_form},
};
use crate::{report::Outcome, tools};

const HERE: &str = "10.203.77.1";
const THERE: &str = "10.203.77.2";

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["ip", "curl"]) {
        return Ok(skipped);
    }
    if !super::is_root() {
        println!("skipped: only root can make network namespaces");
        return Ok(Outcome::Passed);
    }
    let stranger = Namespace::make()?;
    let server = Server::start(lab.binary(), &Settings::everywhere().open())?;
    let base = format!("http://{HERE}:{}", server.port);
    let local = server.anonymous();
    local.get("/api/stats")?.expect(200)?;

    let (status, body) = stranger.curl(&[&format!("{base}/api/stats")])?;
    ensure!(status == 401, "a stranger got {status}: {body}");
    let (_, body) = stranger.curl(&[&format!("{base}/api/auth")])?;
    ensure!(
        body.contains("\"setupCodeRequired\":true"),
        "a stranger may set up without a code: {body}"
    );
    let ended = local.get("/api/stats")?;
    ensure!(
        ended.status == 401,
        "development mode outlived the first stranger: {}",
        ended.status
    );

    let set_up = |code: Option<&str>| {
        let form = setup_form(code).to_string();
        let url = format!("{base}/api/setup");
        let origin = format!("Origin: {base}");
        stranger.curl(&[
            "-H",
            "Content-Type: application/json",
            "-H",
            &origin,
            "--data",
            &form,
            &url,
        ])
    };
    let (status, body) = set_up(None)?;
    ensure!(status == 403, "setup without a code: {status} {body}");
    let (status, body) = set_up(Some("0000-0000-0000-0000"))?;
    ensure!(status == 403, "setup with a wrong code: {status} {body}");
    let (status, body) = set_up(Some(&server.setup_code()?))?;
    ensure!(
        status == 200,
        "setup with the printed code: {status} {body}"
    );
    server.stop()?;
    Ok(Outcome::Passed)
}

/// A namespace with one cable to this host; both go away with the value.
#[derive(Debug)]
struct Namespace {
    name: String,
}

impl Namespace {
    fn make() -> Result<Self> {
        let id = std::process::id();
        let (name, near, far) = (
            format!("mailpilot-{id}"),
            format!("mpn{id}"),
            format!("mpf{id}"),
        );
        let ip = |words: &str| run(Command::new("ip").args(words.split(' ')));
        ip(&format!("netns add {name}"))?;
        let namespace = Self { name };
        let name = &namespace.name;
        ip(&format!(
            "link add {near} type veth peer name {far} netns {name}"
        ))?;
        ip(&format!("address add {HERE}/30 dev {near}"))?;
        ip(&format!("link set {near} up"))?;
        ip(&format!("-netns {name} address add {THERE}/30 dev {far}"))?;
        ip(&format!("-netns {name} link set {far} up"))?;
        Ok(namespace)
    }

    /// Status and body of a request made from inside.
    fn curl(&self, arguments: &[&str]) -> Result<(u16, String)> {
        let printed = run(Command::new("ip")
            .args([
                "netns",
                "exec",
                &self.name,
                "curl",
                "-sS",
                "--max-time",
                "10",
                "-w",
                "\n%{http_code}",
            ])
            .args(arguments))?;
        let (body, status) = printed.rsplit_once('\n').unwrap_or(("", &printed));
        Ok((status.parse()?, body.to_owned()))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = run(Command::new("ip").args(["netns", "delete", &self.name])) {
            println!(
                "warning: the network namespace {} is still there: {error:#}",
                self.name
            );
        }
    }
}
