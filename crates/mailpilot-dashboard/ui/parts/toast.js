// Short messages about what was done, spoken politely by screen readers; errors stay until closed.

import { html, signal } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Icon } from "./icon.js";

/** @typedef {{ id: number, text: string, tone: "good" | "bad" }} Toast */

const shown = signal(/** @type {Toast[]} */ ([]));
let next = 0;

/** How long a good message stays, in milliseconds. */
const STAYS = 5_000;

/**
 * @param {string} text
 * @param {"good" | "bad"} [tone]
 */
export function tell(text, tone = "good") {
  const id = next++;
  shown.value = [...shown.value.slice(-2), { id, text, tone }];
  if (tone === "good") setTimeout(() => drop(id), STAYS);
}

/** @param {number} id */
function drop(id) {
  shown.value = shown.value.filter((toast) => toast.id !== id);
}

/** Where messages appear; once in the page. */
export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${shown.value.map(
      ({ id, text, tone }) =>
        html`<p key=${id} class="toast ${tone}">
          <${Icon} name=${tone === "good" ? "check" : "warning"} />
          <span>${text}</span>
          <button type="button" class="bare" aria-label=${t("close")} onClick=${() => drop(id)}>
            <${Icon} name="cross" />
          </button>
        </p>`,
    )}
  </div>`;
}
