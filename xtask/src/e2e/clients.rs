//! The documented lines for `curl`, Node's `fetch` and Python's `requests`, run as they are printed.
//!
//! Only the port and the key differ from the document.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    Lab,
    process::run,
    server::{KEY, Server, Settings, TOKEN, activity},
};
use crate::{report::Outcome, tools};

const DOCUMENTED_PORT: &str = "localhost:8080";
const DOCUMENTED_KEY: &str = "mp_1234567890abcdef";

const CURL_KEY: &str = r#"curl -H "Authorization: Bearer mp_1234567890abcdef" \
http://localhost:8080/api/stats"#;
const CURL_TOKEN: &str = r#"curl -H "Authorization: Bearer ${AUTH_TOKEN}" \
http://localhost:8080/api/stats"#;
const CURL_NO_BEARER: &str =
    r#"curl -H "Authorization: mp_1234567890abcdef" http://localhost:8080/api/stats"#;
const CURL_HEALTH: &str = "curl http://localhost:8080/health";
const CURL_METRICS: &str = "curl http://localhost:8080/metrics";
const FETCH: &str = "const response = await fetch('http://localhost:8080/api/stats', {
headers: {
'Authorization': 'Bearer mp_1234567890abcdef'
}
});
const stats = await response.json();";
const REQUESTS: &str = "import requests
headers = {'Authorization': 'Bearer mp_1234567890abcdef'}
response = requests.get('http://localhost:8080/api/stats', headers=headers)
stats = response.json()";

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    if let Some(skipped) = tools::missing(&["curl", "node", "python3"]) {
        return Ok(skipped);
    }
    if run(Command::new("python3").args(["-c", "import requests"])).is_err() {
        return Ok(Outcome::Skipped(
            "the Python package requests is not installed".into(),
        ));
    }
    let server = Server::start(lab.binary(), &Settings::everywhere())?;
    server
        .client()
        .post("/api/activity", &activity("first"))?
        .expect(201)?;

    let shell = |line: &str| {
        let line = adapt(line, server.port).replacen("curl ", "curl -sS ", 1);
        run(Command::new("sh")
            .args(["-c", &line])
            .env("AUTH_TOKEN", TOKEN))
    };
    stats("curl with a key", &shell(CURL_KEY)?)?;
    stats("curl with the token", &shell(CURL_TOKEN)?)?;
    let refusal = json(&shell(CURL_NO_BEARER)?)?;
    let message = refusal["error"].as_str().unwrap_or_default();
    ensure!(
        message.contains("Bearer"),
        "a header without `Bearer` is answered with: {refusal}"
    );
    health(&shell(CURL_HEALTH)?)?;
    metrics(&shell(CURL_METRICS)?)?;

    let module = server.home().path().join("stats.mjs");
    fs::write(
        &module,
        format!(
            "{}\nconsole.log(JSON.stringify(stats))\n",
            adapt(FETCH, server.port)
        ),
    )?;
    stats("Node's fetch", &run(Command::new("node").arg(&module))?)?;
    let script = server.home().path().join("stats.py");
    let python = adapt(REQUESTS, server.port);
    fs::write(
        &script,
        format!("{python}\nimport json\nprint(json.dumps(stats))\n"),
    )?;
    stats(
        "Python's requests",
        &run(Command::new("python3").arg(&script))?,
    )?;

    server.stop()?;
    Ok(Outcome::Passed)
}

fn adapt(line: &str, port: u16) -> String {
    line.replace(DOCUMENTED_PORT, &format!("localhost:{port}"))
        .replace(DOCUMENTED_KEY, KEY)
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).with_context(|| format!("no JSON: {text}"))
}

fn stats(who: &str, text: &str) -> Result<()> {
    let stats = json(text).with_context(|| who.to_owned())?;
    ensure!(stats["totals"]["emailsProcessed"] == 1, "{who}: {stats}");
    ensure!(
        stats["totals"]["actionsTaken"] == 1 && stats["totals"]["errors"] == 0,
        "{who}: {stats}"
    );
    ensure!(
        stats["accounts"]
            .as_array()
            .is_some_and(|list| list.len() == 2),
        "{who}: {stats}"
    );
    Ok(())
}

fn health(text: &str) -> Result<()> {
    let health = json(text)?;
    let members: Vec<&str> = health
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    let same = ["status", "uptime", "accounts", "database"]
        .iter()
        .all(|name| members.contains(name));
    ensure!(
        same && members.len() == 4,
        "/health has other members than the document prints: {text}"
    );
    ensure!(
        health["database"] == "ok" && health["uptime"].is_u64(),
        "{text}"
    );
    ensure!(health["accounts"]["personal"].is_string(), "{text}");
    Ok(())
}

fn metrics(text: &str) -> Result<()> {
    let lines = [
        "# HELP mailpilot_emails_processed_total Total emails processed",
        "# TYPE mailpilot_emails_processed_total counter",
        "mailpilot_emails_processed_total{account=\"personal\"} 1",
        "# HELP mailpilot_classification_duration_seconds Classification duration",
        "# TYPE mailpilot_classification_duration_seconds histogram",
    ];
    for wanted in lines {
        ensure!(
            text.lines().any(|line| line == wanted),
            "/metrics lacks the line `{wanted}`:\n{text}"
        );
    }
    Ok(())
}
