// What the columns of a day say of one account: counts, the error rate, since when it is as it is. Pure.

import { runs } from "../../parts/chart/runs.js";

/** @typedef {import("../../parts/chart/runs.js").Timeline} Timeline */
/** @typedef {{ emails: number, errors: number }} Counts */

/** Slices begin at full quarters, at which every zone's days begin. In milliseconds. */
const QUARTER = 15 * 60_000;
const DAY = 24 * 60 * 60_000;

/** When the day of `now` began here, in milliseconds since 1970. */
export function midnight(/** @type {number} */ now) {
  return new Date(now).setHours(0, 0, 0, 0);
}

/** Where the columns have to begin, so that the last 24 hours and all of today are in them. */
export function columnsFrom(/** @type {number} */ now) {
  return Math.min(Math.floor((now - DAY) / QUARTER) * QUARTER, midnight(now));
}

/**
 * What was counted in the slices that begin at `from` or later; null for an account that is not there.
 *
 * @param {Timeline} timeline
 * @param {string} name
 * @param {number} from in milliseconds since 1970
 * @returns {Counts | null}
 */
export function countsSince(timeline, name, from) {
  const column = timeline.accounts.find((each) => each.name === name);
  if (!column) return null;
  const first = Math.max(0, Math.ceil((from - Date.parse(timeline.from)) / (timeline.step * 1000)));
  const sum = (/** @type {number[]} */ of) => of.slice(first).reduce((total, each) => total + each, 0);
  return { emails: sum(column.emails), errors: sum(column.errors) };
}

/** The share of mails that failed; null where it says nothing, as errors may be reported without mails. */
export function errorRate(/** @type {Counts} */ { emails, errors }) {
  return emails > 0 && errors <= emails ? errors / emails : null;
}

/**
 * Since when an account has been in its state, as far as the slices tell. Where they do not reach back to
 * its beginning, it is `atLeast` since then. Null where they say nothing of it.
 *
 * @param {Timeline} timeline
 * @param {{ name: string, status: string }} account
 * @returns {{ at: number, atLeast: boolean } | null}
 */
export function inStateSince(timeline, { name, status }) {
  const column = timeline.accounts.find((each) => each.name === name);
  const all = column ? runs(timeline, column.status) : [];
  const last = all.at(-1);
  if (!last || last.status !== status) return null;
  const before = all.at(-2);
  if (before && before.status !== null) return { at: last.start, atLeast: false };
  // Before it nothing is known, perhaps also of a part of its first slice.
  const at = last.start + timeline.step * 1000;
  return at < last.end ? { at, atLeast: true } : null;
}

/**
 * Units of the API's lengths of time, in seconds.
 *
 * @type {Record<string, number>}
 */
const UNITS = {
  year: 31_557_600,
  month: 2_630_016,
  week: 604_800,
  day: 86_400,
  d: 86_400,
  h: 3_600,
  m: 60,
  s: 1,
  ms: 0.001,
};

/**
 * A length of time as the API writes it, such as `15m` or `1day 2h`, in seconds; null where it is none.
 *
 * @param {string | null | undefined} text
 */
export function seconds(text) {
  let total = 0;
  for (const part of (text ?? "").trim().split(/\s+/)) {
    const [, digits, unit] = /^(\d+)([a-z]+)$/.exec(part) ?? [];
    const length = UNITS[unit] ?? UNITS[unit?.replace(/s$/, "")];
    if (length === undefined) return null;
    total += Number(digits) * length;
  }
  return total;
}

/** A delay in seconds as it is told: in whole minutes, at least one. */
export function wholeMinutes(/** @type {number} */ delay) {
  return Math.max(1, Math.floor(delay / 60)) * 60;
}
