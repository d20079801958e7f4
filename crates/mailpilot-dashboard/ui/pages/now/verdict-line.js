// The verdict in one sentence, large, with a shape and what can be done at once.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { now } from "../../core/clock.js";
import { statusText } from "../../i18n/core.js";
import { duration, relative } from "../../i18n/format.js";
import { AccountControls } from "../../parts/controls.js";
import { Icon } from "../../parts/icon.js";
import { t } from "./words.js";

/** @typedef {import("./verdict.js").Verdict} Verdict */
/** @typedef {import("./verdict.js").LastMail} LastMail */
/** @typedef {import("./reading.js").Shown} Shown */
/** @typedef {import("../../parts/icon.js").IconName} IconName */

/** @type {Record<Verdict["kind"], IconName>} */
const SHAPES = {
  none: "plus",
  trouble: "warning",
  paused: "pause",
  waiting: "clock",
  partly: "refresh",
  current: "check",
};

/** Below this a mail's moment is said as "less than", in milliseconds. */
const ROUGH = 15 * 60_000;

/** @param {{ verdict: Verdict, worst: Shown | null, lastMail: LastMail | null, onDone: () => void }} props */
export function VerdictLine({ verdict, worst, lastMail, onDone }) {
  return html`<section class="headline ${verdict.tone}" aria-label=${t("verdict")}>
    <span class="headline-shape"><${Icon} name=${SHAPES[verdict.kind]} /></span>
    <p class="headline-text" role="status">${sentence(verdict, worst, lastMail)}</p>
    ${worst && html`<${AccountControls} account=${worst} onDone=${onDone} />`}
  </section>`;
}

/**
 * @param {Verdict} verdict
 * @param {Shown | null} worst
 * @param {LastMail | null} lastMail
 */
function sentence(verdict, worst, lastMail) {
  if (worst) {
    const link = html`<a href=${url(`/accounts/${encodeURIComponent(worst.name)}`)}>${worst.name}</a>`;
    const more = verdict.trouble > 1 ? `; ${t("andMore", { count: verdict.trouble - 1 })}` : "";
    return html`${link}: ${troubleText(worst)}${more}`;
  }
  const mail = lastMail === null ? "" : `, ${mailText(lastMail)}`;
  return stateText(verdict) + (verdict.kind === "none" ? "" : mail);
}

/** Such as `Stalled, no progress for 41 min`. */
function troubleText(/** @type {Shown} */ account) {
  return [statusText(account.status), stallText(account)].filter(Boolean).join(", ");
}

/** How long a stalled account has made no progress, to the minute; else nothing. */
export function stallText(/** @type {Shown} */ { status, lastActivityAt }) {
  if (status !== "stalled" || lastActivityAt === null) return "";
  const minutes = Math.max(1, Math.floor((now.value - Date.parse(lastActivityAt)) / 60_000));
  return t("noProgress", { time: duration(minutes * 60) });
}

function stateText(/** @type {Verdict} */ { kind, all, connected, connecting, paused, unknown }) {
  if (kind === "none") return t("noAccounts");
  if (kind === "waiting") return t("notHeard", { count: all });
  if (kind === "paused") return t("allPaused", { count: all });
  if (connected === all) return t("allCurrent", { count: all });
  const parts = [t("someCurrent", { count: all, current: connected })];
  if (connecting > 0) parts.push(t("connecting", { count: connecting }));
  if (paused > 0) parts.push(t("paused", { count: paused }));
  if (unknown > 0) parts.push(t("unknown", { count: unknown }));
  return parts.join(", ");
}

/** When the last mail was, no more exactly than is known. */
function mailText(/** @type {LastMail} */ last) {
  if (last === "never") return t("noMailYet");
  if (last === "none") return t("noMailDay");
  const age = now.value - last.from;
  if (last.from === last.to || age >= ROUGH) return t("lastMail", { time: relative(last.from, now.value) });
  return t("lastMailWithin", { time: duration(Math.ceil(Math.max(60_000, age) / 60_000) * 60) });
}
