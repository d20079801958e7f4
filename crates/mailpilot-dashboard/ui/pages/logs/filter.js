// What of the log is wanted: read from the address, sent to the API, and applied to lines that come live.

import { fold, moment } from "../../core/matching.js";

/**
 * By the API's names; null where nothing is asked for.
 *
 * @typedef {object} Filter
 * @property {string | null} level that and graver ones
 * @property {string | null} accountName
 * @property {string | null} search
 * @property {string | null} startDate
 * @property {string | null} endDate
 */
/** @typedef {import("./lines.js").Line} Line */

/** Least grave first. */
export const LEVELS = /** @type {const} */ (["trace", "debug", "info", "warn", "error"]);
/** @typedef {(typeof LEVELS)[number]} Level */

/** @type {Filter} */
export const EVERYTHING = { level: null, accountName: null, search: null, startDate: null, endDate: null };

/** @param {URLSearchParams} query */
export function filterOf(query) {
  /** @param {string} name */
  const given = (name) => query.get(name) || null;
  return /** @type {Filter} */ ({
    level: given("level"),
    accountName: given("accountName"),
    search: given("search"),
    startDate: given("startDate"),
    endDate: given("endDate"),
  });
}

/** @param {Filter} filter */
export function isFiltered(filter) {
  return Object.values(filter).some((value) => value !== null);
}

/**
 * Whether a line belongs to what is asked for, as the server would say; the level is left to the caller.
 *
 * @param {Filter} filter
 * @returns {(line: Line) => boolean}
 */
export function matcher({ accountName, search, startDate, endDate }) {
  const term = search === null ? null : fold(search);
  const from = startDate === null ? -Infinity : moment(startDate);
  const to = endDate === null ? Infinity : moment(endDate);
  return (line) =>
    (accountName === null || line.accountName === accountName) &&
    line.at >= from &&
    line.at <= to &&
    (term === null || fold(line.target).includes(term) || fold(line.message).includes(term));
}

/**
 * @param {string | null} least
 * @param {string} level
 */
export function isGrave(least, level) {
  const place = (/** @type {string | null} */ name) => LEVELS.findIndex((each) => each === name);
  return place(level) >= place(least);
}

/**
 * Cuts a text into what was searched for and what stands around it.
 *
 * @param {string} text
 * @param {string | null} search
 * @returns {{ text: string, found: boolean }[]}
 */
export function marked(text, search) {
  if (search === null) return [{ text, found: false }];
  const term = fold(search);
  // A character may fold to several, so places in the folded text have to be led back.
  const chars = Array.from(text);
  let folded = "";
  const owner = /** @type {number[]} */ ([]);
  chars.forEach((char, index) => {
    const part = fold(char);
    folded += part;
    for (let i = 0; i < part.length; i++) owner.push(index);
  });
  const pieces = [];
  let done = 0;
  for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + term.length)) {
    const [first, last] = [owner[at], owner[at + term.length - 1] + 1];
    if (first < done) continue;
    if (first > done) pieces.push({ text: chars.slice(done, first).join(""), found: false });
    pieces.push({ text: chars.slice(first, last).join(""), found: true });
    done = last;
  }
  if (done < chars.length) pieces.push({ text: chars.slice(done).join(""), found: false });
  return pieces;
}
