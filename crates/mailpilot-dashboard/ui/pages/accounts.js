// All accounts and their controls.

import { html } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Page } from "../parts/page.js";

/** The page. */
export function Accounts() {
  return html`<${Page} title=${t("accounts")}><p>…</p><//>`;
}
