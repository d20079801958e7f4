// The accounts as they are now: read once, then kept current by events.

import { useEffect } from "../vendor/preact.js";
import { call } from "./api.js";
import { listen } from "./live.js";
import { useResource } from "./resource.js";
import { may } from "./session.js";

/** @typedef {import("../api-types.js").components["schemas"]} Schemas */
/** @typedef {Schemas["Command"]} Command */
/**
 * What `/api/accounts` answers of each. The latest error stays when the account is well again.
 *
 * @typedef {Schemas["Account"]} Account
 */
/**
 * What events tell of an account.
 *
 * @typedef {Pick<Account, "status" | "connected" | "paused" | "lastError" | "lastActivityAt">} State
 */

/** @returns {State} */
function stateOf(/** @type {State} */ { status, connected, paused, lastError, lastActivityAt }) {
  return { status, connected, paused, lastError, lastActivityAt };
}

/** Whether the event tells something else than is known. Progress alone is no news of its own. */
function isNews(/** @type {State} */ before, /** @type {State} */ after) {
  return (
    before.status !== after.status || before.paused !== after.paused || before.lastError !== after.lastError
  );
}

/** @typedef {Schemas["AccountEvent"] & Partial<Schemas["GoneAccountEvent"]>} AccountEvent */

/**
 * The accounts after an event, and whether they have to be read again: events tell no settings, so a new
 * account is unknown, and one of which nothing else has changed has other settings.
 *
 * @param {Account[]} accounts
 * @param {AccountEvent} event
 * @returns {{ accounts: Account[], again: boolean }}
 */
export function afterEvent(accounts, event) {
  if (event.removed) return { accounts: accounts.filter(({ name }) => name !== event.name), again: false };
  const known = accounts.find(({ name }) => name === event.name);
  return {
    accounts: accounts.map((one) => (one === known ? { ...one, ...stateOf(event) } : one)),
    again: !known || (!event.command && !isNews(known, event)),
  };
}

/**
 * The accounts after the totals came, which tell of progress too.
 *
 * @param {Account[]} accounts
 * @param {(State & { name: string })[]} states
 */
export function afterTotals(accounts, states) {
  const found = new Map(states.map((state) => [state.name, state]));
  return accounts.map((one) => {
    const state = found.get(one.name);
    return state ? { ...one, ...stateOf(state) } : one;
  });
}

/**
 * All accounts, null data without `read:accounts`.
 *
 * @returns {import("./resource.js").Resource<{ accounts: Account[] }>}
 */
export function useAccounts() {
  /** @type {import("./resource.js").Resource<{ accounts: Account[] }>} */
  const resource = useResource(may("read:accounts") ? "/api/accounts" : null);
  const { reload, update } = resource;
  useEffect(() => {
    const stops = [
      listen({
        type: "accounts",
        heard: (/** @type {AccountEvent} */ event) =>
          update((data) => {
            const { accounts, again } = afterEvent(data.accounts, event);
            if (again) queueMicrotask(reload);
            return { accounts };
          }),
        missed: reload,
      }),
      listen({
        type: "stats",
        heard: (stats) => update((data) => ({ accounts: afterTotals(data.accounts, stats.accounts) })),
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [reload, update]);
  return resource;
}

/** The path of an account in the API. */
export function accountPath(/** @type {string} */ name) {
  return `/api/accounts/${encodeURIComponent(name)}`;
}

/**
 * Asks something of an account.
 *
 * @param {string} name
 * @param {Command} command
 * @returns {Promise<{ success: boolean, paused: boolean }>}
 */
export function order(name, command) {
  return call("POST", `${accountPath(name)}/${command}`);
}

/**
 * What can be asked of an account now, in the order of the buttons.
 *
 * @param {Pick<Account, "paused"> & Partial<Pick<Account, "controls">>} account
 * @returns {Command[]}
 */
export function commandsFor({ paused, controls }) {
  if (!controls || !may("write:accounts")) return [];
  /** @type {[boolean, Command][]} */
  const possible = [
    [controls.pause, paused ? "resume" : "pause"],
    [controls.reconnect && !paused, "reconnect"],
    [controls.process && !paused, "process"],
  ];
  return possible.filter(([can]) => can).map(([, command]) => command);
}
