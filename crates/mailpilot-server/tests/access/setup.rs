//! First visit (contract 2.4): who may create the administrator, with which code, exactly once.

use std::os::unix::fs::PermissionsExt;

use mailpilot_test_support::{ADMIN, Call, PASSWORD, TestServer};
use serde_json::{Value, json};

use crate::fixture::{KEYED, refused, refused_field, status, via_proxy};

const REMOTE: &str = "203.0.113.9";

fn form(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password, "confirm": password})
}

fn with_code(code: &str) -> Value {
    json!({"username": ADMIN, "password": PASSWORD, "confirm": PASSWORD, "setupCode": code})
}

fn setup(server: &TestServer, form: &Value) -> Call {
    server.post("/api/setup", form)
}

fn remote(server: &TestServer, form: &Value) -> Call {
    via_proxy(setup(server, form), REMOTE)
}

async fn needs_setup(server: &TestServer) -> bool {
    let said = server.get("/api/auth").send().await.expect(200).json();
    said["needsSetup"].as_bool().unwrap()
}

#[tokio::test]
async fn the_first_page_leads_to_setup_until_it_is_done() {
    let server = TestServer::with("").start().await;
    let first = server.get("/").send().await.expect(303);
    assert_eq!(first.header("location"), "/setup");
    server.get("/setup").send().await.expect(200);
    let session = server.administrator().await;
    server.get("/").send().await.expect(200);
    let said = server
        .get("/api/auth")
        .session(&session)
        .send()
        .await
        .json();
    assert_eq!(said["authenticated"], true);
    assert_eq!(said["needsSetup"], false);
    assert_eq!(said["setupCodeRequired"], false);
    assert_eq!(said["user"], json!({"username": ADMIN}));
    assert_eq!(said["permissions"], json!(["*"]));
}

#[tokio::test]
async fn of_thirty_visitors_at_once_exactly_one_succeeds() {
    let server = TestServer::with("").start().await;
    let visitors: Vec<_> = (0..30)
        .map(|at| {
            let form = form(&format!("visitor-{at}"), PASSWORD);
            tokio::spawn(setup(&server, &form).send())
        })
        .collect();
    let mut winners = Vec::new();
    for (at, visitor) in visitors.into_iter().enumerate() {
        let reply = visitor.await.unwrap();
        if reply.status.as_u16() == 200 {
            assert_eq!(reply.json()["success"], true);
            assert!(!reply.session_cookie().is_empty());
            winners.push(at);
        } else {
            refused(&reply, 409, "already_set_up");
            assert_eq!(reply.header("set-cookie"), "");
        }
    }
    let [winner] = winners[..] else {
        panic!("{winners:?}")
    };
    for at in [winner, (winner + 1) % 30] {
        let login = json!({"username": format!("visitor-{at}"), "password": PASSWORD});
        let expected = if at == winner { 200 } else { 401 };
        server
            .post("/api/login", &login)
            .send()
            .await
            .expect(expected);
    }
}

#[tokio::test]
async fn who_is_not_provably_local_needs_the_code() {
    let server = TestServer::with("").start().await;
    let plain = form(ADMIN, PASSWORD);
    for stranger in [
        setup(&server, &plain).header("host", "mail.example"),
        setup(&server, &plain).http_10(),
        setup(&server, &plain).header("via", "1.1 proxy"),
        setup(&server, &plain).header("x-real-ip", "127.0.0.1"),
        setup(&server, &plain).header("x-forwarded-for", "127.0.0.1"),
        remote(&server, &plain),
    ] {
        let reply = stranger.send().await;
        refused_field(&reply, 403, "setup_code_required", "setupCode");
    }
    for code in ["", "0000", ADMIN] {
        let reply = remote(&server, &with_code(code)).send().await;
        refused_field(&reply, 403, "wrong_setup_code", "setupCode");
    }
    let code = server.setup_code().to_owned();
    let done = remote(&server, &with_code(&code)).send().await.expect(200);
    assert!(done.session_cookie().starts_with("mailpilot_session="));
}

#[tokio::test]
async fn the_code_may_be_typed_in_small_letters_without_dashes() {
    let server = TestServer::with("").start().await;
    let typed = server.setup_code().to_lowercase().replace('-', "");
    remote(&server, &with_code(&typed)).send().await.expect(200);
}

#[tokio::test]
async fn the_form_is_told_whether_a_code_is_needed() {
    let server = TestServer::with("").start().await;
    let flags = async |call: Call| {
        let said = call.send().await.expect(200).json();
        (
            said["needsSetup"].clone(),
            said["setupCodeRequired"].clone(),
        )
    };
    let yes = json!(true);
    let local = server.get("/api/auth");
    assert_eq!(flags(local.clone()).await, (yes.clone(), json!(false)));
    let stranger = via_proxy(server.get("/api/auth"), REMOTE);
    assert_eq!(flags(stranger).await, (yes.clone(), yes.clone()));
    // A proxy has been seen, so development mode is over; a local visitor still needs no code.
    assert_eq!(flags(local).await, (yes, json!(false)));
    server.administrator().await;
}

#[tokio::test]
async fn wrong_codes_are_slowed_down_by_address() {
    let server = TestServer::with("").start().await;
    let code = server.setup_code().to_owned();
    for _ in 0..5 {
        let reply = remote(&server, &with_code("wrong")).send().await;
        refused(&reply, 403, "wrong_setup_code");
    }
    let slowed = remote(&server, &with_code(&code)).send().await;
    refused(&slowed, 429, "too_many_attempts");
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(needs_setup(&server).await);
    let elsewhere = via_proxy(setup(&server, &with_code(&code)), "198.51.100.7");
    elsewhere.send().await.expect(200);
}

#[tokio::test]
async fn the_code_lies_in_a_private_file_until_it_is_used() {
    let server = TestServer::with("").start().await;
    let file = server.dir().path().join("data/setup_code");
    let left = std::fs::read_to_string(&file).unwrap();
    assert_eq!(left.trim(), server.setup_code());
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let server = {
        let before = server.setup_code().to_owned();
        let again = server.restart("").await.start().await;
        assert_ne!(again.setup_code(), before, "each start prints a new one");
        let stale = remote(&again, &with_code(&before)).send().await;
        refused(&stale, 403, "wrong_setup_code");
        again
    };
    let code = server.setup_code().to_owned();
    remote(&server, &with_code(&code)).send().await.expect(200);
    assert!(!file.exists());
    let server = server.restart("").await.start().await;
    assert!(!file.exists());
    refused(
        &remote(&server, &with_code(&code)).send().await,
        409,
        "already_set_up",
    );
}

#[tokio::test]
async fn a_configured_token_or_key_does_not_stand_in_for_the_administrator() {
    let server = TestServer::with(KEYED).start().await;
    assert!(needs_setup(&server).await);
    let code = server.setup_code().to_owned();
    let reply = remote(&server, &form(ADMIN, PASSWORD)).send().await;
    refused(&reply, 403, "setup_code_required");
    remote(&server, &with_code(&code)).send().await.expect(200);
}

#[tokio::test]
async fn weak_passwords_and_odd_names_are_refused_and_nothing_is_created() {
    let server = TestServer::with("").start().await;
    let (long, letters) = ("x".repeat(129), "n".repeat(65));
    for (username, password, code, field) in [
        (ADMIN, "xq7-vzw", "weak_password", "password"),
        (ADMIN, "äöüéèàç", "weak_password", "password"),
        (ADMIN, &long, "weak_password", "password"),
        (
            "grandmother-7",
            "grandmother-7",
            "weak_password",
            "password",
        ),
        (
            "grandmother-7",
            "GrandMother-7",
            "weak_password",
            "password",
        ),
        (ADMIN, "password", "weak_password", "password"),
        (ADMIN, "Password123", "weak_password", "password"),
        (ADMIN, "12345678", "weak_password", "password"),
        (ADMIN, "mailpilot", "weak_password", "password"),
        (ADMIN, "", "weak_password", "password"),
        ("ab", PASSWORD, "invalid_value", "username"),
        ("", PASSWORD, "invalid_value", "username"),
        (&letters, PASSWORD, "invalid_value", "username"),
        (" admin", PASSWORD, "invalid_value", "username"),
        ("ad\nmin", PASSWORD, "invalid_value", "username"),
    ] {
        let reply = setup(&server, &form(username, password)).send().await;
        refused_field(&reply, 422, code, field);
        assert!(
            password.len() < 5
                || !reply.text().contains(password)
                || password == "mailpilot"
                || password == "password"
        );
    }
    let differing =
        json!({"username": ADMIN, "password": PASSWORD, "confirm": "another horse battery"});
    let reply = setup(&server, &differing).send().await;
    refused_field(&reply, 422, "invalid_value", "confirm");
    assert!(needs_setup(&server).await);
    assert_eq!(
        status(server.get("/api/stats")).await,
        200,
        "still development mode"
    );
}

#[tokio::test]
async fn names_and_passwords_at_the_bounds_are_taken() {
    for (username, password) in [
        ("abc".to_owned(), "xq7-vzwk".to_owned()),
        ("ä".repeat(64), "é".repeat(128)),
        ("a b".to_owned(), " spaces at the ends ".to_owned()),
    ] {
        let server = TestServer::with("").start().await;
        let done = setup(&server, &form(&username, &password))
            .send()
            .await
            .expect(200);
        assert_eq!(done.json()["user"]["username"], username.as_str());
        let login = json!({"username": username, "password": password});
        server.post("/api/login", &login).send().await.expect(200);
    }
}

#[tokio::test]
async fn it_never_opens_again() {
    let mut server = TestServer::with("").start().await;
    let code = server.setup_code().to_owned();
    let session = server.administrator().await;
    for _ in 0..2 {
        for call in [
            setup(&server, &form("intruder", PASSWORD)),
            setup(&server, &form("intruder", "weak")),
            setup(&server, &form("intruder", PASSWORD)).session(&session),
            remote(&server, &with_code(&code)),
            remote(&server, &with_code("wrong")),
        ] {
            refused(&call.send().await, 409, "already_set_up");
        }
        assert!(!needs_setup(&server).await);
        server = server.restart("").await.start().await;
    }
    server.login().await;
}
