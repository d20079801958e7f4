//! Waits for the page, and tells what it showed when something did not come.

use std::{path::PathBuf, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::Browser;

/// How long a test waits for something that must come. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at the page.
const PACE: Duration = Duration::from_millis(20);
/// So much of a page's text belongs into a message.
const TEXT_SHOWN: usize = 4_000;

impl Browser {
    /// Looks until `condition` holds and gives the time that took; panics with what the page shows if it
    /// never does. `what` completes "waited for …".
    pub async fn wait_for(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) -> Duration {
        let start = Instant::now();
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while start.elapsed() < PATIENCE {
            pace.tick().await;
            if condition().await {
                return start.elapsed();
            }
        }
        self.fail(&format!("waited in vain for {what}")).await
    }

    /// Waits until the page shows this text anywhere.
    pub async fn shows(&self, text: &str) -> Duration {
        let what = format!("the text “{text}”");
        self.wait_for(&what, async || self.text().await.contains(text))
            .await
    }

    /// Waits until the page shows this text nowhere.
    pub async fn no_longer_shows(&self, text: &str) -> Duration {
        let what = format!("the text “{text}” to go away");
        self.wait_for(&what, async || !self.text().await.contains(text))
            .await
    }

    /// Waits until the address is this path, query included.
    pub async fn at(&self, path: &str) -> Duration {
        let what = format!("the address {path}");
        self.wait_for(&what, async || self.path().await == path)
            .await
    }

    /// Ends the test with a message, the address, the console and the text of the page, and a picture.
    pub async fn fail(&self, message: &str) -> ! {
        let picture = self.picture_of_failure().await;
        let console = self.console().await.join("\n  ");
        let text = self.text().await;
        let shown: String = text.chars().take(TEXT_SHOWN).collect();
        panic!(
            "{message}\naddress: {}\npicture: {}\nconsole:\n  {console}\npage:\n{shown}\n",
            self.path().await,
            picture.display(),
        );
    }

    async fn picture_of_failure(&self) -> PathBuf {
        let test = std::thread::current()
            .name()
            .unwrap_or("test")
            .replace("::", "-");
        let path = failures().join(format!("{test}.png"));
        match self.driver.screenshot(&path).await {
            Ok(()) => path,
            Err(error) => PathBuf::from(format!("none ({error})")),
        }
    }
}

/// Where pictures of failed tests go.
fn failures() -> PathBuf {
    let folder = std::env::temp_dir().join("mailpilot-browser-failures");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
