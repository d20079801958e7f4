// How the account is, since when, and what is wrong with it.

import { html } from "../../vendor/preact.js";
import { now } from "../../core/clock.js";
import { duration } from "../../i18n/format.js";
import { Panel } from "../../parts/page.js";
import { isTrouble, Status, tone } from "../../parts/status.js";
import { inStateSince, seconds, wholeMinutes } from "../accounts/figures.js";
import { Progress } from "../accounts/progress.js";
import { t } from "../accounts/words.js";

/** @typedef {import("../../core/accounts.js").Account} Account */
/** @typedef {import("../accounts/day.js").Timeline} Timeline */

/** What each state means. */
const MEANINGS = /** @type {const} */ ({
  connected: "wellText",
  connecting: "connecting",
  disconnected: "brokenText",
  error: "brokenText",
  paused: "pausedText",
  stalled: "stalledText",
  unknown: "nothingHeard",
});

/** @param {{ account: Account, day: Timeline | null }} props */
export function State({ account, day }) {
  const meaning = MEANINGS[/** @type {keyof typeof MEANINGS} */ (account.status)] ?? "nothingHeard";
  return html`<${Panel} title=${t("statePanel")}>
    <div class="condition ${tone(account.status)}">
      <p><${Status} status=${account.status} /> <${Since} account=${account} day=${day} /></p>
      <p>${t(meaning)}</p>
    </div>
    <dl class="facts">
      <dt>${t("lastProgress")}</dt>
      <dd><${Progress} account=${account} /></dd>
      <dt>${t("expectedInterval")}</dt>
      <dd><${Interval} of=${account.expectedInterval} /></dd>
      <dt>${t("latestError")}</dt>
      <dd><${LatestError} account=${account} /></dd>
    </dl>
  <//>`;
}

/** Where it follows from the interval to the minute, else as far as the slices of the day tell. */
function Since(/** @type {{ account: Account, day: Timeline | null }} */ { account, day }) {
  const interval = seconds(account.expectedInterval);
  if (account.status === "stalled" && account.lastActivityAt && interval !== null) {
    const late = (now.value - Date.parse(account.lastActivityAt)) / 1000 - interval;
    return html`<span class="muted">${t("since", { time: duration(wholeMinutes(late)) })}</span>`;
  }
  const since = day && inStateSince(day, account);
  if (!since) return null;
  // Slices have minutes: seconds would say more than is known.
  const minutes = Math.floor((now.value - since.at) / 60_000);
  if (minutes < 1) return null;
  const time = duration(minutes * 60);
  return html`<span class="muted">${t(since.atLeast ? "sinceAtLeast" : "since", { time })}</span>`;
}

function Interval(/** @type {{ of?: string | null }} */ { of }) {
  const interval = seconds(of);
  if (interval !== null) return duration(interval);
  return of ?? html`<span class="muted">${t("noInterval")}</span>`;
}

function LatestError(/** @type {{ account: Account }} */ { account: { status, lastError } }) {
  if (lastError === null) return html`<span class="muted">${t("noError")}</span>`;
  return html`<p class=${isTrouble(status) ? "error" : ""}>${lastError}</p>
    ${status === "connected" && html`<p class="hint">${t("errorOver")}</p>`}`;
}
