// Rows from pages and from the live stream become one list: in order, each once, none missing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { actionText, compare, has, merge, order, placeOf, rowOf } from "../ui/pages/activity/entries.js";

/** @typedef {import("../ui/pages/activity/entries.js").Row} Row */

/** @param {number} id @param {number} [at] @returns {Row} */
function row(id, at = id * 10) {
  return {
    ...rowOf({
      id,
      createdAt: "2026-11-22T10:00:00Z",
      messageId: `<${id}>`,
      accountName: "work",
      actions: [],
    }),
    at,
  };
}

/** Newest first. @param {...number} ids */
function rows(...ids) {
  return ids.map((id) => row(id)).sort(order);
}

/** @param {readonly Row[]} list */
function ids(list) {
  return list.map(({ id }) => id);
}

test("a row holds what is shown, with the message id where no subject is kept", () => {
  const entry = {
    id: 7,
    createdAt: "2026-11-22T10:00:00.000Z",
    messageId: "<7@example.org>",
    accountName: "work",
    actions: [
      { type: "flag", flags: ["\\Seen", "x"] },
      { type: "move", folder: "Lists", reason: "newsletter" },
    ],
    error: "",
    durationMs: 840,
  };
  assert.deepEqual(rowOf(entry), {
    id: 7,
    at: Date.parse(entry.createdAt),
    account: "work",
    title: "<7@example.org>",
    isId: true,
    from: "",
    actions: ["flag \\Seen x", "move → Lists"],
    failed: true,
    confidence: undefined,
    ms: 840,
  });
  assert.equal(rowOf({ ...entry, subject: "Hello" }).title, "Hello");
  assert.equal(rowOf(entry).actions, rowOf({ ...entry, id: 8 }).actions);
  assert.equal(actionText({ type: "spam" }), "spam");
});

test("rows are in the order of time, then of id", () => {
  const list = [row(1, 50), row(2, 50), row(3, 10)].sort(order);
  assert.deepEqual(ids(list), [2, 1, 3]);
  assert.deepEqual(
    list.map((each) => placeOf(list, each)),
    [0, 1, 2],
  );
  assert.equal(has(list, row(4, 50)), false);
});

test("merging puts late ones where they belong and drops what is there already", () => {
  assert.deepEqual(ids(merge(rows(9, 7, 5), rows(10, 8, 7, 4))), [10, 9, 8, 7, 5, 4]);
  assert.deepEqual(ids(merge(rows(3), rows(4, 4, 2, 2))), [4, 3, 2]);
  assert.deepEqual(ids(merge([], rows(2, 1))), [2, 1]);
  assert.deepEqual(ids(merge(rows(2, 1), [])), [2, 1]);
});

test("merging is the same in whatever portions rows arrive", () => {
  const all = Array.from({ length: 200 }, (_, id) => row(id, (id * 7919) % 50)).sort(order);
  for (const portion of [1, 3, 50]) {
    /** @type {readonly Row[]} */
    let list = [];
    const mixed = [...all].sort((a, b) => ((a.id * 31) % 97) - ((b.id * 31) % 97));
    for (let at = 0; at < mixed.length; at += portion) {
      const some = mixed.slice(Math.max(0, at - 1), at + portion).sort(order);
      list = merge(list, some);
    }
    assert.deepEqual(list, all);
  }
});

test("a newer page tells what came, what was deleted, and whether there is a gap", () => {
  const old = rows(5, 4, 3, 2, 1);
  const overlap = compare(old, old, rows(7, 6, 5, 3), false);
  assert.deepEqual(ids(overlap.left), [5, 3, 2, 1]);
  assert.deepEqual(ids(overlap.fresh), [7, 6]);
  assert.equal(overlap.gap, false);

  const few = rows(3, 2, 1);
  assert.equal(compare(few, few, rows(9, 8), false).gap, true);
  assert.equal(compare(few, few, rows(9, 8, 3), false).gap, false);

  const all = compare(few, few, rows(4, 2), true);
  assert.deepEqual(ids(all.left), [2]);
  assert.deepEqual(ids(all.fresh), [4]);
  assert.deepEqual(compare(rows(1), rows(1), [], true).left, []);
});

test("what came in while a page was read is not taken for deleted, and the page has not counted it", () => {
  const { left, fresh, gap, counts } = compare(rows(6, 5, 4, 3), rows(4, 3), rows(5, 4), false);
  assert.deepEqual(ids(left), [6, 5, 4, 3]);
  assert.deepEqual(ids(fresh), []);
  assert.equal(gap, false);
  assert.deepEqual(left.map(counts), [false, true, true, true]);
});
