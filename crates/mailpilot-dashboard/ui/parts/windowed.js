// A list of any length of which only the rows in sight are in the document.
//
// The element that holds the rows (`body`) is as high as all of them together and `position: relative`
// (class `windowed`); each row is `position: absolute` and begins at `topOf(index)`. Rows are drawn with
// their key, so that one that stays in sight keeps its node, its focus and its selection.
//
//   const list = useWindowed({ count, rowHeight, keyOf: (index) => rows[index].id });
//   html`<tbody class="windowed" ref=${list.body} style=${{ height: `${list.height}px` }}>
//     ${list.rows.map((index) => html`<tr key=${rows[index].id} style=${{ top: `${list.topOf(index)}px` }}>…`)}
//   </tbody>`

import { useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { rowsInSight, indexAt, topOf, whereIs } from "./windows.js";

/** Rows drawn beyond what is in sight, on either side: what a quick turn of the wheel uncovers. */
const BEYOND = 12;
/** Rows drawn before anything could be measured. */
const AT_FIRST = 24;

/**
 * @typedef {object} Windowed
 * @property {{ current: any }} body for the element that holds the rows
 * @property {number[]} rows indices to draw, rising
 * @property {number} last index behind the last row near what is in sight: read more when it nears the end
 * @property {number} near index of a row that is in sight, or just above
 * @property {boolean} atTop the first row is in sight
 * @property {number} height of all rows together, in pixels
 * @property {(index: number) => number} topOf where a row begins, in pixels
 */

/**
 * The row at the upper edge when last looked, and what the list was like.
 *
 * @typedef {object} Edge
 * @property {unknown} key
 * @property {number} index
 * @property {number} top where the row began in the list
 * @property {boolean} atTop
 * @property {number} count
 * @property {number} [rowHeight]
 * @property {readonly (readonly [number, number])[]} [taller]
 */

/**
 * What is read stays where it is when rows come or go before it, because rows are known by `keyOf`.
 *
 * @param {object} list
 * @param {number} list.count
 * @param {number} list.rowHeight in pixels, such as `useRowHeight` gives
 * @param {(index: number) => unknown} list.keyOf what makes a row the same row
 * @param {readonly (readonly [number, number])[]} [list.taller] rows that are higher, as `[index, pixels more]`, rising
 * @param {{ current: HTMLElement | null }} [list.scroller] what scrolls, if it is not the page
 * @param {boolean} [list.stayAtTop] with the first row in sight, rows that come before it come into sight
 * @param {number} [list.pinned] a row drawn wherever it is, because it has the focus or shall be scrolled to
 * @returns {Windowed}
 */
export function useWindowed({ count, rowHeight, keyOf, taller, scroller, stayAtTop = false, pinned = -1 }) {
  const body = useRef(/** @type {HTMLElement | null} */ (null));
  const [range, setRange] = useState({ first: 0, last: AT_FIRST, atTop: true });
  const edge = useRef(/** @type {Edge} */ ({ key: undefined, index: 0, top: 0, atTop: true, count: -1 }));
  const heights = { rowHeight, taller };

  const look = () => {
    const node = body.current;
    if (!node) return;
    const box = scroller?.current;
    const upper = box ? box.getBoundingClientRect().top : 0;
    const from = upper - node.getBoundingClientRect().top;
    const next = {
      ...rowsInSight({ from, to: from + (box ? box.clientHeight : innerHeight) }, BEYOND, count, heights),
      atTop: from <= 0,
    };
    const index = Math.min(indexAt(from, heights), count - 1);
    edge.current = {
      key: index >= 0 ? keyOf(index) : undefined,
      index,
      top: topOf(index, heights),
      atTop: from <= 0,
      count,
      rowHeight,
      taller,
    };
    setRange((before) =>
      before.first === next.first && before.last === next.last && before.atTop === next.atTop ? before : next,
    );
  };
  const latest = useRef(look);
  latest.current = look;

  useLayoutEffect(() => {
    const was = edge.current;
    const same = was.count === count && was.rowHeight === rowHeight && was.taller === taller;
    // Drawn again because of scrolling alone: to measure once more would cost as much as drawing did.
    if (same && (count === 0 || keyOf(was.index) === was.key)) return;
    if (was.key !== undefined && !(was.atTop && stayAtTop)) {
      const index = whereIs(was.key, was.index, count, keyOf);
      // By how far the row moved in the list, not on the screen: the reader may be scrolling meanwhile.
      const moved = index < 0 ? 0 : topOf(index, heights) - was.top;
      if (moved !== 0) (scroller?.current ?? window).scrollBy({ top: moved, behavior: "instant" });
    }
    look();
  });

  useEffect(() => {
    const again = () => latest.current();
    // Scrolling does not bubble; caught on its way down it is heard of whatever scrolls.
    document.addEventListener("scroll", again, { capture: true, passive: true });
    const sizes = new ResizeObserver(again);
    sizes.observe(scroller?.current ?? document.documentElement);
    addEventListener("resize", again);
    return () => {
      document.removeEventListener("scroll", again, { capture: true });
      sizes.disconnect();
      removeEventListener("resize", again);
    };
  }, []);

  const first = Math.min(range.first, Math.max(0, count - 1));
  const last = Math.min(range.last, count);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at);
  if (pinned >= 0 && pinned < first) rows.unshift(pinned);
  if (pinned >= last && pinned < count) rows.push(pinned);
  return {
    body,
    rows,
    last,
    near: first === 0 ? 0 : Math.min(first + BEYOND, count - 1),
    atTop: range.atTop,
    height: topOf(count, heights),
    topOf: (index) => topOf(index, heights),
  };
}

/**
 * The height of a row in pixels, which grows with the reader's font size.
 *
 * @param {number} wide in rem
 * @param {number} narrow in rem, where `query` holds
 * @param {string} [query] as in the style sheet
 */
export function useRowHeight(wide, narrow, query = "(max-width: 40rem)") {
  const [isNarrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const change = () => setNarrow(media.matches);
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, [query]);
  return Math.round(
    (isNarrow ? narrow : wide) * parseFloat(getComputedStyle(document.documentElement).fontSize),
  );
}
