//! Every route, every permission, every kind of credential: what the contract's section 3 says, and no
//! success beside it. The table and the rules are written down here once more; the code under test is
//! asked for nothing but which routes there are.

use std::sync::atomic::{AtomicU16, Ordering};

use mailpilot_http_server::Endpoint;
use mailpilot_test_support::{Call, Reply, TestServer};
use serde_json::json;

use crate::fixture::{TOKEN, clock, via_proxy};

/// The contract's section 3: method, path, what a caller needs.
const CONTRACT: &[(&str, &str, &str)] = &[
    ("GET", "/health", "none"),
    ("GET", "/health/live", "none"),
    ("GET", "/health/ready", "none"),
    ("GET", "/metrics", "metrics"),
    ("GET", "/api/auth", "none"),
    ("POST", "/api/setup", "none"),
    ("POST", "/api/login", "none"),
    ("POST", "/api/logout", "none"),
    ("POST", "/api/password", "session"),
    ("GET", "/api/sessions", "session"),
    ("DELETE", "/api/sessions/{id}", "session"),
    ("DELETE", "/api/sessions", "session"),
    ("GET", "/api/keys", "*"),
    ("POST", "/api/keys", "*"),
    ("DELETE", "/api/keys/{name}", "*"),
    ("GET", "/api/can-i", "*"),
    ("GET", "/api/stats", "read:stats"),
    ("GET", "/api/stats/series", "read:stats"),
    ("GET", "/api/stats/timeline", "read:stats"),
    ("POST", "/api/stats", "write:stats"),
    ("DELETE", "/api/stats", "write:stats"),
    ("GET", "/api/activity", "read:activity"),
    ("GET", "/api/activity/{id}", "read:activity"),
    ("POST", "/api/activity", "write:activity"),
    ("DELETE", "/api/activity/{id}", "write:activity"),
    ("DELETE", "/api/activity", "write:activity"),
    ("GET", "/api/logs", "read:logs"),
    ("GET", "/api/logs/{id}", "read:logs"),
    ("POST", "/api/logs", "write:logs"),
    ("DELETE", "/api/logs", "write:logs"),
    ("GET", "/api/export", "read:export"),
    ("GET", "/api/export/settings", "read:export"),
    ("PUT", "/api/export/settings", "write:export"),
    ("GET", "/api/accounts", "read:accounts"),
    ("GET", "/api/accounts/{name}", "read:accounts"),
    ("PUT", "/api/accounts/{name}", "write:accounts"),
    ("DELETE", "/api/accounts/{name}", "write:accounts"),
    ("POST", "/api/accounts/{name}/pause", "write:accounts"),
    ("POST", "/api/accounts/{name}/resume", "write:accounts"),
    ("POST", "/api/accounts/{name}/reconnect", "write:accounts"),
    ("POST", "/api/accounts/{name}/process", "write:accounts"),
    ("GET", "/api/check", "read:accounts"),
    ("GET", "/api/config", "read:accounts"),
    ("POST", "/api/reload-config", "write:accounts"),
    ("GET", "/api/events", "events"),
    ("GET", "/api/openapi.json", "none"),
    ("GET", "/", "none"),
    ("GET", "/activity", "none"),
    ("GET", "/activity/{id}", "none"),
    ("GET", "/accounts", "none"),
    ("GET", "/accounts/{name}", "none"),
    ("GET", "/logs", "none"),
    ("GET", "/system", "none"),
    ("GET", "/login", "none"),
    ("GET", "/setup", "none"),
    ("GET", "/assets/{*path}", "none"),
];

/// The thirteen names of the seed.
pub(crate) const PERMISSIONS: [&str; 13] = [
    "read:stats",
    "read:activity",
    "read:logs",
    "read:export",
    "read:accounts",
    "read:*",
    "write:stats",
    "write:activity",
    "write:logs",
    "write:export",
    "write:accounts",
    "write:*",
    "*",
];

const EVENT_PERMISSIONS: [(&str, &str); 4] = [
    ("stats", "read:stats"),
    ("activity", "read:activity"),
    ("logs", "read:logs"),
    ("accounts", "read:accounts"),
];

/// What a request proves about its sender.
#[derive(Clone, Copy, Debug)]
enum Power {
    Nobody,
    /// A token or key with this one permission.
    Holder(&'static str),
    Administrator(Page),
    /// A local process in development mode.
    Developer,
}

/// Where a browser says the request was made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Page {
    Ours,
    Unsaid,
    Foreign,
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Passed,
    Unauthenticated,
    /// 403 with this code, whose sentence names this.
    Forbidden(&'static str, &'static str),
}

pub(crate) fn grants(held: &str, required: &str) -> bool {
    held == "*"
        || held == required
        || held
            .strip_suffix('*')
            .is_some_and(|access| !access.is_empty() && required.starts_with(access))
}

/// The contract's sections 2.2, 2.3, 2.9 and 3.
fn verdict(method: &str, path: &str, need: &'static str, power: Power) -> Verdict {
    let changes = method != "GET";
    let cross_origin = Verdict::Forbidden("cross_origin", "");
    match (need, power) {
        ("none" | "metrics", Power::Administrator(page)) if changes && page != Page::Ours => {
            cross_origin
        }
        ("none" | "metrics", _) => Verdict::Passed,
        (_, Power::Nobody) => Verdict::Unauthenticated,
        (_, Power::Administrator(page)) if changes && page != Page::Ours => cross_origin,
        (_, Power::Administrator(_)) => Verdict::Passed,
        ("session", Power::Holder(_) | Power::Developer) => {
            Verdict::Forbidden("session_required", "administrator")
        }
        (_, Power::Developer) => Verdict::Passed,
        ("events", Power::Holder(held)) => {
            if EVENT_PERMISSIONS.iter().any(|(_, read)| grants(held, read)) {
                Verdict::Passed
            } else {
                Verdict::Forbidden("permission_denied", "read:stats")
            }
        }
        (required, Power::Holder(held)) if grants(held, required) => {
            assert!(path.starts_with("/api/"));
            Verdict::Passed
        }
        (required, Power::Holder(_)) => Verdict::Forbidden("permission_denied", required),
    }
}

#[track_caller]
fn check(reply: &Reply, expected: &Verdict, context: &str) {
    let status = reply.status.as_u16();
    let text = String::from_utf8_lossy(&reply.body);
    match expected {
        // What is asked for may be missing or senseless; whether one may ask is settled.
        Verdict::Passed => assert!(
            matches!(status, 200 | 201 | 204 | 303 | 404 | 409 | 422),
            "{context}: {status} {text}"
        ),
        Verdict::Unauthenticated => {
            assert_eq!(status, 401, "{context}: {text}");
            assert_eq!(
                reply.header("www-authenticate"),
                "Bearer realm=\"mailpilot\"",
                "{context}"
            );
            assert_eq!(reply.code(), "unauthenticated", "{context}");
        }
        Verdict::Forbidden(code, named) => {
            assert_eq!(status, 403, "{context}: {text}");
            assert_eq!(reply.code(), *code, "{context}");
            let said = reply.json()["error"].as_str().unwrap().to_owned();
            assert!(said.contains(named), "{context}: {said}");
        }
    }
}

fn fill(path: &str) -> String {
    path.replace("{*path}", "none.js")
        .replace("/sessions/{id}", "/sessions/0000000000000000")
        .replace("{id}", "1")
        .replace("/keys/{name}", "/keys/nobody")
        .replace("{name}", "work")
}

pub(crate) fn request(server: &TestServer, method: &str, path: &str) -> Call {
    let call = server.call(method, &fill(path));
    if method == "GET" || method == "DELETE" {
        call
    } else {
        call.json(&json!({}))
    }
}

/// A client address of its own for each request, so that wrong credentials do not add up to a 429.
pub(crate) fn from_anywhere(call: Call) -> Call {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    via_proxy(call, &format!("198.18.{high}.{low}"))
}

pub(crate) fn key_of(holder: usize) -> String {
    format!("mp_holder_{holder:02}_0123456789")
}

pub(crate) fn configuration(metrics_auth: &str) -> String {
    let keys: String = PERMISSIONS
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let key = key_of(at);
            format!("    - {{name: holder-{at}, key: {key}, permissions: [\"{name}\"]}}\n")
        })
        .collect();
    format!(
        "server: {{auth_token: {TOKEN}, metrics_auth: {metrics_auth}}}\n\
         accounts: [{{name: work}}]\n\
         dashboard:\n  api_keys:\n    - {{name: late, key: mp_late_0123456789, permissions: ['*'], \
         expires_at: '2020-01-01T00:00:00Z'}}\n{keys}"
    )
}

/// A credential: what it is called, its headers, what it proves.
struct Credential {
    name: String,
    headers: Vec<(&'static str, String)>,
    power: Power,
}

impl Credential {
    fn bearer(name: &str, token: &str, power: Power) -> Self {
        Self::authorization(name, format!("Bearer {token}"), power)
    }

    fn authorization(name: &str, value: String, power: Power) -> Self {
        Self {
            name: name.to_owned(),
            headers: vec![("authorization", value)],
            power,
        }
    }

    fn cookie(name: &str, cookie: &str, site: Option<&str>, power: Power) -> Self {
        let mut headers = vec![("cookie", cookie.to_owned())];
        headers.extend(site.map(|site| ("sec-fetch-site", site.to_owned())));
        Self {
            name: name.to_owned(),
            headers,
            power,
        }
    }

    fn apply(&self, call: Call) -> Call {
        self.headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value))
    }
}

fn tampered(cookie: &str) -> String {
    let (head, last) = cookie.split_at(cookie.len() - 8);
    let turned: String = last.chars().rev().collect();
    assert_ne!(turned, last);
    format!("{head}{turned}")
}

async fn credentials(server: &TestServer, session: &str) -> Vec<Credential> {
    let made = server.make_key(session, "made", &["read:logs"]).await;
    let revoked = server.make_key(session, "revoked", &["*"]).await;
    server
        .call("DELETE", "/api/keys/revoked")
        .session(session)
        .send()
        .await
        .expect(204);
    let ended = server.login().await;
    server
        .call("POST", "/api/logout")
        .session(&ended)
        .send()
        .await
        .expect(200);
    let ours = Power::Administrator(Page::Ours);
    let nobody = Power::Nobody;
    let mut all = vec![
        Credential {
            name: "nothing".to_owned(),
            headers: Vec::new(),
            power: nobody,
        },
        Credential::bearer("a wrong bearer", "mp_nobody_0123456789", nobody),
        Credential::authorization("a bare token", TOKEN.to_owned(), nobody),
        Credential::authorization("basic", "Basic YWRtaW46YWRtaW4=".to_owned(), nobody),
        Credential::bearer("an expired key", "mp_late_0123456789", nobody),
        Credential::bearer("a revoked key", &revoked, nobody),
        Credential::bearer("the token", TOKEN, Power::Holder("*")),
        Credential::bearer("a made key", &made, Power::Holder("read:logs")),
        Credential::cookie("a session", session, Some("same-origin"), ours),
        Credential::cookie(
            "a session that a page elsewhere uses",
            session,
            Some("cross-site"),
            Power::Administrator(Page::Foreign),
        ),
        Credential::cookie(
            "a session that another port of the host uses",
            session,
            Some("same-site"),
            Power::Administrator(Page::Foreign),
        ),
        Credential::cookie(
            "a session of nobody says where",
            session,
            None,
            Power::Administrator(Page::Unsaid),
        ),
        Credential::cookie(
            "a tampered session",
            &tampered(session),
            Some("same-origin"),
            nobody,
        ),
        Credential::cookie("an ended session", &ended, Some("same-origin"), nobody),
    ];
    all.extend(PERMISSIONS.iter().enumerate().map(|(at, name)| {
        Credential::bearer(
            &format!("a key with {name}"),
            &key_of(at),
            Power::Holder(name),
        )
    }));
    all
}

#[test]
fn the_routes_are_those_of_the_contract() {
    let mut routes: Vec<_> = Endpoint::ALL
        .iter()
        .map(|endpoint| (endpoint.method(), endpoint.path()))
        .collect();
    let mut promised: Vec<_> = CONTRACT
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .collect();
    routes.sort_unstable();
    promised.sort_unstable();
    assert_eq!(routes, promised);
}

#[tokio::test]
async fn every_credential_opens_what_it_should_and_nothing_else() {
    let server = TestServer::with(&configuration("open"))
        .clock(clock())
        .start()
        .await;
    let session = server.administrator().await;
    for credential in credentials(&server, &session).await {
        for (method, path, need) in CONTRACT {
            let expected = verdict(method, path, need, credential.power);
            let mut call = credential.apply(request(&server, method, path));
            if *path == "/api/logout"
                && matches!(credential.power, Power::Administrator(Page::Ours))
            {
                // This one succeeds; the others need their session afterwards.
                let spare = server.login().await;
                call = request(&server, method, path).session(&spare);
            }
            let reply = from_anywhere(call).send_for_error().await;
            let context = format!("{} at {method} {path}", credential.name);
            check(&reply, &expected, &context);
        }
    }
}

#[tokio::test]
async fn head_needs_what_get_needs() {
    let server = TestServer::with(&configuration("required")).start().await;
    for (_, path, need) in CONTRACT
        .iter()
        .filter(|(method, _, need)| *method == "GET" && *need != "none")
    {
        let stranger = from_anywhere(server.call("HEAD", &fill(path))).open().await;
        assert_eq!(stranger.status().as_u16(), 401, "HEAD {path} ({need})");
    }
}

#[tokio::test]
async fn metrics_with_a_lock_want_read_stats() {
    let server = TestServer::with(&configuration("required"))
        .clock(clock())
        .start()
        .await;
    let session = server.administrator().await;
    for credential in credentials(&server, &session).await {
        let reply = from_anywhere(credential.apply(server.get("/metrics")))
            .send_for_error()
            .await;
        let expected = verdict("GET", "/api/", "read:stats", credential.power);
        check(
            &reply,
            &expected,
            &format!("{} at /metrics", credential.name),
        );
    }
}

#[tokio::test]
async fn each_type_of_event_needs_its_own_permission() {
    let server = TestServer::with(&configuration("open")).start().await;
    for (at, held) in PERMISSIONS.iter().enumerate() {
        for (kind, required) in EVENT_PERMISSIONS {
            let with_stats = format!("{kind},stats");
            for (types, needs) in [
                (kind, vec![required]),
                (&with_stats, vec![required, "read:stats"]),
            ] {
                let path = format!("/api/events?types={types}");
                let reply = server.get(&path).bearer(&key_of(at)).send_for_error().await;
                let missing = needs.iter().find(|need| !grants(held, need));
                let expected = missing.map_or(Verdict::Passed, |need| {
                    // Types are asked for in the contract's order.
                    let named = if grants(held, "read:stats") || needs.len() == 1 {
                        need
                    } else {
                        &"read:stats"
                    };
                    Verdict::Forbidden("permission_denied", named)
                });
                check(&reply, &expected, &format!("{held} at {path}"));
            }
        }
    }
}

#[tokio::test]
async fn in_development_mode_a_local_process_may_do_everything_but_be_the_administrator() {
    let server = TestServer::with("accounts: [{name: work}]").start().await;
    for (method, path, need) in CONTRACT {
        let context = format!("development at {method} {path}");
        let call = || request(&server, method, path);
        for local in [call(), call().header("sec-fetch-site", "same-origin")] {
            let reply = local.send_for_error().await;
            check(
                &reply,
                &verdict(method, path, need, Power::Developer),
                &context,
            );
        }
        let strangers = [
            (
                "through another name",
                call().header("host", "mail.example"),
            ),
            ("in HTTP/1.0", call().http_10()),
            ("with a wrong key", call().bearer("mp_nobody_0123456789")),
            ("with a bare key", call().header("authorization", TOKEN)),
            (
                "from another site",
                call().header("sec-fetch-site", "cross-site"),
            ),
            (
                "from another origin",
                call().header("origin", "http://evil.example"),
            ),
        ];
        for (how, stranger) in strangers {
            let reply = stranger.send_for_error().await;
            let foreign = how.contains("another site") || how.contains("another origin");
            let expected = match *path {
                "/api/setup" | "/api/login" | "/api/logout" if foreign => {
                    Verdict::Forbidden("cross_origin", "")
                }
                _ => verdict(method, path, need, Power::Nobody),
            };
            check(&reply, &expected, &format!("{context}, {how}"));
        }
    }
    assert!(server.handle().development_possible());
}
