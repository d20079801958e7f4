// The range of time, and three numbers of it, each the way to its rows.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { place } from "../../core/router.js";
import { number } from "../../i18n/format.js";
import { actionsIn, total } from "../../parts/chart/slices.js";
import { RANGES } from "../../parts/chart/window.js";
import { rows } from "./rows.js";
import { rangeText, t } from "./words.js";

/** @typedef {import("../../parts/chart/slices.js").Slice} Slice */

/** @typedef {import("../../parts/chart/window.js").Range} Range */

/** @param {{ slices: Slice[], range: Range, wanted: Range }} props `wanted` is the range of the address, `range` that of the numbers */
export function Figures({ slices, range, wanted }) {
  const all = total(slices);
  // Without an end: what comes in meanwhile belongs to it.
  const of = { start: all.start };
  const figures = [
    { name: t("mailsHead"), count: all.emails, href: rows(of) },
    { name: t("actionsHead"), count: actionsIn(all), href: rows(of) },
    { name: t("failedMails"), count: all.errors, href: rows({ ...of, failed: true }), tone: "bad" },
  ];
  return html`<section aria-label=${rangeText(range)}>
    <div class="range">
      <h2>${rangeText(range)}</h2>
      <${RangeChoice} range=${wanted} />
    </div>
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

/** Links, so that a range can be opened, kept and gone back to. */
function RangeChoice(/** @type {{ range: Range }} */ { range }) {
  const query = Object.fromEntries(place.value.query);
  return html`<nav class="segments" aria-label=${t("range")}>
    ${RANGES.map(
      (each) =>
        html`<a
          key=${each}
          href=${url("/", { ...query, range: each === "24h" ? null : each })}
          aria-current=${each === range ? "true" : undefined}
          title=${rangeText(each)}
          >${t(`short${each}`)}</a
        >`,
    )}
  </nav>`;
}
