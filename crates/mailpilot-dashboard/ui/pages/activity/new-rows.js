// The button that floats over the list: new mails that wait, or the way back to the newest.

import { html } from "../../vendor/preact.js";
import { Icon } from "../../parts/icon.js";
import { t } from "./texts.js";

/**
 * One button in both roles, so that the focus stays on it when it is pressed while reading further down.
 *
 * @param {{
 *   shown: import("./list.js").Shown,
 *   atTop: boolean,
 *   accept: () => void,
 *   start: { current: HTMLElement | null },
 * }} props
 */
export function NewRows({ shown, atTop, accept, start }) {
  const { held, anew } = shown;
  const waiting = anew || held.length > 0;
  const toTop = () => {
    start.current?.scrollIntoView({ block: "center", behavior: "instant" });
    // The button goes away; whoever used the keyboard goes on at the first mail.
    requestAnimationFrame(() => focusFirst(start.current));
  };
  const press = () => {
    if (!waiting) return toTop();
    accept();
    if (anew) toTop();
    else if (atTop) requestAnimationFrame(() => focusFirst(start.current));
  };
  const text = anew ? t("anew") : waiting ? t("fresh", { count: held.length }) : t("toTop");
  return html`<div class="mail-new" role="status">
    ${
      (waiting || !atTop) &&
      html`<button type="button" class=${waiting ? "" : "quiet"} onClick=${press}>
        <${Icon} name="up" />${text}
      </button>`
    }
  </div>`;
}

/** Only if the focus was lost with the button. */
function focusFirst(/** @type {HTMLElement | null} */ start) {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const first = start?.parentElement?.querySelector('[data-row="0"] a');
  if (first instanceof HTMLElement) first.focus({ preventScroll: true });
}
