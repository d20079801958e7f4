//! Requests that another site makes a browser send (contract 2.9).

use mailpilot_test_support::{ADMIN, Call, PASSWORD, TestServer};
use serde_json::json;

use crate::fixture::{KEYED, TOKEN, refused, via_tls};

/// What a browser says, and whether that is us. The host is `mail.example:8080`.
const SAID: &[(&[(&str, &str)], bool)] = &[
    (&[("sec-fetch-site", "same-origin")], true),
    (&[("sec-fetch-site", "none")], true),
    (&[("sec-fetch-site", "same-site")], false),
    (&[("sec-fetch-site", "cross-site")], false),
    (&[("sec-fetch-site", "")], false),
    (&[("sec-fetch-site", "Same-Origin-ish")], false),
    (&[("origin", "http://mail.example:8080")], true),
    (&[("origin", "http://MAIL.example:8080")], true),
    (&[("origin", "http://mail.example")], false),
    (&[("origin", "http://mail.example:8081")], false),
    (
        &[("origin", "http://mail.example:8080.evil.example")],
        false,
    ),
    (
        &[("origin", "http://evil.example/http://mail.example:8080")],
        false,
    ),
    (&[("origin", "http://evil.example")], false),
    (&[("origin", "null")], false),
    (&[("origin", "")], false),
    (
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://mail.example:8080"),
        ],
        false,
    ),
    (
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://evil.example"),
        ],
        true,
    ),
    (&[], false),
    // A referrer proves nothing.
    (&[("referer", "http://mail.example:8080/")], false),
];

fn say(call: Call, said: &[(&str, &str)]) -> Call {
    let call = call.header("host", "mail.example:8080");
    said.iter()
        .fold(call, |call, (name, value)| call.header(name, value))
}

#[tokio::test]
async fn a_change_by_cookie_must_come_from_our_own_pages() {
    let server = TestServer::with(KEYED).start().await;
    let session = server.administrator().await;
    for (said, ours) in SAID {
        let change = server
            .call("DELETE", "/api/stats")
            .header("cookie", &session);
        let reply = say(change, said).send().await;
        if *ours {
            assert_eq!(reply.status.as_u16(), 204, "{said:?}: {}", reply.text());
        } else {
            refused(&reply, 403, "cross_origin");
        }
        let look = server.get("/api/stats").header("cookie", &session);
        say(look, said).send().await.expect(200);
    }
}

#[tokio::test]
async fn every_way_to_change_something_is_guarded() {
    let server = TestServer::with(KEYED).start().await;
    let session = server.administrator().await;
    for (method, path) in [
        ("POST", "/api/keys"),
        ("DELETE", "/api/keys/watcher"),
        ("PUT", "/api/accounts/work"),
        ("POST", "/api/reload-config"),
        ("POST", "/api/password"),
        ("POST", "/api/logout"),
        ("DELETE", "/api/sessions"),
        ("POST", "/api/login"),
    ] {
        for (said, _) in SAID.iter().filter(|(_, ours)| !ours) {
            let call = server
                .call(method, path)
                .json(&json!({}))
                .header("cookie", &session);
            refused(&say(call, said).send().await, 403, "cross_origin");
        }
    }
    let sessions = server.get("/api/sessions").session(&session).send().await;
    assert_eq!(
        sessions.expect(200).json()["sessions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn behind_tls_the_origin_is_https() {
    let server = TestServer::with("").start().await;
    server.administrator().await;
    let login = json!({"username": ADMIN, "password": PASSWORD});
    let login = server
        .post("/api/login", &login)
        .header("host", "mail.example");
    let session = via_tls(login).send().await.expect(200).session_cookie();
    for (origin, expected) in [
        ("https://mail.example", 204),
        ("https://mail.example:443", 204),
        ("http://mail.example", 403),
        ("https://mail.example:8443", 403),
        ("https://evil.example", 403),
    ] {
        let call = server
            .call("DELETE", "/api/stats")
            .header("host", "mail.example");
        let call = via_tls(call)
            .header("cookie", &session)
            .header("origin", origin);
        assert_eq!(call.send().await.status.as_u16(), expected, "{origin}");
    }
}

#[tokio::test]
async fn bearer_requests_are_exempt() {
    let server = TestServer::with(KEYED).start().await;
    let session = server.administrator().await;
    for (said, _) in SAID {
        let change = || say(server.call("DELETE", "/api/stats").bearer(TOKEN), said);
        change().send().await.expect(204);
        change().header("cookie", &session).send().await.expect(204);
    }
}

#[tokio::test]
async fn another_site_can_neither_log_in_nor_set_up() {
    let server = TestServer::with("").start().await;
    let form = json!({"username": ADMIN, "password": PASSWORD, "confirm": PASSWORD});
    let login = json!({"username": ADMIN, "password": PASSWORD});
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ];
    for (name, value) in foreign {
        let reply = server
            .post("/api/setup", &form)
            .header(name, value)
            .send()
            .await;
        refused(&reply, 403, "cross_origin");
    }
    server.administrator().await;
    for (name, value) in foreign {
        let reply = server
            .post("/api/login", &login)
            .header(name, value)
            .send()
            .await;
        refused(&reply, 403, "cross_origin");
        assert_eq!(reply.header("set-cookie"), "");
    }
    // What a form of another site can send without asking is not read.
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let reply = server
            .call("POST", "/api/login")
            .body(content_type, login.to_string());
        refused(&reply.send().await, 415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn no_page_elsewhere_is_ever_allowed_to_read() {
    let server = TestServer::with(KEYED).start().await;
    for (method, path) in [
        ("GET", "/api/stats"),
        ("OPTIONS", "/api/stats"),
        ("OPTIONS", "/api/login"),
        ("POST", "/api/login"),
        ("GET", "/health"),
        ("GET", "/metrics"),
        ("GET", "/"),
        ("GET", "/api/openapi.json"),
    ] {
        let call = server.call(method, path).bearer(TOKEN);
        let call = call.header("origin", "http://evil.example");
        let reply = call
            .header("access-control-request-method", "GET")
            .send()
            .await;
        let cors: Vec<_> = reply
            .headers
            .keys()
            .filter(|name| name.as_str().starts_with("access-control-"))
            .collect();
        assert!(cors.is_empty(), "{method} {path}: {cors:?}");
    }
}
