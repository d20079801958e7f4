//! `state.audit_subjects`: off, no subject and no sender leaves a trace; on, both are kept.

use std::path::Path;

use mailpilot_test_support::{Events, TestServer};
use serde_json::json;

use crate::fixture::{TWO_ACCOUNTS, WITH_SUBJECTS, append, get, json_of, listed, mail, with};

const SUBJECT: &str = "canary-of-the-subject";
const FROM: &str = "canary-of-the-sender@example.org";

/// Where the entry can be seen, all of it as one text: the stream first, which is open when the entry comes.
async fn everywhere(server: &TestServer) -> String {
    let mut events = Events::open(server.get("/api/events?types=activity")).await;
    let entry = with(mail("<1@test>"), &json!({"subject": SUBJECT, "from": FROM}));
    let ids = append(server, &entry).await;
    let mut seen = events.next_of("activity").await.data.to_string();
    for path in [
        "/api/activity".to_owned(),
        format!("/api/activity/{}", ids[0]),
        "/api/export?format=csv".to_owned(),
        "/api/export?format=json".to_owned(),
        "/api/export?format=ndjson".to_owned(),
    ] {
        seen.push_str(&get(server, &path).await.expect(200).text());
    }
    seen
}

fn holds(folder: &Path, needle: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|w| w == needle.as_bytes())
    })
}

#[tokio::test]
async fn off_neither_is_stored_nor_shown() {
    let server = TestServer::with(TWO_ACCOUNTS).start().await;
    let seen = everywhere(&server).await;
    assert!(
        seen.contains("<1@test>") && !seen.contains("canary"),
        "{seen}"
    );
    assert!(listed(&server, "?search=canary-of").await.is_empty());
    assert_eq!(listed(&server, "?search=1@tes").await, ["<1@test>"]);
    let data = server.dir().path().join("data");
    let _dir = server.dir().clone();
    assert!(holds(&data, "1@test"), "else this looks at the wrong files");
    assert!(!holds(&data, "canary-of"));
    server.stop().await;
    assert!(!holds(&data, "canary-of"));
}

#[tokio::test]
async fn on_both_are_stored_and_shown() {
    let server = TestServer::with(WITH_SUBJECTS).start().await;
    let seen = everywhere(&server).await;
    assert_eq!(
        (seen.matches(SUBJECT).count(), seen.matches(FROM).count()),
        (6, 6),
        "{seen}"
    );
    assert_eq!(listed(&server, "?search=OF-THE-sender").await, ["<1@test>"]);
}

#[tokio::test]
async fn a_reload_turns_it_off_for_what_comes() {
    let server = TestServer::with(WITH_SUBJECTS).start().await;
    std::fs::write(server.config_file(), TWO_ACCOUNTS).unwrap();
    server.handle().reload().await.unwrap();
    append(
        &server,
        &with(mail("<1@test>"), &json!({"subject": SUBJECT})),
    )
    .await;
    let page = json_of(&server, "/api/activity").await;
    assert_eq!(page["entries"][0].get("subject"), None);
}
