// What charts are made of: windows on the reader's clock, sums by slice, quantiles, layers, runs of states.

import "./browser.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { spanText } from "../ui/parts/chart/axis.js";
import { bucketsShown, position, quantile } from "../ui/parts/chart/quantile.js";
import { lasting, runs } from "../ui/parts/chart/runs.js";
import { scaleOf, timeMarks, valueMarks } from "../ui/parts/chart/scale.js";
import { actionsIn, slicesOf, total } from "../ui/parts/chart/slices.js";
import { countsOf, layerAt, layersOf } from "../ui/parts/chart/stack.js";
import { rangeOf, windowOf } from "../ui/parts/chart/window.js";

process.env.TZ = "Europe/Berlin";

const HOUR = 3_600_000;

/** @param {string} at */
const ms = (at) => Date.parse(at);

/** How many hours each slice of a window has. */
function lengths(/** @type {number[]} */ edges) {
  return edges.slice(1).map((edge, index) => (edge - edges[index]) / HOUR);
}

/** @param {string} t @param {Partial<import("../ui/parts/chart/slices.js").Point>} [more] */
function point(t, more = {}) {
  return { t, emails: 0, actions: {}, errors: 0, latency: { le: [1, 2], counts: [0, 0, 0] }, ...more };
}

test("days have 23 hours when the clock goes forward and 25 when it goes back", () => {
  const spring = windowOf("30d", ms("2026-04-10T10:00:00Z")).edges;
  assert.equal(spring.length, 32);
  assert.equal(lengths(spring)[spring.indexOf(ms("2026-03-29T00:00:00+01:00"))], 23);
  assert.equal(lengths(spring).filter((hours) => hours !== 24).length, 1);

  const autumn = windowOf("30d", ms("2026-11-01T10:00:00Z")).edges;
  assert.equal(lengths(autumn)[autumn.indexOf(ms("2026-10-25T00:00:00+02:00"))], 25);
  assert.equal(lengths(autumn).filter((hours) => hours !== 24).length, 1);
});

test("blocks of three hours stay on the clock's hours through its changes", () => {
  for (const [now, odd] of /** @type {const} */ ([
    ["2026-03-30T10:10:00Z", 2],
    ["2026-10-26T10:10:00Z", 4],
  ])) {
    const { edges } = windowOf("7d", ms(now));
    assert.deepEqual(
      edges.map((edge) => new Date(edge).getHours() % 3),
      edges.map(() => 0),
    );
    assert.deepEqual(
      lengths(edges).filter((hours) => hours !== 3),
      [odd],
    );
  }
});

test("a window reaches back at least its range and its last slice holds now", () => {
  const now = ms("2026-11-22T19:50:30Z");
  for (const [range, length, slices] of /** @type {const} */ ([
    ["1h", HOUR, 61],
    ["24h", 24 * HOUR, 49],
    ["7d", 168 * HOUR, 57],
    ["30d", 720 * HOUR, 31],
  ])) {
    const { edges } = windowOf(range, now);
    assert.ok(edges[0] <= now - length);
    assert.ok(edges[1] > now - length);
    assert.ok((edges.at(-2) ?? 0) <= now && (edges.at(-1) ?? 0) > now);
    assert.equal(edges.length - 1, slices);
  }
});

test("an unknown range in the address is a day", () => {
  assert.equal(rangeOf(null), "24h");
  assert.equal(rangeOf("7d"), "7d");
  assert.equal(rangeOf("2w"), "24h");
});

test("points are summed where they belong, those outside are left out, slices without stay empty", () => {
  const edges = [
    ms("2026-10-25T00:00:00+02:00"),
    ms("2026-10-26T00:00:00+01:00"),
    ms("2026-10-27T00:00:00+01:00"),
  ];
  const slices = slicesOf(
    [
      point("2026-10-26T22:30:00Z", { emails: 9 }),
      point("2026-10-26T23:00:00Z", { emails: 99 }),
      point("2026-10-24T21:00:00Z", { emails: 99 }),
      // The last hour of the day with 25.
      point("2026-10-25T22:00:00Z", {
        emails: 2,
        errors: 1,
        actions: { move: 2 },
        latency: { le: [1, 2], counts: [1, 0, 1] },
      }),
      point("2026-10-24T22:00:00Z", {
        emails: 1,
        actions: { move: 1, flag: 1 },
        latency: { le: [1, 2], counts: [1, 0, 0] },
      }),
    ],
    edges,
  );
  assert.deepEqual(slices, [
    {
      start: edges[0],
      end: edges[1],
      emails: 3,
      errors: 1,
      actions: { move: 3, flag: 1 },
      counts: [2, 0, 1],
    },
    { start: edges[1], end: edges[2], emails: 9, errors: 0, actions: {}, counts: [] },
  ]);
  assert.equal(actionsIn(slices[0]), 4);
  assert.equal(total(slices).emails, 12);
  assert.deepEqual(total(slices).counts, [2, 0, 1]);
});

test("no points and no slices sum up to nothing", () => {
  assert.deepEqual(slicesOf([], [0, 1]), [
    { start: 0, end: 1, emails: 0, actions: {}, errors: 0, counts: [] },
  ]);
  assert.deepEqual(slicesOf([point("2026-01-01T00:00:00Z")], []), []);
  assert.equal(total([]).emails, 0);
});

test("quantiles lie within their bucket, at its lower end where it has no upper one", () => {
  const le = [0.1, 1, 10];
  for (const [counts, share, expected] of /** @type {[number[], number, number | null][]} */ ([
    [[], 0.5, null],
    [[0, 0, 0, 0], 0.5, null],
    [[4, 0, 0, 0], 0.5, 0.05],
    [[0, 2, 0, 0], 0.5, 0.55],
    [[1, 0, 1, 0], 0.95, 9.1],
    [[0, 0, 0, 5], 0.5, 10],
    [[2, 0, 0, 2], 0.5, 0.1],
  ])) {
    const found = quantile(le, counts, share);
    if (expected === null) assert.equal(found, null);
    else assert.ok(found !== null && Math.abs(found - expected) < 1e-9, `${found} for ${expected}`);
  }
});

test("a value lies at the height of its bucket", () => {
  const le = [0.1, 1, 10];
  assert.equal(position(le, 0), 0);
  assert.equal(position(le, 0.05), 0.5);
  assert.equal(position(le, 1), 2);
  assert.equal(position(le, 5.5), 2.5);
  assert.equal(position(le, 99), 3);
});

test("buckets without anything are cut off but for one on either side", () => {
  assert.deepEqual(bucketsShown([[0, 0, 3, 0, 0, 0], []], 6), [1, 4]);
  assert.deepEqual(bucketsShown([[5, 0, 0]], 3), [0, 2]);
  assert.deepEqual(bucketsShown([[0, 0, 1]], 3), [1, 3]);
  assert.deepEqual(bucketsShown([[], []], 3), [0, 3]);
});

/** @param {Record<string, number>} actions */
function slice(actions) {
  return { start: 0, end: 1, emails: 0, errors: 0, counts: [], actions };
}

test("the most frequent action lies at the bottom, and its colour does not depend on the others", () => {
  const layers = layersOf([slice({ flag: 2, move: 1 }), slice({ move: 5, zebra: 1 })]);
  assert.deepEqual(
    layers.map(({ type, count }) => [type, count]),
    [
      ["move", 6],
      ["flag", 2],
      ["zebra", 1],
    ],
  );
  const alone = layersOf([slice({ flag: 1 })]);
  assert.equal(alone[0].colour, layers[1].colour);
  assert.equal(new Set(layers.map(({ colour }) => colour)).size, 3);
});

test("actions too many to tell apart are one layer, with what the server calls other", () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`type${index}`, 20 - index]));
  const one = slice({ ...many, other: 100 });
  const layers = layersOf([one]);
  assert.equal(layers.length, 8);
  assert.deepEqual(layers.at(-1), { type: null, colour: "--series-8", count: 100 + 13 + 12 + 11 + 10 + 9 });
  assert.equal(new Set(layers.map(({ colour }) => colour)).size, 8);
  assert.equal(
    countsOf(one, layers).reduce((sum, count) => sum + count, 0),
    actionsIn(one),
  );
});

test("nothing has no layers", () => {
  assert.deepEqual(layersOf([]), []);
  assert.deepEqual(layersOf([slice({ move: 0 })]), []);
});

test("a height finds its layer, and none above or below the stack", () => {
  for (const [height, expected] of /** @type {[number, number | null][]} */ ([
    [-1, null],
    [0, 0],
    [1.9, 0],
    [2, 2],
    [4.9, 2],
    [5, null],
  ])) {
    assert.equal(layerAt([2, 0, 3], height), expected);
  }
});

const timeline = { from: "2026-11-22T10:00:00Z", to: "2026-11-22T11:10:00Z", step: 1800, accounts: [] };

test("the same state in a row is one run, the last is cut at the end, gaps are runs of nothing", () => {
  const found = runs(timeline, ["connected", "connected", null]);
  assert.deepEqual(found, [
    { status: "connected", start: ms("2026-11-22T10:00:00Z"), end: ms("2026-11-22T11:00:00Z") },
    { status: null, start: ms("2026-11-22T11:00:00Z"), end: ms("2026-11-22T11:10:00Z") },
  ]);
  assert.deepEqual(lasting(found), [
    { status: "connected", seconds: 3600 },
    { status: null, seconds: 600 },
  ]);
});

test("states that come back are runs of their own", () => {
  assert.deepEqual(
    runs(timeline, ["error", "connected", "error"]).map(({ status }) => status),
    ["error", "connected", "error"],
  );
});

/** @param {string} start @param {string} end */
const span = (start, end) => ({ start: ms(start), end: ms(end) });

test("the hour that comes twice has its zone, other times have none", () => {
  const first = spanText(span("2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"));
  const second = spanText(span("2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"));
  assert.match(first, /2:00 AM GMT\+2 – 2:30 AM GMT\+2$/);
  assert.match(second, /2:00 AM GMT\+1 – 2:30 AM GMT\+1$/);
  assert.match(spanText(span("2026-10-25T10:00:00Z", "2026-10-25T10:30:00Z")), /11:00 AM – 11:30 AM$/);
});

test("moments and values lie where they are found again", () => {
  const slices = [
    span("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
    span("2026-11-22T11:00:00Z", "2026-11-22T12:00:00Z"),
  ];
  const scale = scaleOf(slices, [-10, 30], 370, 240);
  assert.equal(scale.x(slices[0].start), scale.left);
  assert.equal(scale.x(slices[1].end), scale.right);
  assert.equal(scale.y(-10), scale.bottom);
  assert.equal(scale.y(30), scale.top);
  assert.equal(scale.moment(scale.x(slices[0].end)), slices[0].end);
  assert.ok(Math.abs(scale.value(scale.y(7)) - 7) < 1e-9);
  assert.deepEqual(scale.across(slices[0], 2), [scale.left + 1, (scale.right - scale.left) / 2 - 2]);
});

test("a slice of an hour less is narrower by it", () => {
  const slices = [
    span("2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00"),
    span("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
  ];
  const scale = scaleOf(slices, [0, 1], 540, 240);
  assert.ok(Math.abs(scale.across(slices[1])[1] / scale.across(slices[0])[1] - 23 / 24) < 1e-9);
});

test("marks of the time axis stand on the hours and days of the clock through its changes", () => {
  for (const [start, end, width] of /** @type {const} */ ([
    ["2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00", 900],
    ["2026-10-24T00:00:00+02:00", "2026-10-27T00:00:00+01:00", 900],
    ["2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00", 600],
    ["2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00", 300],
    ["2026-10-23T00:00:00+02:00", "2026-11-23T00:00:00+01:00", 294],
  ])) {
    const slices = [span(start, end)];
    const marks = timeMarks(slices, scaleOf(slices, [0, 1], width, 240));
    assert.ok(marks.length >= 2, `${marks.length}`);
    for (const { at } of marks) {
      const moment = new Date(at);
      assert.equal(moment.getMinutes(), 0);
      assert.equal(moment.getHours() % (width === 900 ? 3 : 24), 0, moment.toISOString());
    }
    marks.slice(1).forEach((mark, index) => assert.ok(mark.x - marks[index].x >= 46));
  }
});

test("marks of counts are whole", () => {
  assert.deepEqual(valueMarks(1), [0, 1]);
  assert.deepEqual(valueMarks(2), [0, 1, 2]);
  assert.deepEqual(valueMarks(100), [0, 20, 40, 60, 80, 100]);
});
