// The last day of accounts, slice by slice: read again when something has happened, but not all the time.

import { useEffect } from "../../vendor/preact.js";
import { now } from "../../core/clock.js";
import { listen } from "../../core/live.js";
import { usePaced } from "../../core/paced.js";
import { useResource } from "../../core/resource.js";
import { may } from "../../core/session.js";
import { columnsFrom } from "./figures.js";

/** @typedef {import("../../parts/chart/runs.js").Timeline} Timeline */

/** How long an answer holds at least, in milliseconds. */
const HOLDS = 15_000;

/**
 * In quarters for all accounts, finer for one. Null without `read:stats`, and until it is read.
 *
 * @param {string} [account] only this one
 */
export function useDay(account) {
  const from = new Date(columnsFrom(now.value)).toISOString();
  /** @type {import("../../core/resource.js").Resource<Timeline>} */
  const resource = useResource(may("read:stats") ? "/api/stats/timeline" : null, {
    from,
    step: account ? "5m" : "15m",
    account,
  });
  const again = usePaced(resource.reload, HOLDS);
  useEffect(() => {
    const stops = [
      listen({ type: "stats", heard: again, missed: again }),
      listen({ type: "accounts", heard: again }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [again]);
  return resource.data;
}
