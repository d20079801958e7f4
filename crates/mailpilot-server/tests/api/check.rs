//! The check of the installation: what it finds in a request, and that its cures cure.

use std::{os::unix::fs::symlink, sync::Arc};

use mailpilot_test_support::{Call, TestServer};
use serde_json::{Value, json};

use crate::fixture::{DAY, TWO_ACCOUNTS, clock, get, refused, two_accounts};

const NAMES: [&str; 11] = [
    "bind", "proxy", "scheme", "cookie", "secret", "metrics", "login", "keys", "store", "reload",
    "subjects",
];
const PEER: &str = "127.0.0.1";

async fn checks(call: Call) -> Vec<Value> {
    let found = call.send().await.expect(200).json()["checks"].clone();
    let checks = found.as_array().unwrap().clone();
    let names: Vec<_> = checks.iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, NAMES);
    for check in &checks {
        let facts = check["found"].as_object().unwrap();
        assert!(
            facts
                .values()
                .all(|fact| !fact.is_object() && !fact.is_array()),
            "{check}"
        );
        assert!(check["message"].as_str().unwrap().len() > 10, "{check}");
        assert!(
            check["verdict"] != "ok" || check["cure"].is_null(),
            "{check}"
        );
    }
    checks
}

/// The one of this name.
fn of<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["name"] == name).unwrap()
}

/// Every state as one text, in order; what is not well has a mark.
fn states(checks: &[Value]) -> String {
    let states = checks.iter().map(|check| {
        let mark = match check["verdict"].as_str().unwrap() {
            "warning" => "!",
            "problem" => "!!",
            _ => "",
        };
        format!("{}{mark}", check["state"].as_str().unwrap())
    });
    states.collect::<Vec<_>>().join(" ")
}

fn ask(server: &TestServer) -> Call {
    server.get("/api/check")
}

#[tokio::test]
async fn a_new_server_on_ones_own_machine() {
    let server = two_accounts().await;
    let found = checks(ask(&server)).await;
    assert_eq!(
        states(&found),
        "public_http! none http_local none persisted open! development! none ok none off"
    );
    assert_eq!(
        of(&found, "bind")["found"]["address"],
        format!("[::]:{}", server.address().port())
    );
    assert_eq!(
        of(&found, "cookie")["found"],
        json!({"credential": "development"})
    );
    let store = &of(&found, "store")["found"];
    assert!(
        store["path"].as_str().unwrap().ends_with("mailpilot.db"),
        "{store}"
    );
    assert!(store["size"].as_u64().unwrap() > 0, "{store}");
    let session = server.administrator().await;
    let found = checks(ask(&server).session(&session)).await;
    assert_eq!(
        states(&found),
        "public_http! none http_local plain_local persisted open! administrator none ok none off"
    );
    refused(
        &get(&server, "/api/check?x=1").await,
        401,
        "unauthenticated",
        None,
    );
    let misspelt = server.get("/api/check?x=1").session(&session).send().await;
    refused(&misspelt, 422, "invalid_value", Some("x"));
}

#[tokio::test]
async fn a_request_is_judged_as_it_comes() {
    let server = two_accounts().await;
    let session = server.administrator().await;
    let proxied = || ask(&server).header("x-forwarded-for", "203.0.113.9");
    let found = checks(proxied().session(&session)).await;
    assert_eq!(
        states(&found),
        "public_http! trusted http_remote!! plain_remote!! persisted open! administrator none ok none off"
    );
    assert_eq!(
        of(&found, "proxy")["found"],
        json!({"peer": PEER, "client": "203.0.113.9"})
    );
    assert_eq!(
        of(&found, "scheme")["cure"],
        Value::Null,
        "the proxy has to speak"
    );

    let tls = || proxied().header("x-forwarded-proto", "https");
    let login = server
        .post(
            "/api/login",
            &json!({"username": "admin", "password": "correct horse battery"}),
        )
        .header("x-forwarded-for", "203.0.113.9")
        .header("x-forwarded-proto", "https");
    let session = login.send().await.expect(200).session_cookie();
    let found = checks(tls().session(&session)).await;
    assert_eq!(
        states(&found),
        "public! trusted https secure persisted open! administrator none ok none off"
    );
    assert_eq!(
        of(&found, "cookie")["found"],
        json!({"name": "__Host-mailpilot_session", "secure": true})
    );
}

#[tokio::test]
async fn the_cures_cure() {
    let yaml = "server: {trusted_proxies: [192.0.2.1], auth_token: a-token-of-some-length}\n";
    let server = TestServer::with(yaml).start().await;
    let asked = |server: &TestServer| {
        ask(server)
            .bearer("a-token-of-some-length")
            .header("x-forwarded-for", "203.0.113.9")
    };
    let found = checks(asked(&server)).await;
    assert_eq!(
        states(&found),
        "public_http! untrusted!! http_remote!! none persisted open! token_only! none ok none off"
    );
    let mut cured = String::from("server:\n  auth_token: a-token-of-some-length\n");
    for check in ["bind", "proxy", "metrics"] {
        let cure = &of(&found, check)["cure"];
        let (section, line) = cure["yaml"].as_str().unwrap().split_once('\n').unwrap();
        let key = cure["key"].as_str().unwrap();
        assert!(key.starts_with(section.trim_end_matches(':')), "{cure}");
        assert!(
            line.trim().starts_with(key.rsplit('.').next().unwrap()),
            "{cure}"
        );
        cured.push_str(line);
        cured.push('\n');
    }
    cured.push_str(of(&found, "login")["cure"]["yaml"].as_str().unwrap());
    let server = server.restart(&cured).await.start().await;
    let found = checks(asked(&server).header("x-forwarded-proto", "https")).await;
    assert_eq!(
        states(&found),
        "loopback trusted https none persisted required token_only none ok none off"
    );

    let server = two_accounts().await;
    let found = checks(ask(&server)).await;
    let cure = of(&found, "login")["cure"]["yaml"]
        .as_str()
        .unwrap()
        .to_owned();
    let server = server
        .restart(&format!("{TWO_ACCOUNTS}{cure}\n"))
        .await
        .start()
        .await;
    refused(&ask(&server).send().await, 401, "unauthenticated", None);
}

#[tokio::test]
async fn only_what_this_machine_reaches_is_open_without_a_word() {
    let server = TestServer::with("server: {bind: 127.0.0.1}").start().await;
    let found = checks(ask(&server)).await;
    assert_eq!(
        states(&found),
        "loopback none http_local none persisted open_local development! none ok none off"
    );
}

#[tokio::test]
async fn a_session_secret_that_is_not_kept_is_noticed_and_cured() {
    let builder = TestServer::with("accounts: []");
    let server = builder.start().await;
    let dir = server.dir().clone();
    server.stop().await;
    let file = dir.path().join("data/session_secret");
    std::fs::remove_file(&file).unwrap();
    symlink(dir.path().join("nowhere/at/all"), &file).unwrap();
    let server = TestServer::with("accounts: []")
        .in_dir_of(&dir)
        .start()
        .await;
    let found = checks(ask(&server)).await;
    let secret = of(&found, "secret");
    assert_eq!(
        (&secret["state"], &secret["verdict"]),
        (&json!("not_persisted"), &json!("warning"))
    );
    let cure = secret["cure"]["yaml"].as_str().unwrap().to_owned();
    let cured = server.restart(&cure).await;
    let value = "a-session-secret-of-some-length";
    let server = cured
        .environment(&[("SESSION_SECRET", value)])
        .start()
        .await;
    let found = checks(ask(&server)).await;
    assert_eq!(of(&found, "secret")["state"], "configured");
    assert!(!json!(found).to_string().contains(value));
}

#[tokio::test]
async fn a_reload_that_failed_stays_until_one_succeeds() {
    let server = two_accounts().await;
    let reload = async || drop(server.handle().reload().await);
    let state = async || of(&checks(ask(&server)).await, "reload").clone();
    server.reconfigure("server: {port: many}");
    reload().await;
    let failed = state().await;
    assert_eq!(
        (&failed["state"], &failed["verdict"]),
        (&json!("failed"), &json!("problem"))
    );
    assert_eq!(failed["found"]["problems"], 1);
    assert!(
        failed["message"].as_str().unwrap().contains("server.port"),
        "{failed}"
    );

    server.reconfigure("state: {audit_subjects: true}");
    reload().await;
    let taken = state().await;
    assert_eq!(
        (&taken["state"], &taken["verdict"]),
        (&json!("ok"), &json!("ok")),
        "{taken}"
    );
    assert_eq!(of(&checks(ask(&server)).await, "subjects")["state"], "on");

    server.reconfigure("server: {bind: 127.0.0.1}");
    reload().await;
    let waiting = state().await;
    assert_eq!(
        (&waiting["state"], &waiting["verdict"]),
        (&json!("ok"), &json!("warning"))
    );
    assert_eq!(waiting["found"]["restartRequired"], "server.bind");
    assert_eq!(
        of(&checks(ask(&server)).await, "bind")["state"],
        "public_http",
        "not yet"
    );
}

#[tokio::test]
async fn a_store_that_fails_is_a_problem() {
    let server = two_accounts().await;
    let database = server.dir().path().join("data/mailpilot.db");
    let aside = server.dir().path().join("aside");
    std::fs::rename(&database, &aside).unwrap();
    let store = of(&checks(ask(&server)).await, "store").clone();
    assert_eq!(
        (&store["state"], &store["verdict"]),
        (&json!("error"), &json!("problem"))
    );
    assert!(store["found"].get("size").is_none(), "{store}");
    std::fs::rename(&aside, &database).unwrap();
}

#[tokio::test]
async fn keys_are_pointed_out_a_fortnight_before_they_end_and_once_they_have() {
    const TOKEN: &str = "a-token-of-sixteen";
    let clock = clock();
    let yaml = format!(
        "server: {{auth_token: {TOKEN}}}\ndashboard:\n  api_keys:\n    - {{name: short, key: key-of-sixteen-characters, \
         expires_at: '2026-12-22T12:00:00Z'}}\n"
    );
    let server = TestServer::with(&yaml)
        .clock(Arc::clone(&clock) as _)
        .start()
        .await;
    let state = async || {
        let found = checks(ask(&server).bearer(TOKEN)).await;
        of(&found, "keys")["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state().await, "ok");
    clock.advance(DAY * 16);
    assert_eq!(state().await, "expiring");
    clock.advance(DAY * 14);
    assert_eq!(state().await, "expired");
}
