//! Export: every format, the filters of the list, the stored defaults, and many rows without end.

use std::collections::BTreeSet;

use http_body_util::BodyExt;
use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

use crate::fixture::{
    TWO_ACCOUNTS, WITH_SUBJECTS, append, clock, get, json_of, mail, refused, two_accounts, with,
};

async fn exported(server: &TestServer, query: &str) -> String {
    get(server, &format!("/api/export{query}"))
        .await
        .expect(200)
        .text()
}

async fn with_three_mails() -> TestServer {
    let server = TestServer::with(WITH_SUBJECTS).clock(clock()).start().await;
    append(
        &server,
        &json!([
            with(mail("<1@test>"), &json!({"subject": "One, \"two\"\nthree", "actions": [{"type": "move", "folder": "Lists"}, {"type": "flag"}]})),
            with(mail("<2@test>"), &json!({"accountName": "work", "error": "gone", "confidence": 0.5, "durationMs": 1500})),
            with(mail("<3@test>"), &json!({"from": "Änne <a@example.org>", "llmProvider": "p", "llmModel": "m", "reasoning": "r"})),
        ]),
    )
    .await;
    server
}

#[tokio::test]
async fn csv_has_a_head_and_a_row_for_each_entry_newest_first() {
    let server = with_three_mails().await;
    let answer = get(&server, "/api/export?format=csv").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"mailpilot-activity.csv\""
    );
    assert_eq!(
        answer.text(),
        "id,createdAt,accountName,messageId,subject,from,outcome,actions,error,llmProvider,llmModel,confidence,durationMs,reasoning\r\n\
         3,2026-11-22T12:00:00+00:00,personal,<3@test>,,Änne <a@example.org>,ok,,,p,m,,,r\r\n\
         2,2026-11-22T12:00:00+00:00,work,<2@test>,,,failed,,gone,,,0.5,1500,\r\n\
         1,2026-11-22T12:00:00+00:00,personal,<1@test>,\"One, \"\"two\"\"\nthree\",,ok,move:Lists; flag,,,,,,\r\n"
    );
}

#[tokio::test]
async fn json_and_ndjson_hold_what_the_list_holds() {
    let server = with_three_mails().await;
    let answer = get(&server, "/api/export?format=json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.header("content-disposition").contains(".json\""));
    let rows = answer.json();
    let lines = get(&server, "/api/export?format=ndjson").await.expect(200);
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows, Value::from(lines));
    let listed = json_of(&server, "/api/activity").await["entries"].clone();
    for (row, entry) in rows
        .as_array()
        .unwrap()
        .iter()
        .zip(listed.as_array().unwrap())
    {
        let outcome = if entry.get("error").is_some() {
            "failed"
        } else {
            "ok"
        };
        let as_exported = json!({"outcome": outcome, "createdAt": row["createdAt"]});
        assert_eq!(*row, with(entry.clone(), &as_exported));
    }
    assert_eq!(rows.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_filters_of_the_list_are_those_of_the_export() {
    let server = with_three_mails().await;
    for (query, expected) in [
        ("?accountName=work", "<2@test>"),
        ("?outcome=ok", "<3@test><1@test>"),
        ("?actionTypes=flag", "<1@test>"),
        ("?search=example.ORG", "<3@test>"),
        ("?startDate=2026-11-22T12:00:00.001Z", ""),
        ("?endDate=1795348800000&actionType=move", "<1@test>"),
    ] {
        let text = exported(&server, &format!("{query}&format=ndjson")).await;
        let ids: String = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|row| row["messageId"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids, expected, "{query}");
    }
    let reply = get(&server, "/api/export?pageSize=5").await;
    refused(&reply, 422, "invalid_value", Some("pageSize"));
}

#[tokio::test]
async fn an_empty_store_exports_an_empty_document() {
    let server = two_accounts().await;
    let csv = exported(&server, "").await;
    assert!(
        csv.starts_with("id,createdAt,") && csv.ends_with("reasoning\r\n"),
        "{csv}"
    );
    assert_eq!(csv.matches("\r\n").count(), 1);
    let json: Value = serde_json::from_str(&exported(&server, "?format=json").await).unwrap();
    assert_eq!(json, json!([]));
    assert_eq!(exported(&server, "?format=ndjson").await, "");
}

#[tokio::test]
async fn settings_are_defaults_that_a_query_may_overrule() {
    let server = with_three_mails().await;
    assert_eq!(
        json_of(&server, "/api/export/settings").await,
        json!({
            "format": "csv",
            "columns": ["id", "createdAt", "accountName", "messageId", "subject", "from", "outcome", "actions", "error",
                "llmProvider", "llmModel", "confidence", "durationMs", "reasoning"],
            "timezone": "UTC",
            "maxRows": null,
        })
    );
    let settings = json!({
        "format": "ndjson", "columns": ["messageId", "createdAt"], "timezone": "Asia/Kathmandu", "maxRows": 2,
    });
    let put = async |body: &Value| {
        server
            .call("PUT", "/api/export/settings")
            .json(body)
            .send()
            .await
    };
    assert_eq!(put(&settings).await.expect(200).json(), settings);
    assert_eq!(json_of(&server, "/api/export/settings").await, settings);
    assert_eq!(
        exported(&server, "").await,
        "{\"messageId\":\"<3@test>\",\"createdAt\":\"2026-11-22T17:45:00+05:45\"}\n\
         {\"messageId\":\"<2@test>\",\"createdAt\":\"2026-11-22T17:45:00+05:45\"}\n"
    );
    assert_eq!(
        exported(&server, "?format=csv&outcome=ok").await,
        "messageId,createdAt\r\n<3@test>,2026-11-22T17:45:00+05:45\r\n<1@test>,2026-11-22T17:45:00+05:45\r\n"
    );
    for (bad, field) in [
        (json!({"format": "xml"}), "format"),
        (json!({"columns": []}), "columns"),
        (json!({"columns": ["id", "password"]}), "columns"),
        (json!({"columns": ["id", "id"]}), "columns"),
        (json!({"timezone": "Mars/Olympus"}), "timezone"),
        (json!({"timezone": "../../etc/passwd"}), "timezone"),
        (json!({"maxRows": 0}), "maxRows"),
        (json!({"maxRows": -1}), "maxRows"),
        (json!({"maxRows": 1.5}), "maxRows"),
        (json!({"rows": 1}), "rows"),
    ] {
        refused(&put(&bad).await, 422, "invalid_value", Some(field));
    }
    assert_eq!(json_of(&server, "/api/export/settings").await, settings);
}

#[tokio::test]
async fn no_cell_is_a_formula_for_a_spreadsheet() {
    let server = TestServer::with(WITH_SUBJECTS).start().await;
    let settings = json!({"columns": ["subject", "messageId", "reasoning"]});
    let put = server.call("PUT", "/api/export/settings").json(&settings);
    put.send().await.expect(200);
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
        let entry = json!({"messageId": text, "subject": text, "reasoning": text});
        append(&server, &with(mail("m"), &entry)).await;
        let search = "format=csv";
        let csv = exported(&server, &format!("?{search}")).await;
        let row = csv.strip_prefix("subject,messageId,reasoning\r\n").unwrap();
        let cell = if text.contains('\r') {
            format!("\"'{text}\"")
        } else {
            format!("'{text}")
        };
        assert_eq!(row, format!("{cell},{cell},{cell}\r\n"));
        let everything = "/api/activity?before=9999-12-31T00:00:00Z";
        server.call("DELETE", everything).send().await.expect(204);
        let json: Value = serde_json::from_str(&exported(&server, "?format=json").await).unwrap();
        assert_eq!(json, json!([]));
    }
}

async fn with_many_mails(count: usize) -> TestServer {
    let server = TestServer::with(TWO_ACCOUNTS).start().await;
    for from in (0..count).step_by(1_000) {
        let batch: Vec<Value> = (from..from + 1_000)
            .map(|n| mail(&format!("<{n}@test>")))
            .collect();
        append(&server, &Value::from(batch)).await;
    }
    server
}

#[tokio::test]
async fn twenty_thousand_rows_come_in_pieces_each_once() {
    let server = with_many_mails(20_000).await;
    let mut response = server.get("/api/export?format=ndjson").open().await;
    assert!(!response.headers().contains_key("content-length"));
    let (mut bytes, mut pieces) = (Vec::new(), 0);
    while let Some(frame) = response.body_mut().frame().await {
        bytes.extend_from_slice(&frame.unwrap().into_data().unwrap());
        pieces += 1;
    }
    assert!(
        pieces > 1,
        "in one piece it would have been in memory whole"
    );
    let text = String::from_utf8(bytes).unwrap();
    let ids: BTreeSet<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| row["messageId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((text.lines().count(), ids.len()), (20_000, 20_000));
    let page = json_of(&server, "/api/activity").await;
    assert_eq!(
        (&page["total"], &page["totalIsLowerBound"]),
        (&json!(10_000), &json!(true))
    );
}

#[tokio::test]
async fn clients_that_leave_in_the_middle_leave_nothing_behind() {
    let server = with_many_mails(5_000).await;
    for _ in 0..20 {
        let mut response = server.get("/api/export?format=json").open().await;
        let first = response.body_mut().frame().await.unwrap().unwrap();
        assert!(first.into_data().unwrap().starts_with(b"["));
    }
    let whole = exported(&server, "?format=ndjson").await;
    assert_eq!(whole.lines().count(), 5_000);
    assert_eq!(server.stop().await.cut, 0);
}
