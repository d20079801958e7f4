// The levels as switches, each with how many lines it has.

import { html } from "../../vendor/preact.js";
import { setQuery } from "../../core/router.js";
import { number } from "../../i18n/format.js";
import { LEVELS, isGrave } from "./filter.js";
import { COUNT_LIMIT } from "./feed.js";
import { Level } from "./level.js";
import { levelText, t } from "./words.js";

/**
 * @param {{ level: string | null, levels: Record<string, number>, cutShort: boolean }} props
 */
export function Chips({ level, levels, cutShort }) {
  return html`<div class="log-chips" role="group" aria-label=${t("level")}>
    ${LEVELS.map((each) => {
      const pressed = each === level;
      const choose = () => setQuery({ level: pressed ? null : each, line: null });
      return html`<button
        key=${each}
        type="button"
        class="log-chip ${isGrave(level, each) ? "shown" : ""}"
        aria-pressed=${pressed ? "true" : "false"}
        title=${t("levelAndGraver", { level: levelText(each) })}
        onClick=${choose}
      >
        <${Level} level=${each} />${" "}
        <span class="log-count">${countText(levels[each], cutShort)}</span>
      </button>`;
    })}
  </div>`;
}

/**
 * @param {number | undefined} count
 * @param {boolean} cutShort
 */
function countText(count, cutShort) {
  if (count === undefined) return "";
  return cutShort || count >= COUNT_LIMIT ? t("orMore", { number: number(count) }) : number(count);
}
