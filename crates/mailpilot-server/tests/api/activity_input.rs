//! What an entry may hold: the bounds of every member, each named when it is crossed.

use serde_json::{Value, json};

use crate::fixture::{append, json_of, mail, refused, two_accounts, with};

fn text(chars: usize) -> String {
    "ä".repeat(chars)
}

fn action(more: &Value) -> Value {
    json!({"actions": [with(json!({"type": "move"}), more)]})
}

#[tokio::test]
async fn every_member_is_taken_up_to_its_bound() {
    let server = two_accounts().await;
    for good in [
        json!({"messageId": "x"}),
        json!({"messageId": text(1_000)}),
        json!({"subject": text(16_384)}),
        json!({"from": ""}),
        json!({"from": text(16_384)}),
        json!({"llmProvider": text(255), "llmModel": text(255)}),
        json!({"reasoning": text(16_384)}),
        json!({"error": text(16_384)}),
        json!({"confidence": 0}),
        json!({"confidence": 1.0}),
        json!({"confidence": null}),
        json!({"durationMs": 0}),
        json!({"durationMs": 86_400_000}),
        json!({"durationMs": 0.25}),
        json!({"idempotencyKey": text(255)}),
        json!({"createdAt": 0}),
        json!({"createdAt": "9999-12-31T23:59:59.999Z"}),
        json!({"actions": vec![json!({"type": "flag"}); 64]}),
        action(&json!({"type": "x".repeat(64)})),
        action(&json!({"type": "A.z_0:-"})),
        action(&json!({"folder": text(1_000), "reason": text(4_096)})),
        action(&json!({"flags": vec!["\\Seen"; 64]})),
        action(&json!({"flags": [text(255)]})),
    ] {
        append(&server, &with(mail("m"), &good)).await;
    }
}

#[tokio::test]
async fn every_bound_that_is_crossed_is_named() {
    let server = two_accounts().await;
    for (bad, field) in [
        (json!({"messageId": ""}), "messageId"),
        (json!({"messageId": text(1_001)}), "messageId"),
        (json!({"messageId": null}), "messageId"),
        (json!({"messageId": 7}), "messageId"),
        (json!({"accountName": ""}), "accountName"),
        (json!({"accountName": "a b"}), "accountName"),
        (json!({"accountName": "x".repeat(65)}), "accountName"),
        (json!({"accountName": ["personal"]}), "accountName"),
        (json!({"subject": text(16_385)}), "subject"),
        (json!({"from": text(16_385)}), "from"),
        (json!({"llmProvider": text(256)}), "llmProvider"),
        (json!({"llmModel": text(256)}), "llmModel"),
        (json!({"reasoning": text(16_385)}), "reasoning"),
        (json!({"error": text(16_385)}), "error"),
        (json!({"error": false}), "error"),
        (json!({"confidence": -0.01}), "confidence"),
        (json!({"confidence": 1.01}), "confidence"),
        (json!({"confidence": "0.5"}), "confidence"),
        (json!({"durationMs": -1}), "durationMs"),
        (json!({"durationMs": 86_400_001}), "durationMs"),
        (json!({"durationMs": 1e300}), "durationMs"),
        (json!({"idempotencyKey": ""}), "idempotencyKey"),
        (json!({"idempotencyKey": text(256)}), "idempotencyKey"),
        (json!({"createdAt": "yesterday"}), "createdAt"),
        (json!({"createdAt": "2026-02-30T00:00:00Z"}), "createdAt"),
        (json!({"createdAt": -1}), "createdAt"),
        (json!({"createdAt": 0.5}), "createdAt"),
        (json!({"createdAt": 253_402_300_800_000_u64}), "createdAt"),
        (json!({"createdAt": u64::MAX}), "createdAt"),
        (json!({"actions": null}), "actions"),
        (json!({"actions": "move"}), "actions"),
        (
            json!({"actions": vec![json!({"type": "flag"}); 65]}),
            "actions",
        ),
        (json!({"actions": [{}]}), "actions[0].type"),
        (json!({"actions": [{"type": 1}]}), "actions[0].type"),
        (action(&json!({"type": ""})), "actions.type"),
        (action(&json!({"type": "a b"})), "actions.type"),
        (action(&json!({"type": "ä"})), "actions.type"),
        (action(&json!({"type": "x".repeat(65)})), "actions.type"),
        (action(&json!({"folder": text(1_001)})), "actions.folder"),
        (action(&json!({"reason": text(4_097)})), "actions.reason"),
        (action(&json!({"flags": vec!["f"; 65]})), "actions.flags"),
        (action(&json!({"flags": [text(256)]})), "actions.flags"),
        (action(&json!({"extra": 1})), "actions[0].extra"),
        (json!({"unknown": 1}), "unknown"),
    ] {
        let body = with(mail("m"), &bad);
        let reply = server.post("/api/activity", &body).send().await;
        refused(&reply, 422, "invalid_value", Some(field));
    }
    assert_eq!(json_of(&server, "/api/activity").await["total"], 0);
}

#[tokio::test]
async fn a_missing_member_is_named() {
    let server = two_accounts().await;
    for missing in ["messageId", "accountName", "actions"] {
        let mut body = mail("m");
        body.as_object_mut().unwrap().remove(missing);
        let reply = server.post("/api/activity", &body).send().await;
        refused(&reply, 422, "invalid_value", Some(missing));
    }
}

#[tokio::test]
async fn the_number_of_the_entry_in_its_list_is_told() {
    let server = two_accounts().await;
    let batch = json!([mail("1"), with(mail("2"), &json!({"confidence": 7}))]);
    let reply = server.post("/api/activity", &batch).send().await;
    let said = reply.json()["error"].as_str().unwrap().to_owned();
    assert!(
        said.contains("entry 2") && said.contains("0 to 1"),
        "{said}"
    );
}

#[tokio::test]
async fn an_entry_comes_back_as_it_was_sent() {
    let server = two_accounts().await;
    let sent = json!({
        "messageId": "<1@test>",
        "accountName": "work",
        "actions": [
            {"type": "move", "folder": "Archiv/Ü", "flags": ["\\Seen", "$Label1"], "reason": "newsletter"},
            {"type": "spam"},
        ],
        "llmProvider": "local",
        "llmModel": "m-7b",
        "confidence": 0.875,
        "reasoning": "line one\nline two\t\u{1F600}",
        "durationMs": 1234.5,
        "error": "gone",
        "createdAt": "2026-11-22T11:00:00.123Z",
        "idempotencyKey": "key",
    });
    let ids = append(&server, &sent).await;
    let stored = json_of(&server, &format!("/api/activity/{}", ids[0])).await;
    assert_eq!(stored, with(sent, &json!({"id": ids[0]})));
}

#[tokio::test]
async fn an_entry_is_bounded_as_a_whole_and_so_are_the_fields_of_a_log_line_and_an_account() {
    let server = two_accounts().await;
    let flags = vec!["f".repeat(255); 64];
    let action = json!({"type": "flag", "flags": flags});
    let entry =
        json!({"messageId": "<a@b>", "accountName": "personal", "actions": vec![action; 9]});
    let reply = server
        .post("/api/activity", &entry)
        .send()
        .await
        .expect(422);
    assert!(reply.text().contains("131072 bytes"), "{}", reply.text());
    let line = json!({"level": "info", "message": "x", "fields": {"a": vec!["x"; 4_096]}});
    let reply = server.post("/api/logs", &line).send().await.expect(422);
    assert_eq!(reply.json()["field"], "fields");
    let account = json!({"note": "x".repeat(70_000)});
    let call = server.call("PUT", "/api/accounts/third").json(&account);
    call.send().await.expect(422);
}
