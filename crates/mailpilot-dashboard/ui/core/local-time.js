// Moments as `<input type="datetime-local">` holds them: in the browser's zone, without naming it.

import { moment } from "./matching.js";

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
