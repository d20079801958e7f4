// The list of accounts: a table at a desk, cards on a phone.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { now } from "../../core/clock.js";
import { may } from "../../core/session.js";
import { AccountControls } from "../../parts/controls.js";
import { Status, isTrouble } from "../../parts/status.js";
import { Strip } from "../../parts/strip.js";
import { Count, Rate } from "./count.js";
import { countsSince, midnight } from "./figures.js";
import { Progress } from "./progress.js";
import { t } from "./words.js";

/** @typedef {import("../../core/accounts.js").Account} Account */
/** @typedef {import("./day.js").Timeline} Timeline */

/**
 * @param {{
 *   accounts: Account[],
 *   day: Timeline | null,
 *   picked: ReadonlySet<string>,
 *   onPick: (picked: ReadonlySet<string>) => void,
 *   onDone: () => void,
 * }} props
 */
export function List({ accounts, day, picked, onPick, onDone }) {
  const pick = (/** @type {string} */ name) => {
    const next = new Set(picked);
    if (!next.delete(name)) next.add(name);
    onPick(next);
  };
  const [steers, counts] = [may("write:accounts"), may("read:stats")];
  return html`<div class="scroll"><table class="accounts">
    <caption class="hidden">${t("caption")}</caption>
    <thead>
      <tr>
        ${steers && html`<th scope="col" class="pick"><span class="hidden">${t("pick")}</span></th>`}
        <th scope="col">${t("account")}</th>
        <th scope="col">${t("state")}</th>
        <th scope="col">${t("lastProgress")}</th>
        ${
          counts &&
          html`<th scope="col" class="number">${t("today")}</th>
          <th scope="col" class="number">${t("failedToday")}</th>
          <th scope="col" class="strip-cell">${t("lastDay")}</th>`
        }
        ${steers && html`<th scope="col"><span class="hidden">${t("controls")}</span></th>`}
      </tr>
    </thead>
    <tbody>
      ${accounts.map(
        (account) =>
          html`<tr key=${account.name}>
            ${
              steers &&
              html`<td class="pick">
              <label>
                <input
                  type="checkbox"
                  aria-label=${t("pickOne", { name: account.name })}
                  checked=${picked.has(account.name)}
                  onChange=${() => pick(account.name)}
                />
              </label>
            </td>`
            }
            <th scope="row" class="who">
              <a href=${url(`/accounts/${encodeURIComponent(account.name)}`)}>${account.name}</a>
              <small class="muted">${account.imap?.host ?? t("reportsOnly")}</small>
            </th>
            <td class="state">
              <${Status} status=${account.status} />
              ${isTrouble(account.status) && account.lastError && html`<p class="why">${account.lastError}</p>`}
            </td>
            <td data-head=${t("lastProgress")}><${Progress} account=${account} /></td>
            ${counts && html`<${Figures} account=${account} day=${day} />`}
            ${steers && html`<td class="orders"><${AccountControls} account=${account} compact onDone=${onDone} /></td>`}
          </tr>`,
      )}
    </tbody>
  </table></div>`;
}

/** @param {{ account: Account, day: Timeline | null }} props */
function Figures({ account: { name }, day }) {
  const since = midnight(now.value);
  const today = day && countsSince(day, name, since);
  return html`<td class="number" data-head=${t("today")}>
      ${today ? html`<${Count} of=${today.emails} name=${name} since=${since} label="mailsTodayOf" />` : t("none")}
    </td>
    <td class="number" data-head=${t("failedToday")}>
      ${
        today
          ? html`<span>
            <${Count} of=${today.errors} name=${name} since=${since} label="failedTodayOf" failed />
            ${today.errors > 0 && html`<${Rate} of=${today} />`}
          </span>`
          : t("none")
      }
    </td>
    <td class="strip-cell" data-head=${t("lastDay")}>${day && html`<${Strip} timeline=${day} name=${name} />`}</td>`;
}
