// What the page knows of the log under one filter: the lines read, those that come live, those held back.

import { signal } from "../../vendor/preact.js";
import { ApiError } from "../../core/api.js";
import { connection, listen } from "../../core/live.js";
import { moment } from "../../core/matching.js";
import { isGrave, matcher } from "./filter.js";
import { filled, gapAfter, inOrder, isGap, lineOf, merged, placeOf, withGap } from "./lines.js";
import { readAround, readBetween, readCounts, readNewer, readNewest, readOlder } from "./reads.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** @typedef {import("./lines.js").Item} Item */
/** @typedef {import("./lines.js").Gap} Gap */
/** @typedef {import("./lines.js").Line} Line */
/** What lies beyond an end of the list; `stuck` where a search has not found anything yet.
 * @typedef {"none" | "more" | "loading" | "failed" | "stuck"} Beyond */
/**
 * @typedef {object} State
 * @property {Item[]} items oldest first
 * @property {number} held lines that wait to be let in
 * @property {Beyond} older
 * @property {Beyond} newer `none` where the list is live
 * @property {Record<string, number>} levels lines of exactly each level
 * @property {boolean} levelsCutShort
 * @property {Line | null} line the one the address names
 * @property {ReadonlySet<number>} reading gaps that are being filled
 */
/** @typedef {ReturnType<typeof openFeed>} Feed */

/** Lines kept while following. */
export const KEPT = 5_000;
/** Lines held back before they are read again instead. */
const HELD = 2_000;
/** Lines that come in a burst are taken in together, after so many milliseconds. */
const BURST = 100;
/** The API counts no further. */
export const COUNT_LIMIT = 10_000;
/** Lines that come are counted here; so often, in milliseconds, the server's figures are taken again. */
const RECOUNT = 15_000;

/**
 * Begins to read; `ready` is called when there is something to show, with the error if there is not.
 *
 * @param {Filter} filter
 * @param {string | null} lineId the line whose neighbourhood is wanted, instead of the newest
 * @param {(error: ApiError | null) => void} ready
 */
export function openFeed(filter, lineId, ready) {
  const stop = new AbortController();
  const state = signal(
    /** @type {State} */ ({
      items: [],
      held: 0,
      older: "none",
      newer: "none",
      levels: {},
      levelsCutShort: false,
      line: null,
      reading: new Set(),
    }),
  );
  /** @type {string | undefined} of the page before the first line, where it is known */
  let cursor;
  /** @type {Item[]} */
  let held = [];
  /** @type {Line[]} */
  let burst = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let holding = false;
  /** Too many lines were held, or nobody knows what came: the end has to be read again. */
  let stale = false;
  let wasConnection = connection.value;
  let joined = false;
  /** Events are heard before the first reading, so that none falls between; they wait for its end. */
  let begun = false;
  let joinOwed = false;
  /** The greatest number among the lines that are counted. */
  let counted = 0;
  let countedAt = 0;
  const belongs = matcher(filter);
  const isLive = lineId === null && (filter.endDate === null || moment(filter.endDate) > Date.now());
  /** @type {(() => void)[]} */
  const ends = [() => stop.abort(), () => clearTimeout(timer)];

  /** @param {Partial<State>} change */
  const set = (change) => (state.value = { ...state.value, ...change });

  /** @param {() => Promise<void>} work @param {(error: ApiError) => void} failed */
  const attempt = async (work, failed) => {
    try {
      await work();
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      failed(error);
    }
  };

  const first = async () => {
    const { lines, cursor: before, ...counts } = await readNewest(filter, stop.signal);
    cursor = before ?? undefined;
    counted = Math.max(counted, ...lines.map(({ id }) => id));
    countedAt = Date.now();
    set({ items: merged(state.value.items, lines), older: beyond(lines, before), ...counts });
  };

  const begin = () =>
    attempt(
      async () => {
        if (lineId !== null) {
          const { line, lines, cursor: before } = await readAround(lineId, stop.signal);
          cursor = before ?? undefined;
          set({ items: lines, line, older: before === null ? "none" : "more", newer: "more" });
        } else {
          await first();
        }
        begun = true;
        takeIn();
        if (joinOwed) void join();
        ready(null);
      },
      (error) => ready(error),
    );

  /** @param {Line[]} lines @param {string | null} next */
  const beyond = (lines, next) => (next === null ? "none" : lines.length === 0 ? "stuck" : "more");

  const goLive = () => {
    ends.push(
      listen({
        type: "logs",
        heard: (data) => {
          burst.push(lineOf(data));
          timer ??= setTimeout(takeIn, BURST);
        },
        missed: (count) => {
          if (!begun || state.value.items.length === 0) return void join();
          takeIn();
          markGap(count);
          // A break heals by itself; what is too much to be read at once stays marked.
          const gap = state.value.items.at(-1);
          if (count === null && gap && isGap(gap)) void fill(gap);
        },
      }),
      connection.subscribe((now) => {
        const before = wasConnection;
        wasConnection = now;
        // What came between the first reading and the first event has been told to nobody; after a later
        // break the stream itself goes on or says what is missing.
        if (now !== "live" || before === "live" || joined) return;
        joined = true;
        void join();
      }),
    );
  };

  const takeIn = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!begun) return;
    const fresh = burst.filter(belongs);
    burst = [];
    if (fresh.length === 0) return;
    count(fresh);
    letIn(fresh.filter((line) => isGrave(filter.level, line.level)));
  };

  /** @param {Line[]} fresh of any level */
  const count = (fresh) => {
    const levels = { ...state.value.levels };
    for (const { id, level } of fresh) {
      if (id > counted) levels[level] = Math.min(COUNT_LIMIT, (levels[level] ?? 0) + 1);
    }
    counted = Math.max(counted, ...fresh.map(({ id }) => id));
    set({ levels });
    if (Date.now() - countedAt > RECOUNT) recount();
  };

  const recount = () => {
    countedAt = Date.now();
    void attempt(
      async () => {
        set(await readCounts(filter, stop.signal));
      },
      () => {},
    );
  };

  /** @param {Line[]} fresh */
  const letIn = (fresh) => {
    const { items, older } = state.value;
    // A line that is older than all that is shown comes with its page.
    const first = items[0];
    const shown = older === "none" || !first ? fresh : fresh.filter((line) => inOrder(line, first) > 0);
    if (holding) {
      const known = new Set(items.map((item) => item.id));
      held = merged(
        held,
        shown.filter((line) => !known.has(line.id)),
      );
      if (held.length > HELD) {
        held = held.slice(-HELD);
        stale = true;
      }
      set({ held: held.filter((item) => !isGap(item)).length });
    } else {
      set(trimmed(merged(items, shown)));
    }
  };

  /** @param {number | null} missing */
  const markGap = (missing) => {
    const { items } = state.value;
    if (holding) held = withGap([...items, ...held], missing).slice(items.length);
    else set({ items: withGap(items, missing) });
  };

  /** @param {Item[]} items @returns {Partial<State>} */
  const trimmed = (items) => {
    if (items.length <= KEPT) return { items };
    cursor = undefined;
    return { items: items.slice(-KEPT), older: "more" };
  };

  /** Reads what came between the first reading and the first event. */
  const join = async () => {
    joinOwed = !begun;
    if (joinOwed) return;
    const last = state.value.items.at(-1);
    if (last && !isGap(last)) await fill(gapAfter(last, null));
    else await attempt(first, () => markGap(null));
    recount();
  };

  const older = () => {
    set({ older: "loading" });
    return attempt(
      async () => {
        const from = state.value.items[0];
        const read = await readOlder(filter, from, cursor, stop.signal);
        cursor = read.cursor ?? undefined;
        set({ items: merged(state.value.items, read.lines), older: beyond(read.lines, read.cursor) });
      },
      () => set({ older: "failed" }),
    );
  };

  const newer = () => {
    const last = state.value.items.at(-1);
    if (!last) return Promise.resolve();
    set({ newer: "loading" });
    return attempt(
      async () => {
        const { lines, end } = await readNewer(last, stop.signal);
        set({ items: merged(state.value.items, lines), newer: end ? "none" : "more" });
      },
      () => set({ newer: "failed" }),
    );
  };

  /** @param {Gap} gap @returns {Promise<ApiError | null>} */
  const fill = async (gap) => {
    let problem = /** @type {ApiError | null} */ (null);
    if (state.value.reading.has(gap.id)) return problem;
    set({ reading: new Set([...state.value.reading, gap.id]) });
    await attempt(
      async () => {
        const { items } = state.value;
        const before = items.slice(placeOf(items, gap)).find((item) => !isGap(item));
        const { lines, complete } = await readBetween(filter, gap, before, stop.signal);
        set({ items: filled(state.value.items, gap, lines, complete) });
      },
      (error) => (problem = error),
    );
    set({ reading: new Set([...state.value.reading].filter((id) => id !== gap.id)) });
    return problem;
  };

  /** Whether new lines wait, because somebody reads further up. */
  const hold = (/** @type {boolean} */ wanted) => {
    holding = wanted;
    if (holding) return;
    const waiting = held;
    held = [];
    set({ held: 0, ...trimmed(stale ? withGap(state.value.items, null) : state.value.items) });
    stale = false;
    set(trimmed(merged(state.value.items, waiting)));
  };

  const close = () => {
    for (const end of ends) end();
  };

  if (isLive) goLive();
  void begin();
  return { filter, lineId, isLive, state, older, newer, fill, hold, close };
}
