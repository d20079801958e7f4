//! System: who has access, how healthy the server is, how it is configured, and whether that is wise.

use mailpilot_browser_tests::{ANY, Browser, Options, containing};
use mailpilot_test_support::{ADMIN, PASSWORD, TestServer};
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "another horse staple";

/// The snippets of the page, as label and text.
async fn snippets(browser: &Browser) -> Vec<(String, String)> {
    let script = "return [...document.querySelectorAll('figure')]
        .map((f) => [f.querySelector('figcaption span').innerText, f.querySelector('pre').textContent])";
    serde_json::from_value(browser.script(script, Vec::new()).await).unwrap()
}

/// The snippet with this label.
async fn snippet(browser: &Browser, label: &str) -> String {
    let all = snippets(browser).await;
    let found = all.into_iter().find(|(name, _)| name == label);
    match found {
        Some((_, text)) => text,
        None => browser.fail(&format!("no snippet {label}")).await,
    }
}

/// What the API answers to the window, with its cookie.
async fn ask(browser: &Browser, path: &str) -> Value {
    let script = "return fetch(arguments[0]).then((answer) => answer.json())";
    browser.script(script, vec![json!(path)]).await
}

async fn status_for(server: &TestServer, path: &str, key: &str) -> u16 {
    let answer = server.get(path).bearer(key).send().await;
    answer.status.as_u16()
}

#[tokio::test]
async fn a_key_is_made_shown_once_tried_out_asked_about_and_revoked() {
    let server = TestServer::with("accounts:\n  - name: work\n")
        .start()
        .await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/system").await;
    browser.shows("No keys yet").await;
    browser.shows("There is no key yet to ask about.").await;
    browser.click("button", "Make a key").await;
    browser.by_role("dialog", "Make a key").await;
    browser.fill("Name", "monitoring").await;
    browser.click("checkbox", "read:stats").await;
    browser.click("button", "Make key").await;
    browser.shows("Choose at least one permission.").await;
    browser.accessible().await;
    browser.click("checkbox", "read:stats").await;
    browser.click("checkbox", "read:activity").await;
    browser.choose("Expires", "in 7 days").await;
    browser.click("button", "Make key").await;
    browser
        .by_role("dialog", "The key monitoring is made")
        .await;
    browser.accessible().await;

    browser.all_by_role("button", "Copy").await[0].click().await;
    browser.shows("Copied").await;
    let key = browser.clipboard().await;
    assert_eq!(snippet(&browser, "The key").await, key);
    let line = format!(
        "curl -H \"Authorization: Bearer {key}\" \"{}/api/stats\"",
        browser.origin()
    );
    assert_eq!(snippet(&browser, "Try it out").await, line);
    assert_eq!(status_for(&server, "/api/stats", &key).await, 200);
    assert_eq!(status_for(&server, "/api/logs", &key).await, 403);
    browser.click("button", "Close").await;
    browser.gone("dialog", ANY).await;
    assert_eq!(browser.focused().await, "button “Make a key”");

    browser.goto("/system").await;
    browser.by_role("rowheader", containing("monitoring")).await;
    for part in ["read:stats", "read:activity", "in 7 days"] {
        browser.shows(part).await;
    }
    assert!(!browser.text().await.contains(&key));
    browser.accessible().await;

    browser.click("button", "Revoke the key monitoring").await;
    browser
        .by_role("dialog", "Revoke the key monitoring?")
        .await;
    browser.click("button", "Cancel").await;
    browser.gone("dialog", ANY).await;
    assert_eq!(status_for(&server, "/api/stats", &key).await, 200);
    browser.click("button", "Revoke the key monitoring").await;
    browser.click("button", "Revoke").await;
    browser.shows("The key monitoring is revoked.").await;
    browser.shows("No keys yet").await;
    assert_eq!(status_for(&server, "/api/stats", &key).await, 401);
    assert_eq!(browser.focused().await, "region “API keys”");
    browser.finish().await;
}

#[tokio::test]
async fn what_a_key_may_do_is_told_with_what_it_lacks() {
    let server = TestServer::with("").start().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/system").await;
    browser.click("button", "Make a key").await;
    browser.fill("Name", "reporter").await;
    browser.click("checkbox", "write:activity").await;
    browser.choose("Expires", "never").await;
    browser.click("button", "Make key").await;
    browser.click("button", "Close").await;

    browser.choose("Key", "reporter").await;
    let expected = [
        (
            "GET",
            "/api/stats",
            "reporter may GET /api/stats",
            "It is allowed by read:stats.",
        ),
        (
            "POST",
            "/api/activity",
            "reporter may POST /api/activity",
            "It is allowed by write:activity.",
        ),
        (
            "GET",
            "/api/logs",
            "reporter may not GET /api/logs",
            "It lacks read:logs.",
        ),
        (
            "GET",
            "/health",
            "reporter may GET /health",
            "This path needs no permission.",
        ),
        (
            "GET",
            "/api/nothing",
            "reporter may not GET /api/nothing",
            "There is no such path.",
        ),
        (
            "PUT",
            "/api/logs",
            "reporter may not PUT /api/logs",
            "The path does not know PUT.",
        ),
        (
            "POST",
            "/api/password",
            "reporter may not POST /api/password",
            "Only a logged-in administrator may",
        ),
    ];
    for (method, path, verdict, reason) in expected {
        browser.choose("Method", method).await;
        browser.fill("Path", path).await;
        browser.click("button", "Check").await;
        browser.shows(verdict).await;
        browser.shows(reason).await;
    }
    browser.accessible().await;
    browser.finish().await;
}

#[tokio::test]
async fn sessions_end_one_by_one_or_all_others_at_once_and_those_who_sit_there_notice() {
    let server = TestServer::with("").start().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    let other = Browser::logged_in(&server, Options::desktop()).await;
    let login = json!({"username": ADMIN, "password": PASSWORD});
    let script = server
        .post("/api/login", &login)
        .header("user-agent", "curl/8.14.1");
    let script = script.send().await.expect(200).session_cookie();
    let sessions = async |cookie: &str| {
        let answer = server.get("/api/sessions").session(cookie).send().await;
        answer.status.as_u16()
    };
    other.goto("/system").await;
    other.shows("Live").await;
    other.fill("New password", "half-typ").await;

    browser.goto("/system").await;
    browser.shows("This session").await;
    browser.accessible().await;
    browser
        .click("button", "End the session of curl at 127.0.0.1")
        .await;
    browser.shows("The session has ended.").await;
    browser.gone("rowheader", containing("curl")).await;
    assert_eq!(sessions(&script).await, 401);
    assert_eq!(other.count("dialog", ANY).await, 0);

    browser.click("button", "End all others").await;
    browser.by_role("dialog", "End all other sessions?").await;
    browser.shows("1 other session has to log in again.").await;
    browser.accessible().await;
    browser.click("button", "End all others").await;
    browser.shows("All other sessions have ended.").await;
    browser.gone("button", "End all others").await;
    browser.gone("button", containing("End the session")).await;

    other.expects("status of 401");
    other.by_role("dialog", "Your session has ended").await;
    other.accessible().await;
    other.fill("Username", ADMIN).await;
    other.fill("Password", PASSWORD).await;
    other.click("button", "Log in").await;
    other.gone("dialog", ANY).await;
    other.shows("Live").await;
    let typed = other.by_label("New password").await.value().await;
    assert_eq!(typed, "half-typ");
    browser.finish().await;
    other.finish().await;
}

#[tokio::test]
async fn a_password_is_changed_with_mistakes_at_their_fields_and_other_sessions_end() {
    let server = TestServer::with("").start().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    let other = server.login().await;
    browser.goto("/system").await;
    browser.expects("status of 4");
    let try_with = async |current: &str, new: &str, confirm: &str| {
        browser.fill("Current password", current).await;
        browser.fill("New password", new).await;
        browser.fill("Confirm new password", confirm).await;
        browser.click("button", "Change password").await;
    };
    let blamed = async |label: &str, message: &str| {
        browser.shows(message).await;
        let field = browser.by_label(label).await;
        assert!(field.has_focus().await, "{}", browser.focused().await);
        let invalid = field.attribute("aria-invalid").await;
        assert_eq!(invalid.as_deref(), Some("true"));
    };
    try_with(PASSWORD, NEW_PASSWORD, "something else").await;
    blamed("Confirm new password", "The two passwords differ.").await;
    try_with("not the password", NEW_PASSWORD, NEW_PASSWORD).await;
    blamed("Current password", "not the present password").await;
    browser.accessible().await;
    try_with(PASSWORD, "password", "password").await;
    blamed("New password", "too easy to guess").await;

    try_with(PASSWORD, NEW_PASSWORD, NEW_PASSWORD).await;
    browser.shows("The password is changed.").await;
    assert_eq!(browser.by_label("Current password").await.value().await, "");
    let sessions = server.get("/api/sessions").session(&other).send().await;
    assert_eq!(sessions.status, 401);
    assert_eq!(server.try_login(PASSWORD).await.status, 401);
    assert_eq!(server.try_login(NEW_PASSWORD).await.status, 200);
    browser.reload().await;
    browser.shows("This session").await;
    browser.finish().await;
}

#[tokio::test]
async fn health_has_snippets_made_from_the_real_address() {
    let server = TestServer::with(
        "server: {base_path: /mail, metrics_auth: required}\naccounts:\n  - name: work\n",
    )
    .start()
    .await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/mail/system?part=health").await;
    browser.shows("Answers").await;
    browser.by_role("region", "Health now").await;
    let (origin, port) = (browser.origin(), server.address().port());
    browser
        .shows(&format!("curl -fsS {origin}/mail/health"))
        .await;
    assert_eq!(server.get("/mail/health").send().await.status, 200);
    let expected = [
        (
            "Probes of Kubernetes",
            format!("httpGet: {{ path: /mail/health/ready, port: {port} }}"),
        ),
        (
            "Scraping by Prometheus",
            "metrics_path: /mail/metrics".to_owned(),
        ),
        (
            "Scraping by Prometheus",
            format!("targets: [\"127.0.0.1:{port}\"]"),
        ),
        ("Scraping by Prometheus", "credentials_file".to_owned()),
        (
            "nginx",
            format!("location /mail/ {{\n        proxy_pass http://localhost:{port};"),
        ),
        (
            "Apache",
            format!("ProxyPass /mail/ http://localhost:{port}/mail/"),
        ),
        ("Caddy", format!("reverse_proxy /mail/* localhost:{port}")),
    ];
    for (label, part) in expected {
        let text = snippet(&browser, label).await;
        assert!(text.contains(&part), "{label} without {part}: {text}");
    }
    browser.accessible().await;
    browser.finish().await;
}

#[tokio::test]
async fn the_configuration_in_force_is_searched_and_read_again() {
    let good = "state: {audit_retention: 60d}\naccounts:\n  - name: work\n";
    let server = TestServer::with(good).start().await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/system?part=configuration").await;
    browser.by_role("rowheader", "state.audit_retention").await;
    browser.shows("60d").await;
    browser.shows("config.yaml:1:26").await;
    browser.press("/").await;
    browser.press("RETENTION").await;
    browser.gone("rowheader", "server.bind").await;
    browser.by_role("rowheader", "state.log_retention").await;
    browser.click("button", "Without defaults").await;
    browser.gone("rowheader", "state.log_retention").await;
    browser.by_role("rowheader", "state.audit_retention").await;
    browser.fill("Search keys", "no such key").await;
    browser.shows("No key matches").await;
    browser.accessible().await;
    browser.click("button", "Clear the filter").await;
    browser.by_role("rowheader", "server.bind").await;

    browser.expects("status of 422");
    server.reconfigure("state: {audit_retention: soon}\naccounts:\n  - name: work\n");
    browser.click("button", "Read again").await;
    browser.shows("The file was refused").await;
    browser
        .shows("such as 30m, 24h or 7d, found \"soon\"")
        .await;
    browser.accessible().await;
    let refused = "The configuration was read again and refused";
    browser.goto("/").await;
    browser.shows(refused).await;
    browser.reload().await;
    browser.shows(refused).await;

    server.reconfigure("state: {audit_retention: 61d}\naccounts:\n  - name: work\n");
    browser.goto("/system?part=configuration").await;
    browser.shows("The file was refused").await;
    browser.click("button", "Read again").await;
    browser
        .shows("Read again: state.audit_retention has changed.")
        .await;
    browser.no_longer_shows("The file was refused").await;
    browser.shows("61d").await;
    browser.goto("/").await;
    browser.by_role("region", "Needs attention").await;
    browser.no_longer_shows(refused).await;
    browser.finish().await;
}

#[tokio::test]
async fn findings_of_the_check_come_with_the_lines_that_cure_them() {
    let server = TestServer::with("accounts:\n  - name: work\n")
        .start()
        .await;
    let browser = Browser::logged_in(&server, Options::desktop()).await;
    browser.goto("/system?part=check").await;
    browser.by_role("button", "Check again").await;
    let found = ask(&browser, "/api/check").await;
    let findings = found["checks"].as_array().unwrap();
    let mut cures: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding["cure"]["yaml"].as_str())
        .collect();
    let shown = snippets(&browser).await;
    let mut shown: Vec<_> = shown.iter().map(|(_, text)| text.as_str()).collect();
    cures.sort_unstable();
    shown.sort_unstable();
    assert!(!cures.is_empty(), "{found}");
    assert_eq!(shown, cures);
    assert_eq!(browser.count("listitem", ANY).await, findings.len());
    let open = findings.iter().filter(|f| f["verdict"] != "ok").count();
    browser.shows(&format!("{open} finding")).await;
    browser.accessible().await;

    server.reconfigure("accounts: 7\n");
    let admin = server.login().await;
    let reload = server.post("/api/reload-config", &Value::Null);
    reload.session(&admin).send().await.expect(422);
    browser.click("button", "Check again").await;
    browser
        .shows("The configuration was read again and refused")
        .await;
    browser.finish().await;
}
