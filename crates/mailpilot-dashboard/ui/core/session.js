// Who is there and what they may do. Notices when a session ends and when there is one again.

import { signal } from "../vendor/preact.js";
import { call, whenSessionEnds } from "./api.js";

/**
 * What `/api/auth` answers.
 *
 * @typedef {object} Auth
 * @property {boolean} authenticated
 * @property {boolean} needsSetup
 * @property {boolean} setupCodeRequired
 * @property {boolean} developmentMode
 * @property {string} version
 * @property {{ username: string }} [user]
 * @property {string[]} permissions
 */

/** Null until the server has said who is there. */
export const auth = signal(/** @type {Auth | null} */ (null));

/** True while the session has ended under an open page: a dialog asks to log in again. */
export const sessionEnded = signal(false);

/** @type {((again: boolean) => void)[]} */
let waiting = [];
/** @type {Promise<boolean> | null} */
let asking = null;

/** Asks the server who is there. */
export async function refreshAuth() {
  auth.value = await call("GET", "/api/auth");
  return /** @type {Auth} */ (auth.value);
}

/** @param {Auth | null} who */
export function isIn(who) {
  return who !== null && (who.authenticated || who.developmentMode);
}

/** @param {string} permission such as `write:accounts` */
export function may(permission) {
  const held = auth.value?.permissions ?? [];
  const [access] = permission.split(":");
  return (
    held.includes("*") || held.includes(permission) || (permission !== "*" && held.includes(`${access}:*`))
  );
}

/** Waits for a new login over the open page. False when the caller shall not try again. */
function loginAgain() {
  asking ??= (async () => {
    const who = await call("GET", "/api/auth");
    // Logged in again in another tab, or development mode: just repeat the call. Otherwise `auth` stays
    // as it was, and with it the page and what was typed there.
    if (isIn(who) || who.needsSetup) {
      auth.value = who;
      return isIn(who);
    }
    sessionEnded.value = true;
    return new Promise((/** @type {(again: boolean) => void} */ resolve) => waiting.push(resolve));
  })().finally(() => (asking = null));
  return asking;
}

/**
 * The dialog tells how it went.
 *
 * @param {boolean} again
 */
export function endWaiting(again) {
  sessionEnded.value = false;
  for (const resolve of waiting) resolve(again);
  waiting = [];
}

/** For whoever notices the end of the session without a call of its own, such as the event stream. */
export function noticeSessionEnd() {
  return loginAgain();
}

whenSessionEnds(loginAgain);
