// Which rows of a long list are in sight: arithmetic alone, without a document.

/**
 * How high rows are, in pixels. `taller` names the few that are higher than the others, with how much
 * higher, in rising order of their index.
 *
 * @typedef {object} Heights
 * @property {number} rowHeight
 * @property {readonly (readonly [number, number])[]} [taller]
 */

/**
 * Rows change in steps of so many, so that not every pixel scrolled draws something.
 */
const STEP = 4;

/**
 * How far below the list's beginning a row begins.
 *
 * @param {number} index
 * @param {Heights} heights
 */
export function topOf(index, { rowHeight, taller = [] }) {
  let top = index * rowHeight;
  for (const [at, by] of taller) {
    if (at >= index) break;
    top += by;
  }
  return top;
}

/**
 * The row that covers `y`, of a list without end.
 *
 * @param {number} y below the list's beginning
 * @param {Heights} heights
 */
export function indexAt(y, { rowHeight, taller = [] }) {
  let more = 0;
  for (const [at, by] of taller) {
    const begins = at * rowHeight + more;
    if (y < begins) break;
    if (y < begins + rowHeight + by) return at;
    more += by;
  }
  return Math.max(0, Math.floor((y - more) / rowHeight));
}

/**
 * The rows to draw, `first` to before `last`: those in sight, and some more on either side.
 *
 * @param {{ from: number, to: number }} sight
 * @param {number} beyond rows
 * @param {number} count
 * @param {Heights} heights
 */
export function rowsInSight({ from, to }, beyond, count, heights) {
  const first = Math.floor((indexAt(from, heights) - beyond) / STEP) * STEP;
  const last = Math.ceil((indexAt(to, heights) + 1 + beyond) / STEP) * STEP;
  return {
    first: Math.max(0, Math.min(first, count - 1)),
    last: Math.max(0, Math.min(last, count)),
  };
}

/**
 * Where a row is now that was at `near`: the search goes outwards, because rows move little. -1 if it is gone.
 *
 * @param {unknown} key
 * @param {number} near
 * @param {number} count
 * @param {(index: number) => unknown} keyOf
 */
export function whereIs(key, near, count, keyOf) {
  for (let away = 0; near - away >= 0 || near + away < count; away++) {
    if (near + away < count && keyOf(near + away) === key) return near + away;
    if (near - away >= 0 && near - away < count && keyOf(near - away) === key) return near - away;
  }
  return -1;
}
