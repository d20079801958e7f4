// The rows themselves: a table of which only what is in sight is in the document, or cards on a phone.

import { html, useEffect, useMemo } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { language } from "../../core/preferences.js";
import { duration, number, percent } from "../../i18n/format.js";
import { Icon } from "../../parts/icon.js";
import { useRowFocus } from "../../parts/row-focus.js";
import { Time } from "../../parts/time.js";
import { useRowHeight, useWindowed } from "../../parts/windowed.js";
import { t } from "./texts.js";

/** @typedef {import("./entries.js").Row} Row */

/** Where rows are cards; the same in the style sheet. */
const CARDS = "(max-width: 56rem)";
/** Heights of a row and of a card, in rem. */
const ROW = 3.375;
const CARD = 7.25;
/** Older rows are read when so many or fewer are left below. */
const AHEAD = 400;
/** Actions that have room in a row. */
const ACTIONS = 2;

/**
 * @param {{
 *   shown: import("./list.js").Shown,
 *   more: () => void,
 *   onTop: (atTop: boolean) => void,
 * }} props `onTop` hears whether the first row is in sight
 */
export function Table({ shown, more, onTop }) {
  const { rows, total, atLeast } = shown;
  const keyOf = (/** @type {number} */ index) => rows[index].id;
  const rowHeight = useRowHeight(ROW, CARD, CARDS);
  const focus = useRowFocus({
    count: rows.length,
    keyOf,
    perPage: () => Math.max(1, Math.floor(innerHeight / rowHeight) - 2),
  });
  const list = useWindowed({ count: rows.length, rowHeight, keyOf, stayAtTop: true, pinned: focus.pinned });
  const stop = focus.stop(list.near);
  useEffect(() => {
    if (list.last > rows.length - AHEAD) more();
  }, [list.last, rows.length]);
  useEffect(() => onTop(list.atTop), [list.atTop]);

  return html`<table
    class="mails"
    role="table"
    aria-rowcount=${atLeast ? -1 : total + 1}
    aria-busy=${shown.stale ? "true" : undefined}
  >
    <caption class="hidden">${t("caption")}</caption>
    <thead role="rowgroup">
      <tr role="row" aria-rowindex="1">
        <th role="columnheader" scope="col">${t("when")}</th>
        <th role="columnheader" scope="col">${t("account")}</th>
        <th role="columnheader" scope="col">${t("mail")}</th>
        <th role="columnheader" scope="col">${t("actions")}</th>
        <th role="columnheader" scope="col">${t("outcome")}</th>
        <th role="columnheader" scope="col" class="number">${t("confidence")}</th>
        <th role="columnheader" scope="col" class="number">${t("duration")}</th>
      </tr>
    </thead>
    <tbody
      role="rowgroup"
      class="windowed"
      ref=${list.body}
      style=${{ height: `${list.height}px`, "--row": `${rowHeight}px` }}
      ...${focus.handlers}
    >
      ${list.rows.map(
        (index) =>
          html`<tr
            key=${rows[index].id}
            role="row"
            data-row=${index}
            aria-rowindex=${index + 2}
            style=${{ transform: `translateY(${list.topOf(index)}px)` }}
          >
            <${Cells} row=${rows[index]} isStop=${index === stop} />
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Rows are drawn again whenever one comes into sight; what is in them seldom changes. */
function Cells(/** @type {{ row: Row, isStop: boolean }} */ { row, isStop }) {
  return useMemo(
    () => html`<td role="cell" class="mail-when muted"><${Time} at=${row.at} as="short" /></td>
      <td role="cell" class="mail-account">${row.account}</td>
      <th role="rowheader" scope="row" class="mail-what">
        <a href=${url(`/activity/${row.id}`)} tabindex=${isStop ? 0 : -1}>
          <span class="mail-title ${row.isId ? "mono" : ""}">${row.title}</span>
          ${row.from && html`<span class="muted">${row.from}</span>`}
        </a>
      </th>
      <td role="cell" class="mail-actions"><${Actions} actions=${row.actions} /></td>
      <td role="cell" class="mail-outcome"><${Outcome} failed=${row.failed} /></td>
      <td role="cell" class="mail-sure number">${row.confidence === undefined ? "" : percent(row.confidence)}</td>
      <td role="cell" class="mail-took number">${row.ms === undefined ? "" : duration(row.ms / 1000)}</td>`,
    [row, isStop, language.value],
  );
}

function Actions(/** @type {{ actions: readonly string[] }} */ { actions }) {
  if (actions.length === 0) return html`<span class="muted">${t("noActions")}</span>`;
  const rest = actions.length - ACTIONS;
  return html`${actions.slice(0, ACTIONS).map((action) => html`<span class="chip" key=${action}>${action}</span>`)}
    ${rest > 0 && html`<span class="muted" aria-label=${t("more", { count: rest })}>+${number(rest)}</span>`}`;
}

function Outcome(/** @type {{ failed: boolean }} */ { failed }) {
  // What went well is the rule and needs no colour.
  if (!failed) return html`<span class="muted">${t("done")}</span>`;
  return html`<span class="badge bad"><${Icon} name="cross" />${t("failed")}</span>`;
}
