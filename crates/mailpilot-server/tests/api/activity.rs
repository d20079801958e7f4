//! Activity: what was appended can be found again, by every filter, on every page, exactly once.

use std::collections::BTreeSet;

use mailpilot_test_support::TestServer;
use serde_json::{Value, json};

use crate::fixture::{
    MINUTE, NOON, TWO_ACCOUNTS, WITH_SUBJECTS, append, clock, get, json_of, listed, mail, refused,
    texts, totals, two_accounts, with,
};

fn mails(count: usize) -> Value {
    (0..count).map(|n| mail(&format!("<{n}@test>"))).collect()
}

#[tokio::test]
async fn a_batch_has_one_to_a_thousand_entries() {
    let server = two_accounts().await;
    let ids = append(&server, &mails(1_000)).await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1_000);
    for batch in [mails(1_001), json!([])] {
        let reply = server.post("/api/activity", &batch).send().await;
        refused(&reply, 422, "invalid_value", None);
    }
    assert_eq!(json_of(&server, "/api/activity").await["total"], 1_000);
    assert_eq!(totals(&server, "").await.0, 1_000);
}

#[tokio::test]
async fn ids_come_in_the_order_of_the_entries() {
    let server = two_accounts().await;
    let ids = append(&server, &mails(5)).await;
    for (number, id) in ids.iter().enumerate() {
        let entry = json_of(&server, &format!("/api/activity/{id}")).await;
        assert_eq!(entry["messageId"], format!("<{number}@test>"));
        assert_eq!(entry["id"], *id);
    }
}

#[tokio::test]
async fn a_batch_is_stored_wholly_or_not_at_all() {
    let server = two_accounts().await;
    for (bad, status, field) in [
        (json!({"confidence": 2}), 422, "confidence"),
        (json!({"accountName": "nobody"}), 404, "accountName"),
        (json!({"messageId": ""}), 422, "messageId"),
    ] {
        let batch = json!([
            mail("<1@test>"),
            mail("<2@test>"),
            with(mail("<3@test>"), &bad)
        ]);
        let reply = server.post("/api/activity", &batch).send().await;
        let code = if status == 404 {
            "unknown_account"
        } else {
            "invalid_value"
        };
        refused(&reply, status, code, Some(field));
    }
    assert_eq!(json_of(&server, "/api/activity").await["total"], 0);
    assert_eq!(totals(&server, "").await, (0, 0, 0));
}

#[tokio::test]
async fn a_repeated_idempotency_key_answers_the_first_id() {
    let server = two_accounts().await;
    let keyed = |id: &str| with(mail(id), &json!({"idempotencyKey": "k"}));
    let ids = append(&server, &json!([keyed("<1@test>"), keyed("<2@test>")])).await;
    assert_eq!(ids[0], ids[1], "in the same call");
    let later = append(&server, &keyed("<3@test>")).await;
    assert_eq!(later, [ids[0]], "in a later call");
    let other = with(keyed("<4@test>"), &json!({"accountName": "work"}));
    let of_other = append(&server, &other).await;
    assert_ne!(of_other[0], ids[0], "of another account");

    let dir = server.dir().clone();
    server.stop().await;
    let server = TestServer::with(TWO_ACCOUNTS).in_dir_of(&dir).start().await;
    assert_eq!(append(&server, &keyed("<5@test>")).await, [ids[0]]);
    assert_eq!(listed(&server, "").await, ["<4@test>", "<1@test>"]);
    assert_eq!(totals(&server, "").await, (2, 0, 0));
}

#[tokio::test]
async fn every_filter_finds_what_it_says_newest_first() {
    let server = TestServer::with(WITH_SUBJECTS).clock(clock()).start().await;
    let entry = |id: &str, minute: u32, more: Value| {
        let at = format!("2026-11-22T11:{minute:02}:00Z");
        with(with(mail(id), &json!({"createdAt": at})), &more)
    };
    append(
        &server,
        &json!([
            entry(
                "a",
                1,
                json!({"actions": [{"type": "move", "folder": "Lists"}]})
            ),
            entry(
                "b",
                2,
                json!({"actions": [{"type": "flag"}, {"type": "move"}]})
            ),
            entry(
                "c",
                3,
                json!({"accountName": "work", "actions": [{"type": "flag"}]})
            ),
            entry("d", 4, json!({"accountName": "work", "error": "gone"})),
            entry("e", 5, json!({"error": "", "actions": [{"type": "move"}]})),
            entry(
                "f",
                6,
                json!({"subject": "Quarterly report", "from": "Ann <ann@example.org>"})
            ),
        ]),
    )
    .await;
    for (query, expected) in [
        ("", "fedcba"),
        ("?accountName=work", "dc"),
        ("?accountName=personal", "feba"),
        ("?actionType=move", "eba"),
        ("?actionType=flag", "cb"),
        ("?actionTypes=flag,move", "ecba"),
        ("?actionTypes=flag,none", "cb"),
        ("?actionType=move&actionTypes=flag", "ecba"),
        ("?actionType=none", ""),
        ("?outcome=ok", "fcba"),
        ("?outcome=failed", "ed"),
        ("?outcome=failed&accountName=work", "d"),
        ("?outcome=ok&actionType=move", "ba"),
        ("?search=quarterly", "f"),
        ("?search=ann%40example", "f"),
        ("?search=quarterly&accountName=work", ""),
        ("?startDate=2026-11-22T11:04:00Z", "fed"),
        ("?endDate=2026-11-22T11:03:00Z", "cba"),
        (
            "?startDate=2026-11-22T11:02:00Z&endDate=2026-11-22T11:03:00Z",
            "cb",
        ),
        (
            "?startDate=2026-11-22T11:05:00Z&endDate=2026-11-22T11:01:00Z",
            "",
        ),
        (
            "?accountName=personal&actionType=move&outcome=ok&startDate=2026-11-22T11:02:00Z",
            "b",
        ),
        ("?pageSize=2", "fe"),
        ("?pageSize=2&page=2", "dc"),
        ("?pageSize=2&page=4", ""),
    ] {
        assert_eq!(listed(&server, query).await.concat(), expected, "{query}");
    }
}

#[tokio::test]
async fn dates_are_rfc_3339_or_milliseconds() {
    let server = TestServer::with(TWO_ACCOUNTS).clock(clock()).start().await;
    let at = |id: &str, when: Value| with(mail(id), &json!({"createdAt": when}));
    append(
        &server,
        &json!([
            at("rfc", json!("2026-11-22T11:00:00.250Z")),
            at("offset", json!("2026-11-22T12:30:00+01:00")),
            at("ms", json!(1_795_347_900_000_i64)),
            at("float", json!(1_795_347_960_000.0_f64)),
        ]),
    )
    .await;
    let page = json_of(&server, "/api/activity").await;
    assert_eq!(
        texts(&page["entries"], "createdAt"),
        [
            "2026-11-22T11:46:00.000Z",
            "2026-11-22T11:45:00.000Z",
            "2026-11-22T11:30:00.000Z",
            "2026-11-22T11:00:00.250Z",
        ]
    );
    for (query, expected) in [
        ("?startDate=1795347900000", "float ms"),
        ("?startDate=2026-11-22T12:45:00%2B01:00", "float ms"),
        ("?endDate=2026-11-22T11:00:00.250Z", "rfc"),
        ("?endDate=2026-11-22T11:00:00.249Z", ""),
    ] {
        assert_eq!(listed(&server, query).await.join(" "), expected, "{query}");
    }
}

#[tokio::test]
async fn an_entry_without_a_date_is_of_now() {
    let clock = clock();
    let server = TestServer::with(TWO_ACCOUNTS)
        .clock(clock.clone())
        .start()
        .await;
    append(&server, &mail("first")).await;
    clock.advance(MINUTE);
    append(&server, &with(mail("second"), &json!({"createdAt": null}))).await;
    let page = json_of(&server, "/api/activity").await;
    assert_eq!(
        texts(&page["entries"], "createdAt"),
        ["2026-11-22T12:01:00.000Z", NOON]
    );
}

#[tokio::test]
async fn a_search_finds_substrings_in_any_case_and_takes_every_character_literally() {
    let server = TestServer::with(WITH_SUBJECTS).start().await;
    let titled = |id: &str, subject: &str, from: &str| {
        with(mail(id), &json!({"subject": subject, "from": from}))
    };
    append(
        &server,
        &json!([
            titled("<one@host>", "Invoice 100% paid", "Ann <ann@example.org>"),
            titled("<two@host>", "Invoice 1000 paid", "Bob <bob_b@example.org>"),
            titled(
                "<three@HOST.example>",
                "MÜLLER & Söhne",
                "bobxb@example.org"
            ),
            titled(
                "<four@host>",
                "say \"hello\" OR * NEAR",
                "'; DROP TABLE activity; --"
            ),
            titled("<five@host>", "日本語のメール", "a\\b\\c"),
        ]),
    )
    .await;
    for (search, expected) in [
        ("nvoic", "<two@host> <one@host>"),
        ("INVOICE", "<two@host> <one@host>"),
        ("100%25", "<one@host>"),
        ("0%25%20p", "<one@host>"),
        ("%25%25%25", ""),
        ("bob_b", "<two@host>"),
        ("___", ""),
        ("ann%40EXAMPLE", "<one@host>"),
        ("host.EXAMPLE", "<three@HOST.example>"),
        ("%22hello%22", "<four@host>"),
        ("OR%20*", "<four@host>"),
        ("'%3B%20drop", "<four@host>"),
        ("%E6%97%A5%E6%9C%AC%E8%AA%9E", "<five@host>"),
        ("a%5Cb%5C", "<five@host>"),
        ("M%C3%BCller", "<three@HOST.example>"),
        ("m%C3%BCLLER", "<three@HOST.example>"),
        ("nothing-like-that", ""),
    ] {
        let found = listed(&server, &format!("?search={search}")).await;
        assert_eq!(found.join(" "), expected, "{search}");
    }
    for short in ["ab", "%25%25", "%E6%97%A5%E6%9C%AC"] {
        let reply = get(&server, &format!("/api/activity?search={short}")).await;
        refused(&reply, 422, "invalid_value", Some("search"));
    }
}

/// 25 entries, of which many share a date, so that a page ends within one.
async fn with_shared_dates() -> (TestServer, BTreeSet<String>) {
    let server = TestServer::with(TWO_ACCOUNTS).clock(clock()).start().await;
    let entries: Vec<Value> = (0..25)
        .map(|n| {
            let at = format!("2026-11-22T11:0{}:00Z", n / 10);
            with(mail(&format!("{n}")), &json!({"createdAt": at}))
        })
        .collect();
    append(&server, &Value::from(entries)).await;
    (server, (0..25).map(|n| n.to_string()).collect())
}

#[tokio::test]
async fn a_walk_by_cursor_covers_each_entry_once_although_others_come() {
    let (server, all) = with_shared_dates().await;
    let mut seen = Vec::new();
    let mut query = "?pageSize=7".to_owned();
    loop {
        let page = json_of(&server, &format!("/api/activity{query}")).await;
        seen.extend(texts(&page["entries"], "messageId"));
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        append(&server, &mail("newer")).await;
        query = format!("?pageSize=7&cursor={cursor}");
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), all);
}

#[tokio::test]
async fn a_walk_by_page_covers_each_entry_once_and_knows_how_many_there_are() {
    let (server, all) = with_shared_dates().await;
    let mut seen = Vec::new();
    for number in 1..=4 {
        let page = json_of(&server, &format!("/api/activity?pageSize=7&page={number}")).await;
        assert_eq!(
            (&page["total"], &page["totalIsLowerBound"], &page["page"]),
            (&json!(25), &json!(false), &json!(number))
        );
        assert_eq!(
            (&page["pageSize"], &page["totalPages"]),
            (&json!(7), &json!(4))
        );
        assert_eq!(page["nextCursor"].is_null(), number == 4);
        seen.extend(texts(&page["entries"], "messageId"));
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), all);
}

#[tokio::test]
async fn a_walk_keeps_its_filter() {
    let (server, _) = with_shared_dates().await;
    append(
        &server,
        &with(mail("other"), &json!({"accountName": "work"})),
    )
    .await;
    let first = json_of(&server, "/api/activity?accountName=personal&pageSize=20").await;
    let cursor = first["nextCursor"].as_str().unwrap();
    let query = format!("?accountName=personal&pageSize=20&cursor={cursor}");
    assert_eq!(listed(&server, &query).await.len(), 5);
}

#[tokio::test]
async fn an_unknown_account_is_an_error_and_not_an_empty_list() {
    let server = two_accounts().await;
    for path in [
        "/api/activity?accountName=nobody",
        "/api/export?accountName=nobody",
        "/api/logs?accountName=nobody",
    ] {
        let reply = get(&server, path).await;
        refused(&reply, 404, "unknown_account", Some("accountName"));
    }
    let body = with(mail("1"), &json!({"accountName": "nobody"}));
    let reply = server.post("/api/activity", &body).send().await;
    refused(&reply, 404, "unknown_account", Some("accountName"));
}

#[tokio::test]
async fn deleting_entries_leaves_totals_alone() {
    let server = TestServer::with(TWO_ACCOUNTS).clock(clock()).start().await;
    let old = json!({"createdAt": "2026-11-20T00:00:00Z"});
    let ids = append(
        &server,
        &json!([mail("a"), with(mail("b"), &old), with(mail("c"), &old)]),
    )
    .await;
    let one = format!("/api/activity/{}", ids[0]);
    server.call("DELETE", &one).send().await.expect(204);
    for method in ["GET", "DELETE"] {
        let reply = server.call(method, &one).send().await;
        refused(&reply, 404, "unknown_entry", None);
    }
    assert_eq!(listed(&server, "").await, ["c", "b"]);
    append(&server, &mail("d")).await;
    let before = "/api/activity?before=2026-11-21T00:00:00Z";
    server.call("DELETE", before).send().await.expect(204);
    assert_eq!(listed(&server, "").await, ["d"]);
    assert_eq!(totals(&server, "").await, (4, 0, 0));
    let everything = server.call("DELETE", "/api/activity").send().await;
    refused(&everything, 422, "invalid_value", Some("before"));
    assert_eq!(listed(&server, "").await, ["d"]);
}

#[tokio::test]
async fn what_is_no_id_is_no_entry() {
    let server = two_accounts().await;
    for id in [
        "0",
        "-1",
        "x",
        "1.0",
        "99999999999999999999",
        "%00",
        "%2e%2e",
        "1%2F2",
    ] {
        for method in ["GET", "DELETE"] {
            let reply = server
                .call(method, &format!("/api/activity/{id}"))
                .send()
                .await;
            refused(&reply, 404, "unknown_entry", None);
        }
    }
}

#[tokio::test]
async fn a_total_is_counted_to_the_end_where_that_is_asked_for() {
    let server = two_accounts().await;
    let entry = |n: usize| {
        let actions =
            json!([{"type": "move"}, {"type": if n.is_multiple_of(2) { "flag" } else { "label" }}]);
        with(mail(&format!("<{n}@test>")), &json!({"actions": actions}))
    };
    for from in (0..11_000).step_by(1_000) {
        let batch: Vec<Value> = (from..from + 1_000).map(entry).collect();
        append(&server, &Value::from(batch)).await;
    }
    for (filter, exact) in [
        ("", 11_000),
        ("actionTypes=move,flag&", 11_000),
        ("search=@test&", 11_000),
        ("actionType=flag&", 5_500),
        ("accountName=work&", 0),
    ] {
        let counted = async |more: &str| {
            let page = json_of(&server, &format!("/api/activity?{filter}pageSize=2{more}")).await;
            let count = |name: &str| page[name].as_u64().unwrap();
            let is_lower_bound = page["totalIsLowerBound"].as_bool().unwrap();
            (count("total"), is_lower_bound, count("totalPages"))
        };
        let shown = exact.min(10_000);
        assert_eq!(
            counted("").await,
            (shown, exact > shown, shown / 2),
            "{filter}"
        );
        assert_eq!(
            counted("&total=exact").await,
            (exact, false, exact / 2),
            "{filter}"
        );
    }
}
