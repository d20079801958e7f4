//! Everything without a mouse: where Tab leads, that the focus can be seen, and that work can be done.

use mailpilot_browser_tests::{Browser, Demo, DemoOptions, Key, Options};
use mailpilot_test_support::{ADMIN, PASSWORD};

/// What is wrong with the place where the focus is; null where it is not on anything new.
const STOP: &str = "
const at = document.activeElement;
globalThis.stops ??= new Set();
if (at === document.body || globalThis.stops.has(at)) return null;
globalThis.stops.add(at);
const what = at.tagName.toLowerCase() + ' “' + (at.ariaLabel ?? at.textContent.trim().slice(0, 40)) + '”';
const box = at.getBoundingClientRect();
const outlines = [null, '::after'].map((part) => getComputedStyle(at, part));
const wrong = [];
if (!outlines.some((it) => it.outlineStyle !== 'none' && parseFloat(it.outlineWidth) >= 2)) wrong.push('no outline');
if (box.width < 1 || box.height < 1) wrong.push('no size');
if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) wrong.push('out of sight');
const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
const y = Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 1), innerHeight - 1);
const above = document.elementFromPoint(x, y);
if (above && !at.contains(above) && !above.contains(at) && !above.closest('label')) wrong.push('under ' + above.className);
return wrong.length > 0 ? what + ': ' + wrong.join(', ') : '';";

/// Goes through the page with Tab; gives how many stops there are and what is wrong with them.
async fn walk(browser: &Browser, path: &str) -> (usize, Vec<String>) {
    const MOST: usize = 150;
    let mut wrong = Vec::new();
    for stops in 0..MOST {
        browser.press(Key::Tab).await;
        match browser.script(STOP, Vec::new()).await.as_str() {
            None => return (stops, wrong),
            Some("") => {}
            Some(what) => wrong.push(format!("{path}: {what}")),
        }
    }
    wrong.push(format!("{path}: Tab comes to no end"));
    (MOST, wrong)
}

async fn check(options: Options) {
    let demo = Demo::start(&DemoOptions::default()).await;
    let browser = Browser::start(demo.server(), options).await;
    browser.expects("status of 404");
    let mut found = Vec::new();
    let mut look = async |path: &str, least: usize| {
        browser.goto(path).await;
        browser.idle().await;
        let (stops, wrong) = walk(&browser, path).await;
        found.extend(wrong);
        assert!(stops >= least, "{path}: only {stops} stops");
    };
    // The reader begins in the first field; after it come the password, the button, the way to recover.
    look("/login", 3).await;
    browser.log_in(demo.server()).await;
    for (_, path) in demo.pages().await {
        // At least the way to the content, the five places and the menu.
        look(&path, 7).await;
    }
    browser.finish().await;
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[tokio::test]
async fn tab_leads_through_every_page_and_the_focus_is_seen_at_a_desk() {
    check(Options::desktop()).await;
}

#[tokio::test]
async fn tab_leads_through_every_page_and_the_focus_is_seen_in_a_narrow_window() {
    check(Options {
        width: 360,
        height: 740,
        ..Options::desktop()
    })
    .await;
}

#[tokio::test]
async fn somebody_logs_in_goes_everywhere_and_out_again_with_the_keyboard() {
    let demo = Demo::start(&DemoOptions::default()).await;
    demo.server().try_login(PASSWORD).await.expect(200);
    let browser = Browser::start(demo.server(), Options::desktop()).await;
    browser.goto("/login").await;
    browser.tab_to("textbox", "Username").await;
    browser.press(ADMIN).await;
    browser.press(Key::Tab).await;
    browser.press(PASSWORD).await;
    browser.press(Key::Enter).await;
    browser.at("/").await;

    for (letter, path, heading) in [
        ("a", "/activity", "Activity"),
        ("c", "/accounts", "Accounts"),
        ("l", "/logs", "Logs"),
        ("s", "/system", "System"),
        ("n", "/", "Now"),
    ] {
        browser.press("g").await;
        browser.press(letter).await;
        browser.at(path).await;
        browser.by_role("heading", heading).await;
        let focused = format!("heading “{heading}”");
        browser
            .wait_for("the heading to have the focus", async || {
                browser.focused().await == focused
            })
            .await;
    }

    browser.press("?").await;
    browser.by_role("dialog", "Keyboard shortcuts").await;
    browser.press(Key::Escape).await;
    browser.gone("dialog", "Keyboard shortcuts").await;
    for path in ["/activity", "/accounts", "/logs"] {
        browser.goto(path).await;
        browser.idle().await;
        browser.press("/").await;
        let focused = browser.focused().await;
        assert!(focused.starts_with("searchbox"), "{path}: {focused}");
        browser.press("g").await;
        browser.press("n").await;
        assert_eq!(browser.path().await.split('?').next(), Some(path));
        browser.press(Key::Escape).await;
        assert_eq!(browser.focused().await, "", "{path}");
    }

    // Esc leaves the field, and what is looked for stays in it as in the address.
    browser.goto("/activity?search=kept").await;
    browser.press("/").await;
    browser.press(Key::Escape).await;
    let field = browser.by_label("Search").await;
    assert_eq!(field.value().await, "kept");

    browser.goto("/accounts").await;
    browser.press(Key::Tab).await;
    assert_eq!(browser.focused().await, "link “Skip to content”");
    browser.press(Key::Enter).await;
    assert!(browser.focused().await.starts_with("main"));

    browser.tab_to("DisclosureTriangle", "Preferences").await;
    browser.press(Key::Enter).await;
    browser.tab_to("button", "Log out").await;
    browser.press(Key::Enter).await;
    browser.by_role("button", "Log in").await;
    browser.finish().await;
}

#[tokio::test]
async fn an_account_is_paused_a_mail_read_and_a_line_opened_with_the_keyboard() {
    let demo = Demo::start(&DemoOptions::default()).await;
    let browser = Browser::logged_in(demo.server(), Options::desktop()).await;
    browser.goto("/accounts/work").await;
    browser.idle().await;
    browser.tab_to("button", "Pause work").await;
    browser.press(Key::Enter).await;
    browser.by_role("dialog", "Pause work?").await;
    browser.tab_to("button", "Pause work").await;
    browser.press(Key::Enter).await;
    browser.gone("dialog", "Pause work?").await;
    browser
        .wait_for("the focus to come to Resume", async || {
            browser.focused().await == "button “Resume work”"
        })
        .await;
    browser.press(Key::Space).await;
    browser.by_role("button", "Pause work").await;

    browser.goto("/activity").await;
    browser.idle().await;
    browser.press("/").await;
    browser.press(Key::Escape).await;
    let row = "return document.activeElement.closest('[data-row]')?.dataset.row ?? ''";
    let to_row = async || {
        browser
            .wait_for("Tab to come to a row", async || {
                browser.press(Key::Tab).await;
                browser.script(row, Vec::new()).await != ""
            })
            .await
    };
    to_row().await;
    browser.press(Key::Down).await;
    browser.press(Key::Enter).await;
    browser
        .wait_for("a mail", async || {
            browser.path().await.starts_with("/activity/")
        })
        .await;

    browser.goto("/logs").await;
    browser.idle().await;
    to_row().await;
    browser.press(Key::Up).await;
    browser.press(Key::Enter).await;
    browser.by_role("button", "Copy link").await;
    browser.tab_to("link", "Show in context").await;
    browser.press(Key::Enter).await;
    browser
        .wait_for("the line's address", async || {
            browser.path().await.starts_with("/logs?line=")
        })
        .await;
    browser.finish().await;
}
