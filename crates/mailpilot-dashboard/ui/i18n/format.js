// Numbers, dates and durations as the reader writes them, by `Intl`. Times are in the browser's zone.

import { language } from "../core/preferences.js";

/** @type {Map<string, any>} */
const made = new Map();

/**
 * Formatters are costly to make, so each is made once.
 *
 * @template T
 * @param {string} kind
 * @param {object} options
 * @param {(language: string) => T} make
 * @returns {T}
 */
function formatter(kind, options, make) {
  const key = `${kind} ${language.value} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, make(language.value));
  return made.get(key);
}

/**
 * @param {number} value
 * @param {Intl.NumberFormatOptions} [options]
 */
export function number(value, options = {}) {
  return formatter("number", options, (of) => new Intl.NumberFormat(of, options)).format(value);
}

/** A share of 1, such as `4.2 %`. */
export function percent(/** @type {number} */ share) {
  // Few of many are not none.
  const least = share > 0 && share < 0.001;
  const shown = number(least ? 0.001 : share, {
    style: "percent",
    maximumFractionDigits: share !== 0 && share < 0.1 ? 1 : 0,
  });
  return least ? `< ${shown}` : shown;
}

/** Such as `12K`, where room is short. */
export function compact(/** @type {number} */ value) {
  return number(value, { notation: "compact", maximumFractionDigits: 1 });
}

/**
 * @param {Date | string | number} at
 * @param {Intl.DateTimeFormatOptions} options
 */
export function date(at, options) {
  return formatter("date", options, (of) => new Intl.DateTimeFormat(of, options)).format(new Date(at));
}

/** Date and time to the second. */
export function dateTime(/** @type {Date | string | number} */ at) {
  return date(at, { dateStyle: "medium", timeStyle: "medium" });
}

/** A day of the year further away than this needs the year, in milliseconds. */
const HALF_A_YEAR = 182 * 86_400_000;

/** The time alone for today, the date with it for other days, the date alone where it needs the year. */
export function shortTime(/** @type {Date | string | number} */ at, /** @type {number} */ now = Date.now()) {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) {
    return date(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  }
  if (Math.abs(then.getTime() - today.getTime()) > HALF_A_YEAR) return date(at, { dateStyle: "medium" });
  return date(at, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

/** Such as `2026-11-22 10:00:00 UTC`: the same everywhere. */
export function utc(/** @type {Date | string | number} */ at) {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** @type {[Intl.RelativeTimeFormatUnit & Intl.NumberFormatOptions["unit"], number][]} */
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** @param {number} seconds */
function unitFor(seconds) {
  return UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3];
}

/** Such as `2 minutes ago` or `in 3 days`. */
export function relative(/** @type {Date | string | number} */ at, /** @type {number} */ now) {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  // Clocks of two machines differ a little; nothing shown here happens in a few seconds.
  if (Math.abs(seconds) < 5) {
    return formatter("auto", {}, (of) => new Intl.RelativeTimeFormat(of, { numeric: "auto" })).format(
      0,
      "second",
    );
  }
  const [unit, length] = unitFor(seconds);
  const options = /** @type {const} */ ({ numeric: "always", style: "short" });
  // What was is told in whole units that have passed; what will be, as near as can be: a week from now is in 7 days,
  // also a moment later.
  const count = seconds < 0 ? Math.trunc(seconds / length) : Math.round(seconds / length);
  return formatter("relative", options, (of) => new Intl.RelativeTimeFormat(of, options)).format(count, unit);
}

/** A length of time in its two largest units, such as `2 hr 5 min`; milliseconds below a second. */
export function duration(/** @type {number} */ seconds) {
  if (seconds < 1) return unit(Math.round(seconds * 1000), "millisecond");
  if (seconds < 10) return unit(Number(seconds.toFixed(1)), "second");
  const first = UNITS.findIndex(([, length]) => seconds >= length);
  const [name, length] = UNITS[first] ?? UNITS[3];
  const whole = Math.floor(seconds / length);
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((seconds - whole * length) / next[1]) : 0;
  return rest > 0 && next ? `${unit(whole, name)} ${unit(rest, next[0])}` : unit(whole, name);
}

/**
 * @param {number} value
 * @param {string | undefined} name
 */
function unit(value, name) {
  return number(value, { style: "unit", unit: name, unitDisplay: "short" });
}

/** Such as `A, B and C`. */
export function list(/** @type {string[]} */ items) {
  return formatter("list", {}, (of) => new Intl.ListFormat(of)).format(items);
}
