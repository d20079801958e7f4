// The level of a line, as word, shape and colour.

import { html } from "../../vendor/preact.js";
import { Icon } from "../../parts/icon.js";
import { levelText } from "./words.js";

/** @typedef {import("../../parts/icon.js").IconName} IconName */

/** @type {Record<string, { icon: IconName, tone: string }>} */
const LEVEL_SIGNS = {
  trace: { icon: "dots", tone: "quiet" },
  debug: { icon: "lines", tone: "quiet" },
  info: { icon: "info", tone: "info" },
  warn: { icon: "warning", tone: "warn" },
  error: { icon: "cross", tone: "bad" },
};

/** Word, shape and colour. */
export function Level(/** @type {{ level: string }} */ { level }) {
  const { icon, tone } = LEVEL_SIGNS[level] ?? LEVEL_SIGNS.info;
  return html`<span class="log-level ${tone}"><${Icon} name=${icon} />${levelText(level)}</span>`;
}
