//! A real Prometheus scrapes the server and answers queries; `promtool` judges the text.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    Lab,
    client::Client,
    process::{Process, poll},
    server::{Server, Settings, activity, free_port},
};
use crate::{report::Outcome, tools};

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["prometheus", "promtool"]) {
        return Ok(skipped);
    }
    let server = Server::start(lab.binary(), &Settings::local())?;
    for message in ["one", "two"] {
        server
            .client()
            .post("/api/activity", &activity(message))?
            .expect(201)?;
    }
    promtool(&server.anonymous().get("/metrics")?.expect(200)?.text)?;

    let folder = server.home().path().join("prometheus");
    fs::create_dir(&folder)?;
    let config = folder.join("prometheus.yml");
    fs::write(
        &config,
        format!(
            "global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: mailpilot\n    static_configs:\n      - targets: ['127.0.0.1:{}']\n",
            server.port
        ),
    )?;
    let port = free_port()?;
    let program = tools::find("prometheus").context("prometheus")?;
    let _prometheus = Process::start(
        "prometheus",
        Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("data").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}")),
    )?;
    let api = Client::new(&format!("http://127.0.0.1:{port}"));
    let processed = "mailpilot_emails_processed_total%7Baccount=%22personal%22%7D";
    let value = poll("Prometheus knows the processed mails", || {
        query(&api, processed)
    })?;
    ensure!(value == "2", "{processed} is {value}");
    let quantile = "histogram_quantile(0.5,mailpilot_classification_duration_seconds_bucket)";
    let value = poll("Prometheus computes a quantile", || query(&api, quantile))?;
    ensure!(
        value.parse::<f64>().is_ok_and(|v| v > 0.0 && v < 1.0),
        "{quantile} is {value}"
    );
    server.stop()?;
    Ok(Outcome::Passed)
}

/// The value of the first series of an instant query, if there is one.
fn query(api: &Client, expression: &str) -> Result<Option<String>> {
    let answer: Value = api
        .get(&format!("/api/v1/query?query={expression}"))?
        .json(200)?;
    let series = answer["data"]["result"]
        .as_array()
        .context("no result list")?;
    Ok(series
        .first()
        .and_then(|first| first["value"][1].as_str())
        .map(str::to_owned))
}

/// `promtool check metrics` must be silent.
fn promtool(text: &str) -> Result<()> {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Taken out of `child`, so that the pipe is closed before waiting.
    child
        .stdin
        .take()
        .context("no pipe to promtool")?
        .write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(
        output.status.success() && said.is_empty(),
        "promtool ended with {}: {said}",
        output.status
    );
    Ok(())
}
