// Spans of time as people name them, in the browser's zone, and as the API takes them.

import { moment } from "../../core/matching.js";

/** @typedef {"today" | "24h" | "7d" | "30d"} Range */

export const RANGES = /** @type {const} */ (["today", "24h", "7d", "30d"]);

/** @param {string} text @returns {text is Range} */
export function isRange(text) {
  return /** @type {readonly string[]} */ (RANGES).includes(text);
}

/**
 * When a span that ends now began. Days are days of the calendar: seven days ago it was the same time of
 * day, also where the clock was changed in between.
 *
 * @param {Range} range
 * @param {Date} now
 */
export function rangeStart(range, now) {
  const start = new Date(now);
  if (range === "today") start.setHours(0, 0, 0, 0);
  else if (range === "24h") start.setTime(now.getTime() - 86_400_000);
  else start.setDate(start.getDate() - (range === "7d" ? 7 : 30));
  return start;
}

/**
 * A moment as `<input type="datetime-local">` holds it, to the minute; empty if it is none.
 *
 * @param {string} text RFC 3339, or milliseconds since 1970
 */
export function toInput(text) {
  const at = new Date(moment(text));
  if (Number.isNaN(at.getTime())) return "";
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/**
 * What such an input holds, as RFC 3339 in UTC; empty if it is none. An hour that the clock skipped is the
 * one after it, an hour that came twice is the first.
 *
 * @param {string} value
 * @param {{ end?: boolean }} [which] `end` takes the named minute in
 */
export function fromInput(value, { end = false } = {}) {
  const at = new Date(value);
  if (value === "" || Number.isNaN(at.getTime())) return "";
  if (end) at.setSeconds(59, 999);
  return at.toISOString();
}
