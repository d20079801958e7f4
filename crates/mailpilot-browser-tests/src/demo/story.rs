//! What happened on the demo server: a month of mail, and a last day in which every account has its fate.

use std::{sync::Arc, time::Duration};

use mailpilot_server::{Clock, SystemClock};
use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

use super::{TOKEN, clock::DemoClock, mails::Mail, random::Random};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// So long ago the story begins.
const BEGIN: u64 = 30 * DAY;
/// The last day is told in pieces of this length.
const PIECE: u64 = 10 * MINUTE;
/// Of all mails, so many came within the last day.
const LAST_DAY: f64 = 0.22;
/// Whatever the time of day, these came a moment ago.
const LATEST: [u64; 9] = [41, 128, 275, 380, 610, 790, 1_130, 1_420, 1_900];
/// Most entries in one request.
const BATCH: usize = 500;
const ERRORS: [&str; 4] = [
    "IMAP: connection closed by imap.example.com while moving to Junk",
    "classifier: no answer within 60 s",
    "IMAP: NO [OVERQUOTA] mailbox is full",
    "classifier: the answer is no JSON (expected value at line 1 column 1)",
];

/// A mail and when it came.
pub(crate) struct Arrival<'a> {
    pub(crate) mail: &'a Mail,
    pub(crate) account: &'static str,
    pub(crate) seconds_ago: u64,
}

/// What an account says of itself at a time of the last day.
struct Turn {
    seconds_ago: u64,
    account: &'static str,
    status: &'static str,
    error: Option<&'static str>,
}

const fn turn(minutes_ago: u64, account: &'static str, status: &'static str) -> Turn {
    Turn {
        seconds_ago: minutes_ago * MINUTE,
        account,
        status,
        error: None,
    }
}

const fn trouble(minutes_ago: u64, account: &'static str, error: &'static str) -> Turn {
    Turn {
        seconds_ago: minutes_ago * MINUTE,
        account,
        status: "error",
        error: Some(error),
    }
}

/// Latest last.
const TURNS: [Turn; 14] = [
    turn(24 * 60, "personal", "connected"),
    turn(24 * 60, "work", "connected"),
    turn(24 * 60, "lists", "connected"),
    turn(24 * 60, "shop", "connected"),
    turn(24 * 60, "archive", "connected"),
    trouble(
        15 * 60 + 20,
        "work",
        "IMAP: connect to imap.example.com:993 timed out",
    ),
    turn(14 * 60 + 10, "work", "connecting"),
    turn(14 * 60, "work", "connected"),
    turn(9 * 60, "personal", "disconnected"),
    turn(8 * 60 + 40, "personal", "connected"),
    turn(5 * 60 + 30, "archive", "disconnected"),
    turn(5 * 60, "archive", "connecting"),
    trouble(
        290,
        "archive",
        "IMAP: NO [AUTHENTICATIONFAILED] invalid credentials",
    ),
    turn(30, "work", "connected"),
];
/// When the shop was paused.
const PAUSE: u64 = 3 * HOUR;
/// Since then no mail has come by the lists.
const SILENCE: u64 = 100 * MINUTE;

/// Tells it, from its begin until now.
pub(crate) async fn tell(server: &Arc<TestServer>, clock: &DemoClock, mails: &[Mail]) {
    let arrivals = arrivals(mails);
    people_and_keys(server, clock).await;
    clock.ago(Duration::from_secs(DAY));
    let (before, last_day): (Vec<_>, Vec<_>) =
        arrivals.into_iter().partition(|a| a.seconds_ago > DAY);
    file(server, &before).await;
    live_through(server, clock, last_day).await;
    log_lines(server).await;
}

/// The administrator, who comes back from other places, and the keys they make.
async fn people_and_keys(server: &TestServer, clock: &DemoClock) {
    clock.ago(Duration::from_secs(BEGIN));
    let session = server.administrator().await;
    server
        .make_key(
            &session,
            "worker",
            &["write:activity", "write:stats", "write:logs"],
        )
        .await;
    clock.ago(Duration::from_secs(12 * DAY));
    let session = server.login().await;
    let key = server
        .make_key(&session, "home-assistant", &["read:stats", "read:accounts"])
        .await;
    let key_of_export = json!({
        "name": "monthly-report", "permissions": ["read:export", "read:activity"],
        "expiresAt": (SystemClock.now().saturating_add(Duration::from_secs(9 * DAY))).to_string(),
    });
    server
        .post("/api/keys", &key_of_export)
        .session(&session)
        .send()
        .await
        .expect(201);
    for (days, address, agent) in [
        (
            5,
            "198.51.100.23",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1",
        ),
        (
            3,
            "2001:db8::17",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) Version/18.0 Safari/605.1.15",
        ),
        (
            1,
            "203.0.113.9",
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
        ),
    ] {
        clock.ago(Duration::from_secs(days * DAY));
        let login = json!({
            "username": mailpilot_test_support::ADMIN, "password": mailpilot_test_support::PASSWORD,
        });
        let call = server.post("/api/login", &login);
        let call = call
            .header("user-agent", agent)
            .header("x-forwarded-for", address);
        call.send().await.expect(200);
        server
            .get("/api/stats")
            .bearer(&key)
            .send()
            .await
            .expect(200);
    }
}

/// The last day, piece by piece: the server's own chores see it go by.
async fn live_through(server: &Arc<TestServer>, clock: &DemoClock, mut mails: Vec<Arrival<'_>>) {
    mails.sort_by_key(|arrival| std::cmp::Reverse(arrival.seconds_ago));
    let mut mails = mails.into_iter().peekable();
    let mut turns = TURNS.iter().peekable();
    for piece in (0..DAY / PIECE).rev() {
        let (from, to) = ((piece + 1) * PIECE, piece * PIECE);
        while let Some(turn) = turns.next_if(|turn| turn.seconds_ago > to) {
            let mut report = json!({"account": turn.account, "status": turn.status});
            if let Some(error) = turn.error {
                report["lastError"] = json!(error);
            }
            post(server, "/api/stats", &report, 204).await;
        }
        if (to..from).contains(&PAUSE) {
            post(server, "/api/accounts/shop/pause", &json!({}), 200).await;
        }
        let pieces: Vec<_> = std::iter::from_fn(|| mails.next_if(|a| a.seconds_ago > to)).collect();
        watch(server, clock, from, to).await;
        file(server, &pieces).await;
    }
    clock.ago(Duration::ZERO);
}

/// Has the server look at its accounts in each minute from one time to another: a longer silence would be
/// time that nothing is known of. Whoever asks for the timeline makes it look.
async fn watch(server: &TestServer, clock: &DemoClock, from: u64, to: u64) {
    for ago in (to..from).rev().step_by(MINUTE as usize) {
        clock.ago(Duration::from_secs(ago));
        let look = server.get("/api/stats/timeline?step=1d").bearer(TOKEN);
        look.send().await.expect(200);
    }
}

/// Gives every mail an account and a time: more by day than by night, more on workdays.
fn arrivals<'a>(mails: &'a [Mail]) -> Vec<Arrival<'a>> {
    let mut random = Random::new(1);
    let now = u64::try_from(SystemClock.now().as_millis() / 1_000).unwrap();
    let mut latest = LATEST.iter();
    let arrival = |mail: &'a Mail| {
        let account = account(mail, &mut random);
        if matches!(account, "work" | "personal")
            && let Some(&seconds_ago) = latest.next()
        {
            return Arrival {
                mail,
                account,
                seconds_ago,
            };
        }
        loop {
            let longest = if random.share() < LAST_DAY {
                DAY
            } else {
                BEGIN
            };
            let seconds_ago = random.below(longest);
            let is_silent = match account {
                "lists" => seconds_ago < SILENCE,
                "shop" => seconds_ago < PAUSE,
                "archive" => seconds_ago < 330 * MINUTE,
                "work" => (14 * HOUR..15 * HOUR + 20 * MINUTE).contains(&seconds_ago),
                _ => false,
            };
            if !is_silent && random.share() < busy(now - seconds_ago) {
                return Arrival {
                    mail,
                    account,
                    seconds_ago,
                };
            }
        }
    };
    mails.iter().map(arrival).collect()
}

/// How busy a moment is, 0 to 1.
fn busy(second: u64) -> f64 {
    let hour = second % DAY / HOUR;
    // The first of January 1970 was a Thursday.
    let is_weekend = matches!((second / DAY + 3) % 7, 5 | 6);
    let by_hour = match hour {
        0..=5 => 0.12,
        6..=7 => 0.4,
        8..=11 => 1.0,
        12..=13 => 0.7,
        14..=17 => 0.9,
        18..=21 => 0.5,
        _ => 0.25,
    };
    if is_weekend { by_hour * 0.5 } else { by_hour }
}

fn account(mail: &Mail, random: &mut Random) -> &'static str {
    match random.below(10) {
        _ if mail.list.is_some() => "lists",
        0..=3 => "work",
        4..=7 => "personal",
        8 => "shop",
        _ => "archive",
    }
}

async fn file(server: &TestServer, arrivals: &[Arrival<'_>]) {
    let now = SystemClock.now();
    for batch in arrivals.chunks(BATCH) {
        let entries: Vec<Value> = batch
            .iter()
            .map(|a| {
                let at = now.saturating_sub(Duration::from_secs(a.seconds_ago));
                entry(a.mail, a.account, &at.to_string())
            })
            .collect();
        post(server, "/api/activity", &json!(entries), 201).await;
    }
}

/// What the engine did with a mail.
pub(crate) fn entry(mail: &Mail, account: &str, at: &str) -> Value {
    let seed = mail.message_id.bytes().fold(11, |sum: u64, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let mut random = Random::new(seed);
    let is_large = random.share() < 0.2;
    let (model, middle) = if is_large {
        ("llama3.1:70b", 7.5)
    } else {
        ("llama3.1:8b", 0.9)
    };
    let mut entry = json!({
        "messageId": mail.message_id, "accountName": account, "subject": mail.subject, "from": mail.from,
        "createdAt": at, "llmProvider": "ollama", "llmModel": model,
        "durationMs": (random.around(middle, 0.55) * 1_000.0).round(),
        "confidence": (random.share().sqrt() * 40.0 + 60.0).round() / 100.0,
        "actions": [],
    });
    if random.share() < 0.018 {
        entry["error"] = json!(random.pick(&ERRORS));
        return entry;
    }
    let (actions, reasoning) = decision(mail, &mut random);
    entry["actions"] = actions;
    entry["reasoning"] = json!(reasoning);
    entry
}

fn decision(mail: &Mail, random: &mut Random) -> (Value, String) {
    if mail.is_spam {
        let reason = "Advertising nobody asked for, sender unknown";
        let actions = match random.below(5) {
            0 => json!([{"type": "delete", "reason": reason}]),
            1 => json!([{"type": "spam", "reason": reason}, {"type": "read"}]),
            _ => json!([{"type": "move", "folder": "Junk", "reason": reason}]),
        };
        return (
            actions,
            format!("{reason}. The address has never been answered, and the subject presses."),
        );
    }
    if let Some(list) = &mail.list {
        let folder = format!("Lists/{list}");
        let actions = match random.below(4) {
            0 => json!([{"type": "move", "folder": folder, "reason": "List-Id"}, {"type": "read"}]),
            _ => json!([{"type": "move", "folder": folder, "reason": "List-Id"}]),
        };
        return (
            actions,
            format!("Came by the mailing list {list}; belongs into its folder."),
        );
    }
    match random.below(10) {
        0..=2 => (
            json!([{"type": "flag", "flags": ["\\Flagged"], "reason": "Asks for an answer"}]),
            "A person writes to you and asks for an answer.".to_owned(),
        ),
        3..=4 => (
            json!([{"type": "read", "flags": ["\\Seen"], "reason": "Notice without a question"}]),
            "A notice; nothing is asked of you.".to_owned(),
        ),
        5 => (
            json!([{"type": "move", "folder": "Invoices", "reason": "Names an amount and a date"}]),
            "Looks like an invoice: an amount, a number and a date.".to_owned(),
        ),
        _ => (
            json!([{"type": "noop", "reason": "No rule fits"}]),
            "Ordinary mail; stays where it is.".to_owned(),
        ),
    }
}

/// Lines of the last hours.
async fn log_lines(server: &TestServer) {
    const LINES: [(&str, &str, &str, u64); 12] = [
        ("info", "mailpilot::imap", "IDLE: 1 new message", 30),
        ("info", "mailpilot::imap", "fetched headers", 24),
        ("debug", "mailpilot::classifier", "prompt sent", 20),
        ("debug", "mailpilot::classifier", "answer parsed", 20),
        ("info", "mailpilot::actions", "moved to folder", 14),
        ("info", "mailpilot::actions", "flagged", 5),
        ("trace", "mailpilot::imap::wire", "* 1042 EXISTS", 9),
        ("warn", "mailpilot::classifier", "slow answer", 4),
        (
            "warn",
            "mailpilot::imap",
            "connection lost, reconnecting in 30 s",
            2,
        ),
        ("error", "mailpilot::classifier", "no answer within 60 s", 1),
        (
            "error",
            "mailpilot::imap",
            "NO [AUTHENTICATIONFAILED] invalid credentials",
            1,
        ),
        (
            "info",
            "mailpilot::store",
            "housekeeping removed 212 old rows",
            1,
        ),
    ];
    const ACCOUNTS: [&str; 5] = ["personal", "work", "lists", "shop", "archive"];
    let mut random = Random::new(5);
    let weight: u64 = LINES.iter().map(|line| line.3).sum();
    let now = SystemClock.now();
    let mut ages: Vec<u64> = (0..900).map(|_| random.below(20 * HOUR * 1_000)).collect();
    ages.sort_unstable_by(|one, other| other.cmp(one));
    let line = |age: u64| {
        let mut at = random.below(weight);
        let (level, target, message, _) = LINES
            .iter()
            .find(|line| {
                line.3 > at || {
                    at -= line.3;
                    false
                }
            })
            .unwrap();
        let account = *random.pick(&ACCOUNTS);
        json!({
            "level": level, "target": target, "message": message, "accountName": account,
            "timestamp": now.saturating_sub(Duration::from_millis(age)).to_string(),
            "fields": {"uid": 20_000 + random.below(9_000), "took_ms": random.around(90.0, 0.8).round()},
        })
    };
    let lines: Vec<Value> = ages.into_iter().map(line).collect();
    post(server, "/api/logs", &json!(lines), 201).await;
}

/// Sends with the server's own token; anything but `status` ends the program.
pub(crate) async fn post(server: &TestServer, path: &str, body: &Value, status: u16) {
    server
        .post(path, body)
        .bearer(TOKEN)
        .send()
        .await
        .expect(status);
}
