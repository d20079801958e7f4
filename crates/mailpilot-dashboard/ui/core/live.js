// The event stream: one connection for the whole page, opened for what is listened to, healed by itself.
//
// After a break it goes on from the last event it saw; where the server no longer has what came
// between, listeners are told that there is a gap and read their lists again.

import { signal } from "../vendor/preact.js";
import { url } from "./base.js";
import { get } from "./api.js";
import { isIn, may, noticeSessionEnd } from "./session.js";

/** @typedef {"stats" | "activity" | "logs" | "accounts"} Type */
/** @typedef {"connecting" | "live" | "lost" | "off"} Connection */
/**
 * @typedef {object} Listener
 * @property {Type} type
 * @property {(data: any) => void} heard
 * @property {(count: number | null) => void} [missed] events were lost; null when nobody knows how many
 */

/** `off` while nobody listens or the page is hidden. */
export const connection = signal(/** @type {Connection} */ ("off"));

/** The longest wait between attempts, in milliseconds. */
const LONGEST_WAIT = 10_000;
/**
 * A hidden page keeps its connection this long, in milliseconds. A browser has few for all tabs of one
 * server: hidden ones that kept theirs would leave none to read a page with.
 */
const HIDDEN_FOR = 5_000;
/** A pause of the timers this long means that the machine slept, in milliseconds. */
const SLEPT = 45_000;
/** The server says something every 15 s; a connection that is silent this long is dead, in milliseconds. */
const SILENT = 40_000;
/** The server ends each stream now and then; one that is back within this time was not lost, in milliseconds. */
const GRACE = 4_000;
/** So long a page that comes has to say what it listens to, in milliseconds. */
const COMING = 400;
const TYPES = /** @type {Type[]} */ (["accounts", "stats", "activity", "logs"]);

/** @type {Set<Listener>} */
const listeners = new Set();
/** @type {EventSource | null} */
let source = null;
let openTypes = "";
let lastId = "";
let attempts = 0;
/** Whether there is something to miss: a page that was shown before was also read before. */
let shownBefore = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let doubt;
let lastTick = Date.now();
let heardAt = Date.now();
let scheduled = false;
let kept = false;

/**
 * Hears events of one type until the returned function is called.
 *
 * @param {Listener} listener
 */
export function listen(listener) {
  listeners.add(listener);
  schedule();
  return () => {
    listeners.delete(listener);
    schedule();
  };
}

/**
 * Keeps a connection where no page listens, so that its loss or the end of the session shows at once.
 * Until the returned function is called.
 */
export function keepOpen() {
  const wait = setTimeout(() => {
    kept = true;
    schedule();
  }, COMING);
  return () => {
    clearTimeout(wait);
    kept = false;
    schedule();
  };
}

/** Types change in bursts when a page comes and another goes; one reconnection is enough. */
function schedule() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    if (wantedTypes() !== openTypes || (source === null && retry === undefined)) open();
  });
}

function wantedTypes() {
  const permitted = TYPES.filter((type) => may(`read:${type}`));
  const wanted = permitted.filter((type) => [...listeners].some((listener) => listener.type === type));
  if (wanted.length > 0 || !kept) return wanted.join(",");
  // Whatever is open is as good as anything else.
  const open = permitted.filter((type) => openTypes.split(",").includes(type));
  return (open.length > 0 ? open : permitted.slice(0, 1)).join(",");
}

function close() {
  source?.close();
  source = null;
  clearTimeout(retry);
  retry = undefined;
  clearTimeout(doubt);
  doubt = undefined;
}

function open() {
  close();
  openTypes = wantedTypes();
  if (document.hidden) {
    shownBefore ||= openTypes !== "";
    openTypes = "";
  }
  if (openTypes === "") {
    connection.value = "off";
    return;
  }
  if (connection.value !== "lost") connection.value = "connecting";
  const opened = new EventSource(
    url("/api/events", { types: openTypes, lastEventId: lastId, heartbeat: "event" }),
  );
  source = opened;
  // Without an id the server cannot know what this page has missed since it was last connected.
  const gap = shownBefore && lastId === "";
  heardAt = Date.now();
  opened.addEventListener("heartbeat", () => (heardAt = Date.now()));
  opened.onopen = () => {
    heardAt = Date.now();
    clearTimeout(doubt);
    doubt = undefined;
    connection.value = "live";
    attempts = 0;
    shownBefore = true;
    if (gap) for (const { missed } of [...listeners]) missed?.(null);
  };
  opened.onerror = () => {
    if (source !== opened) return;
    if (opened.readyState === EventSource.CLOSED) {
      connection.value = "lost";
      void refused();
    } else if (connection.value !== "lost") {
      // The browser tries again by itself, with the last id.
      connection.value = "connecting";
      doubt ??= setTimeout(() => (connection.value = "lost"), GRACE);
    }
  };
  for (const type of openTypes.split(",")) {
    opened.addEventListener(type, (event) => heard(/** @type {Type} */ (type), event));
  }
  opened.addEventListener("skipped", (event) => {
    lastId = event.lastEventId || lastId;
    const { count } = JSON.parse(event.data);
    for (const { missed } of [...listeners]) missed?.(count);
  });
}

/**
 * @param {Type} type
 * @param {MessageEvent} event
 */
function heard(type, event) {
  heardAt = Date.now();
  lastId = event.lastEventId || lastId;
  const data = JSON.parse(event.data);
  for (const listener of [...listeners]) if (listener.type === type) listener.heard(data);
}

/** The browser has given up. Finds out why, and comes back when it makes sense. */
async function refused() {
  close();
  try {
    const who = await get("/api/auth");
    if (!isIn(who) && !(await noticeSessionEnd())) return;
  } catch {
    // No answer: the wait below is all that can be done.
  }
  // A page that came meanwhile has opened another.
  if (source !== null) return;
  const wait = Math.min(LONGEST_WAIT, 500 * 2 ** attempts++);
  clearTimeout(retry);
  retry = setTimeout(open, wait * (0.75 + Math.random() / 2));
}

/** The network went away or came back, says the browser. */
function networkChanged() {
  if (navigator.onLine) {
    attempts = 0;
    open();
  } else {
    close();
    if (wantedTypes() !== "") connection.value = "lost";
  }
}

function visibilityChanged() {
  clearTimeout(hiding);
  if (document.hidden) {
    hiding = setTimeout(open, HIDDEN_FOR);
  } else if (source === null) {
    open();
  }
}

/** Notices that the machine slept or nothing comes: the connection may be dead without anybody having said so. */
function tick() {
  const slept = Date.now() - lastTick > SLEPT;
  lastTick = Date.now();
  const silent = source !== null && Date.now() - heardAt > SILENT;
  if (silent) connection.value = "lost";
  if ((slept || silent) && !document.hidden) open();
}

/** Begins to watch network and visibility; once, at the start. */
export function startLive() {
  addEventListener("online", networkChanged);
  addEventListener("offline", networkChanged);
  document.addEventListener("visibilitychange", visibilityChanged);
  // The browser may keep the page for the way back, and its connection with it.
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => void (event.persisted && open()));
  setInterval(tick, 10_000);
}
