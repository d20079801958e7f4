// The texts every page shares, and what they say of errors and states.

import { catalogue } from "./catalogue.js";
import { words } from "./en/core.js";

/** Texts of `en/core.js`. */
export const t = catalogue("core", words);

/** @typedef {import("../core/api.js").ApiError} ApiError */

/** @type {Record<string, keyof typeof words>} */
const BY_CODE = {
  no_answer: "errorNoAnswer",
  invalid_credentials: "errorInvalidCredentials",
  weak_password: "errorWeakPassword",
  already_set_up: "errorAlreadySetUp",
  unauthenticated: "errorUnauthenticated",
  cross_origin: "errorCrossOrigin",
  not_controlled: "errorNotControlled",
  busy: "errorBusy",
  stopping: "errorBusy",
};

/**
 * An error in the reader's language where its code has a text, else the server's own sentence.
 *
 * @param {ApiError} error
 */
export function errorText(error) {
  if (error.status === 429 && error.retryAfter)
    return t("errorTooManyAttempts", { seconds: error.retryAfter });
  const key = BY_CODE[error.code];
  return key ? t(key) : sentence(error.message);
}

/** A message of the server as a sentence: they begin small and end without a stop. */
export function sentence(/** @type {string} */ message) {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** @type {Record<string, keyof typeof words>} */
const STATUSES = {
  connected: "statusConnected",
  connecting: "statusConnecting",
  disconnected: "statusDisconnected",
  error: "statusError",
  paused: "statusPaused",
  stalled: "statusStalled",
  unknown: "statusUnknown",
};

/** An account's state as a word. */
export function statusText(/** @type {string} */ status) {
  return t(STATUSES[status] ?? "statusUnknown");
}
