//! Pages, assets, and the headers that every answer carries.

use mailpilot_test_support::{Reply, TestServer};
use serde_json::json;

use crate::fixture::{get, two_accounts};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The assets that the page names.
async fn assets(server: &TestServer) -> Vec<String> {
    let page = get(server, "/setup").await.expect(200).text();
    [" src=\"", " href=\""]
        .iter()
        .flat_map(|start| page.split(start).skip(1))
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .filter(|address| !address.starts_with("data:"))
        .collect()
}

async fn coded(server: &TestServer, path: &str, accept: &str) -> Reply {
    let call = server.get(path).header("accept-encoding", accept);
    call.send().await.expect(200)
}

#[tokio::test]
async fn every_page_path_answers_with_the_one_document() {
    let server = two_accounts().await;
    server.administrator().await;
    let page = get(&server, "/").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for path in [
        "/activity",
        "/activity/7",
        "/accounts",
        "/accounts/work",
        "/logs",
        "/system",
        "/login",
        "/setup",
    ] {
        assert_eq!(
            get(&server, path).await.expect(200).body,
            page.body,
            "{path}"
        );
    }
    for path in [
        "/nothing",
        "/activity/7/8",
        "/Login",
        "/index.html",
        "/.env",
        "/apiary",
    ] {
        let unknown = get(&server, path).await.expect(404);
        assert_eq!(unknown.body, page.body, "{path}");
    }
    let api = get(&server, "/api/nothing").await.expect(401);
    assert_eq!(api.code(), "unauthenticated");
}

#[tokio::test]
async fn an_unknown_path_below_the_api_is_json() {
    let server = two_accounts().await;
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/stats/",
        "/api//stats",
        "/api/%73tats/x",
    ] {
        let reply = get(&server, path).await.expect(404);
        assert_eq!(reply.code(), "unknown_path", "{path}");
    }
}

#[tokio::test]
async fn assets_may_be_kept_for_ever_and_come_in_the_smallest_coding() {
    let server = two_accounts().await;
    let assets = assets(&server).await;
    let mut compressed = 0;
    for path in &assets {
        let plain = coded(&server, path, "identity").await;
        assert_eq!(
            plain.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(plain.header("vary"), "Accept-Encoding");
        assert_eq!(plain.header("content-encoding"), "");
        let mut tags = vec![plain.header("etag").to_owned()];
        for coding in ["gzip", "br"] {
            let reply = coded(&server, path, coding).await;
            if reply.header("content-encoding").is_empty() {
                assert_eq!(reply.body, plain.body);
                continue;
            }
            assert_eq!(reply.header("content-encoding"), coding);
            assert!(reply.body.len() < plain.body.len(), "{path}");
            assert_eq!(reply.header("content-type"), plain.header("content-type"));
            tags.push(reply.header("etag").to_owned());
            compressed += 1;
        }
        tags.sort();
        let all = tags.len();
        tags.dedup();
        assert_eq!(tags.len(), all, "each coding has its own tag");
        let both = coded(&server, path, "gzip, deflate, br, zstd").await;
        assert!(["br", ""].contains(&both.header("content-encoding")));
    }
    assert!(
        assets.len() >= 3 && compressed >= 4,
        "{assets:?} {compressed}"
    );
}

#[tokio::test]
async fn an_asset_that_is_known_is_not_sent_again() {
    let server = two_accounts().await;
    let path = assets(&server).await.remove(0);
    let tag = coded(&server, &path, "identity")
        .await
        .header("etag")
        .to_owned();
    for (header, status) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"other\", {tag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
    ] {
        let call = server.get(&path).header("if-none-match", &header);
        let reply = call.send().await.expect(status);
        assert_eq!(reply.header("etag"), tag, "{header}");
        assert_eq!(reply.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn nothing_but_assets_can_be_had_below_assets() {
    let server = two_accounts().await;
    let good = assets(&server).await.remove(0);
    let folder = good.rsplit_once('/').unwrap().0;
    for path in [
        "/assets/",
        "/assets/app.js",
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fetc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/....//....//etc/passwd",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/\\..\\..\\etc\\passwd",
        "/assets/%5c..%5cetc",
        &format!("{folder}/../app.js"),
        &format!("{folder}/%2e%2e/app.js"),
        &format!("{folder}/"),
        folder,
        &format!("{good}/"),
        &format!("{good}%00"),
        &good.to_uppercase(),
    ] {
        let mut connection = server.raw().await;
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        connection.send(head.as_bytes()).await;
        let answer = connection.rest().await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains("root:"), "{path}");
    }
}

/// What every answer carries; gives the request id.
fn check_headers(reply: &Reply, what: &str) -> String {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", POLICY),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(reply.header(name), value, "{what}: {name}");
    }
    for name in reply.headers.keys() {
        assert!(
            name != "server" && !name.as_str().starts_with("access-control"),
            "{what}: {name}"
        );
    }
    reply.header("x-request-id").to_owned()
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_the_contract() {
    let server = two_accounts().await;
    let asset = assets(&server).await.remove(0);
    let mut ids = std::collections::BTreeSet::new();
    let mut asked = 0;
    for (method, path, status) in [
        ("GET", "/", 303),
        ("GET", "/setup", 200),
        ("GET", "/nothing", 404),
        ("GET", asset.as_str(), 200),
        ("GET", "/assets/nothing", 404),
        ("GET", "/health", 200),
        ("GET", "/metrics", 200),
        ("GET", "/api/auth", 200),
        ("GET", "/api/stats", 200),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/activity?page=x", 422),
        ("PATCH", "/api/stats", 405),
        ("PATCH", "/setup", 405),
        ("OPTIONS", "/api/stats", 204),
        ("POST", "/api/activity", 415),
        ("POST", "/api/accounts/work/pause", 409),
        ("DELETE", "/api/stats", 204),
        ("HEAD", "/api/stats", 200),
        ("GET", "/api/export", 200),
    ] {
        let reply = server.call(method, path).send().await.expect(status);
        let what = format!("{method} {path}");
        ids.insert(check_headers(&reply, &what));
        asked += 1;
        if path.starts_with("/api") {
            assert_eq!(reply.header("cache-control"), "no-store", "{what}");
        }
        if status == 405 {
            assert!(reply.header("allow").contains("GET"), "{what}");
            assert_eq!(reply.code(), "method_not_allowed");
        }
    }
    assert!(ids.iter().all(|id| id.len() >= 16), "{ids:?}");
    assert_eq!(ids.len(), asked, "each has its own");
}

#[tokio::test]
async fn answers_of_a_server_that_cannot_are_no_exception() {
    let engine = std::sync::Arc::new(mailpilot_test_support::RecordingEngine::default());
    engine.fail();
    let server = TestServer::with("accounts: [{name: work}]")
        .engine(engine)
        .start()
        .await;
    let failed = server
        .post("/api/accounts/work/pause", &json!({}))
        .send()
        .await;
    check_headers(&failed.expect(502), "an engine that fails");
    let mut connection = server.raw().await;
    connection
        .send(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n")
        .await;
    server.handle().shutdown();
    connection.send(b"\r\n").await;
    let answer = connection.rest().await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    for header in [
        &format!("content-security-policy: {POLICY}"),
        "x-content-type-options: nosniff",
        "x-request-id: ",
        "cache-control: no-store",
    ] {
        assert!(answer.contains(header), "{header}: {answer}");
    }
}
