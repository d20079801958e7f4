// The last day of one account: its figures and its strip.

import { html } from "../../vendor/preact.js";
import { now } from "../../core/clock.js";
import { percent } from "../../i18n/format.js";
import { Panel } from "../../parts/page.js";
import { Strip } from "../../parts/strip.js";
import { Count } from "../accounts/count.js";
import { countsSince, errorRate, midnight } from "../accounts/figures.js";
import { t } from "../accounts/words.js";

/** @param {{ name: string, day: import("../accounts/day.js").Timeline }} props */
export function Day({ name, day }) {
  const from = Date.parse(day.from);
  const since = midnight(now.value);
  const [all, today] = [countsSince(day, name, from), countsSince(day, name, since)];
  if (!all || !today) return null;
  const rate = errorRate(all);
  return html`<${Panel} title=${t("dayPanel")}>
    <${Strip} timeline=${day} name=${name} />
    <dl class="day-figures">
      <div><dt>${t("mailsToday")}</dt><dd><${Count} of=${today.emails} name=${name} since=${since} /></dd></div>
      <div><dt>${t("mailsDay")}</dt><dd><${Count} of=${all.emails} name=${name} since=${from} /></dd></div>
      <div><dt>${t("failedDay")}</dt><dd><${Count} of=${all.errors} name=${name} since=${from} failed /></dd></div>
      <div><dt>${t("errorRate")}</dt><dd>${rate === null ? t("none") : percent(rate)}</dd></div>
    </dl>
  <//>`;
}
