// The scrolled list of lines: draws those in sight, stays at the end while following, reads on at its ends.

import { html, useCallback, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { errorText } from "../../i18n/core.js";
import { Icon } from "../../parts/icon.js";
import { useRowFocus } from "../../parts/row-focus.js";
import { tell } from "../../parts/toast.js";
import { useRowHeight, useWindowed } from "../../parts/windowed.js";
import { isGap, placeOf } from "./lines.js";
import { Row } from "./row.js";
import { t } from "./words.js";

/** @typedef {import("./feed.js").Feed} Feed */
/** @typedef {import("./feed.js").Beyond} Beyond */
/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("./lines.js").Gap} Gap */
/** Whether the end of the list is kept in sight; `resting` while somebody reads further up.
 * @typedef {"on" | "resting" | "off"} Follow */

/** So near to an end, in pixels, what lies beyond it is read. */
const NEAR = 600;
/** `useWindowed` says near which row the upper edge is; so many rows further down one is in sight. */
const EDGE = 4;
/** Scrolled to the end, but for a rounding. */
const AT_END = 4;
/** Heights of a row in rem, as in the style sheet. */
const [WIDE, NARROW] = [2, 4.25];

/**
 * @param {{ feed: Feed, follow: Follow, setFollow: (next: Follow) => void, pending: boolean }} props
 *   `pending`: lines of another filter are on their way
 */
export function Viewer({ feed, follow, setFollow, pending }) {
  const { items, held, older, newer, line: named, reading } = feed.state.value;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const rowHeight = useRowHeight(WIDE, NARROW);
  const opened = useOpened(named);
  const keyOf = (/** @type {number} */ index) => items[index].id;
  const rows = useRowFocus({
    count: items.length,
    keyOf,
    perPage: () => Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 1),
  });
  const list = useWindowed({
    count: items.length,
    rowHeight,
    keyOf,
    taller: opened.taller(items),
    scroller: box,
    pinned: rows.pinned,
  });

  // Tab goes to a line in sight: the newest while following, else one near the upper edge.
  const stop = rows.stop(follow === "on" ? items.length - 1 : Math.min(list.near + EDGE, items.length - 1));
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight, behavior: "instant" });
  // Only when there is more to show: otherwise nobody could scroll up.
  useLayoutEffect(() => {
    if (follow === "on") toEnd();
  }, [follow, list.height, items]);
  // Where the reading begins: at the line the address names, else at the end.
  useLayoutEffect(() => {
    const node = /** @type {HTMLElement} */ (box.current);
    if (!named) return toEnd();
    const top = list.topOf(placeOf(items, named)) - (node.clientHeight - rowHeight) / 3;
    node.scrollTo({ top, behavior: "instant" });
  }, [feed]);

  useEffect(() => {
    const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLElement} */ (box.current);
    if (older === "more" && scrollTop < NEAR) void feed.older();
    if (newer === "more" && scrollHeight - scrollTop - clientHeight < NEAR) void feed.newer();
  });

  const lastTop = useRef(0);
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLElement} */ (box.current);
    const atEnd = scrollHeight - scrollTop - clientHeight < AT_END;
    if (follow === "on" && !atEnd && scrollTop < lastTop.current) setFollow("resting");
    if (follow === "resting" && atEnd) setFollow("on");
    lastTop.current = scrollTop;
  };
  // A window that changes its size moves the end out of sight without anybody having scrolled.
  useEffect(() => {
    const node = /** @type {HTMLElement} */ (box.current);
    const sizes = new ResizeObserver(() => follow === "on" && toEnd());
    sizes.observe(node);
    return () => sizes.disconnect();
  }, [follow]);

  /** Who opens a line wants to read it: it shall not run away, and be in sight down to its end. */
  const toReveal = useRef(/** @type {Line | null} */ (null));
  const toggle = (/** @type {Line} */ line) => {
    if (!opened.has(line.id)) {
      toReveal.current = line;
      if (follow === "on") setFollow("resting");
    }
    opened.toggle(line);
  };
  useLayoutEffect(() => {
    const line = toReveal.current;
    if (!line || opened.heightOf(line.id) === 0) return;
    toReveal.current = null;
    const node = /** @type {HTMLElement} */ (box.current);
    const begin = list.body.current.offsetTop;
    const index = placeOf(items, line);
    const top = Math.min(begin + list.topOf(index), begin + list.topOf(index + 1) - node.clientHeight);
    // Short of the end, where following would go on.
    const most = node.scrollHeight - node.clientHeight - 2 * AT_END;
    if (top > node.scrollTop) node.scrollTo({ top: Math.min(top, most), behavior: "instant" });
  });

  const letIn = () => {
    if (follow === "resting") setFollow("on");
    else feed.hold(false);
    requestAnimationFrame(toEnd);
    if (follow === "off") requestAnimationFrame(() => feed.hold(true));
  };

  return html`<div class="log-view">
    <div class="log-scroll ${pending ? "pending" : ""}" ref=${box} onScroll=${scrolled} aria-busy=${pending ? "true" : undefined}>
      <${Before} older=${older} read=${feed.older} />
      <table class="log-table" role="table" aria-rowcount=${items.length + 1}>
        <caption class="hidden">${t("tableCaption")}</caption>
        <thead role="rowgroup" class="hidden">
          <tr role="row">
            ${
              /** @type {const} */ (["time", "level", "from", "account", "message"]).map(
                (name) => html`<th key=${name} role="columnheader" scope="col">${t(name)}</th>`,
              )
            }
          </tr>
        </thead>
        <tbody
          role="rowgroup"
          class="windowed"
          ref=${list.body}
          style=${{ height: `${list.height}px` }}
          ...${rows.handlers}
        >
          ${list.rows.map((index) => {
            const item = items[index];
            const place = {
              key: item.id,
              index,
              top: list.topOf(index),
              isStop: index === stop,
            };
            return isGap(item)
              ? html`<${GapRow} ...${place} gap=${item} isBusy=${reading.has(item.id)} fill=${feed.fill} />`
              : html`<${Row}
                  ...${place}
                  line=${item}
                  search=${feed.filter.search}
                  isOpen=${opened.has(item.id)}
                  isNamed=${item.id === named?.id}
                  toggle=${toggle}
                  measured=${opened.measured}
                />`;
          })}
        </tbody>
      </table>
      ${feed.lineId !== null && html`<${After} newer=${newer} read=${feed.newer} />`}
      ${
        held > 0 &&
        html`<div class="log-held">
          <button type="button" onClick=${letIn}><${Icon} name="down" />${t("held", { count: held })}</button>
        </div>`
      }
    </div>
    <p class="hidden" role="status">${held > 0 ? t("heldNotice") : ""}</p>
  </div>`;
}

/**
 * The lines that are opened, with how much room each takes.
 *
 * @param {Line | null} named opened from the start
 */
function useOpened(named) {
  const [open, setOpen] = useState(/** @type {Map<number, { line: Line, height: number }>} */ (new Map()));
  useEffect(() => {
    setOpen(new Map(named ? [[named.id, { line: named, height: 0 }]] : []));
  }, [named]);
  const toggle = useCallback((/** @type {Line} */ line) => {
    setOpen((before) => {
      const next = new Map(before);
      if (!next.delete(line.id)) next.set(line.id, { line, height: 0 });
      return next;
    });
  }, []);
  const measured = useCallback((/** @type {Line} */ line, /** @type {number} */ height) => {
    setOpen((before) => {
      const known = before.get(line.id);
      return !known || known.height === height ? before : new Map(before).set(line.id, { line, height });
    });
  }, []);
  /** @param {import("./lines.js").Item[]} items */
  const taller = (items) =>
    [...open.values()]
      .map(({ line, height }) => /** @type {const} */ ([placeOf(items, line), height]))
      .filter(([index]) => open.has(items[index]?.id))
      .sort(([a], [b]) => a - b);
  const has = (/** @type {number} */ id) => open.has(id);
  const heightOf = (/** @type {number} */ id) => open.get(id)?.height ?? 0;
  return { has, heightOf, toggle, measured, taller };
}

/** What lies before the first line. @param {{ older: Beyond, read: () => void }} props */
function Before({ older, read }) {
  const retry = (/** @type {string} */ text) =>
    html`<button type="button" class="link" onClick=${read}>${text}</button>`;
  return html`<p class="log-edge">
    ${older === "none" && t("beginning")}
    ${(older === "loading" || older === "more") && t("loadingOlder")}
    ${older === "stuck" && html`<span>${t("notFoundYet")}</span> ${retry(t("searchFurther"))}`}
    ${older === "failed" && html`<span>${t("olderFailed")}</span> ${retry(t("again"))}`}
  </p>`;
}

/** What lies behind the last line of a neighbourhood. @param {{ newer: Beyond, read: () => void }} props */
function After({ newer, read }) {
  if (newer === "none")
    return html`<p class="log-edge"><span>${t("end")}</span> <a href=${url("/logs")}>${t("followLive")}</a></p>`;
  return html`<p class="log-edge">
    ${
      newer === "failed"
        ? html`<span>${t("olderFailed")}</span> <button type="button" class="link" onClick=${read}>${t("again")}</button>`
        : t("loadingNewer")
    }
  </p>`;
}

/**
 * @param {object} props
 * @param {Gap} props.gap
 * @param {number} props.index
 * @param {number} props.top
 * @param {boolean} props.isStop
 * @param {boolean} props.isBusy
 * @param {Feed["fill"]} props.fill
 */
function GapRow({ gap, index, top, isStop, isBusy, fill }) {
  const press = async () => {
    const problem = await fill(gap);
    if (problem) tell(errorText(problem), "bad");
  };
  return html`<tr role="row" class="log-gap warn" style=${{ top: `${top}px` }} data-row=${index} aria-rowindex=${index + 2}>
    <td role="cell" aria-colspan="5">
      <span>
        <${Icon} name="warning" />${" "}
        ${gap.missing === null ? t("gapUnknown") : t("gap", { count: gap.missing })}
      </span>
      <button type="button" class="link" tabindex=${isStop ? 0 : -1} onClick=${press}>
        ${isBusy ? t("gapReading") : t("gapRead")}
      </button>
    </td>
  </tr>`;
}
