//! `cargo xtask bench`: the server beside a bare hyper server in the same run, so that the ratio travels.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    e2e::{
        client::Client,
        process::{Process, run as capture},
        server::{Home, KEY, Server, Settings, activity},
    },
    report::Outcome,
    tests::run_cargo,
    tools,
    workspace::Workspace,
};

/// Measurements are taken in turns, so that a busy moment hits all alike; the best of each counts.
const ROUNDS: usize = 3;
const SECONDS: &str = "5s";
const STARTS: usize = 7;

/// Builds both servers and prints the table.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    run_cargo(
        workspace,
        &["build", "--release", "--package", "mailpilot"],
        &[],
    )?;
    let binary = workspace.target().join("release").join("mailpilot");
    let home = Home::new(&binary)?;
    let quiet = Settings::local()
        .yaml(home.path())
        .replace("format: json", "format: json\n  level: warn");
    home.configure(&quiet)?;
    let server = home.start()?;
    for number in 0..100 {
        server
            .client()
            .post("/api/activity", &activity(&number.to_string()))?
            .expect(201)?;
    }
    println!(
        "binary             {:>10.1} MiB",
        mebibytes(fs::metadata(&binary)?.len())
    );
    println!(
        "start to URL       {:>10.1} ms (best of {STARTS})",
        start_time(&binary)?.as_secs_f64() * 1e3
    );
    println!(
        "resident when idle {:>10.1} MiB",
        mebibytes(resident(&server.process)?)
    );
    let outcome = match tools::missing(&["wrk"]) {
        Some(skipped) => skipped,
        None => {
            throughput(workspace, &server)?;
            println!(
                "resident after it  {:>10.1} MiB",
                mebibytes(resident(&server.process)?)
            );
            Outcome::Passed
        }
    };
    server.stop()?;
    Ok(outcome)
}

fn throughput(workspace: &Workspace, server: &Server) -> Result<()> {
    let floor = [
        "build",
        "--release",
        "--package",
        "mailpilot-http-server",
        "--example",
        "floor",
    ];
    run_cargo(workspace, &floor, &[])?;
    let mut command = Command::new(workspace.target().join("release/examples/floor"));
    let floor = Process::start("floor", &mut command)?;
    let floor_url = floor.wait_for("its URL", 0, |line| {
        line.starts_with("http://").then(|| line.to_owned())
    })?;
    Client::new(&floor_url).get("/")?.expect(200)?;

    let base = format!("http://127.0.0.1:{}", server.port);
    let targets = [
        ("bare hyper, 300 bytes", floor_url),
        ("GET /health", format!("{base}/health")),
        ("GET /api/stats with a key", format!("{base}/api/stats")),
    ];
    let mut best = [0.0_f64; 3];
    for _ in 0..ROUNDS {
        for (best, (_, url)) in best.iter_mut().zip(&targets) {
            *best = best.max(wrk(url)?);
        }
    }
    println!("{:<28}{:>14}{:>10}", "wrk -t2 -c16", "requests/s", "ratio");
    for (rate, (name, _)) in best.iter().zip(&targets) {
        println!("{name:<28}{rate:>14.0}{:>10.2}", rate / best[0]);
    }
    Ok(())
}

fn wrk(url: &str) -> Result<f64> {
    let header = format!("Authorization: Bearer {KEY}");
    let printed =
        capture(Command::new("wrk").args(["-t2", "-c16", "-d", SECONDS, "-H", &header, url]))?;
    ensure!(
        !printed.contains("Non-2xx"),
        "{url} answered with errors:\n{printed}"
    );
    let rate = printed
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    rate.and_then(|rate| rate.trim().parse().ok())
        .with_context(|| format!("wrk printed:\n{printed}"))
}

/// From the start of the process to the line with the URL, on a database that exists.
fn start_time(binary: &std::path::Path) -> Result<Duration> {
    let mut home = Server::start(binary, &Settings::local())?.stop()?;
    let mut best = Duration::MAX;
    for _ in 0..STARTS {
        let start = Instant::now();
        let server = home.start()?;
        best = best.min(start.elapsed());
        home = server.stop()?;
    }
    Ok(best)
}

/// Resident memory in bytes, from Linux's `/proc`.
fn resident(process: &Process) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id()))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kibibytes * 1024)
}

#[allow(clippy::cast_precision_loss, reason = "printed with one digit")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
