//! Bodies that are not what they should be: a 4xx that helps, and nothing half written.

use mailpilot_test_support::TestServer;
use serde_json::json;

use crate::fixture::{append, json_of, mail, refused, two_accounts};

/// Where bodies go, with one that is taken.
fn takers() -> Vec<(&'static str, &'static str, String)> {
    vec![
        ("POST", "/api/activity", mail("m").to_string()),
        ("POST", "/api/stats", json!({"account": "work"}).to_string()),
        (
            "POST",
            "/api/logs",
            json!({"level": "info", "message": "m"}).to_string(),
        ),
        ("PUT", "/api/accounts/work", "{}".to_owned()),
        ("PUT", "/api/export/settings", "{}".to_owned()),
        ("POST", "/api/keys", json!({"name": "k"}).to_string()),
        (
            "POST",
            "/api/setup",
            json!({"username": "a", "password": "b", "confirm": "c"}).to_string(),
        ),
        (
            "POST",
            "/api/login",
            json!({"username": "a", "password": "b"}).to_string(),
        ),
    ]
}

async fn nothing_was_written(server: &TestServer) {
    for (path, member) in [("/api/activity", "total"), ("/api/logs", "total")] {
        assert_eq!(json_of(server, path).await[member], 0);
    }
    assert_eq!(json_of(server, "/api/keys").await["keys"], json!([]));
}

#[tokio::test]
async fn what_is_not_json_is_a_400_that_says_where() {
    let server = two_accounts().await;
    for (method, path, _) in takers() {
        for body in [
            "",
            " ",
            "{",
            "{\"a\":}",
            "[1,2",
            "nul",
            "{} {}",
            "{\"a\":\"\\ud800\"}",
            "'x'",
            "\u{feff}{}",
        ] {
            let call = server.call(method, path).body("application/json", body);
            let reply = call.send().await;
            let status = reply.status.as_u16();
            assert!(matches!(status, 400 | 422), "{path} {body}: {status}");
            assert!(!reply.code().is_empty());
        }
        let not_utf_8: &[u8] = b"{\"messageId\": \"\xff\xfe\"}";
        let call = server
            .call(method, path)
            .body("application/json", not_utf_8);
        let status = call.send().await.status.as_u16();
        assert!(matches!(status, 400 | 422), "{path}: {status}");
    }
    let reply = server
        .call("POST", "/api/activity")
        .body("application/json", "{\"messageId\": 1,\n}")
        .send()
        .await;
    assert!(reply.text().contains("line"), "{}", reply.text());
    nothing_was_written(&server).await;
}

#[tokio::test]
async fn a_body_nested_without_end_is_refused() {
    let server = two_accounts().await;
    for (method, path, _) in takers() {
        for body in [
            "[".repeat(100_000),
            format!("{{\"a\":{}", "[".repeat(3_000)),
            format!("[{}", "{\"actions\":[".repeat(200)),
        ] {
            let call = server.call(method, path).body("application/json", body);
            let status = call.send().await.status.as_u16();
            assert!(matches!(status, 400 | 413 | 422), "{path}: {status}");
        }
    }
    nothing_was_written(&server).await;
}

#[tokio::test]
async fn json_of_another_shape_is_a_4xx() {
    let server = two_accounts().await;
    for (method, path, _) in takers() {
        for body in [
            "null",
            "true",
            "7",
            "\"x\"",
            "[null]",
            "[[]]",
            "{\"__proto__\":1}",
        ] {
            let call = server.call(method, path).body("application/json", body);
            let reply = call.send().await;
            let taken = (path == "/api/accounts/work") && body.starts_with('{');
            assert!(
                taken || reply.status.as_u16() == 422,
                "{path} {body}: {} {}",
                reply.status,
                String::from_utf8_lossy(&reply.body)
            );
        }
    }
    nothing_was_written(&server).await;
}

#[tokio::test]
async fn only_plain_json_is_taken() {
    let server = two_accounts().await;
    for (method, path, body) in takers() {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "application/json2",
            "text/json",
            "application/ld+json",
            "",
        ] {
            let call = server.call(method, path).body(content_type, body.clone());
            refused(&call.send().await, 415, "unsupported_media_type", None);
        }
        for coding in ["gzip", "br", "deflate", "identity, gzip"] {
            let call = server
                .call(method, path)
                .body("application/json", body.clone())
                .header("content-encoding", coding);
            refused(&call.send().await, 415, "unsupported_media_type", None);
        }
    }
    nothing_was_written(&server).await;
    for content_type in ["application/json; charset=utf-8", "APPLICATION/JSON"] {
        let call = server
            .call("POST", "/api/activity")
            .body(content_type, mail("m").to_string());
        call.send().await.expect(201);
    }
    let call = server
        .post("/api/activity", &mail("m"))
        .header("content-encoding", "identity");
    call.send().await.expect(201);
}

const MIB: usize = 1024 * 1024;

/// An entry (or a list of one) padded with spaces to a length.
fn padded(start: &str, end: &str, length: usize) -> String {
    format!(
        "{start}{}{end}",
        " ".repeat(length - start.len() - end.len())
    )
}

#[tokio::test]
async fn bodies_have_the_length_of_the_contract_and_not_a_byte_more() {
    let server = two_accounts().await;
    let entry = mail("m").to_string();
    let (open, close) = entry.split_at(entry.len() - 1);
    let list = format!("[{entry}");
    for (body, status) in [
        (padded(open, close, MIB), 201),
        (padded(open, close, MIB + 1), 413),
        (padded(&list, "]", 8 * MIB), 201),
        (padded(&list, "]", 8 * MIB + 1), 413),
    ] {
        let length = body.len();
        let call = server
            .call("POST", "/api/activity")
            .body("application/json", body);
        let reply = call.send().await;
        assert_eq!(reply.status.as_u16(), status, "{length}");
        if status == 413 {
            assert_eq!(reply.code(), "too_large");
        }
    }
    for (path, method, limit) in [
        ("/api/accounts/work", "PUT", MIB),
        ("/api/export/settings", "PUT", MIB),
        ("/api/login", "POST", 4 * 1024),
        ("/api/setup", "POST", 4 * 1024),
    ] {
        let call = server
            .call(method, path)
            .body("application/json", padded("{", "}", limit + 1));
        refused(&call.send().await, 413, "too_large", None);
    }
    assert_eq!(json_of(&server, "/api/activity").await["total"], 2);
}

#[tokio::test]
async fn a_body_in_chunks_is_counted_as_it_comes() {
    let server = two_accounts().await;
    let chunked = async |pieces: &[&str]| {
        let mut connection = server.raw().await;
        let head = "POST /api/activity HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                    Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        connection.send(head.as_bytes()).await;
        for piece in pieces {
            let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
            connection.send(chunk.as_bytes()).await;
        }
        connection.send(b"0\r\n\r\n").await;
        connection.rest().await
    };
    let entry = mail("chunked").to_string();
    let (start, end) = entry.split_at(10);
    let answer = chunked(&[start, end]).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let spaces = " ".repeat(256 * 1024);
    let mut long = vec![start, end];
    long.extend([spaces.as_str(); 4]);
    let answer = chunked(&long).await;
    // The server may close before all is sent, and a reset may then overtake the answer.
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 413"),
        "{answer}"
    );
    assert_eq!(json_of(&server, "/api/activity").await["total"], 1);
}

#[tokio::test]
async fn a_body_announced_too_long_is_refused_before_it_comes() {
    let server = two_accounts().await;
    let mut connection = server.raw().await;
    let head = "POST /api/activity HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 99999999999\r\n\r\n";
    connection.send(head.as_bytes()).await;
    let answer = connection.answer().await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_client_that_leaves_in_its_body_leaves_no_entry() {
    let server = two_accounts().await;
    let entry = mail("whole").to_string();
    for cut in [0, 1, entry.len() / 2, entry.len() - 1] {
        let mut connection = server.raw().await;
        let head = format!(
            "POST /api/activity HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
            entry.len(),
            &entry[..cut]
        );
        connection.send(head.as_bytes()).await;
        drop(connection);
    }
    append(&server, &mail("later")).await;
    assert_eq!(json_of(&server, "/api/activity").await["total"], 1);
    assert_eq!(server.stop().await.cut, 0);
}
