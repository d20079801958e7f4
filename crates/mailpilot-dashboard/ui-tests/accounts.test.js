// Accounts: what events make of them, what can be asked of them, the figures of a day, the form's body.

import "./browser.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { afterEvent, afterTotals, commandsFor } from "../ui/core/accounts.js";
import { auth } from "../ui/core/session.js";
import {
  columnsFrom,
  countsSince,
  errorRate,
  inStateSince,
  midnight,
  seconds,
} from "../ui/pages/accounts/figures.js";
import { bodyOf } from "../ui/pages/accounts/settings-body.js";

process.env.TZ = "Europe/Berlin";

/** @typedef {import("../ui/core/accounts.js").Account} Account */

/**
 * @param {Partial<Account>} [more]
 * @returns {Account}
 */
function account(more = {}) {
  return {
    name: "work",
    imap: { host: "h", port: 993, tls: "auto", username: "u", password: { configured: true } },
    source: "file",
    status: "connected",
    connected: true,
    paused: false,
    lastError: null,
    lastActivityAt: null,
    controls: { pause: true, reconnect: true, process: true },
    ...more,
  };
}

/** @param {Partial<import("../ui/core/accounts.js").AccountEvent>} [more] */
function event(more = {}) {
  return {
    name: "work",
    status: "connected",
    connected: true,
    paused: false,
    lastError: null,
    lastActivityAt: null,
    ...more,
  };
}

/** @param {string} at */
const ms = (at) => Date.parse(at);

test("an event changes the state of its account and keeps settings and controls", () => {
  const before = [account(), account({ name: "home" })];
  const { accounts, again } = afterEvent(
    before,
    event({ status: "error", connected: false, lastError: "no" }),
  );
  assert.equal(again, false);
  assert.deepEqual(accounts[0], account({ status: "error", connected: false, lastError: "no" }));
  assert.equal(accounts[1], before[1]);
});

test("an account that is removed goes, a new one and one with new settings are read again", () => {
  assert.deepEqual(afterEvent([account()], event({ removed: true })), { accounts: [], again: false });
  assert.equal(afterEvent([account()], event({ name: "new" })).again, true);
  assert.equal(afterEvent([account()], event({ lastActivityAt: "2026-11-22T10:00:00.000Z" })).again, true);
  assert.equal(afterEvent([account()], event({ command: "reconnect" })).again, false);
});

test("totals bring progress to the accounts that are there", () => {
  const at = "2026-11-22T10:00:00.000Z";
  const after = afterTotals([account()], [event({ lastActivityAt: at }), event({ name: "gone" })]);
  assert.deepEqual(after, [account({ lastActivityAt: at })]);
});

test("only what is possible and allowed can be asked of an account", () => {
  const session = {
    authenticated: true,
    needsSetup: false,
    setupCodeRequired: false,
    developmentMode: false,
  };
  auth.value = { ...session, version: "1", permissions: ["write:accounts"] };
  assert.deepEqual(commandsFor(account()), ["pause", "reconnect", "process"]);
  assert.deepEqual(commandsFor(account({ paused: true })), ["resume"]);
  assert.deepEqual(commandsFor(account({ controls: { pause: false, reconnect: true, process: false } })), [
    "reconnect",
  ]);
  assert.deepEqual(commandsFor({ paused: false }), []);
  auth.value = { ...session, version: "1", permissions: ["read:*"] };
  assert.deepEqual(commandsFor(account()), []);
  auth.value = null;
});

test("the columns hold 24 hours and all of today, on days with 23 and 25 hours too", () => {
  const check = (/** @type {string} */ now, /** @type {string} */ from, /** @type {string} */ day) => {
    assert.equal(columnsFrom(ms(now)), ms(from), now);
    assert.equal(midnight(ms(now)), ms(day), now);
  };
  check("2026-11-22T10:07:00+01:00", "2026-11-21T10:00:00+01:00", "2026-11-22T00:00:00+01:00");
  check("2026-03-29T23:50:00+02:00", "2026-03-28T22:45:00+01:00", "2026-03-29T00:00:00+01:00");
  check("2026-10-25T23:50:00+01:00", "2026-10-25T00:00:00+02:00", "2026-10-25T00:00:00+02:00");
});

const hour = {
  from: "2026-11-22T10:00:00.000Z",
  to: "2026-11-22T10:50:00.000Z",
  step: 900,
  accounts: [
    {
      name: "work",
      status: ["connected", "error", "error", "error"],
      emails: [1, 2, 3, 4],
      errors: [0, 1, 0, 2],
    },
    {
      name: "fresh",
      status: [null, "connected", "connected", "connected"],
      emails: [0, 0, 0, 0],
      errors: [0, 0, 0, 0],
    },
    { name: "young", status: [null, null, null, "connected"], emails: [0, 0, 0, 0], errors: [0, 0, 0, 1] },
  ],
};

test("mails and errors are counted from the slice that begins at the moment", () => {
  assert.deepEqual(countsSince(hour, "work", ms("2026-11-22T09:00:00Z")), { emails: 10, errors: 3 });
  assert.deepEqual(countsSince(hour, "work", ms("2026-11-22T10:30:00Z")), { emails: 7, errors: 2 });
  assert.deepEqual(countsSince(hour, "work", ms("2026-11-22T12:00:00Z")), { emails: 0, errors: 0 });
  assert.equal(countsSince(hour, "gone", 0), null);
});

test("an error rate is said only where errors are a part of the mails", () => {
  assert.equal(errorRate({ emails: 4, errors: 1 }), 0.25);
  assert.equal(errorRate({ emails: 4, errors: 0 }), 0);
  assert.equal(errorRate({ emails: 0, errors: 0 }), null);
  assert.equal(errorRate({ emails: 1, errors: 2 }), null);
});

test("since when a state holds is claimed no further than the slices reach", () => {
  const since = (/** @type {string} */ name, /** @type {string} */ status) =>
    inStateSince(hour, { name, status });
  assert.deepEqual(since("work", "error"), { at: ms("2026-11-22T10:15:00Z"), atLeast: false });
  assert.equal(since("work", "connected"), null);
  assert.deepEqual(since("fresh", "connected"), { at: ms("2026-11-22T10:30:00Z"), atLeast: true });
  assert.equal(since("young", "connected"), null);
  assert.equal(since("gone", "connected"), null);
});

test("lengths of time are read as the API writes them", () => {
  const cases = /** @type {[string | undefined, number | null][]} */ ([
    ["15m", 900],
    ["1h 30m", 5_400],
    ["1day 2h", 93_600],
    ["7days", 604_800],
    ["500ms", 0.5],
    ["1month", 2_630_016],
    ["90", null],
    ["soon", null],
    ["", null],
    [undefined, null],
  ]);
  for (const [text, wanted] of cases) assert.equal(seconds(text), wanted, String(text));
});

const typed = {
  mailbox: "on",
  "imap.host": " imap.example.com ",
  "imap.port": "993",
  "imap.tls": "auto",
  "imap.username": "me",
  "imap.password": "",
  expectedInterval: "",
};
const imap = { host: "imap.example.com", port: 993, tls: "auto", username: "me" };

test("a password goes along only where one was typed or is taken away", () => {
  assert.deepEqual(bodyOf(typed), { imap });
  assert.deepEqual(bodyOf({ ...typed, "imap.password": " p " }), { imap: { ...imap, password: " p " } });
  assert.deepEqual(bodyOf({ ...typed, forget: "on" }, account()), { imap: { ...imap, password: null } });
});

test("a pause is sent only where it was changed, and an account without mailbox has no imap", () => {
  const { mailbox: _gone, ...reports } = { ...typed, expectedInterval: " 15m " };
  assert.deepEqual(bodyOf(reports), { expectedInterval: "15m" });
  assert.deepEqual(bodyOf({ ...reports, paused: "on" }), { expectedInterval: "15m", paused: true });
  assert.deepEqual(bodyOf({ ...reports, paused: "on" }, account({ paused: true })), {
    expectedInterval: "15m",
  });
  assert.deepEqual(bodyOf(reports, account({ paused: true })), { expectedInterval: "15m", paused: false });
});
