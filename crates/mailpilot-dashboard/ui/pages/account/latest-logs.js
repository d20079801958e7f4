// The latest log lines of one account, kept current by events.

import { html, useEffect } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { listen } from "../../core/live.js";
import { useResource } from "../../core/resource.js";
import { Loaded } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";
import { Time } from "../../parts/time.js";
import { t } from "../accounts/words.js";
import { Level } from "../logs/level.js";

/** @typedef {import("../../api-types.js").components["schemas"]["LogLine"]} Line */

const ROWS = 5;

/** @param {{ name: string }} props */
export function LatestLogs({ name }) {
  /** @type {import("../../core/resource.js").Resource<{ logs: Line[] }>} */
  const resource = useResource("/api/logs", { accountName: name, pageSize: ROWS });
  const { reload, update } = resource;
  useEffect(() => {
    const heard = (/** @type {Line} */ line) => {
      if (line.accountName !== name) return;
      update(({ logs }) => ({
        logs: [line, ...logs.filter(({ id }) => id !== line.id)].slice(0, ROWS),
      }));
    };
    return listen({ type: "logs", heard, missed: reload });
  }, [name, reload, update]);
  const all = html`<a href=${url("/logs", { accountName: name })}>${t("allLogs")}</a>`;
  return html`<${Panel} title=${t("latestLogs")} beside=${all}>
    <${Loaded} of=${resource} permission="read:logs">
      ${(/** @type {{ logs: Line[] }} */ { logs }) =>
        logs.length === 0 ? html`<p class="muted">${t("noLogs")}</p>` : html`<${Table} lines=${logs} />`}
    <//>
  <//>`;
}

/** @param {{ lines: Line[] }} props */
function Table({ lines }) {
  return html`<table class="latest cards">
    <caption class="hidden">${t("latestLogs")}</caption>
    <thead>
      <tr>
        <th scope="col">${t("time")}</th>
        <th scope="col">${t("message")}</th>
        <th scope="col">${t("level")}</th>
      </tr>
    </thead>
    <tbody>
      ${lines.map(
        ({ id, timestamp, level, message }) =>
          html`<tr key=${id}>
            <td class="when"><${Time} at=${timestamp} as="short" /></td>
            <th scope="row"><a href=${url("/logs", { line: id })}>${message}</a></th>
            <td><${Level} level=${level} /></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
