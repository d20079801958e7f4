// Spans of time across the changes of the clock in Berlin: 29 March and 25 October 2026.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fromInput, toInput } from "../ui/core/local-time.js";
import { isRange, rangeStart } from "../ui/pages/activity/ranges.js";

process.env.TZ = "Europe/Berlin";

/** @param {"today" | "24h" | "7d" | "30d"} range @param {[string, string][]} rows */
function check(range, rows) {
  for (const [now, start] of rows) assert.equal(rangeStart(range, new Date(now)).toISOString(), start);
}

test("today begins at midnight here, on days of 23, 24 and 25 hours", () => {
  check("today", [
    ["2026-11-22T10:00:00Z", "2026-11-21T23:00:00.000Z"],
    ["2026-03-29T10:00:00Z", "2026-03-28T23:00:00.000Z"],
    ["2026-10-25T10:00:00Z", "2026-10-24T22:00:00.000Z"],
    ["2026-07-01T22:30:00Z", "2026-07-01T22:00:00.000Z"],
  ]);
});

test("24 hours are 24 hours, whatever the clock does", () => {
  check("24h", [
    ["2026-03-29T10:00:00Z", "2026-03-28T10:00:00.000Z"],
    ["2026-10-25T10:00:00Z", "2026-10-24T10:00:00.000Z"],
  ]);
});

test("days ago it was the same time of day", () => {
  check("7d", [
    ["2026-11-22T10:00:00Z", "2026-11-15T10:00:00.000Z"],
    ["2026-03-30T10:00:00Z", "2026-03-23T11:00:00.000Z"],
    ["2026-10-26T10:00:00Z", "2026-10-19T09:00:00.000Z"],
  ]);
  check("30d", [["2026-11-22T10:00:00Z", "2026-10-23T09:00:00.000Z"]]);
});

test("what a field for dates holds is local, what the API gets is UTC", () => {
  assert.equal(fromInput("2026-07-01T12:30"), "2026-07-01T10:30:00.000Z");
  assert.equal(fromInput("2026-12-01T12:30"), "2026-12-01T11:30:00.000Z");
  assert.equal(fromInput("2026-12-01T12:30", { end: true }), "2026-12-01T11:30:59.999Z");
  assert.equal(toInput("2026-12-01T11:30:59.999Z"), "2026-12-01T12:30");
  assert.equal(toInput("1796124600000"), "2026-12-01T12:30");
  for (const none of ["", "soon"]) {
    assert.equal(fromInput(none), "");
    assert.equal(toInput(none), "");
  }
});

test("an hour that was skipped is the next one, an hour that came twice is the first", () => {
  assert.equal(fromInput("2026-03-29T02:30"), "2026-03-29T01:30:00.000Z");
  assert.equal(fromInput("2026-10-25T02:30"), "2026-10-25T00:30:00.000Z");
});

test("only known spans are spans", () => {
  assert.deepEqual(["today", "24h", "1h", ""].map(isRange), [true, true, false, false]);
});
