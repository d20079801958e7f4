// Live entries are filtered as the server filters its list.

import assert from "node:assert/strict";
import { test } from "node:test";

import { askOf, isTooShort, keyOf, matches, readFilter } from "../ui/pages/activity/filter.js";

const entry = {
  id: 1,
  createdAt: "2026-11-22T10:00:00.000Z",
  messageId: "<1@example.org>",
  accountName: "work",
  actions: [{ type: "flag" }, { type: "move", folder: "Lists" }],
  subject: "Grüße aus der Straße",
  from: "Ana <ana@example.org>",
};

test("an entry has to fit every filter", () => {
  /** @type {[import("../ui/pages/activity/filter.js").Ask, boolean][]} */
  const rows = [
    [{}, true],
    [{ accountName: "work" }, true],
    [{ accountName: "Work" }, false],
    [{ actionType: "move" }, true],
    [{ actionType: "mov" }, false],
    [{ actionTypes: "spam,flag" }, true],
    [{ actionTypes: "spam,delete" }, false],
    [{ outcome: "ok" }, true],
    [{ outcome: "failed" }, false],
    [{ startDate: "2026-11-22T10:00:00Z", endDate: "2026-11-22T10:00:00Z" }, true],
    [{ startDate: "2026-11-22T11:00:00+01:00" }, true],
    [{ startDate: "2026-11-22T10:00:00.001Z" }, false],
    [{ endDate: String(Date.parse(entry.createdAt) - 1) }, false],
    [{ search: "GRÜSSE" }, true],
    [{ search: "GRÜßE" }, true],
    [{ search: "STRASSE" }, true],
    [{ search: "ANA@" }, true],
    [{ search: "1@Example" }, true],
    [{ search: "nobody" }, false],
    [{ accountName: "work", outcome: "failed" }, false],
  ];
  for (const [ask, expected] of rows) assert.equal(matches(ask, entry), expected, JSON.stringify(ask));
  assert.equal(matches({ outcome: "failed" }, { ...entry, error: "" }), true);
  assert.equal(matches({ search: "grüße" }, { ...entry, subject: undefined, from: undefined }), false);
});

test("the address holds the filter; what it does not know is left alone", () => {
  const filter = readFilter(new URLSearchParams("outcome=failed&search=&x=1&range=today"));
  assert.deepEqual(filter, { outcome: "failed", range: "today" });
  assert.equal(keyOf(filter), keyOf({ range: "today", outcome: "failed" }));
  assert.notEqual(keyOf(filter), keyOf({ outcome: "failed" }));
});

test("a span becomes a date, unless dates are named", () => {
  const now = new Date("2026-11-22T10:00:00Z");
  assert.deepEqual(askOf({ range: "24h" }, now), { startDate: "2026-11-21T10:00:00.000Z" });
  assert.deepEqual(askOf({ range: "24h", endDate: "2026-01-01T00:00:00Z" }, now), {
    endDate: "2026-01-01T00:00:00Z",
  });
  assert.deepEqual(askOf({ range: "ages" }, now), {});
});

test("a search that is too short is not sent", () => {
  assert.deepEqual(askOf({ search: "ab", outcome: "ok" }, new Date()), { outcome: "ok" });
  assert.deepEqual(["", "ab", "abc", "ご注文", "😀😀"].map(isTooShort), [true, true, false, false, true]);
});
