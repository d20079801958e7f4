//! What surrounds the page: screen, colours, motion, time zone, network, clipboard.

use serde_json::{Value, json};

use crate::{Browser, Options, Scheme};

impl Browser {
    pub(crate) async fn emulate(&self, options: Options) {
        self.resize(options).await;
        self.prefer(options.scheme, options.reduced_motion).await;
        let zone = json!({"timezoneId": options.timezone});
        self.devtools("Emulation.setTimezoneOverride", zone).await;
        let focus = json!({"enabled": true});
        self.devtools("Emulation.setFocusEmulationEnabled", focus)
            .await;
        let may = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        self.devtools("Browser.grantPermissions", may).await;
        let downloads =
            json!({"behavior": "allow", "downloadPath": self.downloads().to_str().unwrap()});
        self.devtools("Browser.setDownloadBehavior", downloads)
            .await;
    }

    /// Another screen; only the sizes of `options` count.
    pub async fn resize(&self, options: Options) {
        let screen = json!({
            "width": options.width,
            "height": options.height,
            "deviceScaleFactor": options.scale,
            "mobile": options.phone,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", screen)
            .await;
        let touch = json!({"enabled": options.phone});
        self.devtools("Emulation.setTouchEmulationEnabled", touch)
            .await;
    }

    /// What the system asks for; the page hears of a change at once.
    pub async fn prefer(&self, scheme: Scheme, reduced_motion: bool) {
        let scheme = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let motion = if reduced_motion {
            "reduce"
        } else {
            "no-preference"
        };
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Takes the network away or gives it back; streams that are open break.
    pub async fn offline(&self, offline: bool) {
        let network = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", network)
            .await;
    }

    /// What was copied last.
    pub async fn clipboard(&self) -> String {
        let script = "const done = arguments[0]; navigator.clipboard.readText().then(done, (e) => done(String(e)))";
        let text = self.driver.execute_async(script, Vec::new()).await.unwrap();
        text.convert().unwrap()
    }

    /// Whether the page is wider than the window, which no page may be.
    pub async fn scrolls_sideways(&self) -> bool {
        let script = "const e = document.documentElement; return e.scrollWidth > e.clientWidth";
        self.script(script, Vec::new()).await == Value::Bool(true)
    }

    /// What can be touched but is smaller than `least` CSS pixels in either direction, as
    /// `button “Pause” 30×18`. Links within running text are left out, as WCAG 2.5.8 does.
    pub async fn small_targets(&self, least: u32) -> Vec<String> {
        let found = self.script(SMALL_TARGETS, vec![json!(least)]).await;
        serde_json::from_value(found).unwrap()
    }
}

/// A label belongs to the target it names. What is smaller may still be hit further out, where a link is stretched
/// over its card: then the points at the edge of the wanted square belong to it. What waits above the window until it
/// has the focus is for keyboards.
const SMALL_TARGETS: &str = r#"
const least = arguments[0];
const reach = least / 2 - 1;
const shown = (e) => e.type !== "hidden" && e.tabIndex >= 0 && !e.closest("[inert]") &&
  e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const box = (element) => {
  const boxes = [element, ...(element.labels ?? [])].map((e) => e.getBoundingClientRect());
  const left = Math.min(...boxes.map((b) => b.left)), right = Math.max(...boxes.map((b) => b.right));
  const top = Math.min(...boxes.map((b) => b.top)), bottom = Math.max(...boxes.map((b) => b.bottom));
  return { left, top, right, bottom, width: right - left, height: bottom - top };
};
const small = (b) => b.width < least - 0.5 || b.height < least - 0.5;
const inText = (element) =>
  element.tagName === "A" && getComputedStyle(element).display === "inline" &&
  [...element.parentElement.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
const isHit = (element, x, y) => {
  const hit = document.elementFromPoint(x, y);
  return hit !== null && (element.contains(hit) || [...(element.labels ?? [])].some((l) => l.contains(hit)));
};
const isStretched = (element) => {
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const b = box(element);
  const x = (b.left + b.right) / 2, y = (b.top + b.bottom) / 2;
  const across = b.width < least - 0.5 ? reach : 0, down = b.height < least - 0.5 ? reach : 0;
  return isHit(element, x - across, y - down) && isHit(element, x + across, y + down);
};
return [...document.querySelectorAll("a[href],button,input,select,textarea,summary,[role=button],[role=tab]")]
  .filter((e) => shown(e) && !inText(e))
  .map((e) => [e, box(e)])
  .filter(([e, b]) => b.width > 1 && b.height > 1 && b.bottom + scrollY > 0 && small(b) && !isStretched(e))
  .map(([e, b]) => {
    const name = e.ariaLabel ?? (e.innerText || e.name || e.title || e.className);
    return `${e.tagName.toLowerCase()} “${name.trim()}” ${Math.round(b.width)}×${Math.round(b.height)}`;
  });
"#;
