// The home page: is anything wrong, and is mail flowing?

import { html } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Page } from "../parts/page.js";

/** The page. */
export function Now() {
  return html`<${Page} title=${t("now")}><p>…</p><//>`;
}
