//! The order of the decision (contract 2.2) and what the refusals say.

use mailpilot_test_support::TestServer;

use crate::fixture::{KEY, KEYED, TOKEN, refused, status_with_bearer, via_proxy};

const CHALLENGE: &str = "Bearer realm=\"mailpilot\"";

#[tokio::test]
async fn a_refusal_says_how_to_become_known() {
    let server = TestServer::with(KEYED).start().await;
    let call = || server.get("/api/activity");
    let bare =
        "the Authorization header lacks the `Bearer ` prefix: write `Authorization: Bearer <key>`";
    for (name, value, said) in [
        (
            "x-nothing",
            "",
            "log in, or send the header `Authorization: Bearer <key>`",
        ),
        ("authorization", TOKEN, bare),
        ("authorization", "Basic YTpi", bare),
        ("authorization", &format!("Token {TOKEN}"), bare),
        ("authorization", &format!("Bearer{TOKEN}"), bare),
        ("authorization", "", bare),
        ("authorization", "Bearer", "no key follows `Bearer`"),
        (
            "authorization",
            &format!("Bearer {TOKEN} x"),
            "is not one key without spaces",
        ),
        (
            "authorization",
            "Bearer wrong-0123456789",
            "the key is not known here",
        ),
        (
            "authorization",
            &format!("Bearer {TOKEN}x"),
            "the key is not known here",
        ),
        (
            "authorization",
            &format!("Bearer {}", &TOKEN[1..]),
            "the key is not known here",
        ),
    ] {
        let reply = call().header(name, value).send().await;
        refused(&reply, 401, "unauthenticated");
        assert_eq!(reply.header("www-authenticate"), CHALLENGE, "{value}");
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(said), "{value}: {error}");
        assert!(!error.contains(TOKEN), "{value}: {error}");
    }
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case() {
    let server = TestServer::with(KEYED).start().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let value = format!("{scheme} {KEY}");
        let call = server.get("/api/stats").header("authorization", &value);
        call.send().await.expect(200);
    }
}

#[tokio::test]
async fn a_known_caller_without_the_permission_hears_its_name() {
    let server = TestServer::with(KEYED).start().await;
    let reply = server.get("/api/logs").bearer(KEY).send().await;
    refused(&reply, 403, "permission_denied");
    let error = reply.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("`read:logs`"), "{error}");
    assert_eq!(reply.header("www-authenticate"), "");
}

#[tokio::test]
async fn a_wrong_bearer_token_is_never_rescued_by_a_cookie() {
    let server = TestServer::with(KEYED).start().await;
    let session = server.administrator().await;
    for value in ["Bearer wrong-0123456789", TOKEN, "", "Basic YTpi"] {
        let call = server.get("/api/stats").session(&session);
        let reply = call.header("authorization", value).send().await;
        refused(&reply, 401, "unauthenticated");
    }
    // And a right one counts for what it may do, not for what the cookie may.
    let both = server.get("/api/logs").session(&session).bearer(KEY);
    refused(&both.send().await, 403, "permission_denied");
}

#[tokio::test]
async fn two_authorization_headers_are_none() {
    let server = TestServer::with(KEYED).start().await;
    for second in [TOKEN, KEY, "wrong-0123456789"] {
        let call = server.get("/api/stats").bearer(TOKEN).bearer(second);
        refused(&call.send().await, 401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_credential_in_the_address_is_none() {
    let server = TestServer::with(KEYED).start().await;
    for query in ["token", "auth_token", "access_token", "api_key", "key"] {
        let path = format!("/api/stats?{query}={TOKEN}");
        refused(&server.get(&path).send().await, 401, "unauthenticated");
    }
}

#[tokio::test]
async fn below_api_strangers_learn_nothing_about_paths() {
    let server = TestServer::with(KEYED).start().await;
    let unknown = || server.get("/api/nothing");
    refused(&unknown().send().await, 401, "unauthenticated");
    refused(&unknown().bearer(KEY).send().await, 404, "unknown_path");
    refused(&unknown().bearer(TOKEN).send().await, 404, "unknown_path");
}

#[tokio::test]
async fn guessing_keys_is_slowed_down_and_hurts_nobody_else() {
    let server = TestServer::with(KEYED).start().await;
    let guess = || server.get("/api/stats").bearer("wrong-0123456789");
    for _ in 0..60 {
        refused(&guess().send().await, 401, "unauthenticated");
    }
    let slowed = guess().send().await;
    refused(&slowed, 429, "too_many_attempts");
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(status_with_bearer(&server, "/api/stats", KEY).await, 200);
    let elsewhere = via_proxy(guess(), "203.0.113.9").send().await;
    refused(&elsewhere, 401, "unauthenticated");
}
