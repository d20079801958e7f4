// Turns columns of states, slice by slice, into runs of the same state and how long each lasted. Pure.

/**
 * One account's columns in the answer of `/api/stats/timeline`.
 *
 * @typedef {object} TimelineAccount
 * @property {string} name
 * @property {(string | null)[]} status
 * @property {number[]} emails
 * @property {number[]} errors
 */
/** @typedef {{ from: string, to: string, step: number, accounts: TimelineAccount[] }} Timeline */
/**
 * `status` is null where nothing is known; `start` and `end` are milliseconds since 1970.
 *
 * @typedef {{ status: string | null, start: number, end: number }} Run
 */

/**
 * Runs of the same state, in order of time, without gaps between them. The last slice may reach beyond
 * the end and is cut there.
 *
 * @param {Timeline} timeline
 * @param {(string | null)[]} column
 * @returns {Run[]}
 */
export function runs(timeline, column) {
  const from = Date.parse(timeline.from);
  const to = Date.parse(timeline.to);
  const step = timeline.step * 1000;
  /** @type {Run[]} */
  const found = [];
  column.forEach((status, index) => {
    const start = from + index * step;
    const end = Math.min(to, start + step);
    if (end <= start) return;
    const last = found.at(-1);
    if (last && last.status === status) last.end = end;
    else found.push({ status, start, end });
  });
  return found;
}

/**
 * How long each state lasted, in seconds, the longest first.
 *
 * @param {Run[]} of
 */
export function lasting(of) {
  /** @type {Map<string | null, number>} */
  const seconds = new Map();
  for (const { status, start, end } of of) {
    seconds.set(status, (seconds.get(status) ?? 0) + (end - start) / 1000);
  }
  return [...seconds]
    .map(([status, lasted]) => ({ status, seconds: lasted }))
    .sort((a, b) => b.seconds - a.seconds);
}

/** @param {number[]} column */
export function sum(column) {
  return column.reduce((total, each) => total + each, 0);
}
