// What `/api/check` found, in the reader's language.

import { catalogue } from "../i18n/catalogue.js";
import { words } from "../i18n/en/check.js";

/**
 * One finding of `/api/check`.
 *
 * @typedef {object} Finding
 * @property {string} name
 * @property {"ok" | "warning" | "problem"} verdict
 * @property {string} state
 * @property {Record<string, string | number>} found
 * @property {string} message
 * @property {{ key: string, yaml: string } | null} cure
 */

const t = catalogue("check", words);

/** A text of ours where there is one, else the server's own sentence. One state may be well or not. */
export function findingText(/** @type {Finding} */ { name, state, verdict, found, message }) {
  const keys = [`${name}_${state}_${verdict}`, `${name}_${state}`];
  const key = keys.find((each) => each in words);
  // A state that counts is named as what it counts, such as `expiring`.
  const count = found[state] ?? 0;
  return key === undefined ? message : t(/** @type {keyof typeof words} */ (key), { count, ...found });
}
