// Logging in, and how to recover when the password is lost.

import { html, useState } from "../vendor/preact.js";
import { call } from "../core/api.js";
import { refreshAuth } from "../core/session.js";
import { catalogue } from "../i18n/catalogue.js";
import { words } from "../i18n/en/entry.js";
import { Credentials } from "../parts/credentials.js";
import { Snippet } from "../parts/copy.js";
import { Form } from "../parts/form.js";
import { Page } from "../parts/page.js";

const t = catalogue("entry", words);

/** The page. Once there is a session, the page that was wanted follows by itself. */
export function Login() {
  const [refused, setRefused] = useState(false);
  const send = async (/** @type {Record<string, string>} */ { username, password }) => {
    await call("POST", "/api/login", { body: { username, password } });
    const who = await refreshAuth();
    setRefused(!who.authenticated);
  };
  return html`<${Page} title=${t("loginTitle")} narrow>
    <div class="panel">
      ${refused && html`<p class="error" role="alert">${t("cookieRefused")}</p>`}
      <${Form} onSubmit=${send} submit=${t("logIn")} first><${Credentials} /><//>
    </div>
    <details class="aside">
      <summary>${t("recover")}</summary>
      <div class="aside-body">
        <p>${t("recoverText")}</p>
        <${Snippet} label=${t("recoverCommand")} text="mailpilot reset-password USER" />
        <p>${t("recoverAfter")}</p>
      </div>
    </details>
  <//>`;
}
