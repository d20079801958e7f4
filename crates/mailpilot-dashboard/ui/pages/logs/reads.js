// Reads parts of the log. The API gives pages from the newest on; lists here are oldest first.

import { get } from "../../core/api.js";
import { moment } from "../../core/matching.js";
import { EVERYTHING } from "./filter.js";
import { inOrder, lineOf } from "./lines.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** @typedef {import("./lines.js").Line} Line */
/** @typedef {import("./lines.js").Item} Item */
/** @typedef {Record<string, number>} Levels */

/** Lines of one answer; the most the API gives. */
export const PAGE = 200;
/** A search may have to look at so many lines that a page stays empty; so often it goes on by itself. */
const EMPTY_PAGES = 5;
/** Lines that one press reads of a gap, or few more. */
const GAP_LINES = 2_000;
/** Halvings from years down to a millisecond. */
const NARROWINGS = 48;

/**
 * @param {Filter} filter
 * @param {Record<string, string | number | boolean | undefined>} more
 * @param {AbortSignal} [signal]
 * @returns {Promise<{
 *   lines: Line[], nextCursor: string | null, total: number, totalIsLowerBound: boolean,
 *   levels: Levels, levelsCutShort: boolean,
 * }>}
 */
async function page(filter, more, signal) {
  const answer = await get("/api/logs", { ...filter, pageSize: PAGE, ...more }, signal);
  return { ...answer, lines: answer.logs.map(lineOf).reverse() };
}

const iso = (/** @type {number} */ at) => new Date(at).toISOString();

/** @param {string | null} limit @param {number} at */
const earlier = (limit, at) => (limit !== null && moment(limit) < at ? limit : iso(at));

/**
 * The newest lines, with how many there are of each level.
 *
 * @param {Filter} filter
 * @param {AbortSignal} signal
 * @returns {Promise<{ lines: Line[], cursor: string | null, levels: Levels, levelsCutShort: boolean }>}
 */
export async function readNewest(filter, signal) {
  const first = await page(filter, { counts: true }, signal);
  const rest = await goOn(filter, first.lines, first.nextCursor, signal);
  return { levels: first.levels, levelsCutShort: first.levelsCutShort, ...rest };
}

/**
 * How many lines there are of each level.
 *
 * @param {Filter} filter
 * @param {AbortSignal} signal
 * @returns {Promise<{ levels: Levels, levelsCutShort: boolean }>}
 */
export async function readCounts(filter, signal) {
  const { levels, levelsCutShort } = await page(filter, { counts: true, pageSize: 1 }, signal);
  return { levels, levelsCutShort };
}

/**
 * Lines before the first one known.
 *
 * @param {Filter} filter
 * @param {Item | undefined} first
 * @param {string | undefined} cursor of the page before; without one it is found by time
 * @param {AbortSignal} signal
 * @returns {Promise<{ lines: Line[], cursor: string | null }>} without lines but with a cursor: not found yet
 */
export async function readOlder(filter, first, cursor, signal) {
  const older = (/** @type {Line[]} */ lines) => lines.filter((line) => !first || inOrder(line, first) < 0);
  const start = cursor === undefined && first ? { endDate: earlier(filter.endDate, first.at) } : { cursor };
  const begun = await page(filter, start, signal);
  return goOn(
    { ...filter, ...("endDate" in start ? start : {}) },
    older(begun.lines),
    begun.nextCursor,
    signal,
    older,
  );
}

/**
 * @param {Filter} filter
 * @param {Line[]} lines
 * @param {string | null} cursor
 * @param {AbortSignal} signal
 * @param {(lines: Line[]) => Line[]} [wanted]
 */
async function goOn(filter, lines, cursor, signal, wanted = (all) => all) {
  for (let i = 0; lines.length === 0 && cursor !== null && i < EMPTY_PAGES; i++) {
    const next = await page(filter, { cursor }, signal);
    lines = wanted(next.lines);
    cursor = next.nextCursor;
  }
  return { lines, cursor };
}

/**
 * Lines between two, the newest of them if they are too many.
 *
 * @param {Filter} filter
 * @param {Item} after
 * @param {Item | undefined} before the end of the log if there is none
 * @param {AbortSignal} signal
 * @returns {Promise<{ lines: Line[], complete: boolean }>}
 */
export async function readBetween(filter, after, before, signal) {
  const range = {
    startDate: iso(after.at),
    endDate: before ? earlier(filter.endDate, before.at) : filter.endDate,
  };
  /** @type {Line[]} */
  let lines = [];
  /** @type {string | undefined} */
  let cursor;
  while (lines.length < GAP_LINES) {
    const next = await page({ ...filter, ...range }, { cursor }, signal);
    const inside = next.lines.filter(
      (line) => inOrder(line, after) > 0 && (!before || inOrder(line, before) < 0),
    );
    lines = [...inside, ...lines];
    if (next.nextCursor === null) return { lines, complete: true };
    cursor = next.nextCursor;
  }
  return { lines, complete: false };
}

/**
 * The lines that follow one, without any filter. The API counts from the newest, so first a stretch of
 * time is looked for that is short enough to be counted, then its last pages are read.
 *
 * @param {Item} after
 * @param {AbortSignal} signal
 * @returns {Promise<{ lines: Line[], end: boolean }>} `end`: there are no more
 */
export async function readNewer(after, signal) {
  const newest = Math.max(Date.now(), after.at);
  let [low, to, high] = [after.at, newest, newest];
  for (let i = 0; i < NARROWINGS; i++) {
    const range = { startDate: iso(after.at), endDate: iso(to) };
    const { total, totalIsLowerBound } = await page(EVERYTHING, { ...range, pageSize: 1 }, signal);
    if (totalIsLowerBound && to - low > 1) {
      high = to;
    } else {
      const lines = await lastOf(range, total, after, signal);
      if (lines.length > 0 || to === newest) return { lines, end: to === newest && lines.length === 0 };
      low = to;
    }
    to = high - low <= 1 ? high : Math.floor((low + high) / 2);
  }
  return { lines: [], end: false };
}

/**
 * @param {{ startDate: string, endDate: string }} range
 * @param {number} total
 * @param {Item} after
 * @param {AbortSignal} signal
 */
async function lastOf(range, total, after, signal) {
  const follows = (/** @type {Line} */ line) => inOrder(line, after) > 0;
  /** @type {Line[]} */
  let lines = [];
  for (let number = Math.ceil(total / PAGE); number > 0 && lines.length < PAGE / 2; number--) {
    const next = await page(EVERYTHING, { ...range, page: number }, signal);
    lines = [...lines, ...next.lines.filter(follows)];
  }
  return lines;
}

/**
 * One line with its neighbours.
 *
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<{ line: Line, lines: Line[], cursor: string | null }>}
 */
export async function readAround(id, signal) {
  const line = lineOf(await get(`/api/logs/${encodeURIComponent(id)}`, {}, signal));
  const [older, newer] = await Promise.all([
    readOlder(EVERYTHING, line, undefined, signal),
    readNewer(line, signal),
  ]);
  return { line, lines: [...older.lines, line, ...newer.lines], cursor: older.cursor };
}
