//! Development mode (contract 2.5): for whom it is open, what ends it, and that the end lasts. And the
//! server without its dashboard (2.6).

use mailpilot_test_support::{ADMIN, Events, PASSWORD, TestServer};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fixture::{
    KEY, KEYED, TOKEN, ended_before, late_line, refused, status, status_with_bearer,
};

/// A server with no credential of any kind.
const OPEN: &str = "accounts: [{name: work}]\n";

/// Headers that tell of a proxy.
const FORWARDING: [(&str, &str); 9] = [
    ("forwarded", "for=203.0.113.9"),
    ("via", "1.1 proxy"),
    ("x-forwarded-for", "203.0.113.9"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-forwarded-for", "no address"),
    ("x-forwarded-host", "mail.example"),
    ("x-forwarded-proto", "http"),
    ("x-forwarded-prefix", "/mail"),
    ("x-real-ip", "127.0.0.1"),
];

async fn is_open(server: &TestServer) -> bool {
    let said = server.get("/api/auth").send().await.expect(200).json();
    let open = status(server.get("/api/stats")).await == 200;
    assert_eq!(said["developmentMode"], open, "{said}");
    assert_eq!(server.handle().development_possible(), open);
    open
}

#[tokio::test]
async fn it_is_open_to_direct_local_clients_alone() {
    let server = TestServer::with(OPEN).start().await;
    let call = || server.get("/api/stats");
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:8080",
        "127.8.9.10",
        "[::1]:80",
    ] {
        assert_eq!(status(call().header("host", host)).await, 200, "{host}");
    }
    for host in [
        "mail.example",
        "localhost.evil.example",
        "192.168.1.2:8080",
        "[fe80::1]",
    ] {
        refused(
            &call().header("host", host).send().await,
            401,
            "unauthenticated",
        );
    }
    refused(&call().http_10().send().await, 401, "unauthenticated");
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        refused(
            &call().header(name, value).send().await,
            401,
            "unauthenticated",
        );
    }
    for value in ["same-origin", "none"] {
        assert_eq!(
            status(call().header("sec-fetch-site", value)).await,
            200,
            "{value}"
        );
    }
    assert!(is_open(&server).await, "none of that ends it");
}

#[tokio::test]
async fn who_asks_hears_of_it() {
    let server = TestServer::with(OPEN).start().await;
    let said = server.get("/api/auth").send().await.expect(200).json();
    assert_eq!(said["authenticated"], false);
    assert_eq!(said["developmentMode"], true);
    assert_eq!(said["needsSetup"], true);
    assert_eq!(said["setupCodeRequired"], false);
    assert_eq!(said["permissions"], json!(["*"]));
    assert!(said.get("user").is_none());
}

#[tokio::test]
async fn the_first_sign_of_a_proxy_ends_it_for_good() {
    for (name, value) in FORWARDING {
        let server = TestServer::with(OPEN).start().await;
        let stream = Events::open(server.get("/api/events")).await;
        let asked = status(server.get("/health/live").header(name, value)).await;
        assert!(matches!(asked, 200 | 400), "{name}: {value}: {asked}");
        stream.ended().await;
        assert!(!is_open(&server).await, "{name}: {value}");
        let server = server.restart(OPEN).await.start().await;
        assert!(!is_open(&server).await, "{name}: {value}, after a restart");
        // A visitor on the machine itself may still set up the server, which is another promise.
        server.administrator().await;
    }
}

#[tokio::test]
async fn a_proxy_seen_while_a_token_was_there_counts_too() {
    let server = TestServer::with(KEYED).start().await;
    status(server.get("/").header("x-forwarded-for", "203.0.113.9")).await;
    let server = server.restart(OPEN).await.start().await;
    assert!(!is_open(&server).await);
}

#[derive(Clone, Copy, Debug)]
enum First {
    Administrator,
    MadeKey,
    /// A configuration, and the credential it holds.
    Reloaded(&'static str, &'static str),
}

#[tokio::test]
async fn the_first_credential_of_any_kind_ends_it_at_once_on_open_connections_too() {
    for first in [
        First::Administrator,
        First::MadeKey,
        First::Reloaded("server: {auth_token: token-0123456789abcdef}", TOKEN),
        First::Reloaded(
            "dashboard: {api_keys: [{name: a, key: mp_watcher_0123456789, permissions: ['*']}]}",
            KEY,
        ),
    ] {
        let server = TestServer::with(OPEN).start().await;
        let mut kept = TcpStream::connect(server.address()).await.unwrap();
        assert_eq!(ask_again(&mut kept).await, 200, "{first:?}");
        let stream = Events::open(server.get("/api/events")).await;
        let line = late_line(&server);
        let line = match first {
            First::Administrator => line.session(&server.administrator().await),
            First::MadeKey => {
                let made = server.post("/api/keys", &json!({"name": "a", "permissions": ["*"]}));
                let made = made.send().await.expect(201).json();
                line.bearer(made["key"].as_str().unwrap())
            }
            First::Reloaded(yaml, credential) => {
                server.reconfigure(yaml);
                server.handle().reload().await.unwrap();
                line.bearer(credential)
            }
        };
        ended_before(stream, line).await;
        assert!(!is_open(&server).await, "{first:?}");
        assert_eq!(ask_again(&mut kept).await, 401, "{first:?}");
    }
}

#[tokio::test]
async fn a_rule_against_it_ends_it_at_once_too() {
    for yaml in [
        "dashboard: {require_login: true}",
        "dashboard: {enabled: false}",
    ] {
        let server = TestServer::with(OPEN).start().await;
        let stream = Events::open(server.get("/api/events")).await;
        server.reconfigure(yaml);
        server.handle().reload().await.unwrap();
        stream.ended().await;
        assert!(!is_open(&server).await, "{yaml}");
    }
}

/// One more request on a connection that stays open.
async fn ask_again(connection: &mut TcpStream) -> u16 {
    let request = b"GET /api/stats HTTP/1.1\r\nHost: localhost\r\n\r\n";
    connection.write_all(request).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    connection.read_exact(&mut body).await.unwrap();
    head["http/1.1 ".len()..][..3].parse().unwrap()
}

#[tokio::test]
async fn it_never_begins_where_a_credential_or_a_rule_stands_against_it() {
    for yaml in [
        "server: {auth_token: token-0123456789abcdef}",
        "dashboard: {api_keys: [{name: a, key: mp_watcher_0123456789}]}",
        "dashboard: {require_login: true}",
        "dashboard: {enabled: false}",
        // A key that has expired is a key: nobody meant the server to be open.
        "dashboard: {api_keys: [{name: a, key: mp_watcher_0123456789, expires_at: '2020-01-01T00:00:00Z'}]}",
    ] {
        let server = TestServer::with(yaml).start().await;
        assert!(!is_open(&server).await, "{yaml}");
    }
}

#[tokio::test]
async fn it_does_not_come_back_with_a_restart_once_there_is_an_administrator_or_a_key() {
    let server = TestServer::with(OPEN).start().await;
    server
        .post("/api/keys", &json!({"name": "first"}))
        .send()
        .await
        .expect(201);
    let server = server.restart(OPEN).await.start().await;
    assert!(!is_open(&server).await);
    let server = {
        let fresh = TestServer::with(OPEN).start().await;
        fresh.administrator().await;
        fresh.restart(OPEN).await.start().await
    };
    assert!(!is_open(&server).await);
}

#[tokio::test]
async fn without_the_dashboard_its_surface_is_gone_and_keys_go_on() {
    let first = TestServer::with(KEYED).start().await;
    let session = first.administrator().await;
    let yaml = KEYED.replace("dashboard:\n", "dashboard:\n  enabled: false\n");
    let server = first.restart(&yaml).await.start().await;
    let login = json!({"username": ADMIN, "password": PASSWORD});
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/activity"),
        ("GET", "/activity/1"),
        ("GET", "/accounts"),
        ("GET", "/accounts/work"),
        ("GET", "/logs"),
        ("GET", "/system"),
        ("GET", "/login"),
        ("GET", "/setup"),
        ("GET", "/assets/app.js"),
        ("GET", "/no-such-page"),
        ("POST", "/api/setup"),
        ("POST", "/api/login"),
        ("POST", "/api/logout"),
        ("POST", "/api/password"),
        ("GET", "/api/sessions"),
        ("DELETE", "/api/sessions"),
        ("DELETE", "/api/sessions/0000000000000000"),
    ] {
        for call in [
            server.call(method, path).json(&login),
            server.call(method, path).json(&login).session(&session),
            server.call(method, path).json(&login).bearer(TOKEN),
        ] {
            assert_eq!(status(call).await, 404, "{method} {path}");
        }
    }
    let with_session = server.get("/api/stats").session(&session).send().await;
    refused(&with_session, 401, "unauthenticated");
    assert_eq!(status_with_bearer(&server, "/api/stats", KEY).await, 200);
    assert_eq!(status_with_bearer(&server, "/api/keys", TOKEN).await, 200);
    assert_eq!(status_with_bearer(&server, "/api/events", TOKEN).await, 200);
    assert_eq!(status(server.get("/health")).await, 200);
    assert_eq!(status(server.get("/metrics")).await, 200);
    let said = server.get("/api/auth").send().await.expect(200).json();
    assert_eq!(said["needsSetup"], false);
}
