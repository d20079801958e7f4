//! Crashes under load: no acknowledged entry may be lost, and what a restart keeps must be kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher, RandomState},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{
    Lab,
    client::Client,
    process::poll,
    server::{Home, Server, Settings, TOKEN, activity},
};
use crate::report::Outcome;

const ROUNDS: usize = 10;
const WRITERS: usize = 8;

/// Acknowledged entries: idempotency key to id.
type Acknowledged = BTreeMap<String, u64>;

pub(super) fn check(lab: &Lab<'_>) -> Result<Outcome> {
    let home = Home::new(lab.binary())?;
    home.configure(&Settings::local().yaml(home.path()))?;
    let mut server = home.start()?;
    let keepsakes = Keepsakes::make(&server)?;
    let mut acknowledged = Acknowledged::new();
    for round in 0..ROUNDS {
        let address = format!("http://127.0.0.1:{}", server.port);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let client = Client::new(&address).bearer(TOKEN);
                thread::spawn(move || write_until_cut(&client, &format!("{round}-{writer}")))
            })
            .collect();
        thread::sleep(moment(round));
        let home = server.kill()?;
        for writer in writers {
            let noted = writer
                .join()
                .map_err(|_| anyhow::anyhow!("a writer panicked"))?;
            acknowledged.extend(noted);
        }
        server = home
            .start()
            .with_context(|| format!("restart after crash {round}"))?;
        let context = || {
            format!(
                "after crash {round} with {} acknowledged entries",
                acknowledged.len()
            )
        };
        verify(&server.client(), &acknowledged).with_context(context)?;
        keepsakes.verify(&server).with_context(context)?;
    }
    ensure!(
        acknowledged.len() > ROUNDS * WRITERS,
        "the writers wrote only {}",
        acknowledged.len()
    );
    server.stop()?;
    Ok(Outcome::Noted(format!(
        "{ROUNDS} crashes, {} acknowledged entries, none lost",
        acknowledged.len()
    )))
}

/// A moment between 0.1 and 0.9 s, different on each run: the crash should find the writer anywhere.
fn moment(round: usize) -> Duration {
    Duration::from_millis(100 + RandomState::new().hash_one(round) % 800)
}

fn write_until_cut(client: &Client, prefix: &str) -> Acknowledged {
    let mut noted = Acknowledged::new();
    for number in 0.. {
        let key = format!("{prefix}-{number}");
        let Ok(answer) = client.post("/api/activity", &activity(&key)) else {
            break;
        };
        let Ok(value) = answer.json(201) else { break };
        let Some(id) = value["ids"][0].as_u64() else {
            break;
        };
        noted.insert(key, id);
    }
    noted
}

/// Everything acknowledged is there once, and the totals are the number of entries.
fn verify(client: &Client, acknowledged: &Acknowledged) -> Result<()> {
    let export = client.get("/api/export?format=ndjson")?.expect(200)?;
    let mut stored: BTreeMap<u64, String> = BTreeMap::new();
    let mut messages = BTreeSet::new();
    for line in export.text.lines() {
        let entry: Value = serde_json::from_str(line)?;
        let id = entry["id"]
            .as_u64()
            .with_context(|| format!("no id: {line}"))?;
        let message = entry["messageId"]
            .as_str()
            .with_context(|| format!("no messageId: {line}"))?;
        ensure!(
            messages.insert(message.to_owned()),
            "{message} is there twice"
        );
        stored.insert(id, message.to_owned());
    }
    for (key, id) in acknowledged {
        let wanted = format!("<{key}@checks.example>");
        let found = stored.get(id);
        ensure!(
            found == Some(&wanted),
            "entry {id} ({key}) was acknowledged, stored is {found:?}"
        );
    }
    let stats = client.get("/api/stats")?.json(200)?;
    let total = stats["totals"]["emailsProcessed"].as_u64();
    ensure!(
        total == u64::try_from(stored.len()).ok(),
        "{} entries, but {}",
        stored.len(),
        stats["totals"]
    );
    if let Some((key, id)) = acknowledged.iter().next_back() {
        let again = client.post("/api/activity", &activity(key))?.json(201)?;
        ensure!(
            again["ids"][0].as_u64() == Some(*id),
            "{key} sent again became {again}"
        );
    }
    Ok(())
}

/// What an operator made by hand and expects to find again.
#[derive(Debug)]
struct Keepsakes {
    cookie: String,
    key: String,
}

impl Keepsakes {
    fn make(server: &Server) -> Result<Self> {
        let (admin, cookie) = server.set_up()?;
        let made = admin.post(
            "/api/keys",
            &json!({ "name": "made", "permissions": ["read:stats"] }),
        )?;
        ensure!(
            (200..300).contains(&made.status),
            "POST /api/keys: {} {}",
            made.status,
            made.text
        );
        let made: Value = serde_json::from_str(&made.text)?;
        let key = made["key"]
            .as_str()
            .with_context(|| format!("no key: {made}"))?
            .to_owned();

        let refused = server.client().command("/api/accounts/work/pause")?;
        ensure!(
            refused.status == 409,
            "pausing what nobody controls: {} {}",
            refused.status,
            refused.text
        );
        let worker = server.client().events("types=accounts&controls=work")?;
        let answer = poll("the worker's stream controls the account", || {
            let answer = server.client().command("/api/accounts/work/pause")?;
            Ok((answer.status == 200).then_some(answer))
        })?;
        ensure!(
            answer.json(200)?["paused"] == true,
            "the account is not paused"
        );
        let event = worker.next("accounts", Duration::from_secs(5))?;
        ensure!(
            event["name"] == "work" && event["command"] == "pause",
            "the worker was told {event}"
        );
        Ok(Self { cookie, key })
    }

    fn verify(&self, server: &Server) -> Result<()> {
        let sessions = server
            .anonymous()
            .with("Cookie", self.cookie.clone())
            .get("/api/sessions")?;
        sessions.expect(200).context("the session")?;
        server
            .anonymous()
            .bearer(&self.key)
            .get("/api/stats")?
            .expect(200)
            .context("the made key")?;
        let stats = server.client().get("/api/stats")?.json(200)?;
        let accounts = stats["accounts"].as_array().context("accounts")?;
        let paused = accounts
            .iter()
            .any(|account| account["name"] == "work" && account["paused"] == true);
        ensure!(paused, "the pause is lost: {}", stats["accounts"]);
        Ok(())
    }
}
