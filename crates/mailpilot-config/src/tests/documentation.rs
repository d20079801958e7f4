//! The documented keys, the settings and the page agree.

use std::{collections::BTreeSet, fs, path::Path};

use super::load;
use crate::{EffectiveView, KeyDoc, Kind, Origin, configuration_md, reference};

#[test]
fn the_page_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CONFIGURATION.md");
    let page = fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == configuration_md(),
        "docs/CONFIGURATION.md is out of date; renew it with `cargo xtask docs`"
    );
}

#[test]
fn the_pages_example_loads() {
    let page = configuration_md();
    let yaml = page
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let names = [
        "AUTH_TOKEN",
        "SESSION_SECRET",
        "MONITORING_KEY",
        "IMAP_PASSWORD",
    ];
    let values = names.map(|name| {
        (
            name,
            format!("{name} of thirty-two characters").replace(' ', "-"),
        )
    });
    let variables: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let loaded = super::load_with(yaml, &variables);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

fn top_level() -> impl Iterator<Item = KeyDoc> {
    reference().filter(|doc| !doc.key.contains("[]"))
}

#[test]
fn every_documented_key_is_in_the_view_with_its_default() {
    let view = EffectiveView::defaults();
    let shown: Vec<_> = view
        .entries()
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    let documented: Vec<_> = top_level().map(|doc| doc.key).collect();
    assert_eq!(shown, documented);
    assert!(
        view.entries()
            .iter()
            .all(|entry| entry.origin == Origin::Default)
    );
}

#[test]
fn every_documented_default_is_the_built_in_one() {
    for doc in top_level() {
        let Some(default) = doc.default else { continue };
        let (section, key) = doc.key.split_once('.').unwrap_or((doc.key, ""));
        let yaml = if key.is_empty() {
            format!("{section}: {default}")
        } else {
            format!("{section}: {{{key}: {default}}}")
        };
        let value = load(&yaml)
            .view
            .get(doc.key)
            .map(|entry| entry.value.clone());
        assert_eq!(
            value,
            EffectiveView::defaults()
                .get(doc.key)
                .map(|entry| entry.value.clone()),
            "{}",
            doc.key
        );
    }
}

#[test]
fn keys_are_documented_once_and_secrets_have_no_default() {
    let keys: BTreeSet<_> = reference().map(|doc| doc.key).collect();
    assert_eq!(keys.len(), reference().count());
    assert!(
        reference()
            .filter(|doc| doc.kind == Kind::Secret)
            .all(|doc| doc.default.is_none())
    );
}

#[test]
fn every_word_of_a_choice_is_accepted() {
    for doc in top_level() {
        let Kind::Choice(words) = doc.kind else {
            continue;
        };
        let (section, key) = doc.key.split_once('.').unwrap();
        for word in words {
            let loaded = load(&format!("{section}: {{{key}: {word}}}"));
            assert_eq!(
                loaded.view.get(doc.key).unwrap().value,
                *word,
                "{}",
                doc.key
            );
        }
    }
}
