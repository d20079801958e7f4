// A health strip: what state an account was in over a day. The graver the state, the higher its mark, so
// that colour is not the only sign; where nothing is known there is a gap.

import { html, useMemo } from "../vendor/preact.js";
import { catalogue } from "../i18n/catalogue.js";
import { words } from "../i18n/en/strip.js";
import { statusText } from "../i18n/core.js";
import { duration, list, shortTime } from "../i18n/format.js";
import { lasting, runs } from "./chart/runs.js";
import { tone } from "./status.js";

/** @typedef {import("./chart/runs.js").Timeline} Timeline */
/** @typedef {import("./chart/runs.js").Run} Run */

const t = catalogue("strip", words);

/** Of the strip's units; the width is stretched to what there is. */
const WIDTH = 960;
const HEIGHT = 24;

/** @type {Record<string, number>} */
const HEIGHTS = { error: 24, disconnected: 24, stalled: 19, connecting: 14, connected: 10, paused: 5 };

/**
 * Shows nothing where the timeline does not have the account.
 *
 * @param {{ timeline: Timeline, name: string }} props
 */
export function Strip({ timeline, name }) {
  const column = timeline.accounts.find((each) => each.name === name);
  const all = useMemo(() => (column ? runs(timeline, column.status) : []), [timeline, column]);
  if (!column) return null;
  const from = Date.parse(timeline.from);
  const scale = WIDTH / Math.max(1, Date.parse(timeline.to) - from);
  const known = all.filter((run) => run.status !== null);
  return html`<svg
    class="strip"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    role="img"
    aria-label=${t("label", { name, states: summary(all) })}
  >
    <path class="strip-base" d="M0 ${HEIGHT - 0.5}h${WIDTH}" />
    ${known.map((run) => {
      const height = HEIGHTS[run.status ?? ""] ?? HEIGHTS.connecting;
      // A slice that is narrower than a pixel would vanish: trouble shall not.
      const width = Math.max(4, (run.end - run.start) * scale);
      const x = Math.min((run.start - from) * scale, WIDTH - width);
      return html`<rect
        key=${run.start}
        class=${tone(run.status ?? "")}
        x=${x}
        y=${HEIGHT - height}
        width=${width}
        height=${height}
      >
        <title>${runText(run)}</title>
      </rect>`;
    })}
  </svg>`;
}

/** Such as `Current 22 hr, Stalled 41 min`. */
function summary(/** @type {Run[]} */ all) {
  const parts = lasting(all)
    .filter(({ status }) => status !== null)
    .map(({ status, seconds }) => `${statusText(status ?? "")} ${duration(seconds)}`);
  return parts.length > 0 ? list(parts) : t("nothing");
}

function runText(/** @type {Run} */ { status, start, end }) {
  return `${statusText(status ?? "")}: ${shortTime(start)} – ${shortTime(end)}`;
}
