// The list of keyboard shortcuts.

import { html } from "../vendor/preact.js";
import { helpShown, PLACES } from "../core/keyboard.js";
import { t } from "../i18n/core.js";
import { Dialog } from "./dialog.js";
import { DESTINATIONS } from "./destinations.js";

/** Where the list appears when `?` is pressed; once in the page. */
export function Help() {
  if (!helpShown.value) return null;
  return html`<${Dialog} title=${t("help")} onClose=${() => (helpShown.value = false)}>
    <dl class="shortcuts">
      <div>
        <dt><kbd>/</kbd></dt>
        <dd>${t("helpSearch")}</dd>
      </div>
      ${Object.entries(PLACES).map(
        ([letter, path]) =>
          html`<div key=${letter}>
            <dt><kbd>g</kbd> ${t("helpThen")} <kbd>${letter}</kbd></dt>
            <dd>${t("helpGo", { place: placeName(path) })}</dd>
          </div>`,
      )}
      <div>
        <dt><kbd>f</kbd></dt>
        <dd>${t("helpFollow")}</dd>
      </div>
      <div>
        <dt><kbd>?</kbd></dt>
        <dd>${t("helpThis")}</dd>
      </div>
      <div>
        <dt><kbd>Esc</kbd></dt>
        <dd>${t("helpClose")}</dd>
      </div>
    </dl>
  <//>`;
}

/** @param {string} path */
function placeName(path) {
  const found = DESTINATIONS.find((each) => each.path === path);
  return found ? t(found.name) : path;
}
