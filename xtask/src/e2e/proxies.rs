//! nginx, Apache and Caddy before the server, with the documented snippets; a browser looks through each.
//!
//! Ports, the paths of certificates and the name of the upstream differ from the document, nothing else. The
//! clients connect from another loopback address than the proxies, so that both can be told apart in the log.

mod dashboard;
mod snippets;

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use self::snippets::{Instance, Kind, Variant};
use super::{
    Lab,
    process::{Process, run},
    server::{PASSWORD, Server, Settings, TOKEN, USER, activity, free_port, setup_form},
};
use crate::{report::Outcome, tools};

/// The address the client connects from; the proxies connect from 127.0.0.1 or ::1.
const CLIENT: &str = "127.0.0.9";
/// What the client pretends to be.
const FORGED: [&str; 2] = ["203.0.113.7", "203.0.113.8"];
/// The name in the documented snippets.
const SITE: &str = "mailpilot.example.com";

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["nginx", "apache2", "caddy", "openssl", "curl"]) {
        return Ok(skipped);
    }
    let has_browser = dashboard::has_browser()?;
    for kind in [Kind::Nginx, Kind::Apache, Kind::Caddy] {
        for variant in [Variant::Plain, Variant::Tls] {
            site(lab, kind, variant, has_browser)
                .with_context(|| format!("{kind:?}, {variant:?}"))?;
        }
    }
    site(lab, Kind::Apache, Variant::TlsTold, has_browser)
        .context("Apache told to send the scheme")?;
    for variant in [Variant::Stripped, Variant::Unstripped] {
        below_a_prefix(lab, variant, has_browser).with_context(|| format!("nginx, {variant:?}"))?;
    }
    Ok(Outcome::Passed)
}

/// One proxy before one fresh server: first visit to export.
fn site(lab: &Lab<'_>, kind: Kind, variant: Variant, has_browser: bool) -> Result<()> {
    let server = Server::start(lab.binary(), &behind_proxy())?;
    let proxy = Proxy::start(&server, kind, variant)?;

    let code = server.setup_code()?;
    let refused = proxy.post("/api/setup", &setup_form(None), &[])?;
    ensure!(refused.status == 403, "setup without the code: {refused:?}");
    let setup = proxy.post("/api/setup", &setup_form(Some(&code)), &[])?;
    ensure!(setup.status == 200, "setup: {setup:?}");
    cookie(&setup, variant.secure(kind))?;
    let login = serde_json::json!({ "username": USER, "password": PASSWORD });
    let login = proxy.post("/api/login", &login, &[])?;
    ensure!(login.status == 200, "login: {login:?}");
    let cookie = cookie(&login, variant.secure(kind))?;
    let sessions = proxy.get("/api/sessions", &["-H", &format!("Cookie: {cookie}")])?;
    ensure!(
        sessions.status == 200,
        "the session is not known: {sessions:?}"
    );
    ensure!(
        sessions.body.contains(CLIENT),
        "the session's address is not {CLIENT}: {}",
        sessions.body
    );

    address_in_log(&server, &proxy)?;
    live_event(&server, &proxy)?;
    let export = proxy.get("/api/export?format=csv", &["-H", &bearer()])?;
    ensure!(
        export.status == 200 && export.body.contains("<live@checks.example>"),
        "export: {export:?}"
    );
    ensure!(
        export
            .head
            .to_ascii_lowercase()
            .contains("content-disposition: attachment"),
        "{}",
        export.head
    );
    if has_browser {
        dashboard::look(lab, &server, &proxy, "")?;
    }
    server.stop()?;
    Ok(())
}

/// The dashboard and the API below `/mail`, whether nginx takes the prefix off or not.
fn below_a_prefix(lab: &Lab<'_>, variant: Variant, has_browser: bool) -> Result<()> {
    let server = Server::start(lab.binary(), &behind_proxy().with("base_path: /mail"))?;
    let proxy = Proxy::start(&server, Kind::Nginx, variant)?;
    let stats = proxy.get("/mail/api/stats", &["-H", &bearer()])?;
    ensure!(stats.status == 200, "/mail/api/stats: {stats:?}");
    let first = proxy.get("/mail/", &[])?;
    let to = location(&first);
    ensure!(
        to.is_some_and(|to| to.ends_with("/mail/setup")),
        "the first visit leads to {to:?}"
    );
    let page = proxy.get("/mail/setup", &[])?;
    ensure!(
        page.status == 200 && page.body.contains("/mail/assets/"),
        "/mail/setup: {page:?}"
    );
    let asset = page
        .body
        .split('"')
        .find(|text| text.starts_with("/mail/assets/"))
        .context("no asset")?;
    let asset = proxy.get(asset, &[])?;
    ensure!(asset.status == 200, "an asset of the page: {}", asset.head);
    if has_browser {
        server.set_up()?;
        dashboard::look(lab, &server, &proxy, "/mail")?;
    }
    server.stop()?;
    Ok(())
}

fn behind_proxy() -> Settings {
    Settings::everywhere().with("trusted_proxies: [127.0.0.1/32, '::1/128']")
}

fn bearer() -> String {
    format!("Authorization: Bearer {TOKEN}")
}

/// Forged headers change nothing: the log has the address the client really came from.
fn address_in_log(server: &Server, proxy: &Proxy) -> Result<()> {
    let mark = server.process.mark();
    let forged = [
        "-H",
        &format!("X-Forwarded-For: {}", FORGED[0]),
        "-H",
        &format!("X-Real-IP: {}", FORGED[1]),
        "-H",
        &bearer(),
    ];
    let answer = proxy.post("/api/activity", &activity("logged"), &forged)?;
    ensure!(answer.status == 201, "{answer:?}");
    let line = server
        .process
        .wait_for("a log line of the request", mark, |line| {
            (line.contains("\"/api/activity\"") && line.contains("201")).then(|| line.to_owned())
        })?;
    ensure!(
        line.contains(&format!("\"{CLIENT}\"")),
        "the log has not {CLIENT}: {line}"
    );
    ensure!(
        FORGED.iter().all(|address| !line.contains(address)),
        "the log believed a forgery: {line}"
    );
    Ok(())
}

/// An entry posted while the stream is open arrives through the proxy at once, not when its buffer is full.
fn live_event(server: &Server, proxy: &Proxy) -> Result<()> {
    let mut stream = proxy.curl(
        &["--no-buffer", "-H", &bearer()],
        "/api/events?types=activity",
    );
    let mut stream = Process::start("curl", &mut stream)?;
    // The stream is open once its first line, a comment or the reconnection time, has come through.
    stream.wait_for("the beginning of the stream", 0, |line| {
        (line.starts_with("retry:") || line.starts_with(':')).then_some(())
    })?;
    server
        .client()
        .post("/api/activity", &activity("live"))?
        .expect(201)?;
    stream.wait_for("the event", 0, |line| {
        let data: Value = serde_json::from_str(line.strip_prefix("data:")?).ok()?;
        data.to_string()
            .contains("<live@checks.example>")
            .then_some(())
    })?;
    stream.signal("TERM")?;
    stream.wait(Duration::from_secs(5))?;
    Ok(())
}

/// The cookie's name and attributes follow the scheme the proxy vouches for.
fn cookie(answer: &Exchange, secure: bool) -> Result<String> {
    let header = answer
        .head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .starts_with("set-cookie:")
                .then(|| line[11..].trim())
        })
        .with_context(|| format!("no cookie: {}", answer.head))?;
    let name = if secure {
        "__Host-mailpilot_session="
    } else {
        "mailpilot_session="
    };
    ensure!(header.starts_with(name), "expected {name}, got {header}");
    ensure!(
        header.contains("; Secure") == secure,
        "`Secure` should be {secure}: {header}"
    );
    ensure!(
        header.contains("; HttpOnly") && header.contains("; SameSite="),
        "{header}"
    );
    Ok(header.split(';').next().unwrap_or_default().to_owned())
}

fn location(answer: &Exchange) -> Option<&str> {
    answer.head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| value.trim())
    })
}

/// A running proxy.
#[derive(Debug)]
struct Proxy {
    _process: Process,
    port: u16,
    tls: bool,
}

/// Head and body of an answer through the proxy.
#[derive(Debug)]
struct Exchange {
    status: u16,
    head: String,
    body: String,
}

impl Proxy {
    fn start(server: &Server, kind: Kind, variant: Variant) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("proxy-")
            .tempdir_in(server.home().path())?;
        let folder = folder.keep();
        certificate(&folder)?;
        let port = free_port()?;
        let instance = Instance {
            kind,
            variant,
            port,
            upstream: server.port,
            folder: folder.clone(),
        };
        fs::write(instance.config_path(), instance.config())?;
        let mut command = instance.command()?;
        as_nobody(&mut command, server.home().path(), &folder)?;
        let process = Process::start(kind.program(), &mut command)?;
        let proxy = Self {
            _process: process,
            port,
            tls: variant.tls(),
        };
        super::process::poll("the proxy answers", || {
            Ok((proxy.get("/health/live", &[])?.status < 500).then_some(()))
        })
        .with_context(|| proxy._process.printed())?;
        Ok(proxy)
    }

    fn get(&self, path: &str, arguments: &[&str]) -> Result<Exchange> {
        self.exchange(arguments, path)
    }

    /// Posts as a page of the site does: a browser sends the page's origin.
    fn post(&self, path: &str, body: &Value, arguments: &[&str]) -> Result<Exchange> {
        let origin = format!("Origin: {}://{SITE}", self.scheme());
        let body = body.to_string();
        let own = [
            "-H",
            "Content-Type: application/json",
            "-H",
            &origin,
            "--data",
            &body,
        ];
        self.exchange(&[&own[..], arguments].concat(), path)
    }

    fn exchange(&self, arguments: &[&str], path: &str) -> Result<Exchange> {
        let printed = run(&mut self.curl(
            &[&["--include", "--max-time", "15"], arguments].concat(),
            path,
        ))?;
        let (head, body) = printed.split_once("\r\n\r\n").unwrap_or((&printed, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("no status line: {head}"))?;
        Ok(Exchange {
            status,
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    /// `Host` and `Origin` are those of a site on the ports 80 and 443, as documented.
    fn curl(&self, arguments: &[&str], path: &str) -> Command {
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--insecure",
                "--http1.1",
                "--interface",
                CLIENT,
            ])
            .args(["--resolve", &format!("{SITE}:{}:127.0.0.1", self.port)])
            .args(["-H", &format!("Host: {SITE}")])
            .args(arguments)
            .arg(format!("{}://{SITE}:{}{path}", self.scheme(), self.port));
        command
    }

    fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

fn certificate(folder: &Path) -> Result<()> {
    let subject = format!("/CN={SITE}");
    let name = format!("subjectAltName=DNS:{SITE}");
    run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args([
            "-days",
            "2",
            "-subj",
            &subject,
            "-addext",
            &name,
            "-keyout",
            "privkey.pem",
            "-out",
        ])
        .arg("fullchain.pem")
        .current_dir(folder))?;
    Ok(())
}

/// Proxies run without rights; under root they get a user's, and the folder they write to.
#[cfg(unix)]
fn as_nobody(command: &mut Command, home: &Path, folder: &Path) -> Result<()> {
    use std::os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    };
    const NOBODY: u32 = 65_534;

    if !super::is_root() {
        return Ok(());
    }
    fs::set_permissions(home, fs::Permissions::from_mode(0o711))?;
    chown(folder, Some(NOBODY), Some(NOBODY))?;
    for entry in fs::read_dir(folder)? {
        chown(entry?.path(), Some(NOBODY), Some(NOBODY))?;
    }
    command.uid(NOBODY).gid(NOBODY);
    Ok(())
}

#[cfg(not(unix))]
fn as_nobody(_command: &mut Command, _home: &Path, _folder: &Path) -> Result<()> {
    Ok(())
}
