// Numbers of mails that lead to their rows.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { may } from "../../core/session.js";
import { number, percent } from "../../i18n/format.js";
import { errorRate } from "./figures.js";
import { t } from "./words.js";

/**
 * How many mails of an account since a moment; `label` says it in full for whoever hears it alone.
 *
 * @param {{
 *   of: number,
 *   name: string,
 *   since: number,
 *   label?: "mailsTodayOf" | "failedTodayOf",
 *   failed?: boolean,
 * }} props
 */
export function Count({ of, name, since, label, failed = false }) {
  const text = number(of);
  if (of === 0 || !may("read:activity")) return html`<span>${text}</span>`;
  const href = url("/activity", {
    accountName: name,
    outcome: failed ? "failed" : null,
    startDate: new Date(since).toISOString(),
  });
  return html`<a href=${href} aria-label=${label && t(label, { number: text, name })}>${text}</a>`;
}

/** The share that failed, where it can be said. */
export function Rate(/** @type {{ of: import("./figures.js").Counts }} */ { of }) {
  const rate = errorRate(of);
  return rate === null ? null : html` <small class="muted">(${percent(rate)})</small>`;
}
