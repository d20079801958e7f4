// The session ended under an open page: log in again over it, so that nothing typed is lost.

import { html, useEffect } from "../vendor/preact.js";
import { ApiError, call, get } from "../core/api.js";
import { go } from "../core/router.js";
import { auth, endWaiting, isIn, refreshAuth } from "../core/session.js";
import { t } from "../i18n/core.js";
import { Dialog } from "./dialog.js";
import { Credentials } from "./credentials.js";
import { Form } from "./form.js";

/** Whoever comes back to this tab may have logged in in another one. */
async function lookAgain() {
  if (document.hidden) return;
  try {
    const who = await get("/api/auth");
    if (!isIn(who)) return;
    auth.value = who;
    endWaiting(true);
  } catch (error) {
    // Nothing is known then; the dialog stays.
    if (!(error instanceof ApiError)) throw error;
  }
}

/** The dialog. It closes with a new session, or by leaving for the login page. */
export function LoginAgain() {
  const send = async (/** @type {Record<string, string>} */ { username, password }) => {
    await call("POST", "/api/login", { body: { username, password } });
    await refreshAuth();
    endWaiting(true);
  };
  useEffect(() => {
    document.addEventListener("visibilitychange", lookAgain);
    return () => document.removeEventListener("visibilitychange", lookAgain);
  }, []);
  const leave = () => {
    endWaiting(false);
    if (auth.value) auth.value = { ...auth.value, authenticated: false, user: undefined, permissions: [] };
    go("/login");
  };
  return html`<${Dialog} title=${t("sessionEndedTitle")} onClose=${leave} closable=${false}>
    <p>${t("sessionEndedText")}</p>
    <${Form} onSubmit=${send} submit=${t("logIn")}>
      <${Credentials} />
    <//>
    <p><button type="button" class="quiet" onClick=${leave}>${t("sessionEndedLeave")}</button></p>
  <//>`;
}
