//! Very many entries, to see how pages take it.

use std::time::Duration;

use mailpilot_server::{Clock, SystemClock};
use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

use super::{TOKEN, mails::Mail, random::Random, story::entry};

/// What one request may hold.
const BATCH: u64 = 1_000;
/// Requests under way at a time: the store writes those that wait together.
const AT_ONCE: usize = 8;
/// They are spread over so many milliseconds.
const SPREAD: u64 = 29 * 24 * 60 * 60 * 1_000;

/// Files this many.
pub(crate) async fn file(server: &TestServer, count: u64) {
    let starts: Vec<u64> = (0..count)
        .step_by(usize::try_from(BATCH).unwrap())
        .collect();
    for wave in starts.chunks(AT_ONCE) {
        let sent: Vec<_> = wave
            .iter()
            .map(|start| {
                let entries = batch(*start, BATCH.min(count - start), count);
                let call = server.post("/api/activity", &entries).bearer(TOKEN);
                tokio::spawn(async { call.send().await.expect(201) })
            })
            .collect();
        for answer in sent {
            answer.await.unwrap();
        }
    }
}

/// Oldest first, as they would have come.
fn batch(start: u64, length: u64, count: u64) -> Value {
    const ACCOUNTS: [&str; 5] = ["personal", "work", "lists", "shop", "archive"];
    let now = SystemClock.now();
    let one = |number: u64| {
        let mut random = Random::new(number);
        let mail = Mail {
            message_id: format!("{number}.{}@bulk.example.org", random.below(1 << 32)),
            subject: format!("Made-up mail {number} of {count}"),
            from: format!("Sender {} <s{0}@example.org>", random.below(400)),
            list: (random.share() < 0.4).then(|| "bulk".to_owned()),
            is_spam: random.share() < 0.2,
        };
        let ago = SPREAD - SPREAD / count * number;
        let at = now.saturating_sub(Duration::from_millis(ago));
        let account = *random.pick(&ACCOUNTS);
        entry(&mail, account, &at.to_string())
    };
    json!((start..start + length).map(one).collect::<Vec<_>>())
}
