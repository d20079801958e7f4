//! Sessions (contract 2.8): the cookie, how long it counts, what ends it, and what of it is stored.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use mailpilot_test_support::{ADMIN, Call, PASSWORD, Reply, TestServer};
use serde_json::{Value, json};

use crate::fixture::{
    HOUR, clock, ended_before, files, holds, late_line, refused, status_with_session,
    stream_of_session, via_proxy, via_tls,
};

const SECRET: &str = "dashboard: {session_secret: first-secret-0123456789abcdef}";

fn login(server: &TestServer) -> Call {
    server.post(
        "/api/login",
        &json!({"username": ADMIN, "password": PASSWORD}),
    )
}

/// Name of the cookie that was set, and its attributes in any order.
fn set(reply: &Reply) -> (&str, BTreeSet<&str>) {
    assert_eq!(reply.headers.get_all("set-cookie").iter().count(), 1);
    let mut parts = reply.header("set-cookie").split("; ");
    let (name, _) = parts.next().unwrap().split_once('=').unwrap();
    (name, parts.collect())
}

async fn list(server: &TestServer, cookie: &str) -> Vec<Value> {
    let call = server.get("/api/sessions").session(cookie);
    let said = call.send().await.expect(200).json();
    said["sessions"].as_array().unwrap().clone()
}

async fn id_of(server: &TestServer, cookie: &str) -> String {
    let sessions = list(server, cookie).await;
    let mut current = sessions.iter().filter(|session| session["current"] == true);
    let id = current.next().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(current.next(), None);
    id
}

#[tokio::test]
async fn the_cookie_says_what_the_contract_says() {
    let plain = ["HttpOnly", "SameSite=Lax", "Path=/"];
    for (yaml, age) in [
        ("", "Max-Age=86400"),
        ("dashboard: {session_ttl: 90m}", "Max-Age=5400"),
    ] {
        let server = TestServer::with(yaml).start().await;
        server.administrator().await;
        let over_http = login(&server).send().await.expect(200);
        let expected: BTreeSet<&str> = plain.into_iter().chain([age]).collect();
        assert_eq!(set(&over_http), ("mailpilot_session", expected.clone()));
        let over_tls = via_tls(login(&server)).send().await.expect(200);
        let secure: BTreeSet<&str> = expected.into_iter().chain(["Secure"]).collect();
        assert_eq!(set(&over_tls), ("__Host-mailpilot_session", secure));
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_makes_it_https() {
    let server = TestServer::with("server: {trusted_proxies: []}")
        .start()
        .await;
    server.administrator().await;
    let forged = via_tls(login(&server)).send().await.expect(200);
    let (name, attributes) = set(&forged);
    assert_eq!(name, "mailpilot_session");
    assert!(!attributes.contains("Secure"));
    let trusting = TestServer::with("").start().await;
    trusting.administrator().await;
    let plain = via_proxy(login(&trusting), "203.0.113.9");
    let reply = plain
        .header("x-forwarded-proto", "http")
        .send()
        .await
        .expect(200);
    assert_eq!(set(&reply).0, "mailpilot_session");
}

#[tokio::test]
async fn only_the_cookie_of_the_scheme_counts() {
    let server = TestServer::with("").start().await;
    let plain = server.administrator().await;
    let secure = via_tls(login(&server))
        .send()
        .await
        .expect(200)
        .session_cookie();
    let ask = |cookie: &str| server.get("/api/stats").session(cookie);
    ask(&plain).send().await.expect(200);
    via_tls(ask(&secure)).send().await.expect(200);
    refused(&via_tls(ask(&plain)).send().await, 401, "unauthenticated");
    refused(&ask(&secure).send().await, 401, "unauthenticated");
    let among_others = format!("a=1; b=\"x; y\"; {plain}; c=2");
    ask(&among_others).send().await.expect(200);
}

#[tokio::test]
async fn a_changed_cookie_is_none() {
    let server = TestServer::with("").start().await;
    let cookie = server.administrator().await;
    let (name, value) = cookie.split_once('=').unwrap();
    let mut forged = vec![
        String::new(),
        "x".to_owned(),
        value[1..].to_owned(),
        value[..value.len() - 1].to_owned(),
        format!("{value}A"),
        "A".repeat(value.len()),
        "A".repeat(4_000),
    ];
    for at in (0..value.len() - 1).step_by(5) {
        let other = if &value[at..=at] == "A" { "B" } else { "A" };
        forged.push(format!("{}{other}{}", &value[..at], &value[at + 1..]));
    }
    for value in forged {
        let call = server.get("/api/stats").session(&format!("{name}={value}"));
        refused(&call.send().await, 401, "unauthenticated");
    }
    assert_eq!(
        status_with_session(&server, "/api/stats", &cookie).await,
        200
    );
}

#[tokio::test]
async fn the_ttl_counts_from_login_however_much_it_is_used() {
    let clock = clock();
    let server = TestServer::with("dashboard: {session_ttl: 3h}")
        .clock(Arc::clone(&clock) as _)
        .start()
        .await;
    let cookie = server.administrator().await;
    let ends = list(&server, &cookie).await[0]["expiresAt"].clone();
    for _ in 0..2 {
        clock.advance(HOUR);
        assert_eq!(
            status_with_session(&server, "/api/stats", &cookie).await,
            200
        );
        assert_eq!(list(&server, &cookie).await[0]["expiresAt"], ends);
    }
    clock.advance(HOUR - Duration::from_millis(1));
    assert_eq!(
        status_with_session(&server, "/api/stats", &cookie).await,
        200
    );
    let stream = stream_of_session(&server, &cookie).await;
    clock.advance(Duration::from_millis(1));
    assert_eq!(
        status_with_session(&server, "/api/stats", &cookie).await,
        401
    );
    stream.ended().await;
}

#[tokio::test]
async fn logging_out_ends_the_session_and_its_streams_and_nobody_elses() {
    let server = TestServer::with("").start().await;
    let (mine, other) = (server.administrator().await, server.login().await);
    let stream = stream_of_session(&server, &mine).await;
    let call = server.call("POST", "/api/logout").session(&mine);
    let done = call.send().await.expect(200);
    assert_eq!(done.json(), json!({"success": true}));
    let (name, attributes) = set(&done);
    assert_eq!(name, "mailpilot_session");
    assert!(attributes.contains("Max-Age=0"), "{attributes:?}");
    assert_eq!(done.session_cookie(), "mailpilot_session=");
    ended_before(stream, late_line(&server).session(&other)).await;
    assert_eq!(status_with_session(&server, "/api/stats", &mine).await, 401);
    assert_eq!(
        status_with_session(&server, "/api/stats", &other).await,
        200
    );
    // Once more, or without any session, is no fault.
    let again = server.call("POST", "/api/logout").session(&mine);
    again.send().await.expect(200);
    server.call("POST", "/api/logout").send().await.expect(200);
}

#[tokio::test]
async fn each_login_has_a_cookie_of_its_own() {
    let server = TestServer::with("").start().await;
    let first = server.administrator().await;
    let elsewhere = server.login().await;
    assert_ne!(first, elsewhere);
    assert_ne!(
        id_of(&server, &first).await,
        id_of(&server, &elsewhere).await
    );
}

#[tokio::test]
async fn a_login_of_a_browser_that_is_logged_in_ends_the_session_it_had() {
    let server = TestServer::with("").start().await;
    let before = server.administrator().await;
    let again = login(&server).session(&before).send().await.expect(200);
    assert_ne!(before, again.session_cookie());
    let call = server.get("/api/sessions").session(&before);
    call.send().await.expect(401);
}

#[tokio::test]
async fn a_cookie_of_our_name_from_another_port_locks_nobody_out() {
    let server = TestServer::with("").start().await;
    let cookie = server.administrator().await;
    let both = format!("mailpilot_session=not-ours; {cookie}");
    let call = server.get("/api/sessions").session(&both);
    call.send().await.expect(200);
}

#[tokio::test]
async fn the_list_says_where_from_and_never_the_token() {
    let server = TestServer::with("").clock(clock()).start().await;
    let cookie = server.administrator().await;
    let call = via_proxy(login(&server), "203.0.113.9").header("user-agent", "a browser\t1");
    let other = call.send().await.expect(200).session_cookie();
    let call = server.get("/api/sessions").session(&cookie);
    let text = call.send().await.expect(200).text();
    for cookie in [&cookie, &other] {
        let (_, value) = cookie.split_once('=').unwrap();
        assert!(!text.contains(value), "{text}");
    }
    let sessions = list(&server, &cookie).await;
    assert_eq!(sessions.len(), 2);
    let found = sessions
        .iter()
        .find(|session| session["current"] == false)
        .unwrap();
    let members: Vec<&str> = found
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let promised = [
        "clientAddress",
        "createdAt",
        "current",
        "expiresAt",
        "id",
        "lastUsedAt",
        "userAgent",
    ];
    assert_eq!(
        members.iter().copied().collect::<BTreeSet<_>>(),
        BTreeSet::from(promised)
    );
    assert_eq!(found["clientAddress"], "203.0.113.9");
    assert_eq!(found["userAgent"], "a browser1");
    assert_eq!(found["createdAt"], "2026-11-22T12:00:00.000Z");
    assert_eq!(found["expiresAt"], "2026-11-23T12:00:00.000Z");
}

#[tokio::test]
async fn one_session_can_be_ended_by_its_id() {
    let server = TestServer::with("").start().await;
    let (mine, other) = (server.administrator().await, server.login().await);
    let stream = stream_of_session(&server, &other).await;
    let end = |id: &str| {
        server
            .call("DELETE", &format!("/api/sessions/{id}"))
            .session(&mine)
    };
    for unknown in ["0000000000000000", "x", "%2e%2e", &"f".repeat(400)] {
        refused(&end(unknown).send().await, 404, "unknown_session");
    }
    let id = id_of(&server, &other).await;
    end(&id).send().await.expect(204);
    ended_before(stream, late_line(&server).session(&mine)).await;
    assert_eq!(
        status_with_session(&server, "/api/stats", &other).await,
        401
    );
    refused(&end(&id).send().await, 404, "unknown_session");
    assert_eq!(list(&server, &mine).await.len(), 1);
}

#[tokio::test]
async fn all_others_can_be_ended_together() {
    let server = TestServer::with("").start().await;
    let mine = server.administrator().await;
    let others = [server.login().await, server.login().await];
    let stream = stream_of_session(&server, &others[0]).await;
    let call = server.call("DELETE", "/api/sessions").session(&mine);
    call.send().await.expect(204);
    ended_before(stream, late_line(&server).session(&mine)).await;
    for other in &others {
        assert_eq!(status_with_session(&server, "/api/stats", other).await, 401);
    }
    assert_eq!(list(&server, &mine).await.len(), 1);
    let server = server.restart("").await.start().await;
    assert_eq!(
        status_with_session(&server, "/api/stats", &others[1]).await,
        401
    );
    assert_eq!(status_with_session(&server, "/api/stats", &mine).await, 200);
}

#[tokio::test]
async fn a_restart_keeps_sessions_and_a_new_secret_ends_them() {
    for yaml in ["", SECRET] {
        let server = TestServer::with(yaml).start().await;
        let cookie = server.administrator().await;
        let id = id_of(&server, &cookie).await;
        let server = server.restart(yaml).await.start().await;
        assert_eq!(id_of(&server, &cookie).await, id);
        let server = server
            .restart("dashboard: {session_secret: second-secret-0123456789}")
            .await;
        let server = server.start().await;
        assert_eq!(
            status_with_session(&server, "/api/stats", &cookie).await,
            401
        );
        assert_eq!(list(&server, &server.login().await).await.len(), 1);
        // The old secret does not bring the old sessions back.
        let server = server.restart(yaml).await.start().await;
        assert_eq!(
            status_with_session(&server, "/api/stats", &cookie).await,
            401
        );
    }
}

#[tokio::test]
async fn the_hundred_and_first_session_ends_the_oldest() {
    let clock = clock();
    let server = TestServer::with("")
        .clock(Arc::clone(&clock) as _)
        .start()
        .await;
    let oldest = server.administrator().await;
    let stream = stream_of_session(&server, &oldest).await;
    let mut newest = Vec::new();
    for _ in 0..99 {
        clock.advance(Duration::from_secs(1));
        newest.push(server.login().await);
    }
    assert_eq!(list(&server, &oldest).await.len(), 100);
    clock.advance(Duration::from_secs(1));
    newest.push(server.login().await);
    ended_before(stream, late_line(&server).session(&newest[0])).await;
    assert_eq!(
        status_with_session(&server, "/api/stats", &oldest).await,
        401
    );
    assert_eq!(
        status_with_session(&server, "/api/stats", &newest[0]).await,
        200
    );
    assert_eq!(list(&server, &newest[99]).await.len(), 100);
}

#[tokio::test]
async fn nothing_that_lets_anybody_in_lies_in_the_data_dir() {
    let server = TestServer::with(SECRET).start().await;
    let code = server.setup_code().to_owned();
    let cookie = server.administrator().await;
    let key = server.make_key(&cookie, "made", &["read:stats"]).await;
    let (_, value) = cookie.split_once('=').unwrap();
    let secrets = [
        value,
        &key,
        PASSWORD,
        &code,
        "first-secret-0123456789abcdef",
    ];
    let data = server.dir().path().join("data");
    let check = |when: &str| {
        let found = files(&data);
        for (name, bytes) in &found {
            for secret in secrets {
                assert!(!holds(bytes, secret), "{name}, {when}");
            }
        }
        assert!(
            found
                .iter()
                .any(|(_, bytes)| holds(bytes, "$argon2id$v=19$m=19456,t=2,p=1$"))
        );
    };
    check("while it runs");
    let _kept = Arc::clone(server.dir());
    server.stop().await;
    check("after it stopped");
}
