// The list of activity against a server: whatever comes in whichever order, no mail is missing and none twice.

import "./browser.js";

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { activityList, NOTHING } from "../ui/pages/activity/list.js";

/** @typedef {import("../ui/pages/activity/entries.js").Entry} Entry */

const NEWEST = Date.parse("2026-11-22T10:00:00Z");
/** How long the list waits until it takes live entries in. */
const TOGETHER = 150;

/** @param {number} id @param {Partial<Entry>} [more] @returns {Entry} */
function entry(id, more) {
  const createdAt = new Date(NEWEST + id * 1000).toISOString();
  return { id, createdAt, messageId: `<${id}>`, accountName: "work", actions: [], ...more };
}

/** What the server has, newest first. @type {Entry[]} */
let stored = [];
/** Answers that are held up until they are let go. @type {(() => void)[] | null} */
let heldUp = null;
let asked = 0;
let isDown = false;

/** @param {string} address */
async function server(address) {
  asked += 1;
  if (isDown) throw new TypeError("nobody listens");
  const query = new URL(address, "http://localhost").searchParams;
  const size = Number(query.get("pageSize"));
  const fitting = stored.filter(
    ({ accountName }) => accountName === (query.get("accountName") ?? accountName),
  );
  const from = query.has("cursor") ? fitting.findIndex(({ id }) => id < Number(query.get("cursor"))) : 0;
  const entries = from < 0 ? [] : fitting.slice(from, from + size);
  const more = from >= 0 && from + size < fitting.length;
  const body = {
    entries,
    total: fitting.length,
    totalIsLowerBound: false,
    nextCursor: more ? String(entries.at(-1)?.id) : null,
  };
  if (heldUp) await new Promise((/** @type {(go: void) => void} */ go) => heldUp?.push(go));
  return new Response(JSON.stringify(body));
}

function letGo() {
  for (const go of heldUp ?? []) go();
  heldUp = null;
}

/** Lets everything that waits for nothing but a turn have it. */
async function settle() {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
}

/** @param {number} count */
function fill(count) {
  stored = Array.from({ length: count }, (_, at) => entry(count - at));
}

/** @param {ReturnType<typeof activityList>} list @param {Entry} one */
function arrive(list, one) {
  stored.unshift(one);
  list.heard(one);
}

/** @param {{ flows?: boolean, filter?: import("../ui/pages/activity/filter.js").Filter }} [how] */
function begin({ flows = false, filter = {} } = {}) {
  const list = activityList(
    () => {},
    () => flows,
  );
  list.show("key", filter, undefined);
  return list;
}

/** @param {readonly { id: number }[]} rows */
function ids(rows) {
  return rows.map(({ id }) => id);
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  heldUp = null;
  isDown = false;
  asked = 0;
});
globalThis.fetch = /** @type {any} */ (server);

test("pages follow each other to the end", async () => {
  fill(450);
  const list = begin();
  assert.equal(list.now().reading, "first");
  await settle();
  assert.equal(list.now().rows.length, 200);
  for (let page = 0; page < 5; page++) {
    void list.more();
    void list.more();
    await settle();
  }
  assert.deepEqual(ids(list.now().rows), ids(stored));
  assert.equal(list.now().cursor, null);
  assert.equal(asked, 3);
});

test("a live entry waits until it is wanted, and does not count until then", async () => {
  fill(3);
  const list = begin();
  await settle();
  arrive(list, entry(4));
  arrive(list, entry(5));
  list.heard(entry(5));
  mock.timers.tick(TOGETHER);
  assert.deepEqual(ids(list.now().held), [5, 4]);
  assert.equal(list.now().total, 3);
  list.accept();
  assert.deepEqual(ids(list.now().rows), [5, 4, 3, 2, 1]);
  assert.deepEqual([list.now().total, list.now().held.length], [5, 0]);
});

test("an entry that does not fit the filter is left out", async () => {
  fill(3);
  const list = begin({ filter: { accountName: "work" } });
  await settle();
  arrive(list, entry(4, { accountName: "home" }));
  arrive(list, entry(5));
  mock.timers.tick(TOGETHER);
  assert.deepEqual(ids(list.now().held), [5]);
});

test("what comes while the first page is read is there once, on the page or held", async () => {
  fill(3);
  heldUp = [];
  const list = begin();
  await settle();
  const onPage = stored[0];
  arrive(list, entry(4));
  list.heard(onPage);
  mock.timers.tick(10 * TOGETHER);
  letGo();
  await settle();
  assert.deepEqual(ids(list.now().rows), [3, 2, 1]);
  assert.deepEqual(ids(list.now().held), [4]);
});

test("what flows in while the list is renewed stays, and the total is right", async () => {
  fill(3);
  const list = begin({ flows: true });
  await settle();
  stored.unshift(entry(4));
  heldUp = [];
  list.missed();
  await settle();
  arrive(list, entry(5));
  mock.timers.tick(TOGETHER);
  assert.deepEqual(ids(list.now().rows), [5, 3, 2, 1]);
  letGo();
  await settle();
  assert.deepEqual(ids(list.now().rows), [5, 4, 3, 2, 1]);
  assert.equal(list.now().total, 5);
});

test("what was missed is held, what was deleted goes", async () => {
  fill(10);
  const list = begin();
  await settle();
  stored = [entry(12), entry(11), ...stored.filter(({ id }) => id !== 5)];
  list.missed();
  await settle();
  assert.deepEqual(ids(list.now().held), [12, 11]);
  assert.deepEqual(ids(list.now().rows), [10, 9, 8, 7, 6, 4, 3, 2, 1]);
  assert.equal(list.now().total, 9);
});

test("when too much was missed the list is read anew, and nothing is taken from what is read until then", async () => {
  fill(300);
  const list = begin();
  await settle();
  const before = list.now().rows;
  fill(900);
  list.missed();
  await settle();
  assert.deepEqual([list.now().anew, list.now().rows], [true, before]);
  arrive(list, entry(901));
  mock.timers.tick(TOGETHER);
  list.accept();
  await settle();
  assert.equal(list.now().anew, false);
  assert.deepEqual(ids(list.now().rows), ids(stored.slice(0, 200)));
});

test("a list that flows for long stays short, and what was cut off can be read again", async () => {
  fill(1_000);
  const list = begin({ flows: true });
  await settle();
  for (let id = 1_001; id <= 4_000; id++) {
    arrive(list, entry(id));
    mock.timers.tick(TOGETHER);
    if (list.now().reading) await settle();
  }
  assert.ok(list.now().rows.length <= 2_000, String(list.now().rows.length));
  assert.deepEqual(ids(list.now().rows.slice(0, 200)), ids(stored.slice(0, 200)));
  while (list.now().cursor !== null) {
    void list.more();
    await settle();
  }
  assert.deepEqual(ids(list.now().rows), ids(stored));
  assert.equal(list.now().total, 4_000);
});

test("another filter shows nothing of the one before as its own", async () => {
  fill(3);
  stored.unshift(entry(4, { accountName: "home" }));
  const list = begin();
  await settle();
  heldUp = [];
  list.show("other", { accountName: "home" }, undefined);
  assert.equal(list.now().stale, true);
  letGo();
  await settle();
  assert.deepEqual([list.now().stale, ids(list.now().rows)], [false, [4]]);
});

test("a failure is told where rows are missing, and heals", async () => {
  fill(3);
  const working = globalThis.fetch;
  globalThis.fetch = async () =>
    new Response(JSON.stringify({ error: "busy", code: "busy" }), { status: 503 });
  const list = begin();
  await settle();
  assert.deepEqual([list.now().error?.code, list.now().reading], ["busy", null]);
  globalThis.fetch = working;
  list.again();
  await settle();
  assert.deepEqual([list.now().error, ids(list.now().rows)], [null, [3, 2, 1]]);
  assert.equal(NOTHING.rows.length, 0);
});

test("a list that could not be read is read when the connection is back", async () => {
  fill(450);
  isDown = true;
  const list = begin();
  await settle();
  assert.equal(list.now().error?.status, 0);
  isDown = false;
  list.missed();
  await settle();
  assert.deepEqual(ids(list.now().rows), ids(stored).slice(0, 200));
  assert.notEqual(list.now().cursor, null);
  isDown = true;
  list.show("other", { accountName: "work" }, undefined);
  await settle();
  isDown = false;
  list.missed();
  await settle();
  assert.equal(list.now().stale, false);
  assert.deepEqual(ids(list.now().rows), ids(stored).slice(0, 200));
});

test("an empty list that missed more than a page has all of it", async () => {
  fill(0);
  const list = begin();
  await settle();
  fill(450);
  list.missed();
  await settle();
  for (let page = 0; page < 3; page++) {
    void list.more();
    await settle();
  }
  assert.deepEqual(ids(list.now().rows), ids(stored));
});
