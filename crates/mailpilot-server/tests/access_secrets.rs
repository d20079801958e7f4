//! No secret leaves (contract section 1, SEC-4): a canary for each one, every route asked by the strongest
//! callers, every way to go wrong, the metrics, and all that is logged on the way.
//!
//! A program of its own, because it hears everything that the process logs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop at what is not as it should be"
)]

use std::{
    io,
    sync::{Arc, Mutex},
};

use mailpilot_http_server::Endpoint;
use mailpilot_test_support::{ADMIN, Call, RecordingEngine, Reply, TestServer};
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;

/// What every canary begins with.
const CANARY: &str = "Zx9Canary";
const TOKEN: &str = "Zx9CanaryToken0123";
const KEY: &str = "Zx9CanaryKey012345";
const PASSWORD: &str = "Zx9CanaryLogin0123";
const CONFIGURATION: &str = "
server: {auth_token: Zx9CanaryToken0123}
dashboard:
  session_secret: Zx9CanarySession0123456789abcdef
  api_keys:
    - {name: watcher, key: Zx9CanaryKey012345, permissions: ['read:*', 'write:*']}
accounts:
  - name: work
    imap: {host: mail.example, username: ada, password: Zx9CanaryImap}
    oauth: {client_secret: Zx9CanaryOauth}
  - name: home
    imap: {host: mail.example, username: ada, password: Zx9CanaryHome}
llm_providers: [{name: a, api_key: Zx9CanaryModel, api_url: 'https://x:Zx9CanaryUrl@llm.example'}]
notifications: {webhook: 'https://hook.example/Zx9CanaryHook'}
default_prompt: Zx9CanaryPrompt
";

/// Everything the process logs.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[track_caller]
fn silent(reply: &Reply, what: &str) {
    let headers = format!("{:?}", reply.headers);
    assert!(!headers.contains(CANARY), "{what}: {headers}");
    let body = String::from_utf8_lossy(&reply.body);
    assert!(!body.contains(CANARY), "{what}: {body}");
}

fn callers(call: impl Fn() -> Call, session: &str) -> [(&'static str, Call); 6] {
    [
        ("the token", call().bearer(TOKEN)),
        ("a key", call().bearer(KEY)),
        ("the administrator", call().session(session)),
        ("nobody", call()),
        ("a bare token", call().header("authorization", TOKEN)),
        ("a guess", call().bearer("Zx9CanaryGuess0123")),
    ]
}

fn fill(path: &str) -> String {
    path.replace("{*path}", "none.js")
        .replace("{id}", "1")
        .replace("{name}", "work")
}

#[tokio::test]
async fn no_canary_is_ever_answered_or_logged() {
    let log = Log::default();
    let sink = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || sink.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let engine = Arc::new(RecordingEngine::default());
    let server = TestServer::with(CONFIGURATION).engine(engine).start().await;
    let form = json!({"username": ADMIN, "password": PASSWORD, "confirm": PASSWORD});
    let session = server
        .post("/api/setup", &form)
        .send()
        .await
        .expect(200)
        .session_cookie();
    let account =
        json!({"imap": {"host": "m.example", "username": "ada", "password": "Zx9CanaryNew"}});
    let put = server
        .call("PUT", "/api/accounts/home")
        .json(&account)
        .bearer(TOKEN);
    silent(&put.send().await.expect(200), "changing an account");

    for endpoint in Endpoint::ALL
        .iter()
        .filter(|endpoint| endpoint.method() == "GET")
    {
        let path = fill(endpoint.path());
        for (who, call) in callers(|| server.get(&path), &session) {
            // An event stream has nothing to say yet but its head.
            let whole = *endpoint != Endpoint::Events;
            let reply = if whole {
                call.send().await
            } else {
                call.send_for_error().await
            };
            silent(&reply, &format!("GET {path} by {who}"));
        }
    }
    for (method, path, body) in wrongs() {
        for (who, call) in callers(
            || server.call(method, path).body("application/json", body),
            &session,
        ) {
            silent(
                &call.send().await,
                &format!("{method} {path} by {who}: {body}"),
            );
        }
    }
    for bad in bad_configurations() {
        server.reconfigure(&bad);
        let call = server.call("POST", "/api/reload-config").bearer(TOKEN);
        let reply = call.send().await.expect(422);
        silent(&reply, "a bad reload");
        for path in ["/api/config", "/metrics", "/health"] {
            let reply = server.get(path).bearer(TOKEN).send().await.expect(200);
            silent(&reply, path);
        }
    }
    server.reconfigure(CONFIGURATION);
    server.handle().reload().await.unwrap();
    assert!(!format!("{server:?}").contains(CANARY));
    server.stop().await;
    let logged = log.text();
    assert!(logged.contains("administrator created"), "{logged}");
    assert!(logged.contains("configuration not read again"), "{logged}");
    let leak = logged.lines().find(|line| line.contains(CANARY));
    assert_eq!(leak, None);
}

/// Requests that fail, with canaries where a message might repeat what was sent. Account names, actions and
/// the like are no secrets, so a message may name those.
fn wrongs() -> [(&'static str, &'static str, &'static str); 14] {
    [
        (
            "POST",
            "/api/login",
            r#"{"username": "admin", "password": "Zx9CanaryWrong"}"#,
        ),
        (
            "POST",
            "/api/login",
            r#"{"username": "Zx9Canary", "password": ["Zx9CanaryWrong"]}"#,
        ),
        (
            "POST",
            "/api/login",
            r#"{"username": 1, "password": "Zx9CanaryWrong", "Zx9Canary": 1}"#,
        ),
        ("POST", "/api/login", r#""Zx9CanaryWrong""#),
        ("POST", "/api/login", "Zx9CanaryWrong"),
        (
            "POST",
            "/api/setup",
            r#"{"username": "x", "password": "Zx9CanaryWrong", "confirm": "Zx9"}"#,
        ),
        ("POST", "/api/setup", r#"{"setupCode": {"Zx9Canary": 1}}"#),
        (
            "POST",
            "/api/password",
            r#"{"current": "Zx9CanaryWrong", "new": "Zx9CanaryNext"}"#,
        ),
        (
            "POST",
            "/api/password",
            r#"{"current": ["Zx9CanaryWrong"], "new": true}"#,
        ),
        (
            "PUT",
            "/api/accounts/work",
            r#"{"imap": {"password": ["Zx9CanaryWrong"]}}"#,
        ),
        (
            "PUT",
            "/api/accounts/work",
            r#"{"imap": {"password": "Zx9CanaryWrong", "port": 0}}"#,
        ),
        ("PUT", "/api/accounts/work", r#"{"imap": "Zx9CanaryWrong"}"#),
        ("POST", "/api/accounts/work/pause", ""),
        ("DELETE", "/api/accounts/nobody", ""),
    ]
}

fn bad_configurations() -> Vec<String> {
    let with = |more: &str| format!("{CONFIGURATION}{more}");
    vec![
        with("servr: Zx9CanaryStray\n"),
        CONFIGURATION.replace("auth_token: ", "auth_tokn: "),
        CONFIGURATION.replace("api_keys:", "api_keys: Zx9CanaryStray\n  other:"),
        CONFIGURATION.replace("key: Zx9", "key_hash: Zx9"),
        CONFIGURATION.replace("Zx9CanaryKey012345", "Zx9CanaryKey"),
        CONFIGURATION.replace("Zx9CanaryKey012345", "Zx9CanaryToken0123"),
        CONFIGURATION.replace(
            "session_secret: Zx9CanarySession0123456789abcdef",
            "session_secret: Zx9Canary",
        ),
        CONFIGURATION.replace("password: Zx9CanaryImap", "password: [Zx9CanaryImap]"),
        CONFIGURATION.replace("Zx9CanaryImap}", "Zx9CanaryImap"),
        CONFIGURATION.replace("auth_token: ", "auth_token: ${Zx9_UNSET} "),
    ]
}
