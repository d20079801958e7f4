// Which entries are wanted: from the address, as the API asks for it, and for entries that come in live.

import { fold, moment } from "../../core/matching.js";
import { isRange, rangeStart } from "./ranges.js";

/** The API's names, and `range` for a span that moves with the time. */
const NAMES = /** @type {const} */ ([
  "accountName",
  "actionType",
  "actionTypes",
  "outcome",
  "search",
  "startDate",
  "endDate",
  "range",
]);

/** The server finds no shorter text. */
const SHORTEST_SEARCH = 3;

/** @typedef {{ [K in typeof NAMES[number]]?: string }} Filter */

/**
 * What is asked of the API; the same for the list, its count and its export.
 *
 * @typedef {{ [K in Exclude<typeof NAMES[number], "range">]?: string }} Ask
 */

/** @param {URLSearchParams} query @returns {Filter} */
export function readFilter(query) {
  /** @type {Filter} */
  const filter = {};
  for (const name of NAMES) {
    const value = query.get(name);
    if (value) filter[name] = value;
  }
  return filter;
}

/** Changes for `setQuery` that take every filter away. */
export function noFilter() {
  return Object.fromEntries(NAMES.map((name) => [name, null]));
}

/** The same filter has the same key. */
export function keyOf(/** @type {Filter} */ filter) {
  return JSON.stringify(NAMES.map((name) => filter[name] ?? ""));
}

/**
 * @param {Filter} filter
 * @param {Date} now
 * @returns {Ask}
 */
export function askOf({ range, ...ask }, now) {
  if (ask.search !== undefined && isTooShort(ask.search)) delete ask.search;
  // Dates that are named go before a span.
  if (range === undefined || !isRange(range) || ask.startDate || ask.endDate) return ask;
  return { ...ask, startDate: rangeStart(range, now).toISOString() };
}

/** Typed, but not yet enough to search for. */
export function isTooShort(/** @type {string} */ search) {
  return [...search].length < SHORTEST_SEARCH;
}

/**
 * Whether an entry is among what was asked for, as the server decides it.
 *
 * @param {Ask} ask
 * @param {import("./entries.js").Entry} entry
 */
export function matches(ask, entry) {
  if (ask.accountName && entry.accountName !== ask.accountName) return false;
  if (ask.outcome && (entry.error == null ? "ok" : "failed") !== ask.outcome) return false;
  const types = [ask.actionType, ...(ask.actionTypes?.split(",") ?? [])].filter(Boolean);
  if (types.length > 0 && !entry.actions.some(({ type }) => types.includes(type))) return false;
  const at = Date.parse(entry.createdAt);
  if (ask.startDate && at < moment(ask.startDate)) return false;
  if (ask.endDate && at > moment(ask.endDate)) return false;
  if (!ask.search) return true;
  const wanted = fold(ask.search);
  return [entry.subject, entry.from, entry.messageId].some((text) => text && fold(text).includes(wanted));
}
