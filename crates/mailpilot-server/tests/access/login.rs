//! Login and password (contract 2.7): guessing is slowed down before anything is hashed, names are not
//! told apart, every byte counts, a new password ends what the old one opened.

use mailpilot_test_support::{ADMIN, Call, PASSWORD, Reply, TestServer};
use serde_json::json;

use crate::fixture::{
    ended_before, late_line, metric, refused, refused_field, status_with_session,
    stream_of_session, via_proxy,
};

const ELSEWHERE: &str = "203.0.113.9";

fn login(server: &TestServer, username: &str, password: &str) -> Call {
    let body = json!({"username": username, "password": password});
    server.post("/api/login", &body)
}

#[track_caller]
fn throttled(reply: &Reply) {
    refused(reply, 429, "too_many_attempts");
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((14 * 60..=15 * 60).contains(&wait), "{wait}");
    assert_eq!(reply.header("set-cookie"), "");
}

#[tokio::test]
async fn after_five_failures_even_the_right_password_has_to_wait() {
    let server = TestServer::with("").start().await;
    server.administrator().await;
    for _ in 0..5 {
        let reply = server.try_login("wrong horse battery").await;
        refused(&reply, 401, "invalid_credentials");
    }
    throttled(&server.try_login("wrong horse battery").await);
    throttled(&server.try_login(PASSWORD).await);
    let elsewhere = via_proxy(login(&server, ADMIN, PASSWORD), ELSEWHERE);
    elsewhere.send().await.expect(200);
    let counted = |outcome: &str| format!("mailpilot_logins_total{{outcome=\"{outcome}\"}}");
    for (outcome, times) in [("failed", 5.0), ("throttled", 2.0), ("succeeded", 1.0)] {
        assert_eq!(metric(&server, &counted(outcome)).await, times, "{outcome}");
    }
}

/// Ten wait for a hash at most, one more would be a 503: so none of the other 25 got as far as that.
#[tokio::test]
async fn of_thirty_guesses_at_once_five_are_hashed() {
    let server = TestServer::with("").start().await;
    server.administrator().await;
    let guesses: Vec<_> = (0..30)
        .map(|at| tokio::spawn(login(&server, ADMIN, &format!("guess number {at}")).send()))
        .collect();
    let mut statuses = Vec::new();
    for guess in guesses {
        statuses.push(guess.await.unwrap().status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![401; 5], vec![429; 25]].concat());
}

#[tokio::test]
async fn a_success_takes_no_place_and_forgives_nothing() {
    let server = TestServer::with("").start().await;
    server.administrator().await;
    for _ in 0..4 {
        refused(
            &server.try_login("wrong horse battery").await,
            401,
            "invalid_credentials",
        );
    }
    server.login().await;
    server.login().await;
    refused(
        &server.try_login("wrong horse battery").await,
        401,
        "invalid_credentials",
    );
    throttled(&server.try_login(PASSWORD).await);
}

#[tokio::test]
async fn who_may_not_say_who_they_are_gains_nothing_by_it() {
    // Nobody is trusted in the one; in the other the proxy is, and the client wrote the left of the chain.
    for (yaml, tail) in [
        ("server: {trusted_proxies: []}", ""),
        ("server: {trusted_proxies: [127.0.0.0/8]}", ", 198.51.100.7"),
    ] {
        let server = TestServer::with(yaml).start().await;
        server.administrator().await;
        for at in 0..5 {
            let chain = format!("203.0.113.{at}{tail}");
            let reply = via_proxy(login(&server, ADMIN, "wrong horse battery"), &chain);
            refused(&reply.send().await, 401, "invalid_credentials");
        }
        let chain = format!("203.0.113.99{tail}");
        throttled(
            &via_proxy(login(&server, ADMIN, PASSWORD), &chain)
                .send()
                .await,
        );
        let real_ip = via_proxy(login(&server, ADMIN, PASSWORD), &chain);
        throttled(&real_ip.header("x-real-ip", "203.0.113.98").send().await);
    }
}

#[tokio::test]
async fn a_network_of_ipv6_counts_as_one_client() {
    let server = TestServer::with("").start().await;
    server.administrator().await;
    for at in 1..=5 {
        let address = format!("2001:db8:0:7::{at}");
        let reply = via_proxy(login(&server, ADMIN, "wrong horse battery"), &address);
        refused(&reply.send().await, 401, "invalid_credentials");
    }
    let neighbour = via_proxy(login(&server, ADMIN, PASSWORD), "2001:db8:0:7:ffff::1");
    throttled(&neighbour.send().await);
    let other = via_proxy(login(&server, ADMIN, PASSWORD), "2001:db8:0:8::1");
    other.send().await.expect(200);
}

#[tokio::test]
async fn an_unknown_user_gets_the_answer_of_a_wrong_password() {
    let server = TestServer::with("").start().await;
    server.administrator().await;
    let wrong = login(&server, ADMIN, "wrong horse battery").send().await;
    refused(&wrong, 401, "invalid_credentials");
    for (username, password) in [("nobody", PASSWORD), ("", ""), ("ADMIN", PASSWORD)] {
        let unknown = login(&server, username, password).send().await;
        assert_eq!((unknown.status, &unknown.body), (wrong.status, &wrong.body));
        let names = |reply: &Reply| {
            let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&unknown), names(&wrong));
    }
}

#[tokio::test]
async fn before_setup_nobody_can_log_in() {
    let server = TestServer::with("").start().await;
    let reply = login(&server, ADMIN, PASSWORD).send().await;
    refused(&reply, 401, "invalid_credentials");
}

#[tokio::test]
async fn a_password_counts_to_its_last_byte() {
    let server = TestServer::with("").start().await;
    let head = "x".repeat(72);
    let (right, wrong) = (format!("{head}a"), format!("{head}b"));
    let form = json!({"username": ADMIN, "password": right, "confirm": right});
    server.post("/api/setup", &form).send().await.expect(200);
    for password in [&wrong, &head] {
        let reply = server.try_login(password).await;
        refused(&reply, 401, "invalid_credentials");
    }
    server.try_login(&right).await.expect(200);
}

const NEW: &str = "incorrect donkey charger";

fn change(server: &TestServer, session: &str, current: &str, new: &str) -> Call {
    let body = json!({"current": current, "new": new});
    server.post("/api/password", &body).session(session)
}

#[tokio::test]
async fn a_new_password_ends_every_session_but_hands_the_caller_a_new_one() {
    let server = TestServer::with("").start().await;
    let (caller, other) = (server.administrator().await, server.login().await);
    let streams = [
        stream_of_session(&server, &caller).await,
        stream_of_session(&server, &other).await,
    ];
    let done = change(&server, &caller, PASSWORD, NEW)
        .send()
        .await
        .expect(200);
    let fresh = done.session_cookie();
    assert_ne!(fresh, caller);
    for stream in streams {
        ended_before(stream, late_line(&server).session(&fresh)).await;
    }
    for (cookie, expected) in [(&caller, 401), (&other, 401), (&fresh, 200)] {
        assert_eq!(
            status_with_session(&server, "/api/stats", cookie).await,
            expected
        );
    }
    refused(
        &server.try_login(PASSWORD).await,
        401,
        "invalid_credentials",
    );
    server.try_login(NEW).await.expect(200);
    let server = server.restart("").await.start().await;
    for (cookie, expected) in [(&caller, 401), (&other, 401), (&fresh, 200)] {
        assert_eq!(
            status_with_session(&server, "/api/stats", cookie).await,
            expected
        );
    }
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let server = TestServer::with("").start().await;
    let session = server.administrator().await;
    for (current, new, code, field) in [
        ("wrong horse battery", NEW, "invalid_value", "current"),
        (PASSWORD, "short", "weak_password", "new"),
        (PASSWORD, ADMIN, "weak_password", "new"),
        (PASSWORD, "password123", "weak_password", "new"),
    ] {
        let reply = change(&server, &session, current, new).send().await;
        refused_field(&reply, 422, code, field);
        assert_eq!(reply.header("set-cookie"), "");
    }
    assert_eq!(
        status_with_session(&server, "/api/stats", &session).await,
        200
    );
    server.login().await;
}

#[tokio::test]
async fn guessing_the_present_password_is_slowed_down_too() {
    let server = TestServer::with("").start().await;
    let session = server.administrator().await;
    for _ in 0..5 {
        let reply = change(&server, &session, "wrong horse battery", NEW)
            .send()
            .await;
        refused_field(&reply, 422, "invalid_value", "current");
    }
    throttled(&change(&server, &session, PASSWORD, NEW).send().await);
    throttled(&server.try_login(PASSWORD).await);
}
