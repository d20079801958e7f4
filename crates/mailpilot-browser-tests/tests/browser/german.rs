//! German: chosen by the browser or by hand, and whole. No page shows an English text that has a German one.

use std::{collections::BTreeSet, fs, path::Path};

use mailpilot_browser_tests::{Browser, Demo, DemoOptions, Key, Options, containing};
use regex::{Regex, RegexSet};
use serde_json::Value;

use crate::every_page::every_page;

const CATALOGUES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../mailpilot-dashboard/ui/i18n"
);

/// Everything that is written on the page or said of it, each piece by itself.
const TEXTS: &str = "
const texts = new Set([document.title.split(' · ')[0]]);
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) texts.add(walker.currentNode.data.trim());
for (const node of document.querySelectorAll('body *'))
  for (const name of ['aria-label', 'aria-valuetext', 'aria-description', 'title', 'placeholder', 'data-head'])
    texts.add((node.getAttribute(name) ?? '').trim());
return [...texts].filter((text) => text !== '');";

const GERMAN: Options = Options {
    language: "de-DE,de",
    timezone: "Europe/Berlin",
    ..Options::desktop()
};

/// All texts of one language's catalogues.
fn texts(language: &str) -> BTreeSet<String> {
    let literal = Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap();
    let folder = fs::read_dir(Path::new(CATALOGUES).join(language)).unwrap();
    let mut found = BTreeSet::new();
    for file in folder {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        let words = source.split_once("words = {").map(|(_, words)| words);
        let literals = literal.find_iter(words.unwrap_or_default());
        found.extend(literals.map(|text| serde_json::from_str::<String>(text.as_str()).unwrap()));
    }
    found
}

/// Texts that are English and not German, with anything where something is filled in.
struct English {
    texts: Vec<String>,
    patterns: RegexSet,
}

impl English {
    fn read() -> Self {
        let german = texts("de");
        let only_english = texts("en")
            .into_iter()
            .filter(|text| !german.contains(text));
        let texts: Vec<String> = only_english.collect();
        assert!(texts.len() > 300, "only {} texts", texts.len());
        let filled_in = Regex::new(r"\\\{\w+\\\}").unwrap();
        let pattern = |text: &String| {
            let text = regex::escape(text);
            format!("^{}$", filled_in.replace_all(&text, ".{1,60}"))
        };
        let patterns = RegexSet::new(texts.iter().map(pattern)).unwrap();
        Self { texts, patterns }
    }

    /// What the page shows in English.
    async fn on(&self, browser: &Browser) -> Vec<String> {
        browser.idle().await;
        let shown = browser.script(TEXTS, Vec::new()).await;
        let shown = shown.as_array().unwrap().iter().filter_map(Value::as_str);
        let mut found = Vec::new();
        for text in shown {
            let which = self.patterns.matches(text);
            let meant = which.iter().map(|at| &self.texts[at]);
            found.extend(meant.map(|meant| format!("“{text}” ({meant})")));
        }
        found
    }
}

#[tokio::test]
async fn no_page_shows_an_english_text_in_german() {
    let english = English::read();
    let mut found = Vec::new();
    every_page(GERMAN, async |browser: &Browser, path: &str| {
        browser.goto(path).await;
        let texts = english.on(browser).await;
        found.extend(texts.into_iter().map(|text| format!("{path}: {text}")));
    })
    .await;
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[tokio::test]
async fn no_dialog_shows_an_english_text_in_german() {
    let english = English::read();
    let demo = Demo::start(&DemoOptions::default()).await;
    let browser = Browser::logged_in(demo.server(), GERMAN).await;
    let mut found = Vec::new();
    for (path, role, name) in [
        ("/activity", "button", "Export"),
        ("/accounts", "link", "Konto hinzufügen"),
        ("/accounts/work", "link", "Bearbeiten"),
        ("/accounts/work", "button", "work anhalten"),
        ("/logs", "button", "Herunterladen"),
        ("/logs", "button", "Zeilen löschen"),
        ("/system?part=keys", "button", "Schlüssel erstellen"),
    ] {
        browser.goto(path).await;
        browser.click(role, containing(name)).await;
        browser.shows("Abbrechen").await;
        let texts = english.on(&browser).await;
        found.extend(texts.into_iter().map(|text| format!("{name}: {text}")));
    }
    browser.goto("/").await;
    browser.press("?").await;
    browser.by_role("dialog", "Tastenkürzel").await;
    found.extend(english.on(&browser).await);
    browser.finish().await;
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[tokio::test]
async fn the_language_is_the_browsers_until_another_is_chosen_and_that_stays() {
    let demo = Demo::start(&DemoOptions::default()).await;
    let browser = Browser::logged_in(demo.server(), Options::desktop()).await;
    let spoken = "return document.documentElement.lang";
    browser.goto("/logs").await;
    browser.by_role("heading", "Logs").await;
    assert_eq!(browser.script(spoken, Vec::new()).await, "en");
    // What the other tests look for is found where it is.
    assert!(English::read().on(&browser).await.len() > 20);
    let menu = "document.querySelector('summary').click()";
    browser.script(menu, Vec::new()).await;
    browser.choose("Language", "Deutsch").await;
    browser.by_role("heading", "Protokoll").await;
    browser.by_role("switch", "Folgen").await;
    assert_eq!(browser.script(spoken, Vec::new()).await, "de");
    assert!(browser.title().await.starts_with("Protokoll"));
    browser.press(Key::Escape).await;
    browser.reload().await;
    browser.by_role("heading", "Protokoll").await;
    browser.goto("/activity").await;
    browser.by_role("heading", "Aktivität").await;
    browser.finish().await;
    let browser = Browser::logged_in(demo.server(), GERMAN).await;
    browser.goto("/accounts").await;
    browser.by_role("heading", "Konten").await;
    assert_eq!(browser.script(spoken, Vec::new()).await, "de");
    browser.finish().await;
}
