// Judges in one glance whether anything is wrong and whether mail flows. Pure: says no words.

import { gravestFirst, isTrouble } from "../../parts/status.js";

/** @typedef {{ name: string, status: string, lastError: string | null, lastActivityAt: string | null }} Account */
/** @typedef {import("../../parts/chart/runs.js").Timeline} Timeline */
/**
 * When the latest mail was: between two moments, which are the same where it was seen to arrive.
 * `none` is that there was none as far back as is known; `never` that there was none at all.
 *
 * @typedef {{ from: number, to: number } | "none" | "never"} LastMail
 */
/**
 * @typedef {object} Verdict
 * @property {"none" | "trouble" | "paused" | "waiting" | "partly" | "current"} kind
 *   `none`: there are no accounts. `waiting`: none of them has been heard of. `partly`: nothing is wrong,
 *   but not every account is current yet
 * @property {"good" | "info" | "warn" | "bad" | "quiet"} tone
 * @property {Account | null} worst the account in the gravest trouble
 * @property {number} trouble how many are in trouble
 * @property {number} all
 * @property {number} connected
 * @property {number} connecting
 * @property {number} paused
 * @property {number} unknown
 */

/**
 * @param {Account[]} accounts
 * @returns {Verdict}
 */
export function verdictOf(accounts) {
  const count = (/** @type {string} */ status) => accounts.filter((each) => each.status === status).length;
  const troubled = inTrouble(accounts);
  const counts = {
    worst: troubled[0] ?? null,
    trouble: troubled.length,
    all: accounts.length,
    connected: count("connected"),
    connecting: count("connecting"),
    paused: count("paused"),
    unknown: count("unknown"),
  };
  return { ...counts, ...judge(counts) };
}

/**
 * @param {Omit<Verdict, "kind" | "tone">} counts
 * @returns {Pick<Verdict, "kind" | "tone">}
 */
function judge({ worst, all, connected, paused, unknown }) {
  if (worst) return { kind: "trouble", tone: worst.status === "stalled" ? "warn" : "bad" };
  if (all === 0) return { kind: "none", tone: "info" };
  if (paused === all) return { kind: "paused", tone: "quiet" };
  if (unknown === all) return { kind: "waiting", tone: "info" };
  return connected + paused === all ? { kind: "current", tone: "good" } : { kind: "partly", tone: "info" };
}

/**
 * The accounts somebody has to look after, the gravest first.
 *
 * @template {Account} A
 * @param {A[]} accounts
 * @returns {A[]}
 */
export function inTrouble(accounts) {
  return gravestFirst(accounts.filter(({ status }) => isTrouble(status)));
}

/**
 * The latest slice of a timeline with mail in it.
 *
 * @param {Timeline} timeline
 * @returns {LastMail}
 */
export function lastMailIn(timeline) {
  const latest = Math.max(
    -1,
    ...timeline.accounts.map(({ emails }) => emails.findLastIndex((count) => count > 0)),
  );
  if (latest < 0) return "none";
  const from = Date.parse(timeline.from) + latest * timeline.step * 1000;
  return { from, to: Math.min(from + timeline.step * 1000, Date.parse(timeline.to)) };
}
