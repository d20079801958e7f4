// One line of the log: in a row of one height, and all of it when it is opened.

import { html, useLayoutEffect, useRef } from "../../vendor/preact.js";
import { absolute, url } from "../../core/base.js";
import { may } from "../../core/session.js";
import { date, dateTime } from "../../i18n/format.js";
import { CopyButton } from "../../parts/copy.js";
import { Icon } from "../../parts/icon.js";
import { marked } from "./filter.js";
import { Level } from "./level.js";
import { inLines, jsonText, utcTime } from "./text.js";
import { levelText, t } from "./words.js";

/** @typedef {import("./lines.js").Line} Line */

const CLOCK = /** @type {const} */ ({
  hourCycle: "h23",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const DAY = /** @type {const} */ ({ month: "2-digit", day: "2-digit" });

/** The time to the millisecond, with the day where it is not today. */
function Moment(/** @type {{ at: number }} */ { at }) {
  const [then, now] = [new Date(at), new Date()];
  const isToday = then.toDateString() === now.toDateString();
  const isThisYear = then.getFullYear() === now.getFullYear();
  const day = isToday ? "" : `${date(at, isThisYear ? DAY : { ...DAY, year: "2-digit" })} `;
  return html`<time datetime=${then.toISOString()} title=${utcTime(at)}>${day}${date(at, CLOCK)}</time>`;
}

/** @param {{ text: string, search: string | null }} props */
function Marked({ text, search }) {
  return marked(text, search).map(({ text, found }) => (found ? html`<mark>${text}</mark>` : text));
}

/**
 * @param {object} props
 * @param {Line} props.line
 * @param {number} props.index
 * @param {number} props.top in pixels
 * @param {string | null} props.search
 * @param {boolean} props.isOpen
 * @param {boolean} props.isNamed the address names this line
 * @param {boolean} props.isStop the row Tab goes to
 * @param {(line: Line) => void} props.toggle
 * @param {(line: Line, height: number) => void} props.measured
 */
export function Row({ line, index, top, search, isOpen, isNamed, isStop, toggle, measured }) {
  const press = (/** @type {MouseEvent} */ event) => {
    // Who marks text with the mouse wants the text.
    const button = event.target instanceof Element && event.target.closest("button, a");
    if (!button && !getSelection()?.isCollapsed) return;
    toggle(line);
  };
  const details = `line-${line.id}`;
  return html`<tr
    role="row"
    data-level=${line.level}
    class="log-row ${isOpen ? "open" : ""} ${isNamed ? "named" : ""}"
    style=${{ top: `${top}px` }}
    data-row=${index}
    aria-rowindex=${index + 2}
    aria-current=${isNamed ? "true" : undefined}
  >
    <td role="cell" class="log-time" onClick=${press}><${Moment} at=${line.at} /></td>
    <td role="cell" onClick=${press}><${Level} level=${line.level} /></td>
    <td role="cell" class="log-from" onClick=${press}><${Marked} text=${line.target} search=${search} /></td>
    <td role="cell" class="log-account" onClick=${press}>${line.accountName ?? ""}</td>
    <td role="cell" class="log-text">
      <button
        type="button"
        class="log-open"
        tabindex=${isStop ? 0 : -1}
        aria-expanded=${isOpen ? "true" : "false"}
        aria-controls=${isOpen ? details : undefined}
        onClick=${press}
      >
        <${Icon} name=${isOpen ? "down" : "right"} />
        <span class="log-message"><bdi><${Marked} text=${line.message} search=${search} /></bdi><span class="log-fields">${inLines(line.fields)}</span></span>
      </button>
    </td>
    ${
      isOpen &&
      html`<td role="cell" aria-colspan="5" class="log-details">
        <${Details} id=${details} line=${line} search=${search} isNamed=${isNamed} measured=${measured} />
      </td>`
    }
  </tr>`;
}

/**
 * @param {{ id: string, line: Line, search: string | null, isNamed: boolean, measured: (line: Line, height: number) => void }} props
 */
function Details({ id, line, search, isNamed, measured }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const node = /** @type {HTMLElement} */ (box.current);
    const sizes = new ResizeObserver(() => measured(line, node.offsetHeight));
    sizes.observe(node);
    measured(line, node.offsetHeight);
    return () => sizes.disconnect();
  }, [line.id]);
  const account = line.accountName;
  return html`<div id=${id} ref=${box}>
    <p class="log-whole"><${Marked} text=${line.message} search=${search} /></p>
    <dl class="facts">
      <dt>${t("time")}</dt>
      <dd>${dateTime(line.at)} · ${utcTime(line.at)}</dd>
      <dt>${t("level")}</dt>
      <dd>${levelText(line.level)}</dd>
      <dt>${t("from")}</dt>
      <dd><code>${line.target}</code></dd>
      ${
        account &&
        html`<dt>${t("account")}</dt>
          <dd>${may("read:accounts") ? html`<a href=${url(`/accounts/${encodeURIComponent(account)}`)}>${account}</a>` : account}</dd>`
      }
      ${Object.entries(line.fields).map(
        ([name, value]) =>
          html`<dt key=${name} class="mono">${name}</dt>
            <dd><code>${typeof value === "string" ? value : JSON.stringify(value)}</code></dd>`,
      )}
    </dl>
    <div class="buttons">
      ${!isNamed && html`<a class="button quiet small" href=${url("/logs", { line: line.id })}><${Icon} name="logs" />${t("context")}</a>`}
      <${CopyButton} text=${absolute(`/logs?line=${line.id}`)} label=${t("copyLink")} />
      <${CopyButton} text=${jsonText(line)} label=${t("copyLine")} />
    </div>
  </div>`;
}
