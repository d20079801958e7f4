//! What the page writes to the console. A page that is well writes no error.

use crate::Browser;

/// Lines so far and what was announced.
#[derive(Debug, Default)]
pub(crate) struct Console {
    lines: Vec<Line>,
    expected: Vec<String>,
}

#[derive(Debug)]
struct Line {
    text: String,
    bad: bool,
}

impl Browser {
    /// All lines so far, as `LEVEL source: message`.
    pub async fn console(&self) -> Vec<String> {
        self.take_lines().await;
        let console = self.console.lock().unwrap();
        console.lines.iter().map(|line| line.text.clone()).collect()
    }

    /// Announces errors that contain `part`. Chromium writes one for each answer of 400 and above
    /// (`status of 401`) and for each request without a network (`ERR_INTERNET_DISCONNECTED`).
    pub fn expects(&self, part: &str) {
        self.console.lock().unwrap().expected.push(part.to_owned());
    }

    /// Errors, and violations of the content security policy, that nobody announced.
    pub async fn errors(&self) -> Vec<String> {
        self.take_lines().await;
        let console = self.console.lock().unwrap();
        let unexpected = |line: &&Line| {
            line.bad
                && !console
                    .expected
                    .iter()
                    .any(|part| line.text.contains(part.as_str()))
        };
        let errors = console.lines.iter().filter(unexpected);
        errors.map(|line| line.text.clone()).collect()
    }

    /// Reading them takes them away from chromedriver, so they are kept here.
    async fn take_lines(&self) {
        let Ok(entries) = self.driver.browser_log().await else {
            return;
        };
        let mut console = self.console.lock().unwrap();
        console.lines.extend(entries.into_iter().map(|entry| {
            let source = entry.source.unwrap_or_default();
            Line {
                bad: entry.level == "SEVERE"
                    || source == "security"
                    || entry.message.contains("Content Security Policy"),
                text: format!("{} {source}: {}", entry.level, entry.message),
            }
        }));
    }
}
