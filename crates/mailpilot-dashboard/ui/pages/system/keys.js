// API keys: which there are, when they were last used; making and revoking them.

import { html, useState } from "../../vendor/preact.js";
import { call } from "../../core/api.js";
import { useAction } from "../../core/action.js";
import { now } from "../../core/clock.js";
import { catalogue } from "../../i18n/catalogue.js";
import { errorText } from "../../i18n/core.js";
import { words } from "../../i18n/en/system.js";
import { confirmed } from "../../parts/dialog.js";
import { Icon } from "../../parts/icon.js";
import { Loaded, Note } from "../../parts/note.js";
import { focusPanel, Panel } from "../../parts/page.js";
import { Time } from "../../parts/time.js";
import { tell } from "../../parts/toast.js";
import { MakeKey } from "./make-key.js";

const t = catalogue("system", words);

/**
 * @typedef {object} Key
 * @property {string} name
 * @property {string[]} permissions
 * @property {"config" | "api"} source
 * @property {string | null} createdAt
 * @property {string | null} expiresAt
 * @property {string | null} lastUsedAt
 */

/** How long before its end a key is pointed out, in milliseconds. */
const SOON = 14 * 86_400_000;

/**
 * The panel.
 *
 * @param {{ keys: import("../../core/resource.js").Resource<{ keys: Key[] }> }} props
 */
export function Keys({ keys }) {
  const [making, setMaking] = useState(false);
  const button = html`<button type="button" onClick=${() => setMaking(true)}>
    <${Icon} name="plus" />${t("makeKey")}
  </button>`;
  return html`<${Panel} title=${t("keys")} id="keys" beside=${button}>
    <${Loaded} of=${keys}>
      ${(/** @type {{ keys: Key[] }} */ data) =>
        data.keys.length === 0
          ? html`<${Note} icon="key" title=${t("noKeys")}><p>${t("noKeysText")}</p><//>`
          : html`<${List} keys=${data.keys} reload=${keys.reload} />`}
    <//>
    ${making && html`<${MakeKey} onMade=${keys.reload} onClose=${() => setMaking(false)} />`}
  <//>`;
}

/** @param {{ keys: Key[], reload: () => void }} props */
function List({ keys, reload }) {
  const revoke = useAction(async (/** @type {string} */ name) => {
    await call("DELETE", `/api/keys/${encodeURIComponent(name)}`);
    tell(t("keyRevoked", { name }));
    focusPanel("keys");
    reload();
  });
  const ask = async (/** @type {string} */ name) => {
    const yes = await confirmed({
      title: t("revokeKeyTitle", { name }),
      body: t("revokeKeyText"),
      confirm: t("revoke"),
      danger: true,
    });
    if (yes) await revoke.run(name);
  };
  return html`<p class="error" role="alert">${revoke.error && errorText(revoke.error)}</p>
    <table class="cards">
      <caption class="hidden">
        ${t("keys")}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t("name")}</th>
          <th scope="col">${t("permissions")}</th>
          <th scope="col">${t("lastUsed")}</th>
          <th scope="col">${t("expires")}</th>
          <th scope="col"><span class="hidden">${t("revoke")}</span></th>
        </tr>
      </thead>
      <tbody>
        ${keys.map((key) => html`<${Row} key=${key.name} of=${key} revoke=${() => ask(key.name)} />`)}
      </tbody>
    </table>`;
}

/** @param {{ of: Key, revoke: () => void }} props */
function Row({ of, revoke }) {
  return html`<tr>
    <th scope="row">
      ${of.name}
      <small class="below">
        ${of.source === "config" ? t("fromFile") : html`${t("made")} <${Time} at=${of.createdAt} as="day" />`}
      </small>
    </th>
    <td data-head=${t("permissions")}>
      <span class="chips">
        ${of.permissions.map((name) => html`<code key=${name} class="chip">${name}</code>`)}
      </span>
    </td>
    <td data-head=${t("lastUsed")}><${Time} at=${of.lastUsedAt} /></td>
    <td data-head=${t("expires")}><${Expiry} at=${of.expiresAt} /></td>
    <td class="number">
      ${
        of.source === "api" &&
        html`<button
        type="button"
        class="quiet danger small"
        aria-label=${t("revokeKey", { name: of.name })}
        onClick=${revoke}
      >
        ${t("revoke")}
      </button>`
      }
    </td>
  </tr>`;
}

function Expiry(/** @type {{ at: string | null }} */ { at }) {
  if (at === null) return html`<${Time} at=${null} />`;
  const left = new Date(at).getTime() - now.value;
  if (left < 0) return html`<span class="badge bad"><${Icon} name="cross" />${t("expired")}</span>`;
  if (left > SOON) return html`<${Time} at=${at} as="day" />`;
  return html`<span class="badge warn"><${Icon} name="clock" /><${Time} at=${at} /></span>`;
}
