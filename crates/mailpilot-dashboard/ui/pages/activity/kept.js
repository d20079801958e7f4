// Lists that were shown a moment ago, so that the way back leads to the same rows.

/** @typedef {import("./list.js").Shown} Shown */

/** Rows may be many, so few lists are kept. */
const MOST = 2;

/** @type {Shown[]} */
let kept = [];

/** @param {Shown} shown */
export function keepShown(shown) {
  if (shown.stale || shown.rows.length === 0) return;
  kept = [shown, ...kept.filter(({ key }) => key !== shown.key)].slice(0, MOST);
}

/** @param {string} key of the filter */
export function keptFor(key) {
  return kept.find((shown) => shown.key === key);
}

/** An entry was deleted. @param {number} id */
export function forgetEntry(id) {
  kept = kept.map((shown) => {
    const rows = shown.rows.filter((row) => row.id !== id);
    const total = shown.atLeast ? shown.total : shown.total - (shown.rows.length - rows.length);
    return { ...shown, rows, total };
  });
}
