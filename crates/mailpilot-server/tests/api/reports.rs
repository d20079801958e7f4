//! `POST /api/stats`: what an outside worker says about its accounts.

use mailpilot_test_support::{Events, TestServer};
use serde_json::json;

use crate::fixture::{
    MINUTE, clock, counted, json_of, refused, report, totals, two_accounts, with,
};

#[tokio::test]
async fn one_report_or_a_list_of_them_adds_up() {
    let server = two_accounts().await;
    report(
        &server,
        &json!({"account": "work", "emailsProcessed": 3, "errors": 1}),
    )
    .await;
    report(
        &server,
        &json!([
            {"account": "work", "emailsProcessed": 2.0},
            {"account": "personal", "emailsProcessed": 5, "errors": 5},
            {"account": "personal"},
        ]),
    )
    .await;
    assert_eq!(totals(&server, "").await, (10, 0, 6));
    let stats = json_of(&server, "/api/stats?account=work").await;
    assert_eq!(counted(&stats["accounts"][0]), (5, 0, 1));
}

#[tokio::test]
async fn classification_is_a_number_or_a_list_of_numbers() {
    let server = two_accounts().await;
    for seconds in [json!(1), json!(0.5), json!([]), json!([0, 86_400, 0.25])] {
        let body = json!({"account": "work", "classificationSeconds": seconds});
        report(&server, &body).await;
    }
    let stats = json_of(&server, "/api/stats").await;
    assert_eq!(stats["classification"]["count"], 5);
    assert_eq!(counted(&stats["totals"]), (0, 0, 0));
}

#[tokio::test]
async fn what_does_not_fit_is_named_and_nothing_of_the_list_counts() {
    let server = two_accounts().await;
    let good = json!({"account": "work", "emailsProcessed": 1});
    for (bad, field) in [
        (json!({"account": "a b"}), "account"),
        (json!({"emailsProcessed": -1}), "[1].emailsProcessed"),
        (json!({"emailsProcessed": 1.5}), "[1].emailsProcessed"),
        (json!({"emailsProcessed": "1"}), "[1].emailsProcessed"),
        (
            json!({"emailsProcessed": 1_000_000_001_u64}),
            "emailsProcessed",
        ),
        (json!({"errors": 1_000_000_001_u64}), "errors"),
        (json!({"errors": null}), "[1].errors"),
        (
            json!({"classificationSeconds": -0.1}),
            "classificationSeconds",
        ),
        (
            json!({"classificationSeconds": 86_400.5}),
            "classificationSeconds",
        ),
        (
            json!({"classificationSeconds": vec![1; 10_001]}),
            "classificationSeconds",
        ),
        (
            json!({"classificationSeconds": "1"}),
            "[1].classificationSeconds",
        ),
        (
            json!({"classificationSeconds": ["1"]}),
            "[1].classificationSeconds[0]",
        ),
        (json!({"status": "fine"}), "status"),
        (json!({"status": 1}), "[1].status"),
        (json!({"lastError": "ä".repeat(16_385)}), "lastError"),
        (json!({"more": 1}), "[1].more"),
    ] {
        let batch = json!([good, with(good.clone(), &bad)]);
        let reply = server.post("/api/stats", &batch).send().await;
        refused(&reply, 422, "invalid_value", Some(field));
    }
    let unknown = json!([good, {"account": "nobody"}]);
    let reply = server.post("/api/stats", &unknown).send().await;
    refused(&reply, 404, "unknown_account", Some("account"));
    for batch in [json!([]), json!(vec![good; 1_001])] {
        let reply = server.post("/api/stats", &batch).send().await;
        refused(&reply, 422, "invalid_value", None);
    }
    assert_eq!(totals(&server, "").await, (0, 0, 0));
}

#[tokio::test]
async fn a_status_reaches_health_accounts_and_streams() {
    let server = two_accounts().await;
    let mut events = Events::open(server.get("/api/events?types=accounts")).await;
    for (status, connected) in [
        ("connected", true),
        ("error", false),
        ("connecting", false),
        ("disconnected", false),
    ] {
        let body =
            json!({"account": "work", "status": status, "lastError": format!("was {status}")});
        report(&server, &body).await;
        let event = events.next_of("accounts").await.data;
        let account = json_of(&server, "/api/accounts/work").await;
        for told in [&event, &account] {
            assert_eq!(told["status"], status);
            assert_eq!(told["connected"], connected);
            assert_eq!(told["lastError"], format!("was {status}"));
        }
        let health = json_of(&server, "/health").await;
        assert_eq!(health["accounts"]["work"], status);
    }
}

#[tokio::test]
async fn a_report_without_status_keeps_the_one_before() {
    let server = two_accounts().await;
    report(
        &server,
        &json!({"account": "work", "status": "connected", "lastError": "old"}),
    )
    .await;
    report(&server, &json!({"account": "work", "emailsProcessed": 1})).await;
    let account = json_of(&server, "/api/accounts/work").await;
    assert_eq!(
        (&account["status"], &account["lastError"]),
        (&json!("connected"), &json!("old"))
    );
}

#[tokio::test]
async fn a_connected_account_without_progress_is_stalled_until_it_moves_again() {
    let clock = clock();
    let server =
        TestServer::with("accounts: [{name: personal, expected_interval: 10m}, {name: work}]")
            .clock(clock.clone())
            .start()
            .await;
    let connected = json!([
        {"account": "personal", "status": "connected"},
        {"account": "work", "status": "connected"},
    ]);
    let state = async || {
        let health = json_of(&server, "/health").await;
        let of = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (of(&health["accounts"]["personal"]), of(&health["status"]))
    };
    let is = |status: &str, overall: &str| (status.to_owned(), overall.to_owned());
    report(&server, &connected).await;
    let mut events = Events::open(server.get("/api/events?types=accounts")).await;
    clock.advance(10 * MINUTE);
    assert_eq!(state().await, is("connected", "healthy"));
    clock.advance(MINUTE);
    assert_eq!(state().await, is("stalled", "degraded"));
    let told = events.next().await.unwrap();
    assert_eq!(
        (&told.data["name"], &told.data["status"]),
        (&json!("personal"), &json!("stalled")),
        "nobody reported it, time did it"
    );
    let health = json_of(&server, "/health").await;
    assert_eq!(
        health["accounts"]["work"], "connected",
        "nothing is expected of it"
    );
    report(
        &server,
        &json!({"account": "personal", "emailsProcessed": 1}),
    )
    .await;
    assert_eq!(state().await, is("connected", "healthy"));
}
