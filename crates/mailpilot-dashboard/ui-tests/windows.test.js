// Which rows of a long list are drawn, and where a row is found again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { indexAt, rowsInSight, topOf, whereIs } from "../ui/parts/windows.js";

const even = { rowHeight: 50 };
/** The rows 2 and 3 are higher, by 100 and by 10. */
const uneven = {
  rowHeight: 50,
  taller: /** @type {[number, number][]} */ ([
    [2, 100],
    [3, 10],
  ]),
};

test("every row begins where the one before it ends", () => {
  assert.deepEqual(
    [0, 1, 2000].map((index) => topOf(index, even)),
    [0, 50, 100_000],
  );
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((index) => topOf(index, uneven)),
    [0, 50, 100, 250, 310, 360],
  );
});

test("a row covers the pixels from its beginning to the next one's", () => {
  for (const heights of [even, uneven]) {
    for (let index = 0; index < 10; index++) {
      const top = topOf(index, heights);
      const next = topOf(index + 1, heights);
      for (const y of [top, (top + next) / 2, next - 1]) assert.equal(indexAt(y, heights), index);
    }
  }
  assert.equal(indexAt(-200, even), 0);
});

test("drawn are the rows in sight and some beyond, never one that is not there", () => {
  /** @type {[number, number, number, { first: number, last: number }][]} from, to, count, expected */
  const rows = [
    [-300, 700, 100_000, { first: 0, last: 28 }],
    [50_000, 50_900, 100_000, { first: 988, last: 1032 }],
    [4_999_500, 5_000_400, 100_000, { first: 99_976, last: 100_000 }],
    [9_000_000, 9_000_900, 100_000, { first: 99_999, last: 100_000 }],
    [0, 900, 3, { first: 0, last: 3 }],
    [0, 900, 0, { first: 0, last: 0 }],
  ];
  for (const [from, to, count, expected] of rows) {
    assert.deepEqual(rowsInSight({ from, to }, 12, count, even), expected);
  }
});

test("what is drawn covers what is in sight, wherever that is", () => {
  for (let from = 0; from < 20_000; from += 37) {
    const { first, last } = rowsInSight({ from, to: from + 900 }, 2, 1_000, uneven);
    assert.ok(topOf(first, uneven) <= from);
    assert.ok(topOf(last, uneven) >= from + 900);
  }
});

test("a row is found again after others came before it or went", () => {
  const keys = ["a", "b", "c", "d", "e"];
  const find = (/** @type {string} */ key, /** @type {number} */ near) =>
    whereIs(key, near, keys.length, (index) => keys[index]);
  for (const near of [0, 2, 4, 9])
    assert.deepEqual(
      keys.map((key) => find(key, near)),
      [0, 1, 2, 3, 4],
    );
  assert.equal(find("z", 3), -1);
  assert.equal(
    whereIs("a", 0, 0, () => "a"),
    -1,
  );
});
