// The log's lists and texts: order, duplicates, gaps, what a search marks, what a file holds.

import "./browser.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { filterOf, isFiltered, isGrave, marked, matcher } from "../ui/pages/logs/filter.js";
import { filled, lineOf, merged, placeOf, withGap } from "../ui/pages/logs/lines.js";
import { inLines, jsonText, plainText } from "../ui/pages/logs/text.js";

/** @typedef {import("../ui/pages/logs/lines.js").Line} Line */

/** @param {number} id @param {number} [at] @param {Partial<Line>} [more] @returns {Line} */
const line = (id, at = id * 1000, more = {}) => ({
  id,
  at,
  level: "info",
  target: "imap",
  message: `line ${id}`,
  fields: {},
  ...more,
});
const ids = (/** @type {{ id: number }[]} */ items) => items.map(({ id }) => id);
const ask = (/** @type {string} */ query) => filterOf(new URLSearchParams(query));

test("lines stand by time and then by number, each once", () => {
  const list = [line(1), line(2), line(5)];
  assert.deepEqual(ids(merged(list, [line(6), line(2), line(3)])), [1, 2, 3, 5, 6]);
  assert.deepEqual(ids(merged(list, [line(9, 1000), line(8, 1000), line(8, 1000)])), [1, 8, 9, 2, 5]);
  assert.deepEqual(ids(merged([], [line(2), line(1)])), [1, 2]);
  assert.equal(merged(list, []), list);
  assert.deepEqual([placeOf(list, line(2)), placeOf(list, line(3)), placeOf(list, line(9))], [1, 2, 3]);
});

test("a gap stands behind the last line known and before all that come", () => {
  const list = withGap([line(1), line(2)], 312);
  assert.deepEqual(ids(merged(list, [line(3), line(4)])), [1, 2, 2.5, 3, 4]);
  assert.deepEqual(withGap(list, 8).at(-1), { id: 2.5, at: 2000, missing: 320 });
  assert.equal(/** @type {any} */ (withGap(list, null).at(-1)).missing, null);
  assert.deepEqual(withGap([], 5), []);
});

test("a gap that was read is gone; of one too large the older part stays marked", () => {
  const list = [...withGap([line(1)], 3), line(5)];
  const gap = /** @type {import("../ui/pages/logs/lines.js").Gap} */ (list[1]);
  assert.deepEqual(ids(filled(list, gap, [line(2), line(3), line(4)], true)), [1, 2, 3, 4, 5]);
  assert.deepEqual(ids(filled(list, gap, [line(3), line(4)], false)), [1, 1.5, 3, 4, 5]);
});

test("the filter is what the address says", () => {
  assert.equal(isFiltered(ask("")), false);
  assert.equal(isFiltered(ask("search=")), false);
  assert.deepEqual(ask("level=warn&accountName=work&unknown=1"), {
    level: "warn",
    accountName: "work",
    search: null,
    startDate: null,
    endDate: null,
  });
});

test("a line that comes live is judged as the server judges", () => {
  const of = (/** @type {string} */ query, /** @type {Partial<Line>} */ more) =>
    matcher(ask(query))(line(1, 5000, more));
  assert.ok(of("accountName=work", { accountName: "work" }));
  assert.ok(!of("accountName=work", {}));
  assert.ok(of("search=IMAP", { target: "imap::session" }));
  assert.ok(of("search=stra%C3%9Fe", { message: "Hauptstrasse" }));
  assert.ok(of("search=%CE%9F%CE%94%CE%9F%CE%A3", { message: "οδος" }));
  assert.ok(!of("search=uid", { fields: { uid: 1 } }));
  assert.ok(of("startDate=1970-01-01T00:00:05Z&endDate=5000", {}));
  assert.ok(!of("startDate=5001", {}));
  assert.ok(!of("endDate=1970-01-01T00:00:04.999Z", {}));
});

test("a level means that one and graver ones; none means all", () => {
  assert.deepEqual(
    ["debug", "warn", "error"].map((level) => isGrave("warn", level)),
    [false, true, true],
  );
  assert.ok(isGrave(null, "trace"));
});

test("what was searched for is marked in the text as it was written", () => {
  const found = (/** @type {string} */ text, /** @type {string | null} */ search) =>
    marked(text, search).map((piece) => (piece.found ? `[${piece.text}]` : piece.text));
  assert.deepEqual(found("Reset by RESET", "reset"), ["[Reset]", " by ", "[RESET]"]);
  assert.deepEqual(found("aaa", "aa"), ["[aa]", "a"]);
  assert.deepEqual(found("Große Straße 🚗", "strasse"), ["Große ", "[Straße]", " 🚗"]);
  assert.deepEqual(found("ß", "s"), ["[ß]"]);
  assert.deepEqual(found("(a.b)*", "."), ["(a", "[.]", "b)*"]);
  assert.deepEqual(found("nothing", "x"), ["nothing"]);
  assert.deepEqual(found("nothing", null), ["nothing"]);
});

test("a line of a text file is one line, as JSON it is what the API gave", () => {
  const given = {
    id: 7,
    timestamp: "2026-11-22T10:00:00.123Z",
    level: "warn",
    target: "imap",
    message: "one\ntwo \\ three",
    accountName: "work",
    fields: { uid: 5, text: "two words", list: [1, 2] },
  };
  assert.equal(
    plainText(lineOf(given)),
    String.raw`2026-11-22T10:00:00.123Z WARN  imap [work] one\ntwo \\ three uid=5 text="two words" list=[1,2]`,
  );
  assert.deepEqual(JSON.parse(jsonText(lineOf(given))), given);
  assert.equal(inLines({}), "");
});
