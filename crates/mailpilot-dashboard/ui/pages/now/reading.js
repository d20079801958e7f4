// What Now reads and how it stays current: events at once, charts and strips again when something happened.

import { useEffect, useMemo, useRef, useState } from "../../vendor/preact.js";
import { useAccounts } from "../../core/accounts.js";
import { now } from "../../core/clock.js";
import { listen } from "../../core/live.js";
import { usePaced } from "../../core/paced.js";
import { useResource } from "../../core/resource.js";
import { may } from "../../core/session.js";
import { windowOf } from "../../parts/chart/window.js";

/** @typedef {import("../../core/accounts.js").Account} Account */
/** @typedef {import("../../parts/chart/runs.js").Timeline} Timeline */
/** @typedef {import("../../parts/chart/slices.js").Series} Series */
/** @typedef {import("../../parts/chart/window.js").Range} Range */
/**
 * The state of an account; what only `read:accounts` may see is left out without it.
 *
 * @typedef {import("../../core/accounts.js").State & { name: string } & Partial<Pick<Account, "controls">>} Shown
 */
/** @typedef {{ totals: { emailsProcessed: number }, accounts: Shown[] }} Stats */

/** @template T @typedef {import("../../core/resource.js").Resource<T>} Resource */
/** @typedef {{ window: import("../../parts/chart/window.js").Window, points: Series["points"] }} Charted */
/**
 * @typedef {object} Reading
 * @property {Resource<Stats>} stats
 * @property {Resource<{ accounts: Account[] }>} accounts
 * @property {Resource<Timeline>} timeline
 * @property {Resource<{ checks: import("../../parts/finding.js").Finding[] }>} checks
 * @property {Resource<Series>} series
 * @property {Charted | null} charted the points with the window they were read for
 * @property {number | null} seenAt when a mail was last seen to arrive, null while none has been
 */

/** Charts and strips are read again at most this often, in milliseconds. */
const SELDOM = 15_000;

/**
 * Everything the page shows.
 *
 * @param {Range} range
 * @returns {Reading}
 */
export function useReading(range) {
  const stats = /** @type {Resource<Stats>} */ (useResource(may("read:stats") ? "/api/stats" : null));
  const accounts = useAccounts();
  const timeline = /** @type {Resource<Timeline>} */ (
    useResource(may("read:stats") ? "/api/stats/timeline" : null, { step: "5m" })
  );
  const checks = /** @type {Resource<{ checks: import("../../parts/finding.js").Finding[] }>} */ (
    useResource(may("read:accounts") ? "/api/check" : null)
  );
  const { charted, renew, series } = useSeries(range);
  // At once after a quiet time, then seldom.
  const news = usePaced(
    () => {
      timeline.reload();
      renew();
    },
    SELDOM,
    0,
  );
  const seenAt = useArrivals(stats, news);

  const over = charted !== null && charted.window.edges[charted.window.edges.length - 1] <= now.value;
  useEffect(() => {
    if (over) news();
  }, [over, now.value]);

  return { stats, accounts, timeline, checks, series, charted, seenAt };
}

/**
 * The series, with the window it was read for: while another range is read, the old one stays.
 *
 * @param {Range} range
 */
function useSeries(range) {
  const [at, setAt] = useState(Date.now());
  const window = useMemo(() => windowOf(range, at), [range, at]);
  const series = /** @type {Resource<Series>} */ (
    useResource(may("read:stats") ? "/api/stats/series" : null, {
      from: new Date(window.edges[0]).toISOString(),
      step: window.step,
    })
  );
  // Not when the window changes: only the answer belongs to it, and it is not there yet.
  const charted = useMemo(() => (series.data ? { window, points: series.data.points } : null), [series.data]);
  const renew = () => {
    setAt(Date.now());
    series.reload();
  };
  return { charted, renew, series };
}

/**
 * Keeps the totals current and notices mail: by its entry, or by totals that grow without one, as they do
 * by reports. Entries may be of mail of long ago; what is reported is of now.
 *
 * @param {import("../../core/resource.js").Resource<Stats>} stats
 * @param {() => void} news
 */
function useArrivals({ data, update, reload }, news) {
  const [seenAt, setSeenAt] = useState(/** @type {number | null} */ (null));
  const processed = useRef(/** @type {number | null} */ (null));
  processed.current = data?.totals.emailsProcessed ?? null;
  useEffect(() => {
    let entries = 0;
    const seen = (/** @type {number} */ at) =>
      setSeenAt((before) => Math.max(before ?? 0, Math.min(at, Date.now())));
    const told = (/** @type {Stats} */ stats) => {
      const { emailsProcessed } = stats.totals;
      const grown = processed.current === null ? 0 : emailsProcessed - processed.current;
      if (grown > entries) seen(Date.now());
      entries = Math.max(0, entries - grown);
      processed.current = emailsProcessed;
      update(() => stats);
      news();
    };
    const entered = (/** @type {{ createdAt: string }} */ entry) => {
      entries += 1;
      seen(Date.parse(entry.createdAt));
      news();
    };
    const missed = () => {
      reload();
      news();
    };
    const stops = [
      listen({ type: "stats", heard: told, missed }),
      listen({ type: "activity", heard: entered }),
      listen({ type: "accounts", heard: news }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [update, reload, news]);
  return seenAt;
}
