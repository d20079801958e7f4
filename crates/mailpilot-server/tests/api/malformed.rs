//! Requests no client sends, byte by byte: refused or closed, and the next client is served.

use mailpilot_test_support::TestServer;

use crate::fixture::{get, json_of, refused, two_accounts};

/// Sends bytes on a connection of their own and gives all that comes until the server closes.
async fn told(server: &TestServer, bytes: &str) -> String {
    let mut connection = server.raw().await;
    connection.send(bytes.as_bytes()).await;
    connection.rest().await
}

fn status(answer: &str) -> &str {
    answer
        .strip_prefix("HTTP/1.1 ")
        .map_or("closed", |rest| &rest[..3])
}

#[tokio::test]
async fn the_host_is_there_once_and_agrees_with_the_address() {
    let server = two_accounts().await;
    let close = "Connection: close\r\n\r\n";
    for (head, expected) in [
        ("GET /health HTTP/1.1\r\n", "400"),
        ("GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "400"),
        ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400"),
        ("GET /health HTTP/1.1\r\nHost:\r\n", "400"),
        ("GET /health HTTP/1.1\r\nHost: a b\r\n", "400"),
        ("GET /health HTTP/1.1\r\nHost: user@a\r\n", "400"),
        ("GET /health HTTP/1.1\r\nHost: a/b\r\n", "400"),
        ("GET http://b/health HTTP/1.1\r\nHost: a\r\n", "400"),
        ("GET http://a:1/health HTTP/1.1\r\nHost: a\r\n", "400"),
        ("GET http://a/health HTTP/1.1\r\nHost: a\r\n", "200"),
        ("GET http://A/health HTTP/1.1\r\nHost: a\r\n", "200"),
        ("GET /health HTTP/1.1\r\nHost: a:8080\r\n", "200"),
        ("GET /health HTTP/1.1\r\nHost: [::1]:8080\r\n", "200"),
        ("GET /health HTTP/1.0\r\nHost: a\r\n", "200"),
        ("GET /health HTTP/1.0\r\n", "400"),
    ] {
        let answer = told(&server, &format!("{head}{close}")).await;
        assert_eq!(
            status(&answer.replace("HTTP/1.0 ", "HTTP/1.1 ")),
            expected,
            "{head}"
        );
        if expected == "400" {
            assert!(answer.contains("\"code\":\"bad_request\""), "{answer}");
            assert!(answer.contains("x-request-id: "), "{answer}");
        }
    }
}

#[tokio::test]
async fn heads_that_break_the_grammar_are_refused_or_closed() {
    let server = two_accounts().await;
    for bytes in [
        "\r\n\r\n\r\n\r\nGARBAGE\r\n\r\n",
        "GET\r\n\r\n",
        "GET /health\r\n\r\n",
        "GET  /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /he alth HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health HTTP/1.2\r\nHost: a\r\n\r\n",
        "GET /health HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nX\u{e4}: 1\r\n\r\n",
        "G\0T /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut connection = server.raw().await;
        connection.send(bytes.as_bytes()).await;
        if bytes.starts_with('\u{16}') {
            // The beginning of TLS is not a whole line yet: end it, so that the server need not wait.
            connection.send(b"\r\n\r\n").await;
        }
        let answer = connection.rest().await;
        assert!(
            matches!(status(&answer), "400" | "505" | "closed"),
            "{bytes:?}: {answer}"
        );
    }
    get(&server, "/health").await.expect(200);
}

#[tokio::test]
async fn heads_that_are_too_long_are_refused() {
    let server = two_accounts().await;
    let with_headers = |headers: &str| {
        format!("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n")
    };
    let many: String = (0..65).map(|n| format!("X-{n}: 1\r\n")).collect();
    let few: String = (0..60).map(|n| format!("X-{n}: 1\r\n")).collect();
    let long = format!("X: {}\r\n", "x".repeat(17 * 1024));
    for (head, expected) in [
        (with_headers(&many), "431"),
        (with_headers(&long), "431"),
        (with_headers(&few), "200"),
    ] {
        let answer = told(&server, &head).await;
        assert_eq!(status(&answer), expected, "{answer}");
    }
    for (length, expected) in [(8_192, "200"), (8_193, "414")] {
        let target = format!("/health?{}", "x".repeat(length - "/health?".len()));
        let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = told(&server, &head).await;
        assert_eq!(status(&answer), expected, "{length}");
    }
    let endless = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(70_000));
    let answer = told(&server, &endless).await;
    assert!(
        matches!(status(&answer), "414" | "431" | "closed"),
        "{answer}"
    );
    get(&server, "/health").await.expect(200);
}

const ENTRY: &str = r#"{"messageId":"m","accountName":"work","actions":[]}"#;

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /api/activity HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}\r\n{body}"
    )
}

#[tokio::test]
async fn framing_that_is_wrong_is_refused_and_the_connection_not_used_again() {
    let server = two_accounts().await;
    let length = ENTRY.len();
    let smuggled = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (headers, body) in [
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            format!("zz\r\n{ENTRY}\r\n0\r\n\r\n"),
        ),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            format!("-1\r\n{ENTRY}\r\n0\r\n\r\n"),
        ),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            format!("ffffffffffffffffff\r\n{ENTRY}\r\n0\r\n\r\n"),
        ),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            format!("{length:x}\r\n{ENTRY}XX0\r\n\r\n"),
        ),
        ("Transfer-Encoding: gzip\r\n".to_owned(), ENTRY.to_owned()),
        (
            "Transfer-Encoding: chunked, gzip\r\n".to_owned(),
            ENTRY.to_owned(),
        ),
        ("Content-Length: -1\r\n".to_owned(), ENTRY.to_owned()),
        ("Content-Length: +5\r\n".to_owned(), ENTRY.to_owned()),
        ("Content-Length: five\r\n".to_owned(), ENTRY.to_owned()),
        (
            "Content-Length: 99999999999999999999999\r\n".to_owned(),
            ENTRY.to_owned(),
        ),
        (
            format!("Content-Length: {length}\r\nContent-Length: 5\r\n"),
            ENTRY.to_owned(),
        ),
    ] {
        let answer = told(&server, &format!("{}{smuggled}", post(&headers, &body))).await;
        assert!(
            matches!(status(&answer), "400" | "closed" | "413" | "501"),
            "{headers} {answer}"
        );
        assert!(!answer.contains("# HELP"), "{headers}");
    }
    assert_eq!(json_of(&server, "/api/activity").await["total"], 0);
}

#[tokio::test]
async fn two_lengths_at_once_end_the_connection() {
    let server = two_accounts().await;
    let headers = "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n";
    let body = format!("{:x}\r\n{ENTRY}\r\n0\r\n\r\n", ENTRY.len());
    let smuggled = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = told(&server, &format!("{}{smuggled}", post(headers, &body))).await;
    assert!(matches!(status(&answer), "201" | "400"), "{answer}");
    assert!(
        answer.to_ascii_lowercase().contains("connection: close"),
        "{answer}"
    );
    assert!(!answer.contains("# HELP"), "{answer}");
}

#[tokio::test]
async fn odd_methods_are_a_405_that_says_which_there_are() {
    let server = two_accounts().await;
    for method in ["TRACE", "CONNECT", "PATCH", "PROPFIND", "BREW", "get"] {
        let head =
            format!("{method} /api/stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = told(&server, &head).await;
        // The address of CONNECT is a host: with a path it is no request at all.
        let expected: &[&str] = if method == "CONNECT" {
            &["400", "405", "closed"]
        } else {
            &["405"]
        };
        assert!(expected.contains(&status(&answer)), "{method}: {answer}");
        if status(&answer) == "405" {
            assert!(
                answer.contains("allow: GET, POST, DELETE, HEAD, OPTIONS\r\n"),
                "{answer}"
            );
            assert!(
                !answer.contains(&format!("\r\n\r\n{method}")),
                "TRACE echoes nothing"
            );
        }
    }
    let answer = told(
        &server,
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(
        matches!(status(&answer), "400" | "404" | "405" | "401" | "closed"),
        "{answer}"
    );

    let options = server
        .call("OPTIONS", "/api/stats")
        .send()
        .await
        .expect(204);
    assert_eq!(options.header("allow"), "GET, POST, DELETE, HEAD, OPTIONS");
    let preflight = server
        .call("OPTIONS", "/api/stats")
        .header("origin", "http://evil.example")
        .header("access-control-request-method", "DELETE")
        .send()
        .await;
    for name in preflight.headers.keys() {
        assert!(!name.as_str().starts_with("access-control"), "{name}");
    }
    let upgrade = server
        .get("/api/stats")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    upgrade.send().await.expect(200);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = two_accounts().await;
    for path in [
        "/health",
        "/api/stats",
        "/metrics",
        "/setup",
        "/api/openapi.json",
        "/api/nothing",
    ] {
        let (full, head) = (
            get(&server, path).await,
            server.call("HEAD", path).send().await,
        );
        assert_eq!(head.status, full.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.header("content-type"), full.header("content-type"));
        assert!(
            head.header("content-length").parse::<usize>().unwrap() > 10,
            "{path}"
        );
    }
}

#[tokio::test]
async fn requests_sent_together_are_answered_in_their_order() {
    let server = two_accounts().await;
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut connection = server.raw().await;
    let three = one("/health/live") + &one("/api/nothing") + &one("/health/ready");
    connection.send(three.as_bytes()).await;
    for expected in ["200", "404", "200"] {
        assert_eq!(status(&connection.answer().await), expected);
    }
}

#[tokio::test]
async fn a_forwarding_chain_that_cannot_be_read_is_a_400() {
    let server = two_accounts().await;
    let hops = vec!["203.0.113.9"; 21].join(", ");
    for chain in ["unknown", "1.2.3", "a, b", "", &hops] {
        let call = server.get("/health").header("x-forwarded-for", chain);
        refused(&call.send().await, 400, "bad_request", None);
    }
}
