// What was done to which mail: a live list with filters, and its export.

import { html, useRef, useState } from "../vendor/preact.js";
import { url } from "../core/base.js";
import { keep, kept } from "../core/preferences.js";
import { place, setQuery } from "../core/router.js";
import { may } from "../core/session.js";
import { FollowSwitch } from "../parts/follow-switch.js";
import { Icon } from "../parts/icon.js";
import { Denied, Failed, Loading, Note } from "../parts/note.js";
import { Page } from "../parts/page.js";
import { t as shared } from "../i18n/core.js";
import { Export } from "./activity/export.js";
import { keyOf, noFilter, readFilter } from "./activity/filter.js";
import { Filters } from "./activity/filters.js";
import { isFull } from "./activity/list.js";
import { NewRows } from "./activity/new-rows.js";
import { Table } from "./activity/table.js";
import { t } from "./activity/texts.js";
import { useList } from "./activity/use-list.js";

/** The page. */
export function Activity() {
  return html`<${Page} title=${shared("activity")} beside=${may("read:activity") && html`<${Views} />`}>
    ${may("read:activity") ? html`<${Listed} />` : html`<${Denied} permission="read:activity" />`}
  <//>`;
}

/** Filters that are wanted often, as links. */
function Views() {
  const here = keyOf(readFilter(place.value.query));
  const views = [
    { text: t("viewAll"), query: {} },
    { text: t("viewFailed"), query: { outcome: "failed" } },
    { text: t("viewToday"), query: { range: "today" } },
  ];
  return html`<nav class="segments" aria-label=${t("views")}>
    ${views.map(
      ({ text, query }) =>
        html`<a key=${text} href=${url("/activity", query)} aria-current=${keyOf(query) === here ? "true" : undefined}>${text}</a>`,
    )}
  </nav>`;
}

function Listed() {
  const filter = readFilter(place.value.query);
  const [atTop, setAtTop] = useState(true);
  const [flowing, setFlowing] = useState(() => kept("activity.live") === "on");
  const [exporting, setExporting] = useState(false);
  const start = useRef(/** @type {HTMLElement | null} */ (null));
  const { shown, list } = useList(filter, () => flowing && atTop);
  const flow = () => {
    setFlowing(!flowing);
    keep("activity.live", flowing ? "off" : "on");
  };
  return html`<${Filters} filter=${filter} />
    <div class="mail-head" ref=${start}>
      <p role="status"><${Total} shown=${shown} /></p>
      <div class="buttons">
        <${FollowSwitch} isOn=${flowing} toggle=${flow} title=${t("followHint")} small>${t("follow")}<//>
        ${
          may("read:export") &&
          html`<button type="button" class="quiet small" onClick=${() => setExporting(true)}>
            <${Icon} name="download" />${t("export")}
          </button>`
        }
      </div>
    </div>
    <${NewRows} shown=${shown} atTop=${atTop} accept=${list.accept} start=${start} />
    <${Body} shown=${shown} list=${list} filtered=${keyOf(filter) !== keyOf({})} onTop=${setAtTop} />
    ${exporting && html`<${Export} ask=${shown.ask} onClose=${() => setExporting(false)} />`}`;
}

function Total(/** @type {{ shown: import("./activity/list.js").Shown }} */ { shown }) {
  if (
    shown.stale ||
    (shown.reading === "first" && shown.rows.length === 0) ||
    (shown.error && shown.rows.length === 0)
  )
    return "";
  return t(shown.atLeast ? "totalAtLeast" : "total", { count: shown.total });
}

/**
 * @param {{
 *   shown: import("./activity/list.js").Shown,
 *   list: { more: () => void, again: () => void },
 *   filtered: boolean,
 *   onTop: (atTop: boolean) => void,
 * }} props
 */
function Body({ shown, list, filtered, onTop }) {
  const { rows, error, reading, stale, cursor } = shown;
  if (error && (stale || rows.length === 0)) {
    return html`<${Failed} error=${error} retry=${list.again} />${filtered && html`<${Clear} />`}`;
  }
  if (rows.length === 0 && reading === "first") return html`<${Loading} lines=${8} />`;
  if (rows.length === 0) {
    return filtered
      ? html`<${Note} icon="search" title=${t("noMatchTitle")}><p>${t("noMatchText")}</p><${Clear} /><//>`
      : html`<${Note} icon="mail" title=${t("emptyTitle")}><p>${t("emptyText")}</p><//>`;
  }
  return html`<${Table} shown=${shown} more=${list.more} onTop=${onTop} />
    <div class="mail-end muted">
      ${
        error
          ? html`<${Failed} error=${error} retry=${list.more} />`
          : isFull(shown)
            ? html`<p>${t("full", { count: rows.length })}</p>`
            : cursor === null
              ? html`<p>${t("end")}</p>`
              : html`<p>${shared("loading")}</p>`
      }
    </div>`;
}

function Clear() {
  return html`<p><button type="button" class="quiet" onClick=${() => setQuery(noFilter())}>${t("clear")}</button></p>`;
}
