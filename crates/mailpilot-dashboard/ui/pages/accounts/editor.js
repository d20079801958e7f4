// The dialog in which an account is added or changed. The server's rules decide; what it finds wrong is
// said at the field.

import { html, useState } from "../../vendor/preact.js";
import { accountPath } from "../../core/accounts.js";
import { ApiError, call } from "../../core/api.js";
import { go } from "../../core/router.js";
import { Dialog } from "../../parts/dialog.js";
import { Checkbox, Choice, Field, Form } from "../../parts/form.js";
import { t as core } from "../../i18n/core.js";
import { tell } from "../../parts/toast.js";
import { bodyOf } from "./settings-body.js";
import { t } from "./words.js";

/** @typedef {import("../../core/accounts.js").Account} Account */

/** How the connection may be encrypted, and what each is called. */
export const TLS_NAMES = /** @type {const} */ ({
  auto: "tlsAuto",
  tls: "tlsTls",
  starttls: "tlsStarttls",
  insecure: "tlsInsecure",
});

/**
 * Without `account` it adds one and goes to it; `accounts` are those there are, so that none is overwritten.
 *
 * @param {{ account?: Account, accounts: Account[], onClose: () => void, onDone: () => void }} props
 */
export function Editor({ account, accounts, onClose, onDone }) {
  const save = async (/** @type {Record<string, string>} */ values) => {
    const name = account?.name ?? values.name;
    if (!account && accounts.some((one) => one.name === name)) {
      throw new ApiError(422, t("nameTaken"), { code: "name_taken", field: "name" });
    }
    await call("PUT", accountPath(name), { body: bodyOf(values, account) });
    tell(t(account ? "saved" : "added", { name }));
    onDone();
    if (account) onClose();
    else go(`/accounts/${encodeURIComponent(name)}`, { replace: true });
  };
  return html`<${Dialog} title=${account ? t("editTitle", { name: account.name }) : t("addTitle")} onClose=${onClose}>
    <${Form} onSubmit=${save} submit=${account ? core("save") : t("create")} onCancel=${onClose}>
      ${
        !account &&
        html`<${Field}
          label=${t("name")}
          name="name"
          hint=${t("nameHint")}
          title=${t("nameHint")}
          pattern="[A-Za-z0-9._@\\-]{1,64}"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          autofocus
          required
        />`
      }
      <${Mailbox} account=${account} />
      <${Field}
        label=${t("expectedInterval")}
        name="expectedInterval"
        hint=${t("intervalHint")}
        defaultValue=${account?.expectedInterval ?? ""}
        autocomplete="off"
        autocapitalize="none"
      />
      <${Checkbox} label=${t(account ? "isPaused" : "startPaused")} name="paused" defaultChecked=${account?.paused} />
    <//>
  <//>`;
}

/** Where the mail lives, if anywhere. */
function Mailbox(/** @type {{ account?: Account }} */ { account }) {
  const before = account?.imap;
  const [there, setThere] = useState(!account || before !== undefined);
  return html`<${Checkbox}
      label=${t("hasMailbox")}
      hint=${t("hasMailboxHint")}
      name="mailbox"
      checked=${there}
      onChange=${() => setThere(!there)}
    />
    ${there && html`<${Connection} before=${before} />`}`;
}

/** @param {{ before: Account["imap"] }} props */
function Connection({ before }) {
  const [host, setHost] = useState(before?.host ?? "");
  const [tls, setTls] = useState(before?.tls ?? "auto");
  const [forgets, setForgets] = useState(false);
  const stored = before?.password.configured ?? false;
  return html`<${Field}
      label=${t("host")}
      name="imap.host"
      hint=${t("hostHint")}
      value=${host}
      onInput=${(/** @type {any} */ event) => setHost(event.currentTarget.value)}
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      required
    />
    <div class="port-tls">
      <${Field}
        label=${t("port")}
        name="imap.port"
        type="number"
        min="1"
        max="65535"
        defaultValue=${before?.port ?? 993}
        required
      />
      <${Choice}
        label=${t("tls")}
        name="imap.tls"
        options=${Object.entries(TLS_NAMES).map(([value, key]) => ({ value, text: t(key) }))}
        value=${tls}
        onChange=${(/** @type {any} */ event) => setTls(event.currentTarget.value)}
      />
    </div>
    <${Field}
      label=${t("username")}
      name="imap.username"
      defaultValue=${before?.username ?? ""}
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      required
    />
    <${Field}
      label=${t("password")}
      name="imap.password"
      type="password"
      hint=${stored ? t(host === before?.host ? "passwordKeep" : "passwordNewHost") : t("passwordHint")}
      autocomplete="new-password"
      disabled=${forgets}
    />
    ${
      stored &&
      html`<${Checkbox}
        label=${t("passwordForget")}
        name="forget"
        checked=${forgets}
        onChange=${() => setForgets(!forgets)}
      />`
    }`;
}
