// Sums the points of `/api/stats/series` into the slices of a window. Pure.

/**
 * @typedef {object} Point
 * @property {string} t where it begins
 * @property {number} emails
 * @property {Record<string, number>} actions by type
 * @property {number} errors
 * @property {{ le: number[], counts: number[] }} latency seconds; `counts` has one more, for everything slower
 */
/** @typedef {{ step: number, points: Point[] }} Series */
/**
 * @typedef {object} Slice
 * @property {number} start milliseconds since 1970
 * @property {number} end
 * @property {number} emails
 * @property {Record<string, number>} actions
 * @property {number} errors
 * @property {number[]} counts mails by latency; empty where none was measured
 */

/**
 * @param {Point[]} points
 * @param {number[]} edges as `windowOf` makes them
 * @returns {Slice[]}
 */
export function slicesOf(points, edges) {
  const slices = edges.slice(0, -1).map((start, index) => emptySlice(start, edges[index + 1]));
  let current = 0;
  for (const point of [...points].sort((a, b) => Date.parse(a.t) - Date.parse(b.t))) {
    const at = Date.parse(point.t);
    while (current < slices.length && slices[current].end <= at) current += 1;
    if (current === slices.length) break;
    if (at >= slices[current].start) add(slices[current], point);
  }
  return slices;
}

/**
 * @param {number} start
 * @param {number} end
 * @returns {Slice}
 */
function emptySlice(start, end) {
  return { start, end, emails: 0, actions: {}, errors: 0, counts: [] };
}

/** @param {Slice} slice @param {Point} point */
function add(slice, { emails, errors, actions, latency }) {
  slice.emails += emails;
  slice.errors += errors;
  for (const [type, count] of Object.entries(actions)) {
    slice.actions[type] = (slice.actions[type] ?? 0) + count;
  }
  if (latency.counts.every((count) => count === 0)) return;
  slice.counts = latency.counts.map((count, index) => count + (slice.counts[index] ?? 0));
}

/** Everything of some slices together. */
export function total(/** @type {Slice[]} */ slices) {
  const all = emptySlice(slices[0]?.start ?? 0, slices.at(-1)?.end ?? 0);
  for (const { emails, errors, actions, counts } of slices) {
    add(all, { t: "", emails, errors, actions, latency: { le: [], counts } });
  }
  return all;
}

/** How many actions a slice has. */
export function actionsIn(/** @type {Slice} */ { actions }) {
  return Object.values(actions).reduce((sum, count) => sum + count, 0);
}
