// Reading parts of the log from an API that counts from the newest and no further than 10 000.

import "./browser.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { EVERYTHING } from "../ui/pages/logs/filter.js";
import { gapAfter, inOrder, lineOf } from "../ui/pages/logs/lines.js";
import { readAround, readBetween, readNewer, readNewest, readOlder } from "../ui/pages/logs/reads.js";

const BEGINNING = Date.parse("2020-01-01T00:00:00Z");
const COUNTED = 10_000;
const { signal } = new AbortController();

/** @typedef {import("../ui/pages/logs/lines.js").Line} Line */

/** What the server has, oldest first. @type {Line[]} */
let stored = [];
/** Lines it looks at for a search before it gives up. */
let allowance = Infinity;
let asked = 0;

/** The part of `GET /api/logs` that is needed here. @param {URLSearchParams} query */
function list(query) {
  const given = (/** @type {string} */ name, /** @type {number} */ otherwise) =>
    query.has(name) ? Number(query.get(name)) : otherwise;
  const time = (/** @type {string} */ name, /** @type {number} */ otherwise) =>
    query.has(name) ? Date.parse(query.get(name) ?? "") : otherwise;
  const [from, to, size] = [time("startDate", 0), time("endDate", Infinity), given("pageSize", 50)];
  const cursor = query.get("cursor")?.split("-").map(Number);
  const newestFirst = stored
    .filter(({ at }) => at >= from && at <= to)
    .filter((line) => !cursor || inOrder(line, { at: cursor[0], id: cursor[1], missing: 0 }) < 0)
    .reverse();
  const looked = newestFirst.slice(0, allowance);
  const search = query.get("search");
  const matching = looked.filter(({ message }) => search === null || message.includes(search));
  const begin = cursor ? 0 : (given("page", 1) - 1) * size;
  const shown = matching.slice(begin, begin + size);
  const last =
    matching.length > begin + size ? shown.at(-1) : looked.length < newestFirst.length && looked.at(-1);
  return {
    logs: shown.map(({ at, ...line }) => ({ ...line, timestamp: new Date(at).toISOString() })),
    total: Math.min(matching.length, COUNTED),
    totalIsLowerBound: matching.length > COUNTED,
    nextCursor: last ? `${last.at}-${last.id}` : null,
  };
}

globalThis.fetch = async (address) => {
  asked += 1;
  const { pathname, searchParams } = new URL(String(address), "https://mail.example.org");
  const id = Number(pathname.split("/api/logs/")[1]);
  const found = stored.find((line) => line.id === id);
  if (!id) return new Response(JSON.stringify(list(searchParams)));
  if (!found) return new Response("{}", { status: 404 });
  return new Response(JSON.stringify({ ...found, timestamp: new Date(found.at).toISOString() }));
};

/** @param {number} count @param {(index: number) => number} at in milliseconds from the beginning */
function store(count, at) {
  stored = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    at: BEGINNING + at(index),
    level: "info",
    target: "imap",
    message: index % 1000 === 0 ? "rare" : "often",
    fields: {},
  }));
}
const ids = (/** @type {Line[]} */ lines) => lines.map(({ id }) => id);
const range = (/** @type {number} */ from, /** @type {number} */ to) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

beforeEach(() => {
  allowance = Infinity;
  asked = 0;
});

test("a line as the API gives it keeps everything but the form of its time", () => {
  const { at, ...rest } = lineOf({ id: 1, timestamp: "2020-01-01T00:00:00.000Z", level: "warn" });
  assert.deepEqual([at, rest], [BEGINNING, { id: 1, level: "warn" }]);
});

test("the newest lines come oldest first, those before them by cursor or by time", async () => {
  store(1000, (index) => Math.floor(index / 300));
  const newest = await readNewest(EVERYTHING, signal);
  assert.deepEqual(ids(newest.lines), range(801, 1000));
  const byCursor = await readOlder(EVERYTHING, newest.lines[0], newest.cursor ?? undefined, signal);
  assert.deepEqual(ids(byCursor.lines), range(601, 800));
  // 300 lines have the same time: a page of it holds nothing older at first.
  const byTime = await readOlder(EVERYTHING, newest.lines[0], undefined, signal);
  assert.ok(byTime.lines.length > 0);
  assert.equal(byTime.lines.at(-1)?.id, 800);
});

test("a search that finds nothing in what the server looked at goes on, but not for ever", async () => {
  store(5000, (index) => index);
  allowance = 100;
  const search = { ...EVERYTHING, search: "rare" };
  const nothing = await readNewest(search, signal);
  assert.deepEqual([nothing.lines, asked], [[], 6]);
  const further = await readOlder(search, undefined, nothing.cursor ?? undefined, signal);
  assert.deepEqual(ids(further.lines), [4001]);
});

test("lines between two are read whole, or the newest of them", async () => {
  store(5000, (index) => index);
  const between = await readBetween(EVERYTHING, gapAfter(stored[9], null), stored[499], signal);
  assert.deepEqual([ids(between.lines), between.complete], [range(11, 499), true]);
  const newest = await readBetween(EVERYTHING, gapAfter(stored[9], null), undefined, signal);
  assert.deepEqual([ids(newest.lines), newest.complete], [range(3001, 5000), false]);
  const none = await readBetween(EVERYTHING, gapAfter(stored[4999], null), undefined, signal);
  assert.deepEqual(none, { lines: [], complete: true });
});

for (const [what, at] of /** @type {[string, (index: number) => number][]} */ ([
  ["evenly over months", (index) => index * 100_000],
  ["nearly all of it today", (index) => (index < 30 ? index : 9_000_000_000 + index)],
  ["a burst right behind the line", (index) => (index < 100 ? index : 100 + Math.floor(index / 5000))],
])) {
  test(`the lines that follow one are found where the log is spread ${what}`, async () => {
    store(25_000, at);
    const { lines, end } = await readNewer(stored[20], signal);
    assert.equal(end, false);
    assert.ok(lines.length > 0);
    assert.deepEqual(ids(lines), range(22, 21 + lines.length));
    assert.ok(asked < 60, `${asked} requests`);
  });
}

test("behind the last line there is the end", async () => {
  store(10, (index) => index);
  assert.deepEqual(await readNewer(stored[9], signal), { lines: [], end: true });
});

test("a line comes with what stands around it; one that is gone is told", async () => {
  store(1000, (index) => index * 1000);
  const { line, lines } = await readAround("500", signal);
  assert.equal(line.id, 500);
  assert.equal(lines.filter(({ id }) => id === 500).length, 1);
  assert.deepEqual(ids(lines), range(lines[0].id, lines[0].id + lines.length - 1));
  assert.ok(lines[0].id < 400 && Number(lines.at(-1)?.id) > 590);
  await assert.rejects(readAround("9999", signal), { status: 404 });
});
