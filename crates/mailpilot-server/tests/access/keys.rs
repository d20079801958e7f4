//! Keys made in the dashboard (contract section 3): shown once, in force at once, gone at once.

use std::{sync::Arc, time::Duration};

use mailpilot_server::{format_key_hash, generate_key};
use mailpilot_test_support::{Call, TestServer};
use serde_json::{Value, json};

use crate::fixture::{
    HOUR, KEY, KEYED, TOKEN, clock, ended_before, late_line, refused, refused_field,
    status_with_bearer, stream_of_bearer,
};

fn make(server: &TestServer, body: &Value) -> Call {
    server.post("/api/keys", body).bearer(TOKEN)
}

fn revoke(server: &TestServer, name: &str) -> Call {
    server
        .call("DELETE", &format!("/api/keys/{name}"))
        .bearer(TOKEN)
}

async fn key_of(call: Call) -> String {
    let made = call.send().await.expect(201).json();
    made["key"].as_str().unwrap().to_owned()
}

async fn listed(server: &TestServer, name: &str) -> Value {
    let said = server
        .get("/api/keys")
        .bearer(TOKEN)
        .send()
        .await
        .expect(200)
        .json();
    let mut keys = said["keys"].as_array().unwrap().iter();
    keys.find(|key| key["name"] == name)
        .cloned()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_made_key_is_shown_once_and_works_at_once() {
    let server = TestServer::with(KEYED).clock(clock()).start().await;
    let body = json!({"name": "reports", "permissions": ["read:stats", "write:logs"], "expiresAt": "2027-01-01T00:00:00Z"});
    let made = make(&server, &body).send().await.expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let shown = made.json();
    let key = shown["key"].as_str().unwrap().to_owned();
    let digits = key.strip_prefix("mp_").unwrap();
    assert_eq!(digits.len(), 43);
    assert!(
        digits
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
        "{key}"
    );
    let mut expected = json!({
        "name": "reports", "permissions": ["read:stats", "write:logs"], "source": "api",
        "createdAt": "2026-11-22T12:00:00.000Z", "expiresAt": "2027-01-01T00:00:00.000Z", "lastUsedAt": null,
    });
    assert_eq!(listed(&server, "reports").await, expected);
    assert_eq!(status_with_bearer(&server, "/api/stats", &key).await, 200);
    assert_eq!(status_with_bearer(&server, "/api/logs", &key).await, 403);
    expected["lastUsedAt"] = json!("2026-11-22T12:00:00.000Z");
    assert_eq!(listed(&server, "reports").await, expected);
    let list = server.get("/api/keys").bearer(TOKEN).send().await.text();
    assert!(!list.contains(digits), "{list}");
    let server = server.restart(KEYED).await.clock(clock()).start().await;
    assert_eq!(status_with_bearer(&server, "/api/stats", &key).await, 200);
    assert_eq!(listed(&server, "reports").await, expected);
}

#[tokio::test]
async fn without_a_word_about_it_a_key_reads_statistics_for_ever() {
    let server = TestServer::with(KEYED).start().await;
    make(&server, &json!({"name": "plain"}))
        .send()
        .await
        .expect(201);
    let plain = listed(&server, "plain").await;
    assert_eq!(plain["permissions"], json!(["read:stats"]));
    assert_eq!(plain["expiresAt"], Value::Null);
}

#[tokio::test]
async fn a_revoked_key_stops_at_once_on_open_streams_too() {
    let server = TestServer::with(KEYED).start().await;
    let body = json!({"name": "büro 7", "permissions": ["read:*"]});
    let key = key_of(make(&server, &body)).await;
    let kept = key_of(make(&server, &json!({"name": "kept"}))).await;
    let stream = stream_of_bearer(&server, &key).await;
    revoke(&server, "b%C3%BCro%207").send().await.expect(204);
    ended_before(stream, late_line(&server).bearer(TOKEN)).await;
    assert_eq!(status_with_bearer(&server, "/api/stats", &key).await, 401);
    assert_eq!(status_with_bearer(&server, "/api/stats", &kept).await, 200);
    refused(
        &revoke(&server, "b%C3%BCro%207").send().await,
        404,
        "unknown_key",
    );
    let server = server.restart(KEYED).await.start().await;
    assert_eq!(status_with_bearer(&server, "/api/stats", &key).await, 401);
    // The name is free again, and the old key stays dead.
    make(&server, &body).send().await.expect(201);
    assert_eq!(status_with_bearer(&server, "/api/stats", &key).await, 401);
}

#[tokio::test]
async fn a_key_ends_when_it_was_said_to_on_open_streams_too() {
    let clock = clock();
    let yaml = KEYED.replace(
        "permissions: [read:stats]}",
        "permissions: [read:stats], expires_at: '2026-11-22T13:00:00Z'}",
    );
    let server = TestServer::with(&yaml)
        .clock(Arc::clone(&clock) as _)
        .start()
        .await;
    let made = key_of(make(
        &server,
        &json!({"name": "short", "expiresAt": "2026-11-22T13:00:00Z"}),
    ))
    .await;
    clock.advance(HOUR - Duration::from_millis(1));
    let keys = [KEY, &made];
    let mut streams = Vec::new();
    for key in keys {
        assert_eq!(status_with_bearer(&server, "/api/stats", key).await, 200);
        streams.push(stream_of_bearer(&server, key).await);
    }
    clock.advance(Duration::from_millis(1));
    for (key, name) in keys.iter().zip(["watcher", "short"]) {
        let reply = server.get("/api/stats").bearer(key).send().await;
        refused(&reply, 401, "unauthenticated");
        let said = format!("the key `{name}` has expired");
        assert!(reply.text().contains(&said), "{}", reply.text());
    }
    for stream in streams {
        stream.ended().await;
    }
}

#[tokio::test]
async fn names_are_unique_over_both_sources() {
    let server = TestServer::with(KEYED).start().await;
    make(&server, &json!({"name": "made"}))
        .send()
        .await
        .expect(201);
    for name in ["made", "watcher"] {
        let reply = make(&server, &json!({"name": name})).send().await;
        refused_field(&reply, 409, "key_exists", "name");
        assert!(!reply.text().contains("mp_"));
    }
}

#[tokio::test]
async fn of_ten_keys_of_one_name_made_at_once_one_is_made() {
    let server = TestServer::with(KEYED).start().await;
    let calls: Vec<_> = (0..10)
        .map(|_| tokio::spawn(make(&server, &json!({"name": "same"})).send()))
        .collect();
    let mut made = 0;
    for call in calls {
        let reply = call.await.unwrap();
        if reply.status.as_u16() == 201 {
            made += 1;
        } else {
            refused(&reply, 409, "key_exists");
        }
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn what_stands_in_the_configuration_is_taken_out_there() {
    let (key, sha256) = generate_key().unwrap();
    let hash = format_key_hash(&sha256);
    let yaml = KEYED.replace(
        "  api_keys:\n",
        &format!("  api_keys:\n    - {{name: hashed, key_hash: '{hash}'}}\n"),
    );
    let server = TestServer::with(&yaml).start().await;
    assert_eq!(
        status_with_bearer(&server, "/api/stats", key.expose()).await,
        200
    );
    for (name, member) in [("watcher", "`key`"), ("hashed", "`key_hash`")] {
        assert_eq!(listed(&server, name).await["source"], "config");
        let reply = revoke(&server, name).send().await;
        refused(&reply, 409, "key_configured");
        assert!(reply.text().contains(member), "{}", reply.text());
    }
    // The digest of a key is not the key.
    let reply = server.get("/api/stats").bearer(&hash).send().await;
    refused(&reply, 401, "unauthenticated");
}

#[tokio::test]
async fn odd_names_permissions_and_dates_are_refused_and_nothing_is_made() {
    let server = TestServer::with(KEYED).start().await;
    let before = server.get("/api/keys").bearer(TOKEN).send().await.json();
    let long = "n".repeat(65);
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": long}), "name"),
        (json!({"name": " a"}), "name"),
        (json!({"name": "a/b"}), "name"),
        (json!({"name": "a\nb"}), "name"),
        (json!({"name": 7}), "name"),
        (json!({"permissions": ["read:stats"]}), "name"),
        (json!({"name": "a", "permissions": []}), "permissions"),
        (
            json!({"name": "a", "permissions": ["read:log"]}),
            "permissions",
        ),
        (
            json!({"name": "a", "permissions": ["read:stats", "READ:LOGS"]}),
            "permissions",
        ),
        (json!({"name": "a", "permissions": "*"}), "permissions"),
        (json!({"name": "a", "expiresAt": "tomorrow"}), "expiresAt"),
        (json!({"name": "a", "key": "mp_my_own_0123456789"}), "key"),
    ] {
        let reply = make(&server, &body).send().await;
        refused_field(&reply, 422, "invalid_value", field);
    }
    let past = json!({"name": "a", "expiresAt": "2020-01-01T00:00:00Z"});
    let reply = make(&server, &past).send().await;
    refused_field(&reply, 409, "expires_in_past", "expiresAt");
    let unknown = make(&server, &json!({"name": "a", "permissions": ["read:log"]}))
        .send()
        .await;
    for name in ["read:stats", "write:accounts", "write:*"] {
        assert!(unknown.text().contains(name), "{}", unknown.text());
    }
    let after = server.get("/api/keys").bearer(TOKEN).send().await.json();
    assert_eq!(
        before["keys"].as_array().unwrap().len(),
        after["keys"].as_array().unwrap().len()
    );
}

#[tokio::test]
async fn reading_and_writing_everything_does_not_make_keys() {
    let yaml = KEYED.replace("[read:stats]", "['read:*', 'write:*']");
    let server = TestServer::with(&yaml).start().await;
    assert_eq!(status_with_bearer(&server, "/api/activity", KEY).await, 200);
    for call in [
        server.get("/api/keys"),
        server.post("/api/keys", &json!({"name": "mine", "permissions": ["*"]})),
        server.call("DELETE", "/api/keys/watcher"),
    ] {
        let reply = call.bearer(KEY).send().await;
        refused(&reply, 403, "permission_denied");
        assert!(reply.text().contains("`*`"), "{}", reply.text());
    }
}
