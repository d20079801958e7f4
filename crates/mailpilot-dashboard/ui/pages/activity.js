// What was done to which mail.

import { html } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Page } from "../parts/page.js";

/** The page. */
export function Activity() {
  return html`<${Page} title=${t("activity")}><p>…</p><//>`;
}
