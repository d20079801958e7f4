// The home page: is anything wrong, and is mail flowing?

import { html, useMemo } from "../vendor/preact.js";
import { place } from "../core/router.js";
import { may } from "../core/session.js";
import { slicesOf } from "../parts/chart/slices.js";
import { rangeOf } from "../parts/chart/window.js";
import { Later } from "../parts/later.js";
import { Denied, Failed, Loaded, Loading } from "../parts/note.js";
import { Page } from "../parts/page.js";
import { t as shared } from "../i18n/core.js";
import { attentionOf } from "./now/attention.js";
import { AttentionList } from "./now/attention-list.js";
import { Figures } from "./now/figures.js";
import { Health } from "./now/health.js";
import { Latency } from "./now/latency.js";
import { useReading } from "./now/reading.js";
import { Throughput } from "./now/throughput.js";
import { VerdictLine } from "./now/verdict-line.js";
import { inTrouble, lastMailIn, verdictOf } from "./now/verdict.js";

/** @typedef {import("../parts/chart/window.js").Range} Range */

/** The page. */
export function Now() {
  const range = rangeOf(place.value.query.get("range"));
  const reading = useReading(range);
  const readable = may("read:accounts") || may("read:stats");
  const source = may("read:accounts") ? reading.accounts : reading.stats;
  return html`<${Page} title=${shared("now")} hideTitle>
    ${
      readable
        ? html`<${Loaded} of=${source} lines=${4}>
            ${(/** @type {{ accounts: import("./now/reading.js").Shown[] }} */ { accounts }) =>
              html`<${Content} accounts=${accounts} reading=${reading} range=${range} />`}
          <//>`
        : html`<${Denied} permission="read:stats" />`
    }
  <//>`;
}

/**
 * @param {{
 *   accounts: import("./now/reading.js").Shown[],
 *   reading: import("./now/reading.js").Reading,
 *   range: Range,
 * }} props
 */
function Content({ accounts, reading, range }) {
  const { stats, timeline, checks, seenAt } = reading;
  const attention = attentionOf(accounts, timeline.data, checks.data?.checks ?? null);
  const renew = reading.accounts.reload;
  return html`<${VerdictLine}
      verdict=${verdictOf(accounts)}
      worst=${inTrouble(accounts)[0] ?? null}
      lastMail=${lastMailOf(stats.data, timeline.data, seenAt)}
      onDone=${renew}
    />
    <${AttentionList} attention=${attention} onDone=${renew} />
    ${
      accounts.length === 0
        ? html`<${Later} load=${async () => (await import("./now/first.js")).FirstAccount} />`
        : html`<${Charts} reading=${reading} range=${range} />
            <${Health} accounts=${accounts} timeline=${timeline.data} onDone=${renew} />`
    }`;
}

/**
 * Totals know best whether there was ever any, the timeline when the last of a day was.
 *
 * @param {import("./now/reading.js").Stats | null} stats
 * @param {import("../parts/chart/runs.js").Timeline | null} timeline
 * @param {number | null} seenAt
 * @returns {import("./now/verdict.js").LastMail | null}
 */
function lastMailOf(stats, timeline, seenAt) {
  const listed = timeline && lastMailIn(timeline);
  const isLater = seenAt !== null && !(listed !== null && typeof listed === "object" && listed.from > seenAt);
  if (isLater) return { from: seenAt, to: seenAt };
  return stats?.totals.emailsProcessed === 0 ? "never" : listed;
}

/** @param {{ reading: import("./now/reading.js").Reading, range: Range }} props */
function Charts({ reading: { charted, series }, range }) {
  const slices = useMemo(() => (charted ? slicesOf(charted.points, charted.window.edges) : []), [charted]);
  if (!may("read:stats")) return null;
  if (!charted) {
    return series.error
      ? html`<${Failed} error=${series.error} retry=${series.reload} />`
      : html`<${Loading} lines=${8} />`;
  }
  return html`<${Figures} slices=${slices} range=${charted.window.range} wanted=${range} />
    <${Throughput} slices=${slices} />
    <${Latency} slices=${slices} le=${charted.points[0]?.latency.le ?? []} />`;
}
