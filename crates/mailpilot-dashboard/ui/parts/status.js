// An account's state: a word, a shape and a colour.

import { html } from "../vendor/preact.js";
import { statusText } from "../i18n/core.js";
import { Icon } from "./icon.js";

/** @typedef {import("./icon.js").IconName} IconName */

/** The gravest first. */
export const GRAVITY = ["error", "disconnected", "stalled", "unknown", "connecting", "paused", "connected"];

/** @type {Record<string, IconName>} */
const SHAPES = {
  connected: "check",
  connecting: "refresh",
  disconnected: "plug",
  error: "cross",
  paused: "pause",
  stalled: "clock",
  unknown: "question",
};

/** @type {Record<string, string>} */
const TONES = {
  connected: "good",
  connecting: "info",
  disconnected: "bad",
  error: "bad",
  paused: "quiet",
  stalled: "warn",
  unknown: "quiet",
};

/** Which colour a state has: `good`, `info`, `warn`, `bad` or `quiet`. */
export function tone(/** @type {string} */ status) {
  return TONES[status] ?? "quiet";
}

/** Whether the state needs somebody. */
export function isTrouble(/** @type {string} */ status) {
  return ["bad", "warn"].includes(tone(status));
}

/** @param {{ status: string }} props */
export function Status({ status }) {
  return html`<span class="badge ${tone(status)}">
    <${Icon} name=${SHAPES[status] ?? "question"} />${statusText(status)}
  </span>`;
}

/**
 * Orders accounts the gravest state first, then by name.
 *
 * @template {{ name: string, status: string }} A
 * @param {A[]} accounts
 */
export function gravestFirst(accounts) {
  const rank = (/** @type {A} */ account) => GRAVITY.indexOf(account.status);
  return [...accounts].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
