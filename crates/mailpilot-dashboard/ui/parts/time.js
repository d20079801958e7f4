// Moments and lengths of time: in the browser's zone, with UTC on hover.

import { html } from "../vendor/preact.js";
import { now } from "../core/clock.js";
import { t } from "../i18n/core.js";
import { date, dateTime, relative, shortTime, utc } from "../i18n/format.js";

/**
 * `ago` moves on by itself; `short` is the time alone for today.
 *
 * @param {{ at: string | number | null | undefined, as?: "ago" | "short" | "full" | "day", missing?: string }} props
 */
export function Time({ at, as = "ago", missing }) {
  if (at === null || at === undefined) return html`<span class="muted">${missing ?? t("never")}</span>`;
  const moment = new Date(at);
  // The clock moves in steps; what came since the last one shall not lie ahead.
  const current = Math.max(now.value, Date.now());
  const text =
    as === "ago"
      ? relative(moment, current)
      : as === "short"
        ? shortTime(moment, current)
        : as === "day"
          ? date(moment, { dateStyle: "medium" })
          : dateTime(moment);
  const hover = as === "full" ? utc(moment) : `${dateTime(moment)} · ${utc(moment)}`;
  return html`<time datetime=${moment.toISOString()} title=${hover}>${text}</time>`;
}
