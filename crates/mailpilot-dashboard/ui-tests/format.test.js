// Numbers and times as a reader of English sees them.

import "./browser.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { duration, percent, relative, shortTime, utc } from "../ui/i18n/format.js";

/** @param {(value: number) => string} shown @param {[number, string][]} rows */
function check(shown, rows) {
  for (const [value, expected] of rows) assert.equal(shown(value), expected);
}

test("a duration shows its two largest units, milliseconds below a second", () => {
  check(duration, [
    [0.0312, "31 ms"],
    [1.25, "1.3 sec"],
    [42, "42 sec"],
    [60, "1 min"],
    [125, "2 min 5 sec"],
    [3600, "1 hr"],
    [90_061, "1 day 1 hr"],
  ]);
});

test("a small share keeps a decimal, and is never told as none", () => {
  check(percent, [
    [0, "0%"],
    [0.0004, "< 0.1%"],
    [0.042, "4.2%"],
    [0.5, "50%"],
    [1, "100%"],
  ]);
});

test("a time is told from now, in both directions", () => {
  const now = Date.parse("2026-11-22T10:00:00Z");
  check(
    (seconds) => relative(now + seconds * 1000, now),
    [
      [-2, "now"],
      [-30, "30 sec. ago"],
      [-120, "2 min. ago"],
      [-7200, "2 hr. ago"],
      [-7199, "1 hr. ago"],
      [259_200, "in 3 days"],
      [259_190, "in 3 days"],
    ],
  );
});

test("UTC is the same in every language and zone", () => {
  assert.equal(utc("2026-11-22T11:00:00.123+01:00"), "2026-11-22 10:00:00 UTC");
});

test("a moment of today is a time, one of another day has the date, one far away has the year", () => {
  const now = new Date(2026, 0, 1, 12).getTime();
  const shown = (/** @type {Date} */ at) => shortTime(at, now).replaceAll("\u202f", " ");
  assert.equal(shown(new Date(2026, 0, 1, 9, 5, 7)), "09:05:07 AM");
  assert.equal(shown(new Date(2025, 11, 31, 23, 59)), "Dec 31, 11:59 PM");
  assert.equal(shown(new Date(2025, 0, 2, 23, 59)), "Jan 2, 2025");
  assert.equal(shown(new Date(9999, 11, 31, 23, 59)), "Dec 31, 9999");
});
