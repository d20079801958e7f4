//! Pictures of pages.

use std::{fs, path::Path};

use serde_json::json;

use crate::{Browser, Options};

/// No picture is higher than this, in CSS pixels: a list that fills what it gets would never end.
const HIGHEST: u32 = 2_600;

impl Browser {
    /// Writes the whole page into a PNG file, in a window as high as the page, so that bars at the bottom are
    /// at the bottom. `options` are those of the window, which it has again afterwards.
    pub async fn screenshot(&self, path: &Path, options: Options) {
        let script = "return Math.ceil(document.documentElement.scrollHeight)";
        let content = self.script(script, Vec::new()).await.as_u64().unwrap();
        let height = u32::try_from(content)
            .unwrap()
            .clamp(options.height, HIGHEST);
        self.resize(Options { height, ..options }).await;
        self.settled().await;
        self.window_picture(path).await;
        self.resize(options).await;
    }

    /// Writes what the window shows into a PNG file.
    pub async fn window_picture(&self, path: &Path) {
        let picture = self.driver.screenshot_as_png().await.unwrap();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(path, picture).unwrap();
    }

    /// Waits until animations and two frames are through.
    pub async fn settled(&self) {
        let script = "
            const done = arguments[0];
            const finite = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime < Infinity);
            Promise.allSettled(finite.map((a) => a.finished))
                .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
        let settled = self.driver.execute_async(script, vec![]).await.unwrap();
        assert_eq!(settled.json(), &json!(true));
    }
}
