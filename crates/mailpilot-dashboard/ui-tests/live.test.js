// The event stream of a page: only while somebody sees it, and nothing is missed for that.

import "./browser.js";

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { connection, listen, startLive } from "../ui/core/live.js";
import { auth } from "../ui/core/session.js";

/** @type {Map<string, () => void>} */
const watchers = new Map();
/** @type {Stream[]} */
const streams = [];

class Stream {
  isClosed = false;
  onopen = () => {};
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    streams.push(this);
  }
  addEventListener() {}
  close() {
    this.isClosed = true;
  }
}

/** @param {boolean} hidden */
function show(hidden) {
  Object.assign(document, { hidden });
  watchers.get("visibilitychange")?.();
}

Object.assign(globalThis, { EventSource: Stream, addEventListener: () => {} });
Object.assign(document, {
  hidden: true,
  addEventListener: (/** @type {string} */ name, /** @type {() => void} */ watch) =>
    watchers.set(name, watch),
});
auth.value = /** @type {any} */ ({ authenticated: true, permissions: ["*"] });
mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
startLive();

beforeEach(() => {
  streams.length = 0;
});

test("a page opened in a hidden tab connects when it is looked at, and reads again what it missed", async () => {
  let missed = 0;
  const stop = listen({ type: "activity", heard: () => {}, missed: () => (missed += 1) });
  await Promise.resolve();
  assert.deepEqual([streams.length, connection.value], [0, "off"]);
  show(false);
  assert.deepEqual([streams.length, connection.value], [1, "connecting"]);
  streams[0].onopen();
  assert.deepEqual([missed, connection.value], [1, "live"]);
  stop();
});

test("a page that is hidden for a while lets its connection go", async () => {
  const stop = listen({ type: "logs", heard: () => {} });
  await Promise.resolve();
  const [stream] = streams;
  show(true);
  assert.equal(stream.isClosed, false);
  mock.timers.tick(5_000);
  assert.deepEqual([stream.isClosed, connection.value], [true, "off"]);
  show(false);
  assert.equal(streams.length, 2);
  stop();
});
