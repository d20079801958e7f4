//! One element of the page. Holds to the very node: find it anew after the page was drawn anew.

use serde_json::json;
use thirtyfour::{By, TypingData, WebElement, error::WebDriverError};

use crate::Browser;

/// An element that was found.
#[derive(Clone, Debug)]
pub struct Element<'a> {
    pub(crate) browser: &'a Browser,
    pub(crate) inner: WebElement,
    pub(crate) what: String,
    pub(crate) name: String,
}

impl Element<'_> {
    /// Its accessible name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Clicks it; panics when something covers it.
    pub async fn click(&self) {
        self.must(self.inner.click().await, "click").await;
    }

    /// Puts the focus on it and presses keys.
    pub async fn type_keys(&self, keys: impl Into<TypingData>) {
        self.must(self.inner.send_keys(keys).await, "type into")
            .await;
    }

    /// Puts the focus on it.
    pub async fn focus(&self) {
        self.must(self.inner.focus().await, "focus").await;
    }

    /// The text it shows.
    pub async fn text(&self) -> String {
        self.must(self.inner.text().await, "read").await
    }

    /// What a field holds.
    pub async fn value(&self) -> String {
        let value = self.must(self.inner.prop("value").await, "read").await;
        value.unwrap_or_default()
    }

    /// Whether a box is ticked or an option chosen.
    pub async fn is_selected(&self) -> bool {
        self.must(self.inner.is_selected().await, "read").await
    }

    /// Whether it can be used.
    pub async fn is_enabled(&self) -> bool {
        self.must(self.inner.is_enabled().await, "read").await
    }

    /// An attribute, such as `href` or `aria-expanded`.
    pub async fn attribute(&self, name: &str) -> Option<String> {
        let name = name.to_owned();
        self.must(self.inner.attr(name).await, "read").await
    }

    /// Whether the focus is on it.
    pub async fn has_focus(&self) -> bool {
        let script = "return document.activeElement === arguments[0]";
        let element = self.inner.to_json().unwrap();
        self.browser.script(script, vec![element]).await == json!(true)
    }

    /// Left, top, width and height in CSS pixels of the window.
    pub async fn rectangle(&self) -> (f64, f64, f64, f64) {
        let script =
            "const b = arguments[0].getBoundingClientRect(); return [b.x, b.y, b.width, b.height]";
        let element = self.inner.to_json().unwrap();
        let found = self.browser.script(script, vec![element]).await;
        serde_json::from_value(found).unwrap()
    }

    /// Chooses the option with this text, if there is one.
    pub(crate) async fn choose(&self, option: &str) -> bool {
        let Ok(options) = self.inner.find_all(By::Tag("option")).await else {
            return false;
        };
        for candidate in options {
            let text = candidate.text().await.unwrap_or_default();
            if text.trim() == option {
                return candidate.click().await.is_ok();
            }
        }
        false
    }

    async fn must<T>(&self, result: Result<T, WebDriverError>, verb: &str) -> T {
        match result {
            Ok(value) => value,
            Err(error) => {
                let message = format!("cannot {verb} {}: {error}", self.what);
                self.browser.fail(&message).await
            }
        }
    }
}
