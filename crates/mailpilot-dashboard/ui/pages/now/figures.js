// Three numbers of the range, each the way to its rows.

import { html } from "../../vendor/preact.js";
import { number } from "../../i18n/format.js";
import { actionsIn, total } from "../../parts/chart/slices.js";
import { rows } from "./rows.js";
import { rangeText, t } from "./words.js";

/** @typedef {import("../../parts/chart/slices.js").Slice} Slice */

/** @param {{ slices: Slice[], range: import("../../parts/chart/window.js").Range }} props */
export function Figures({ slices, range }) {
  const all = total(slices);
  // Without an end: what comes in meanwhile belongs to it.
  const of = { start: all.start };
  const figures = [
    { name: t("mailsHead"), count: all.emails, href: rows(of) },
    { name: t("actionsHead"), count: actionsIn(all), href: rows(of) },
    { name: t("failedMails"), count: all.errors, href: rows({ ...of, failed: true }), tone: "bad" },
  ];
  return html`<section aria-label=${rangeText(range)}>
    <dl class="figures">
      ${figures.map(
        ({ name, count, href, tone = "" }) =>
          html`<div key=${name} class=${count > 0 ? tone : ""}>
            <dt>${name}</dt>
            <dd><a href=${href}>${number(count)}</a></dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
