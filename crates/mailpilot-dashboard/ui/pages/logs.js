// The log, live and searched.

import { html } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Page } from "../parts/page.js";

/** The page. */
export function Logs() {
  return html`<${Page} title=${t("logs")}><p>…</p><//>`;
}
