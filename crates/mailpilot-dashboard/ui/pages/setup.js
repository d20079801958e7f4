// The first visit: the administrator's credentials, then the check of the installation.

import { html, useState } from "../vendor/preact.js";
import { ApiError, call } from "../core/api.js";
import { url } from "../core/base.js";
import { auth, refreshAuth } from "../core/session.js";
import { setupCode } from "../core/setup-code.js";
import { catalogue } from "../i18n/catalogue.js";
import { words } from "../i18n/en/entry.js";
import { t as shared } from "../i18n/core.js";
import { Field, Form } from "../parts/form.js";
import { Page } from "../parts/page.js";

const t = catalogue("entry", words);

/** The page. */
export function Setup() {
  const [password, setPassword] = useState("");
  const who = auth.value;
  const send = async (/** @type {Record<string, string>} */ values) => {
    if (values.password !== values.confirm) {
      throw new ApiError(422, t("mismatch"), { code: "mismatch", field: "confirm" });
    }
    const body = who?.setupCodeRequired ? values : { ...values, setupCode: undefined };
    await call("POST", "/api/setup", { body });
    await refreshAuth();
  };
  return html`<${Page} title=${t("setupTitle")} narrow>
    <p class="lead">${t("setupText")}</p>
    <div class="panel">
      <${Form} onSubmit=${send} submit=${t("create")} first>
        ${
          who?.setupCodeRequired &&
          html`<${Field}
          label=${t("code")}
          name="setupCode"
          hint=${t("codeHint")}
          value=${setupCode()}
          autocomplete="one-time-code"
          autocapitalize="none"
          spellcheck="false"
          required
        />`
        }
        <${Field}
          label=${shared("username")}
          name="username"
          hint=${t("usernameHint")}
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          minlength="3"
          maxlength="64"
          required
        />
        <${Field}
          label=${shared("password")}
          name="password"
          type="password"
          hint=${t("passwordHint")}
          autocomplete="new-password"
          minlength="8"
          maxlength="128"
          onInput=${(/** @type {any} */ event) => setPassword(event.currentTarget.value)}
          required
        />
        <${Strength} password=${password} />
        <${Field}
          label=${t("confirm")}
          name="confirm"
          type="password"
          autocomplete="new-password"
          required
        />
      <//>
    </div>
    ${who?.developmentMode && html`<p class="buttons"><a class="button quiet" href=${url("/activity")}>${t("lookAround")}</a></p>`}
  <//>`;
}

/** A guess from length and variety; the server has the last word, with its list of common passwords. */
function Strength(/** @type {{ password: string }} */ { password }) {
  const level = strength(password);
  const text = /** @type {const} */ ([
    "strengthNone",
    "strengthShort",
    "strengthWeak",
    "strengthFair",
    "strengthGood",
  ])[level];
  return html`<p class="strength" aria-live="polite">
    <meter min="0" max="4" low="2" high="3" optimum="4" value=${level} aria-label=${t("strength")}></meter>
    <span class="hint">${t("strength")}: ${t(text)}</span>
  </p>`;
}

/** 0 for nothing to 4 for good. */
function strength(/** @type {string} */ password) {
  if (password.length === 0) return 0;
  if (password.length < 8) return 1;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length;
  const variety = new Set(password).size;
  if (variety < 5) return 2;
  if (password.length >= 16 || (password.length >= 12 && kinds >= 3)) return 4;
  return password.length >= 11 || kinds >= 3 ? 3 : 2;
}
