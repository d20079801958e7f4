// The stretch of time a chart shows and the slices it is cut into, on the reader's own clock: a day has 23
// or 25 hours when the clock changes. Pure.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @typedef {"1h" | "24h" | "7d" | "30d"} Range */

export const RANGES = /** @type {const} */ (["1h", "24h", "7d", "30d"]);

/**
 * How far back a range reaches, the step to ask the server for, and how a moment is rounded down to where
 * its slice begins.
 *
 * @type {Record<Range, { length: number, step: string, floor: (at: number) => number, next: (start: number) => number }>}
 */
const KINDS = {
  "1h": { length: HOUR, step: "1m", floor: (at) => even(at, MINUTE), next: (at) => at + MINUTE },
  "24h": { length: DAY, step: "30m", floor: (at) => even(at, HOUR / 2), next: (at) => at + HOUR / 2 },
  "7d": { length: 7 * DAY, step: "1h", floor: (at) => local(at, 3, 0), next: (at) => local(at, 3, 1) },
  "30d": { length: 30 * DAY, step: "1h", floor: (at) => local(at, 24, 0), next: (at) => local(at, 24, 1) },
};

/** @param {number} at @param {number} length */
function even(at, length) {
  return Math.floor(at / length) * length;
}

/**
 * The beginning of the block of so many local hours that holds a moment, or of one after it.
 *
 * @param {number} at
 * @param {number} hours
 * @param {number} further
 */
function local(at, hours, further) {
  const day = new Date(at);
  const hour = Math.floor(day.getHours() / hours) * hours + further * hours;
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour).getTime();
}

/**
 * `edges` are one more than the slices, in milliseconds since 1970; the last slice holds `now` and is
 * not over yet.
 *
 * @typedef {{ range: Range, edges: number[], step: string }} Window
 */

/**
 * At least as long as the range, begun where a slice begins.
 *
 * @param {Range} range
 * @param {number} now
 * @returns {Window}
 */
export function windowOf(range, now) {
  const { length, step, floor, next } = KINDS[range];
  const edges = [floor(now - length)];
  while (edges[edges.length - 1] <= now) edges.push(next(edges[edges.length - 1]));
  return { range, edges, step };
}

/** What the address says, the last day where it says nothing known. */
export function rangeOf(/** @type {string | null} */ text) {
  return RANGES.find((range) => range === text) ?? "24h";
}
