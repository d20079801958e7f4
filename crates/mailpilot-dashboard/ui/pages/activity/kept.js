// Lists that were shown a moment ago, so that the way back leads to the same rows.

import { place } from "../../core/router.js";

/** @typedef {import("./list.js").Shown} Shown */

/** Rows may be many, so few lists are kept. */
const MOST = 2;

/** @type {Shown[]} */
let kept = [];
/** Where the list was left for. */
let leftFor = "";

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

/** The list is left. */
export function leaveList() {
  leftFor = place.value.path;
}

/** Whether this page was come to straight from the list. To be asked once, when it comes. */
export function takeCameFromList() {
  const came = leftFor === place.value.path;
  leftFor = "";
  return came;
}
