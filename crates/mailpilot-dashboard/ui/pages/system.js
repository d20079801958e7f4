// Access, health and configuration.

import { html } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Page } from "../parts/page.js";

/** The page. */
export function System() {
  return html`<${Page} title=${t("system")}><p>…</p><//>`;
}
