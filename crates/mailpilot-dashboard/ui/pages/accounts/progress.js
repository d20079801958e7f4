// When an account last got on, and whether that is too long ago.

import { html } from "../../vendor/preact.js";
import { now } from "../../core/clock.js";
import { duration } from "../../i18n/format.js";
import { Time } from "../../parts/time.js";
import { seconds, wholeMinutes } from "./figures.js";
import { t } from "./words.js";

/**
 * Such as `12 min ago, expected every 15 min`. A paused account owes nothing.
 *
 * @param {{ account: import("../../core/accounts.js").Account }} props
 */
export function Progress({ account: { lastActivityAt, expectedInterval, paused } }) {
  const interval = seconds(expectedInterval);
  const lag = lastActivityAt && interval ? (now.value - Date.parse(lastActivityAt)) / 1000 - interval : 0;
  return html`<span class="progress">
    <${Time} at=${lastActivityAt} />
    ${
      interval !== null &&
      !paused &&
      html`<small class="muted">
        ${lag > 0 && html`<strong class="late">${t("overdue", { time: duration(wholeMinutes(lag)) })}</strong>, `}
        ${t("expected", { interval: duration(interval) })}
      </small>`
    }
  </span>`;
}
