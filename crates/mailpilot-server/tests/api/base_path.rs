//! `server.base_path`: everything is found below it, whether or not the proxy has stripped it.

use mailpilot_test_support::{ADMIN, PASSWORD, TestServer};
use serde_json::json;

use crate::fixture::{get, json_of};

async fn below_mail() -> TestServer {
    TestServer::with("server: {base_path: /mail}\naccounts: [{name: work}]")
        .start()
        .await
}

#[tokio::test]
async fn the_prefix_is_stripped_by_a_proxy_or_by_us() {
    let server = below_mail().await;
    for prefix in ["", "/mail"] {
        for path in [
            "/health",
            "/metrics",
            "/api/stats",
            "/api/accounts/work",
            "/setup",
            "/login",
        ] {
            get(&server, &format!("{prefix}{path}")).await.expect(200);
        }
        get(&server, &format!("{prefix}/api/nothing"))
            .await
            .expect(404);
    }
    get(&server, "/mailbox/api/stats").await.expect(404);
    get(&server, "/mail/mail/api/stats").await.expect(404);
}

#[tokio::test]
async fn the_first_visit_leads_to_setup_below_the_prefix() {
    let server = below_mail().await;
    for path in ["/", "/mail", "/mail/"] {
        let reply = get(&server, path).await.expect(303);
        assert_eq!(reply.header("location"), "/mail/setup", "{path}");
    }
    let body = json!({"username": ADMIN, "password": PASSWORD, "confirm": PASSWORD});
    let made = server
        .post("/mail/api/setup", &body)
        .send()
        .await
        .expect(200);
    let cookie = made.header("set-cookie");
    assert!(cookie.contains("; Path=/;"), "{cookie}");
    let session = made.session_cookie();
    for path in ["/mail/api/sessions", "/api/sessions"] {
        server.get(path).session(&session).send().await.expect(200);
    }
    for path in ["/", "/mail", "/mail/"] {
        get(&server, path).await.expect(200);
    }
}

#[tokio::test]
async fn every_address_in_the_page_is_below_the_prefix_and_there() {
    let server = below_mail().await;
    let page = get(&server, "/mail/setup").await.expect(200).text();
    let mut found = 0;
    for start in [" src=\"", " href=\""] {
        for rest in page.split(start).skip(1) {
            let address = rest.split('"').next().unwrap();
            if address.starts_with("data:") {
                continue;
            }
            assert!(address.starts_with("/mail/assets/"), "{address}");
            get(&server, address).await.expect(200);
            get(&server, &address["/mail".len()..]).await.expect(200);
            found += 1;
        }
    }
    assert!(found >= 3, "{page}");
}

#[tokio::test]
async fn the_description_names_the_prefix() {
    let server = below_mail().await;
    let described = json_of(&server, "/mail/api/openapi.json").await;
    assert_eq!(described["servers"][0]["url"], "/mail");
}

#[tokio::test]
async fn the_url_that_is_printed_has_the_prefix() {
    let server = below_mail().await;
    let port = server.address().port();
    assert_eq!(server.url(), format!("http://localhost:{port}/mail/"));
}
