// What a key may do: name a key and a path, and see which grant allows it or what is missing.

import { html, useState } from "../../vendor/preact.js";
import { get } from "../../core/api.js";
import { catalogue } from "../../i18n/catalogue.js";
import { list } from "../../i18n/format.js";
import { words } from "../../i18n/en/system.js";
import { Choice, Field, Form } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { Loaded } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";

const t = catalogue("system", words);

const METHODS = ["GET", "POST", "PUT", "DELETE"].map((value) => ({ value, text: value }));

/**
 * What `/api/can-i` answers.
 *
 * @typedef {object} Verdict
 * @property {string} key
 * @property {string} method
 * @property {string} path
 * @property {boolean} allowed
 * @property {string[]} required
 * @property {string | null} grantedBy
 * @property {string[]} missing
 * @property {number} status
 */

/**
 * The panel.
 *
 * @param {{ keys: import("../../core/resource.js").Resource<{ keys: { name: string }[] }> }} props
 */
export function CanI({ keys }) {
  const [verdict, setVerdict] = useState(/** @type {Verdict | null} */ (null));
  const send = async (/** @type {Record<string, string>} */ { key, method, path }) => {
    setVerdict(await get("/api/can-i", { key, method, path }));
  };
  return html`<${Panel} title=${t("canI")} id="can-i">
    <p class="lead">${t("canIText")}</p>
    <${Loaded} of=${keys}>
      ${(/** @type {{ keys: { name: string }[] }} */ data) =>
        data.keys.length === 0
          ? html`<p class="muted">${t("canINoKeys")}</p>`
          : html`<${Form} onSubmit=${send} submit=${t("canIAsk")}>
              <${Choice}
                label=${t("key")}
                name="key"
                options=${data.keys.map(({ name }) => ({ value: name, text: name }))}
              />
              <div class="method-and-path">
                <${Choice} label=${t("method")} name="method" options=${METHODS} />
                <${Field} label=${t("path")} name="path" placeholder="/api/logs" pattern="/.*" required autocapitalize="none" spellcheck="false" />
              </div>
            <//>`}
    <//>
    <div role="status">${verdict && html`<${Answer} of=${verdict} />`}</div>
  <//>`;
}

/** @param {{ of: Verdict }} props */
function Answer({ of }) {
  const what = `${of.method} ${of.path}`;
  return html`<p class="verdict ${of.allowed ? "good" : "bad"}">
    <${Icon} name=${of.allowed ? "check" : "cross"} />
    <span>
      <strong>${t(of.allowed ? "canIYes" : "canINo", { key: of.key, what })}</strong>
      <span class="below">${reason(of)}</span>
    </span>
  </p>`;
}

function reason(/** @type {Verdict} */ of) {
  if (of.allowed) {
    return of.grantedBy === null ? t("canIOpen") : t("canIGranted", { grant: of.grantedBy });
  }
  if (of.status === 404) return t("canINoPath");
  if (of.status === 405) return t("canINoMethod", { method: of.method });
  if (of.required.includes("session")) return t("canISession");
  if (of.status === 401) return t("canIExpired");
  return t("canIMissing", { missing: list(of.missing) });
}
