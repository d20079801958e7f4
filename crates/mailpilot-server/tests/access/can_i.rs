//! The can-I check says what the gate then does, for every route and every kind of key.

use mailpilot_http_server::Endpoint;
use mailpilot_test_support::{Reply, TestServer};
use serde_json::{Value, json};

use crate::{
    fixture::{TOKEN, refused},
    matrix::{PERMISSIONS, configuration, from_anywhere, grants, key_of, request},
};

async fn start(metrics_auth: &str) -> TestServer {
    let server = TestServer::with(&configuration(metrics_auth)).start().await;
    server.administrator().await;
    server
}

async fn ask(server: &TestServer, query: &str) -> Reply {
    let call = server.get(&format!("/api/can-i?{query}"));
    call.bearer(TOKEN).send().await
}

async fn told(server: &TestServer, query: &str) -> Value {
    ask(server, query).await.expect(200).json()
}

/// What the gate decided, told from what a handler may answer besides.
fn decided(reply: &Reply) -> u16 {
    let of_the_gate = reply.status.is_client_error()
        && reply.header("content-type") == "application/json"
        && matches!(
            reply.json()["code"].as_str().unwrap_or_default(),
            "unauthenticated"
                | "permission_denied"
                | "session_required"
                | "unknown_path"
                | "dashboard_disabled"
                | "method_not_allowed"
        );
    if of_the_gate {
        reply.status.as_u16()
    } else {
        200
    }
}

/// Asks about `key` and then does it.
async fn compare(server: &TestServer, name: &str, key: &str) {
    let routes = Endpoint::ALL
        .iter()
        .map(|endpoint| (endpoint.method(), endpoint.path()));
    let others = [
        ("PATCH", "/api/stats"),
        ("DELETE", "/health"),
        ("GET", "/api/nothing"),
        ("POST", "/api/login/x"),
    ];
    for (method, path) in routes.chain(others) {
        let call = request(server, method, path).bearer(key);
        let reply = from_anywhere(call).send_for_error().await;
        let path = path
            .replace("{id}", "1")
            .replace("{name}", "work")
            .replace("{*path}", "x");
        let said = told(server, &format!("key={name}&method={method}&path={path}")).await;
        let context = format!("{name} at {method} {path}: {said}");
        assert_eq!(said["status"], decided(&reply), "{context}");
        assert_eq!(said["allowed"], said["status"] == 200, "{context}");
        assert_eq!(
            (&said["key"], &said["method"], &said["path"]),
            (&json!(name), &json!(method), &json!(path)),
        );
        let missing = said["missing"].as_array().unwrap();
        let has_reason = !missing.is_empty() || said["status"] != 403;
        assert!(has_reason, "{context}");
        let granted = said["grantedBy"].as_str();
        let required = said["required"].as_array().unwrap();
        assert_eq!(
            granted.is_some(),
            said["allowed"] == true && !required.is_empty(),
            "{context}"
        );
    }
}

#[tokio::test]
async fn it_says_what_happens_for_every_route_and_key() {
    let server = start("open").await;
    for (at, _) in PERMISSIONS.iter().enumerate() {
        compare(&server, &format!("holder-{at}"), &key_of(at)).await;
    }
    compare(&server, "late", "mp_late_0123456789").await;
}

#[tokio::test]
async fn it_follows_the_configuration() {
    let server = start("required").await;
    compare(&server, "holder-0", &key_of(0)).await;
    compare(&server, "late", "mp_late_0123456789").await;
    let closed = configuration("open").replace("dashboard:", "dashboard:\n  enabled: false");
    let server = TestServer::with(&closed).start().await;
    compare(&server, "holder-12", &key_of(12)).await;
}

#[tokio::test]
async fn it_names_the_grant_or_what_is_missing() {
    let server = start("required").await;
    let of = |name: &str| PERMISSIONS.iter().position(|p| *p == name).unwrap();
    for (held, path, endpoint, granted_by, required, status) in [
        (
            "read:logs",
            "/api/logs",
            Some("/api/logs"),
            Some("read:logs"),
            &["read:logs"][..],
            200,
        ),
        (
            "read:*",
            "/api/logs",
            Some("/api/logs"),
            Some("read:*"),
            &["read:logs"][..],
            200,
        ),
        (
            "*",
            "/api/logs/7?x=1",
            Some("/api/logs/{id}"),
            Some("*"),
            &["read:logs"][..],
            200,
        ),
        (
            "read:stats",
            "/api/logs",
            Some("/api/logs"),
            None,
            &["read:logs"][..],
            403,
        ),
        (
            "write:logs",
            "/api/logs",
            Some("/api/logs"),
            None,
            &["read:logs"][..],
            403,
        ),
        (
            "*",
            "/api/sessions",
            Some("/api/sessions"),
            None,
            &["session"][..],
            403,
        ),
        ("read:logs", "/health", Some("/health"), None, &[][..], 200),
        (
            "read:*",
            "/metrics",
            Some("/metrics"),
            Some("read:*"),
            &["read:stats"][..],
            200,
        ),
        (
            "read:*",
            "/api/keys",
            Some("/api/keys"),
            None,
            &["*"][..],
            403,
        ),
        ("*", "/api/nothing", None, None, &[][..], 404),
        ("*", "/nothing", None, None, &[][..], 404),
        ("*", "/api/login", Some("/api/login"), None, &[][..], 405),
    ] {
        let query = format!("key=holder-{}&path={}", of(held), path.replace('?', "%3F"));
        let said = told(&server, &query).await;
        // Each of these needs one thing or nothing: what is refused for want of it lacks just that.
        let missing = if status == 403 { required } else { &[] };
        let expected = json!({
            "key": format!("holder-{}", of(held)), "method": "GET",
            "path": path.split('?').next().unwrap(), "endpoint": endpoint, "allowed": status == 200,
            "required": required, "grantedBy": granted_by, "missing": missing, "status": status,
        });
        assert_eq!(said, expected, "{held} at {path}");
    }
}

#[tokio::test]
async fn types_of_events_count() {
    let server = start("open").await;
    for (at, held) in PERMISSIONS.iter().enumerate() {
        for (types, needs) in [
            ("logs", &["read:logs"][..]),
            ("logs,stats", &["read:stats", "read:logs"]),
            ("accounts&controls=work", &["read:accounts", "write:stats"]),
        ] {
            let path = format!("/api/events?types={types}");
            let encoded = path.replace('?', "%3F").replace('&', "%26");
            let said = told(&server, &format!("key=holder-{at}&path={encoded}")).await;
            let missing: Vec<_> = needs.iter().filter(|need| !grants(held, need)).collect();
            assert_eq!(said["required"], json!(needs), "{held} at {path}");
            assert_eq!(said["missing"], json!(missing), "{held} at {path}");
            assert_eq!(said["allowed"], missing.is_empty(), "{held} at {path}");
            let reply = server.get(&path).bearer(&key_of(at)).send_for_error().await;
            assert_eq!(said["status"], reply.status.as_u16(), "{held} at {path}");
        }
    }
    let reply = ask(&server, "key=holder-0&path=/api/events%3Ftypes=mails").await;
    refused(&reply, 422, "invalid_value");
    assert_eq!(reply.json()["field"], "path");
}

#[tokio::test]
async fn a_made_key_counts_until_it_is_revoked_and_a_base_path_is_taken_off() {
    let yaml = configuration("open").replace("server: {", "server: {base_path: /mail, ");
    let server = TestServer::with(&yaml).start().await;
    let session = server.administrator().await;
    server
        .make_key(&session, "a made key", &["read:logs", "read:stats"])
        .await;
    let query = "key=a+made+key&path=/mail/api/logs";
    let said = told(&server, query).await;
    assert_eq!(
        (&said["path"], &said["grantedBy"]),
        (&json!("/api/logs"), &json!("read:logs"))
    );
    let all = told(&server, "key=a+made+key&path=/api/events").await;
    assert_eq!(all["grantedBy"], "read:stats, read:logs");
    let path = "/api/keys/a%20made%20key";
    let revoked = server.call("DELETE", path).session(&session).send().await;
    revoked.expect(204);
    refused(&ask(&server, query).await, 404, "unknown_key");
}

#[tokio::test]
async fn what_is_missing_or_senseless_is_named() {
    let server = start("open").await;
    for (query, field) in [
        ("path=/api/logs", "key"),
        ("key=holder-0", "path"),
        ("key=holder-0&path=api/logs", "path"),
        ("key=holder-0&path=http://localhost/api/logs", "path"),
        ("key=holder-0&path=/api/logs&method=get", "method"),
        ("key=holder-0&path=/api/logs&method=OPTIONS", "method"),
        ("key=holder-0&path=/api/logs&more=1", "more"),
    ] {
        let reply = ask(&server, query).await;
        refused(&reply, 422, "invalid_value");
        assert_eq!(reply.json()["field"], field, "{query}");
    }
    refused(&ask(&server, "key=nobody&path=/").await, 404, "unknown_key");
    let head = told(&server, "key=holder-2&path=/api/logs&method=HEAD").await;
    assert_eq!(
        (&head["method"], &head["allowed"]),
        (&json!("HEAD"), &json!(true))
    );
}
