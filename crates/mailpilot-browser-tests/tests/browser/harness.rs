//! The driver itself, on a page made for it: what it must see, and what it must not let pass.

use std::sync::Arc;

use mailpilot_browser_tests::{ANY, Browser, Key, Options, Scheme, containing};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const PAGE: &str = "<!doctype html><html lang=en><title>Trial</title>
<meta name=viewport content='width=device-width'>
<body style='color:#333;background:#fff'><main><h1>Trial</h1>
<label>Name <input></label>
<label for=l>Colour</label><select id=l><option>red<option>green</select>
<button aria-label='Send all'>Send</button><button hidden>Never</button>
<a href='/file' download='file.txt'>Get it</a><a id=tiny href='/' style='position:absolute;width:9px;height:9px' aria-label=dot></a>
<p id=out>nothing</p></main><script src=/script.js></script>";
const SCRIPT: &str = "
const out = document.getElementById('out');
const media = (q) => matchMedia(q).matches;
document.querySelector('button').onclick = () => { out.textContent = 'sent ' + document.querySelector('input').value; };
document.addEventListener('keydown', (e) => { if (e.key === 'Escape') out.textContent = 'escaped'; });
addEventListener('offline', () => { out.textContent = 'offline'; });
addEventListener('online', () => { out.textContent = 'online'; });
globalThis.surroundings = () => [navigator.languages.join(), innerWidth, media('(prefers-color-scheme: dark)'),
  media('(prefers-reduced-motion: reduce)'), new Date(0).getHours(), media('(pointer: coarse)')];";

/// Serves the page and its script to everybody; gives the origin.
async fn serve() -> String {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let (status, kind, body) = match head.split(' ').nth(1) {
                Some("/") => ("200 OK", "text/html;charset=utf-8", PAGE),
                Some("/script.js") => ("200 OK", "text/javascript", SCRIPT),
                Some("/file") => ("200 OK", "text/plain", "content"),
                _ => ("404 Not Found", "text/plain", ""),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\
                 content-security-policy: connect-src 'self'\r\n\r\n{body}",
                body.len()
            );
            // The browser may have hung up.
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    origin
}

async fn trial(options: Options) -> Browser {
    let browser = Browser::for_origin(&serve().await, options).await;
    browser.expects("favicon.ico");
    browser.goto("/").await;
    browser
}

#[tokio::test]
async fn things_are_found_by_role_and_name_and_used() {
    let browser = trial(Options::desktop()).await;
    browser.fill("Name", "first").await;
    browser.fill("Name", "Ann").await;
    assert_eq!(browser.by_label("Name").await.value().await, "Ann");
    browser.choose("Colour", "green").await;
    assert_eq!(browser.by_label("Colour").await.value().await, "green");
    browser.click("button", containing("Send")).await;
    browser.shows("sent Ann").await;
    assert_eq!(browser.names("button").await, ["Send all"]);
    assert_eq!(browser.count("heading", ANY).await, 1);
    assert_eq!(browser.count("button", "Send").await, 0);
    browser.press(Key::Escape).await;
    browser.shows("escaped").await;
    browser.click("link", "Get it").await;
    assert_eq!(browser.downloaded("file.txt").await, "content");
    browser.finish().await;
}

#[tokio::test]
async fn the_keyboard_alone_is_enough() {
    let browser = trial(Options::desktop()).await;
    browser.tab_to("textbox", "Name").await;
    browser.press("Eve").await;
    browser.tab_to("button", "Send all").await;
    assert!(
        browser
            .by_role("button", "Send all")
            .await
            .has_focus()
            .await
    );
    browser.press(Key::Enter).await;
    browser.shows("sent Eve").await;
    browser.press_holding(Key::Shift, Key::Tab).await;
    assert_eq!(browser.focused().await, "combobox “Colour”");
    browser.finish().await;
}

#[tokio::test]
async fn screen_colours_language_and_zone_are_as_asked() {
    let surroundings = async |browser: &Browser| {
        browser
            .script("return globalThis.surroundings()", Vec::new())
            .await
    };
    let browser = trial(Options::desktop()).await;
    let expected = json!(["en-US,en", 1280, false, false, 0, false]);
    assert_eq!(surroundings(&browser).await, expected);
    browser.prefer(Scheme::Dark, true).await;
    let expected = json!(["en-US,en", 1280, true, true, 0, false]);
    assert_eq!(surroundings(&browser).await, expected);
    browser.finish().await;
    let phone = Options {
        language: "de-DE,de",
        timezone: "Europe/Berlin",
        scheme: Scheme::Dark,
        ..Options::phone()
    };
    let browser = trial(phone).await;
    let expected = json!(["de-DE,de", 360, true, false, 1, true]);
    assert_eq!(surroundings(&browser).await, expected);
    let small = browser.small_targets(44).await;
    assert!(small.contains(&"a “dot” 9×9".to_owned()), "{small:?}");
    assert!(!browser.scrolls_sideways().await);
    browser.finish().await;
}

#[tokio::test]
async fn the_network_goes_and_comes_back() {
    let browser = trial(Options::desktop()).await;
    let traffic = browser.traffic().await;
    assert_eq!(traffic.requests[0].status, 200);
    assert!(traffic.requests[0].bytes > 600, "{traffic:?}");
    assert!(traffic.requests[1].url.ends_with("/script.js"));
    assert!(traffic.bytes() < 4_000, "{traffic:?}");
    browser.expects("ERR_INTERNET_DISCONNECTED");
    browser.offline(true).await;
    browser.shows("offline").await;
    let fetched = "return fetch('/').then((r) => r.status, () => 'no network')";
    assert_eq!(browser.script(fetched, Vec::new()).await, "no network");
    browser.offline(false).await;
    browser.shows("online").await;
    assert_eq!(browser.script(fetched, Vec::new()).await, 200);
    browser.finish().await;
}

#[tokio::test]
async fn axe_and_the_clipboard_are_at_hand() {
    let browser = trial(Options::desktop()).await;
    browser.accessible().await;
    let break_it = "document.querySelector('input').parentElement.replaceWith(document.createElement('input'))";
    browser.script(break_it, Vec::new()).await;
    let found = browser.axe().await;
    assert!(
        found.iter().any(|line| line.starts_with("label:")),
        "{found:?}"
    );
    let copy = "return navigator.clipboard.writeText('copied')";
    browser.script(copy, Vec::new()).await;
    assert_eq!(browser.clipboard().await, "copied");
    browser.finish().await;
}

/// What would end the test when `finish` is called.
async fn complaint(script: &str) -> String {
    let browser = trial(Options::desktop()).await;
    browser.script(script, Vec::new()).await;
    let handle = tokio::spawn(async move { browser.finish().await });
    let panic = handle
        .await
        .expect_err("the test should have ended")
        .into_panic();
    *panic.downcast::<String>().unwrap()
}

#[tokio::test]
async fn no_error_and_no_violation_of_the_policy_passes_unseen() {
    let said = complaint("console.error('something broke')").await;
    assert!(said.contains("something broke"), "{said}");
    let said = complaint("return fetch('http://127.0.0.2:1/').catch(() => 0)").await;
    assert!(said.contains("Content Security Policy"), "{said}");
    let said = complaint("return fetch('/absent').then((r) => r.status)").await;
    assert!(said.contains("status of 404"), "{said}");
}
