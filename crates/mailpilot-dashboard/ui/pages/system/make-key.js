// The dialog that makes an API key and shows it, this once, with a line that tries it out.

import { html, useState } from "../../vendor/preact.js";
import { ApiError, call } from "../../core/api.js";
import { absolute } from "../../core/base.js";
import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/system.js";
import { Snippet } from "../../parts/copy.js";
import { Dialog } from "../../parts/dialog.js";
import { Checkbox, Choice, Field, Form } from "../../parts/form.js";
import { t as shared } from "../../i18n/core.js";

const t = catalogue("system", words);

/** Areas in the order of the pages, with the path that shows most of each. */
const AREAS = /** @type {const} */ ([
  ["stats", "/api/stats"],
  ["activity", "/api/activity?pageSize=5"],
  ["logs", "/api/logs?pageSize=5"],
  ["export", "/api/export?format=csv"],
  ["accounts", "/api/accounts"],
]);
const DAYS = ["7", "30", "90", "365"];

/** @typedef {{ name: string, key: string, permissions: string[] }} Made */

/** @param {{ onMade: () => void, onClose: () => void }} props */
export function MakeKey({ onMade, onClose }) {
  const [made, setMade] = useState(/** @type {Made | null} */ (null));
  if (made) return html`<${Shown} of=${made} onClose=${onClose} />`;
  const send = async (/** @type {Record<string, string>} */ values, /** @type {FormData} */ data) => {
    const permissions = data.getAll("permissions").map(String);
    if (permissions.length === 0) {
      throw new ApiError(422, t("noPermission"), { code: "no_permission", field: "permissions" });
    }
    const expiresAt = expiry(values);
    const body = { name: values.name, permissions, expiresAt };
    setMade(await call("POST", "/api/keys", { body }));
    onMade();
  };
  return html`<${Dialog} title=${t("makeKey")} onClose=${onClose} wide>
    <${Form} onSubmit=${send} submit=${t("make")} onCancel=${onClose}>
      <${Field} label=${t("name")} name="name" hint=${t("keyNameHint")} maxlength="64" autocomplete="off" required />
      <${Permissions} />
      <${Expires} />
    <//>
  <//>`;
}

function Permissions() {
  const box = (/** @type {string} */ value, /** @type {any} */ label, checked = false) =>
    html`<${Checkbox}
      key=${value}
      name="permissions"
      value=${value}
      label=${label}
      defaultChecked=${checked}
    />`;
  return html`<fieldset class="permissions">
    <legend>${t("permissions")}</legend>
    <p class="hint">${t("permissionsHint")}</p>
    <div class="permission-grid">
      ${AREAS.map(([area]) =>
        ["read", "write"].map((access) =>
          box(
            `${access}:${area}`,
            html`<code>${access}:${area}</code>`,
            area === "stats" && access === "read",
          ),
        ),
      )}
      ${box("read:*", html`<code>read:*</code> ${t("readAll")}`)}
      ${box("write:*", html`<code>write:*</code> ${t("writeAll")}`)}
      ${box("*", html`<code>*</code> ${t("everything")}`)}
    </div>
  </fieldset>`;
}

function Expires() {
  const [days, setDays] = useState("90");
  const options = [
    ...DAYS.map((value) => ({ value, text: t("inDays", { count: Number(value) }) })),
    { value: "date", text: t("onDate") },
    { value: "", text: t("neverExpires") },
  ];
  return html`<div class="pair">
    <${Choice}
      label=${t("expires")}
      name="days"
      options=${options}
      value=${days}
      onChange=${(/** @type {any} */ event) => setDays(event.currentTarget.value)}
    />
    ${days === "date" && html`<${Field} label=${t("expiryDate")} name="expiresAt" type="date" required />`}
  </div>`;
}

/** The end of the chosen day here, or so many days from now. */
function expiry(/** @type {Record<string, string>} */ { days, expiresAt }) {
  if (days === "date") return new Date(`${expiresAt}T23:59:59`).toISOString();
  return days === "" ? undefined : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
}

/** @param {{ of: Made, onClose: () => void }} props */
function Shown({ of, onClose }) {
  return html`<${Dialog} title=${t("keyMade", { name: of.name })} onClose=${onClose} wide closable=${false}>
    <p>${t("keyOnce")}</p>
    <${Snippet} label=${t("theKey")} text=${of.key} />
    <${Snippet} label=${t("tryIt")} text=${tryLine(of)} />
    <div class="buttons end">
      <button type="button" onClick=${onClose}>${shared("close")}</button>
    </div>
  <//>`;
}

/** A line for a shell, with a path that the key may ask for. */
function tryLine(/** @type {Made} */ { key, permissions }) {
  const holds = (/** @type {string} */ area) =>
    permissions.some((each) => each === "*" || each === "read:*" || each === `read:${area}`);
  const readable = AREAS.find(([area]) => holds(area));
  const path = readable ? readable[1] : "/api/auth";
  return `curl -H "Authorization: Bearer ${key}" "${absolute(path)}"`;
}
