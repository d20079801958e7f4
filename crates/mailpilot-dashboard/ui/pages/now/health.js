// The accounts, worst first: state, strip of a day, what they did, and what can be asked of them.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { number } from "../../i18n/format.js";
import { sum } from "../../parts/chart/runs.js";
import { AccountControls } from "../../parts/controls.js";
import { Panel } from "../../parts/page.js";
import { gravestFirst, Status } from "../../parts/status.js";
import { Strip } from "../../parts/strip.js";
import { Time } from "../../parts/time.js";
import { rows } from "./rows.js";
import { t } from "./words.js";

/** @typedef {import("../../parts/chart/runs.js").Timeline} Timeline */
/** @typedef {import("./reading.js").Shown} Shown */

/** @param {{ accounts: Shown[], timeline: Timeline | null, onDone: () => void }} props */
export function Health({ accounts, timeline, onDone }) {
  return html`<${Panel} title=${t("accounts")} beside=${timeline && html`<span class="muted">${t("last24h")}</span>`}>
    <ul class="health">
      ${gravestFirst(accounts).map(
        (account) =>
          html`<li key=${account.name}>
            <div class="health-name">
              <a href=${url(`/accounts/${encodeURIComponent(account.name)}`)}>${account.name}</a>
              <${Status} status=${account.status} />
            </div>
            ${timeline && html`<${Strip} timeline=${timeline} name=${account.name} />`}
            <${Counts} account=${account} timeline=${timeline} />
            <${AccountControls} account=${account} compact onDone=${onDone} />
          </li>`,
      )}
    </ul>
    ${timeline && html`<p class="health-key muted">${t("stripKey")}</p>`}
  <//>`;
}

/** @param {{ account: Shown, timeline: Timeline | null }} props */
function Counts({ account, timeline }) {
  const column = timeline?.accounts.find(({ name }) => name === account.name);
  const linked = (/** @type {number[]} */ of, /** @type {boolean} */ failed) => {
    const count = sum(of);
    if (count === 0 || !timeline) return number(count);
    return html`<a href=${rows({ start: timeline.from, account: account.name, failed })}>${number(count)}</a>`;
  };
  return html`<dl class="health-counts">
    <div><dt>${t("lastProgress")}</dt><dd><${Time} at=${account.lastActivityAt} /></dd></div>
    ${
      column &&
      html`<div><dt>${t("mailsHead")}</dt><dd>${linked(column.emails, false)}</dd></div>
        <div><dt>${t("failedColumn")}</dt><dd>${linked(column.errors, true)}</dd></div>`
    }
  </dl>`;
}
