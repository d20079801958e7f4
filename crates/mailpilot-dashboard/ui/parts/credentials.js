// User name and password, as the browser's password manager knows them.

import { html } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Field } from "./form.js";

/** Two fields of a form. */
export function Credentials() {
  return html`<${Field}
      label=${t("username")}
      name="username"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      required
    />
    <${Field} label=${t("password")} name="password" type="password" autocomplete="current-password" required />`;
}
