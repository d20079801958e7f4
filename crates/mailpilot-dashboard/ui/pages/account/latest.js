// The latest mails of one account, those that failed or all of them, kept current by events.

import { html, useEffect } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { listen } from "../../core/live.js";
import { useResource } from "../../core/resource.js";
import { list } from "../../i18n/format.js";
import { Loaded } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";
import { Time } from "../../parts/time.js";
import { t } from "../accounts/words.js";

/** @typedef {import("../../api-types.js").components["schemas"]["Activity"]} Entry */

const ROWS = 5;

/** @param {{ name: string, failed?: boolean }} props */
export function LatestActivity({ name, failed = false }) {
  const filter = { accountName: name, outcome: failed ? "failed" : undefined };
  /** @type {import("../../core/resource.js").Resource<{ entries: Entry[] }>} */
  const resource = useResource("/api/activity", { ...filter, pageSize: ROWS });
  const { reload, update } = resource;
  useEffect(() => {
    const heard = (/** @type {Entry} */ entry) => {
      if (entry.accountName !== name || (failed && !entry.error)) return;
      update(({ entries }) => ({ entries: withNew(entries, entry) }));
    };
    return listen({ type: "activity", heard, missed: reload });
  }, [name, failed, reload, update]);
  const title = t(failed ? "latestFailed" : "latestActivity");
  const all = html`<a href=${url("/activity", filter)}>${t(failed ? "allFailed" : "allActivity")}</a>`;
  return html`<${Panel} title=${title} beside=${all}>
    <${Loaded} of=${resource} permission="read:activity">
      ${(/** @type {{ entries: Entry[] }} */ { entries }) =>
        entries.length === 0
          ? html`<p class="muted">${t(failed ? "noFailed" : "noActivity")}</p>`
          : html`<${Table} title=${title} entries=${entries} failed=${failed} />`}
    <//>
  <//>`;
}

/**
 * The newest stand first; an entry may come late, or twice after a break.
 *
 * @param {Entry[]} entries
 * @param {Entry} entry
 */
function withNew(entries, entry) {
  const others = entries.filter(({ id }) => id !== entry.id);
  return [entry, ...others]
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || b.id - a.id)
    .slice(0, ROWS);
}

/** @param {{ title: string, entries: Entry[], failed: boolean }} props */
function Table({ title, entries, failed }) {
  return html`<table class="latest cards">
    <caption class="hidden">${title}</caption>
    <thead>
      <tr>
        <th scope="col">${t("time")}</th>
        <th scope="col">${t("mail")}</th>
        <th scope="col">${t("outcome")}</th>
      </tr>
    </thead>
    <tbody>
      ${entries.map(
        (entry) =>
          html`<tr key=${entry.id}>
            <td class="when"><${Time} at=${entry.createdAt} as="short" /></td>
            <th scope="row"><a href=${url(`/activity/${entry.id}`)}>${entry.subject || entry.messageId}</a></th>
            <td class=${entry.error ? "failed" : ""}>
              ${entry.error && !failed && html`<strong>${t("failed")}:</strong>${" "}`}
              ${entry.error ?? deeds(entry)}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Such as `flag, move → Lists`. */
function deeds(/** @type {Entry} */ { actions }) {
  if (actions.length === 0) return t("nothingDone");
  return list(actions.map(({ type, folder }) => (folder ? `${type} → ${folder}` : type)));
}
