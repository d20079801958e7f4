// Where a number's rows are: the Activity page with the filters that give just them.

import { url } from "../../core/base.js";

/**
 * `end` is the moment after the last; the API's own end is part of the range.
 *
 * @param {{ start: number | string, end?: number, action?: string | null, failed?: boolean, account?: string }} of
 */
export function rows({ start, end, action, failed = false, account }) {
  return url("/activity", {
    accountName: account,
    actionType: action,
    // Actions of mails that failed are not counted.
    outcome: failed ? "failed" : action ? "ok" : undefined,
    startDate: new Date(start).toISOString(),
    endDate: end === undefined ? undefined : new Date(end - 1).toISOString(),
  });
}

/** A path without the prefix, for `go`. */
export function rowsPath(/** @type {Parameters<typeof rows>[0]} */ of) {
  return rows(of).slice(url("").length);
}
