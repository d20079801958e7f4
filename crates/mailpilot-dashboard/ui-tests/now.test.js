// What Now concludes: the verdict, the last mail, what needs attention, and where a number's rows are.

import "./browser.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { attentionOf } from "../ui/pages/now/attention.js";
import { rows, rowsPath } from "../ui/pages/now/rows.js";
import { inTrouble, lastMailIn, verdictOf } from "../ui/pages/now/verdict.js";

/** @param {string} name @param {string} status */
function account(name, status) {
  return { name, status, lastError: null, lastActivityAt: null };
}

/** @param {string[]} statuses */
function accounts(...statuses) {
  return statuses.map((status, index) => account(`a${index}`, status));
}

/** @param {number[][]} emails by account @param {number[][]} [errors] */
function timeline(emails, errors = emails.map((column) => column.map(() => 0))) {
  return {
    from: "2026-11-22T10:00:00.000Z",
    to: "2026-11-22T10:12:00.000Z",
    step: 300,
    accounts: emails.map((column, index) => ({
      name: `a${index}`,
      status: column.map(() => null),
      emails: column,
      errors: errors[index],
    })),
  };
}

test("the verdict is the gravest state, and good only when every account is current or paused", () => {
  for (const [given, kind, tone] of /** @type {[string[], string, string][]} */ ([
    [[], "none", "info"],
    [["connected"], "current", "good"],
    [["connected", "connected"], "current", "good"],
    [["connected", "paused"], "current", "good"],
    [["paused", "paused"], "paused", "quiet"],
    [["unknown", "unknown"], "waiting", "info"],
    [["connected", "unknown"], "partly", "info"],
    [["connected", "connecting"], "partly", "info"],
    [["connected", "stalled"], "trouble", "warn"],
    [["stalled", "disconnected"], "trouble", "bad"],
    [["error", "connected"], "trouble", "bad"],
  ])) {
    const verdict = verdictOf(accounts(...given));
    assert.deepEqual([verdict.kind, verdict.tone], [kind, tone], given.join());
  }
});

test("the worst account is an error before a broken connection before a stall", () => {
  const verdict = verdictOf(accounts("stalled", "disconnected", "connected", "error"));
  assert.equal(verdict.worst?.name, "a3");
  assert.equal(verdict.trouble, 3);
  assert.deepEqual(
    inTrouble(accounts("stalled", "paused", "disconnected", "error")).map(({ name }) => name),
    ["a3", "a2", "a0"],
  );
});

test("the last mail lies in the latest slice of any account, which the end cuts", () => {
  const from = Date.parse("2026-11-22T10:00:00Z");
  assert.deepEqual(
    lastMailIn(
      timeline([
        [1, 0, 0],
        [0, 2, 0],
      ]),
    ),
    { from: from + 300_000, to: from + 600_000 },
  );
  assert.deepEqual(lastMailIn(timeline([[0, 0, 4]])), { from: from + 600_000, to: from + 720_000 });
  assert.equal(lastMailIn(timeline([[0, 0, 0]])), "none");
  assert.equal(lastMailIn(timeline([])), "none");
});

/** @param {string} name @param {"ok" | "warning" | "problem"} verdict */
function finding(name, verdict) {
  return { name, verdict, state: "", found: {}, message: "", cure: null };
}

test("nothing wrong is quiet, and so is what is not known", () => {
  assert.equal(attentionOf(accounts("connected"), timeline([[1]]), [finding("bind", "ok")]).quiet, true);
  assert.equal(attentionOf([], null, null).quiet, true);
});

test("failed mails of all accounts are counted from the beginning of the timeline", () => {
  const { failed, quiet } = attentionOf([], timeline([[1], [2]], [[1], [2]]), null);
  assert.deepEqual(failed, { count: 3, from: "2026-11-22T10:00:00.000Z" });
  assert.equal(quiet, false);
});

test("problems come first, and warnings that stand for ever are kept apart", () => {
  const checks = [
    finding("bind", "warning"),
    finding("keys", "warning"),
    finding("proxy", "problem"),
    finding("store", "ok"),
  ];
  const { findings, standing, quiet } = attentionOf([], null, checks);
  assert.deepEqual(
    findings.map(({ name }) => name),
    ["proxy", "keys"],
  );
  assert.deepEqual(
    standing.map(({ name }) => name),
    ["bind"],
  );
  assert.equal(quiet, false);
});

test("a number's rows are between its moments, the end left out, and only those that count", () => {
  const start = Date.parse("2026-11-22T10:00:00Z");
  const query = (/** @type {Parameters<typeof rows>[0]} */ of) =>
    Object.fromEntries(new URL(rows(of), "https://x").searchParams);
  assert.deepEqual(query({ start, end: start + 60_000 }), {
    startDate: "2026-11-22T10:00:00.000Z",
    endDate: "2026-11-22T10:00:59.999Z",
  });
  assert.deepEqual(query({ start, action: "move" }), {
    actionType: "move",
    outcome: "ok",
    startDate: "2026-11-22T10:00:00.000Z",
  });
  assert.deepEqual(query({ start, failed: true, account: "work" }), {
    accountName: "work",
    outcome: "failed",
    startDate: "2026-11-22T10:00:00.000Z",
  });
  assert.equal(rowsPath({ start }), "/activity?startDate=2026-11-22T10%3A00%3A00.000Z");
  assert.equal(rows({ start }), `/mail${rowsPath({ start })}`);
});
