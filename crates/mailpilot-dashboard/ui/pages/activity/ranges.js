// Spans of time as people name them, in the browser's zone, and as the API takes them.

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
