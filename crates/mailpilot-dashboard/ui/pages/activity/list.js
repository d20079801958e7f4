// The list of one filter: read page by page, renewed from the top, and what comes in live held back.

import { ApiError, get } from "../../core/api.js";
import { compare, has, merge, order, rowOf } from "./entries.js";
import { askOf, matches } from "./filter.js";

/** @typedef {import("./entries.js").Row} Row */
/** @typedef {import("./entries.js").Entry} Entry */
/** @typedef {import("./filter.js").Filter} Filter */

/** As many rows as the API gives at once. */
const PAGE = 200;
/** So many rows are read to see what is new. */
const GLANCE = 40;
/** So many rows are kept in memory; older ones are found by a filter. */
const MOST = 100_000;
/** So many rows are held back; beyond, the list is read anew. */
const MOST_HELD = 1_000;
/** A list that rows flow into is read anew when it is longer: whoever watches its top needs no more. */
const MOST_FLOWING = 2_000;
/** Live entries are taken in together, this many milliseconds apart. */
const TOGETHER = 150;

/**
 * @typedef {object} Shown
 * @property {string} key of the filter, and of the day where it is about today
 * @property {import("./filter.js").Ask} ask
 * @property {readonly Row[]} rows
 * @property {string | null} cursor null where there is nothing older
 * @property {number} total of the rows that are shown and those behind them
 * @property {boolean} atLeast `total` is more than that
 * @property {readonly Row[]} held new ones that wait to be shown
 * @property {boolean} anew more is new than is held: the list has to be read anew
 * @property {boolean} stale rows are those of the filter before
 * @property {"first" | "more" | null} reading
 * @property {ApiError | null} error
 */

/** @type {Shown} */
export const NOTHING = {
  key: "",
  ask: {},
  rows: [],
  cursor: null,
  total: 0,
  atLeast: false,
  held: [],
  anew: false,
  stale: false,
  reading: "first",
  error: null,
};

/** No older rows are read because the list is as long as it may be. */
export function isFull(/** @type {Shown} */ { rows, cursor }) {
  return cursor !== null && rows.length >= MOST;
}

/**
 * @param {(shown: Shown) => void} changed
 * @param {() => boolean} flows whether new rows are shown at once
 */
export function activityList(changed, flows) {
  let shown = NOTHING;
  let stop = new AbortController();
  let renewing = false;
  let renewAgain = false;
  /** @type {Entry[]} */
  let waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const set = (/** @type {Partial<Shown>} */ change) => {
    shown = { ...shown, ...change };
    changed(shown);
  };

  /** One page; null when it is no longer wanted or cannot be had. @param {string | null} cursor */
  const read = async (cursor, pageSize = PAGE) => {
    const { signal } = stop;
    try {
      const page = await get("/api/activity", { ...shown.ask, pageSize, cursor }, signal);
      return signal.aborted ? null : page;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof ApiError)) throw error;
      // What is shown stays true without being renewed, and a lost connection shows itself.
      if (!renewing || shown.reading) set({ error, reading: null });
      return null;
    }
  };

  /** Ends what runs for the filter before. */
  const halt = () => {
    stop.abort();
    stop = new AbortController();
    clearTimeout(timer);
    timer = undefined;
    waiting = [];
    renewing = false;
    renewAgain = false;
  };

  const first = async () => {
    const page = await read(null);
    if (!page) return;
    const rows = page.entries.map(rowOf);
    set({
      rows,
      cursor: page.nextCursor,
      total: page.total,
      atLeast: page.totalIsLowerBound,
      held: [],
      anew: false,
      stale: false,
      reading: null,
      error: null,
    });
    takeIn();
    if (renewAgain) void renew();
  };

  /** Puts the newest page beside what is there. */
  const renew = async () => {
    renewAgain = renewing || shown.reading === "first";
    if (renewAgain) return;
    renewing = true;
    const look = async (/** @type {number} */ size) => {
      const before = shown.rows;
      const page = await read(null, size);
      const isAll = page?.nextCursor === null;
      return page && { page, ...compare(shown.rows, before, page.entries.map(rowOf), isAll) };
    };
    let looked = await look(GLANCE);
    if (looked?.gap) looked = await look(PAGE);
    if (!looked) return void (renewing = false);
    const { page, left, fresh, gap, counts } = looked;
    // Where nothing is shown, nothing jumps.
    if (gap && shown.rows.length === 0) return readAnew();
    if (gap) {
      set({ anew: true, held: [], error: null });
    } else {
      const held = merge(
        shown.held.filter((row) => !has(left, row)),
        fresh,
      );
      // Of the list are those the server counted, without those held, with those that came in meanwhile.
      const late = left.filter((/** @type {Row} */ row) => !counts(row)).length;
      const total = Math.max(left.length, page.total - held.filter(counts).length + late);
      set({ rows: left, held, total, atLeast: page.totalIsLowerBound, error: null });
      if (flows()) accept();
    }
    renewing = false;
    if (renewAgain) void renew();
  };

  const readAnew = () => {
    halt();
    set({ reading: "first", error: null });
    void first();
  };

  const accept = () => {
    if (shown.anew) return readAnew();
    const rows = merge(shown.rows, shown.held);
    const total = shown.atLeast ? shown.total : shown.total + rows.length - shown.rows.length;
    set({ rows, total, held: [] });
    if (rows.length > MOST_FLOWING && flows()) readAnew();
  };

  const takeIn = () => {
    timer = undefined;
    const oldest = shown.rows.at(-1);
    const fresh = waiting
      .map(rowOf)
      .filter((row) => !has(shown.rows, row))
      // What is older than what has been read comes with its page.
      .filter((row) => shown.cursor === null || (oldest !== undefined && order(row, oldest) < 0))
      .sort(order);
    waiting = [];
    if (fresh.length === 0 || shown.anew) return;
    const held = merge(shown.held, fresh);
    if (held.length > MOST_HELD) set({ held: [], anew: true });
    else set({ held });
    if (flows()) accept();
  };

  return {
    /** @param {string} key @param {Filter} filter @param {Shown | undefined} kept what was shown before */
    show(key, filter, kept) {
      halt();
      if (kept) {
        set({ ...kept, reading: null, error: null, stale: false });
        void renew();
        return;
      }
      const ask = askOf(filter, new Date());
      set({ key, ask, stale: shown.rows.length > 0, reading: "first", error: null, held: [], anew: false });
      void first();
    },
    /** Reads the first page again after it could not be had. */
    again: readAnew,
    async more() {
      const { cursor, reading, rows, stale } = shown;
      if (cursor === null || reading || stale || rows.length >= MOST) return;
      set({ reading: "more", error: null });
      const page = await read(cursor);
      if (!page) return;
      if (shown.cursor !== cursor) return set({ reading: null });
      const added = page.entries.map(rowOf);
      set({
        rows: merge(shown.rows, added),
        cursor: page.nextCursor,
        reading: null,
      });
    },
    /** @param {Entry} entry */
    heard(entry) {
      if (!matches(shown.ask, entry)) return;
      waiting.push(entry);
      // Until the first page is there nobody knows which of them are on it.
      if (shown.reading !== "first") timer ??= setTimeout(takeIn, TOGETHER);
    },
    /** Reads again from the top: something may have been missed. */
    missed() {
      const unread = shown.stale || shown.rows.length === 0;
      if (shown.error && unread) readAnew();
      else void renew();
    },
    accept,
    halt,
    now: () => shown,
  };
}
