// Collects what somebody should look at. Pure: says no words.

import { sum } from "../../parts/chart/runs.js";
import { inTrouble } from "./verdict.js";

/** @typedef {import("../../parts/chart/runs.js").Timeline} Timeline */
/** @typedef {import("../../parts/finding.js").Finding} Finding */

/** What somebody chose once; it is no news, so one line is enough for all of it. */
const STANDING = ["bind", "proxy", "scheme", "cookie", "secret", "metrics", "subjects"];

/**
 * @template {import("./verdict.js").Account} A
 * @typedef {object} Attention
 * @property {A[]} accounts in trouble, the gravest first
 * @property {{ count: number, from: string } | null} failed mails since `from`
 * @property {Finding[]} findings of the check that are not well, problems before warnings
 * @property {Finding[]} standing warnings about how the server is set up, which stay until it is set up otherwise
 * @property {boolean} quiet whether there is nothing of all this
 */

/**
 * What is not known yet, or not permitted to be known, is null and counts as nothing.
 *
 * @template {import("./verdict.js").Account} A
 * @param {A[]} accounts
 * @param {Timeline | null} timeline
 * @param {Finding[] | null} checks
 * @returns {Attention<A>}
 */
export function attentionOf(accounts, timeline, checks) {
  const troubled = inTrouble(accounts);
  const count = timeline ? sum(timeline.accounts.map(({ errors }) => sum(errors))) : 0;
  const failed = timeline && count > 0 ? { count, from: timeline.from } : null;
  const having = (/** @type {string} */ wanted) => (checks ?? []).filter(({ verdict }) => verdict === wanted);
  const standing = having("warning").filter(({ name }) => STANDING.includes(name));
  const findings = [...having("problem"), ...having("warning").filter((each) => !standing.includes(each))];
  const quiet = troubled.length + findings.length + standing.length === 0 && failed === null;
  return { accounts: troubled, failed, findings, standing, quiet };
}
