// One mail and why it was treated so.

import { html } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Page } from "../parts/page.js";

/** The page. */
export function Mail() {
  return html`<${Page} title=${t("activity")}><p>…</p><//>`;
}
