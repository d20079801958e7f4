// How the account is set, without its secrets, and the ways to change or remove it.

import { html, useRef } from "../../vendor/preact.js";
import { accountPath } from "../../core/accounts.js";
import { useAction } from "../../core/action.js";
import { call } from "../../core/api.js";
import { url } from "../../core/base.js";
import { go } from "../../core/router.js";
import { may } from "../../core/session.js";
import { errorText } from "../../i18n/core.js";
import { confirmed } from "../../parts/dialog.js";
import { Icon } from "../../parts/icon.js";
import { Panel } from "../../parts/page.js";
import { tell } from "../../parts/toast.js";
import { TLS_NAMES } from "../accounts/editor.js";
import { t } from "../accounts/words.js";

/** @typedef {import("../../core/accounts.js").Account} Account */

/** Where an account comes from, and what becomes of it when it is removed. */
const ORIGINS = /** @type {const} */ ({
  file: ["fromFile", "fileText"],
  api: ["fromApi", "apiText"],
  "file+api": ["fromBoth", "bothText"],
});

/** @param {{ account: Account, onDone: () => void }} props */
export function Settings({ account, onDone }) {
  const { name, imap, source } = account;
  const [origin, removal] = ORIGINS[source];
  const beside =
    may("write:accounts") &&
    html`<a class="button quiet" href=${url(`/accounts/${encodeURIComponent(name)}`, { edit: 1 })}>
      <${Icon} name="edit" />${t("edit")}
    </a>`;
  return html`<${Panel} title=${t("settings")} beside=${beside}>
    <dl class="facts">
      ${
        imap &&
        html`<dt>${t("host")}</dt>
        <dd>${imap.host}</dd>
        <dt>${t("port")}</dt>
        <dd>${String(imap.port)}</dd>
        <dt>${t("tls")}</dt>
        <dd>${t(TLS_NAMES[/** @type {keyof typeof TLS_NAMES} */ (imap.tls)])}</dd>
        <dt>${t("username")}</dt>
        <dd>${imap.username}</dd>
        <dt>${t("password")}</dt>
        <dd>${t(imap.password.configured ? "passwordKept" : "passwordNone")}</dd>`
      }
      <dt>${t("origin")}</dt>
      <dd>${t(origin)}</dd>
    </dl>
    ${!imap && html`<p class="muted">${t("noMailbox")}</p>`}
    ${may("write:accounts") && html`<${Removal} account=${account} text=${t(removal)} onDone=${onDone} />`}
  <//>`;
}

/**
 * An account of the API goes; a changed one of the file is again as the file has it.
 *
 * @param {{ account: Account, text: string, onDone: () => void }} props
 */
function Removal({ account: { name, source }, text, onDone }) {
  const goes = source === "api";
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  const { run, busy, error } = useAction(async () => {
    const sure = await confirmed({
      title: t(goes ? "removeTitle" : "restoreTitle", { name }),
      body: t(goes ? "removeText" : "restoreText"),
      confirm: goes ? t("removeOne", { name }) : t("restore"),
      danger: true,
    });
    if (!sure) return;
    await call("DELETE", accountPath(name));
    tell(t(goes ? "removed" : "restored", { name }));
    if (goes) go("/accounts");
    else {
      // The button goes with what it undid.
      ref.current?.focus();
      onDone();
    }
  });
  return html`<div ref=${ref} class="removal" tabindex="-1">
    <p class="muted">${text}</p>
    ${error && html`<p class="error" role="alert">${errorText(error)}</p>`}
    ${
      source !== "file" &&
      html`<button type="button" class="quiet danger" aria-disabled=${busy ? "true" : undefined} onClick=${() => void run()}>
        <${Icon} name=${goes ? "trash" : "refresh"} />${goes ? t("removeOne", { name }) : t("restore")}
      </button>`
    }
  </div>`;
}
