// What stands below a chart: what the cursor is on, in words, and the same numbers as a table.

import { html, useState } from "../../vendor/preact.js";
import { t } from "../../i18n/core.js";

/**
 * The text is spoken politely; the time before it is not, as the chart itself names it.
 *
 * @param {{ time: string, text: string, href?: string, link?: string }} props
 */
export function Readout({ time, text, href, link }) {
  return html`<p class="readout">
    ${time && html`<strong>${time}</strong>`}
    <span aria-live="polite">${text}</span>
    ${href && html`<a href=${href}>${link}</a>`}
  </p>`;
}

/**
 * A table that is made only when somebody opens it, the latest on top.
 *
 * @param {{
 *   caption: string,
 *   heads: string[],
 *   rows: { key: string | number, cells: any[] }[],
 * }} props the first cell of a row names it; the others are numbers
 */
export function Twin({ caption, heads, rows }) {
  const [shown, setShown] = useState(false);
  const toggle = (/** @type {any} */ event) => setShown(event.currentTarget.open);
  return html`<details class="twin" onToggle=${toggle}>
    <summary aria-label=${`${t("showTable")}: ${caption}`}>${t("showTable")}</summary>
    ${
      shown &&
      html`<div class="scroll" tabindex="0" role="group" aria-label=${caption}>
        <table>
          <caption class="hidden">${caption}</caption>
          <thead>
            <tr>
              ${heads.map((head, index) => html`<th key=${head} scope="col" class=${index > 0 ? "number" : ""}>${head}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.toReversed().map(
              ({ key, cells }) =>
                html`<tr key=${key}>
                  <th scope="row">${cells[0]}</th>
                  ${cells.slice(1).map((cell, index) => html`<td key=${heads[index + 1]} class="number">${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`
    }
  </details>`;
}
