//! Start, stop and reload as a service manager sees them: exit statuses, messages, what survives.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    Lab,
    process::{PATIENCE, poll},
    server::{Home, KEY, Server, Settings, TOKEN, activity},
};
use crate::report::Outcome;

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    stop_with_work_in_flight(lab).context("SIGTERM")?;
    reload(lab).context("SIGHUP")?;
    port_in_use(lab).context("port in use")?;
    privileged_port(lab).context("privileged port")?;
    check_config(lab).context("check-config")?;
    second_server(lab).context("a second server on the same database")?;
    Ok(Outcome::Passed)
}

/// A request that is half sent when the signal comes is answered, a stream is closed, the exit is clean.
fn stop_with_work_in_flight(lab: &Lab<'_>) -> Result<()> {
    let server = Server::start(lab.binary(), &Settings::local())?;
    let events = server.client().events("types=activity")?;
    let body = activity("in flight").to_string();
    let (first, rest) = body.split_at(body.len() / 2);
    let mut socket = TcpStream::connect(("127.0.0.1", server.port))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    write!(
        socket,
        "POST /api/activity HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{first}",
        body.len()
    )?;
    // The server has read the head once it answers a request that was sent after it.
    server.client().get("/health/live")?.expect(200)?;
    server.process.signal("TERM")?;
    events
        .end(Duration::from_secs(5))
        .context("the event stream")?;
    socket
        .write_all(rest.as_bytes())
        .context("the rest of the request")?;
    let mut answer = String::new();
    socket
        .read_to_string(&mut answer)
        .context("the answer to the request in flight")?;
    ensure!(
        answer.starts_with("HTTP/1.1 201"),
        "the request in flight was answered: {answer}"
    );

    let mut server = server;
    let status = server.process.wait(Duration::from_secs(11))?;
    ensure!(
        status.code() == Some(0),
        "exit status {status}: {}",
        server.process.printed()
    );
    let again = server.kill()?.start()?;
    let page = again.client().get("/api/activity")?.json(200)?;
    ensure!(
        page["total"] == 1,
        "the acknowledged entry is not there after the restart: {page}"
    );
    again.stop()?;
    Ok(())
}

fn reload(lab: &Lab<'_>) -> Result<()> {
    let server = Server::start(lab.binary(), &Settings::local())?;
    let keyed = server.anonymous().bearer(KEY);
    keyed.get("/api/stats")?.expect(200)?;
    let stream = keyed.events("types=activity")?;

    let whole = fs::read_to_string(server.home().config())?;
    let without_key = whole.replace(KEY, "mp_another-key-of-the-checks");
    server.home().configure(&without_key)?;
    server.process.signal("HUP")?;
    poll("a removed key is refused", || {
        Ok((keyed.get("/api/stats")?.status == 401).then_some(()))
    })?;
    stream
        .end(Duration::from_secs(5))
        .context("the stream of the removed key")?;

    server
        .home()
        .configure(&whole.replace("format: json", "format: [json"))?;
    server.process.signal("HUP")?;
    poll("a bad file shows in the metrics", || {
        let text = server.anonymous().get("/metrics")?.expect(200)?.text;
        Ok(text
            .lines()
            .any(|l| l == "mailpilot_config_last_reload_successful 0")
            .then_some(()))
    })?;
    server
        .client()
        .get("/api/stats")?
        .expect(200)
        .context("the old configuration stays")?;
    server.client().command("/api/reload-config")?.expect(422)?;

    server.home().configure(&whole)?;
    server.client().command("/api/reload-config")?.expect(200)?;
    keyed
        .get("/api/stats")?
        .expect(200)
        .context("the key that came back")?;
    server.stop()?;
    Ok(())
}

fn port_in_use(lab: &Lab<'_>) -> Result<()> {
    let holder = TcpListener::bind("127.0.0.1:0")?;
    let port = holder.local_addr()?.port();
    let settings = Settings {
        server: vec![format!("port: {port}"), "bind: 127.0.0.1".into()],
        credentials: true,
    };
    let home = Home::new(lab.binary())?;
    home.configure(&settings.yaml(home.path()))?;
    let complaint = refusal(&mut home.command(&["serve"]), 1)?;
    let wanted = [
        format!("address already in use 127.0.0.1:{port} (EADDRINUSE)"),
        "server.port".into(),
        format!("lsof -i :{port}"),
    ];
    for part in wanted {
        ensure!(
            complaint.contains(&part),
            "`{part}` is missing in: {complaint}"
        );
    }
    Ok(())
}

/// As a user without rights, whose copy of the binary lies where that user may read it.
#[cfg(unix)]
fn privileged_port(lab: &Lab<'_>) -> Result<()> {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    const NOBODY: u32 = 65_534;

    let first =
        fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    if first.trim().parse::<u32>().is_ok_and(|first| first <= 80) {
        println!("skipped: this host lets everybody use ports below 1024");
        return Ok(());
    }
    let home = Home::new(lab.binary())?;
    let settings = Settings {
        server: vec!["port: 80".into(), "bind: 127.0.0.1".into()],
        credentials: true,
    };
    home.configure(&settings.yaml(home.path()))?;
    let mut command = home.command(&["serve"]);
    if super::is_root() {
        let copy = home.path().join("mailpilot");
        fs::copy(lab.binary(), &copy)?;
        for path in [home.path().to_owned(), copy.clone(), home.config()] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY))?;
        }
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
        command = Command::new(copy);
        command
            .arg("--config")
            .arg(home.config())
            .current_dir(home.path())
            .env_clear();
        command.uid(NOBODY).gid(NOBODY);
    }
    let complaint = refusal(&mut command, 1)?;
    for part in ["setcap 'cap_net_bind_service=+ep'", "root"] {
        ensure!(
            complaint.contains(part),
            "`{part}` is missing in: {complaint}"
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn privileged_port(_lab: &Lab<'_>) -> Result<()> {
    Ok(())
}

fn check_config(lab: &Lab<'_>) -> Result<()> {
    let home = Home::new(lab.binary())?;
    let good = Settings::local().yaml(home.path());
    home.configure(&good)?;
    let status = home.command(&["check-config"]).output()?.status;
    ensure!(status.code() == Some(0), "a good file: {status}");

    home.configure(
        &good
            .replace("port: 0", "prot: 0")
            .replace("format: json", "format: jsn"),
    )?;
    let complaint = refusal(&mut home.command(&["check-config"]), 2)?;
    for part in ["config.yaml:2:", "server.prot", "logging.format"] {
        ensure!(
            complaint.contains(part),
            "`{part}` is missing in: {complaint}"
        );
    }
    ensure!(
        !complaint.contains(TOKEN) && !complaint.contains(KEY),
        "a secret is shown: {complaint}"
    );
    Ok(())
}

fn second_server(lab: &Lab<'_>) -> Result<()> {
    let server = Server::start(lab.binary(), &Settings::local())?;
    let complaint = refusal(&mut server.home().command(&["serve"]), 1)?;
    ensure!(
        complaint.contains("mailpilot.db"),
        "the message does not name the database: {complaint}"
    );
    server
        .client()
        .post("/api/activity", &activity("after"))?
        .expect(201)?;
    server.stop()?;
    Ok(())
}

/// Runs a command that must end soon with this status, and gives what it printed.
fn refusal(command: &mut Command, status: i32) -> Result<String> {
    let mut process = super::process::Process::start("mailpilot", command)?;
    let Ok(ended) = process.wait(PATIENCE) else {
        bail!("it did not end; it printed:\n{}", process.printed());
    };
    let printed = process.printed();
    ensure!(
        ended.code() == Some(status),
        "expected exit status {status}, got {ended}: {printed}"
    );
    Ok(printed)
}
