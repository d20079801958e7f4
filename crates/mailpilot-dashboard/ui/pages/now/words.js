// The words of Now.

import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/now.js";

/** @typedef {import("../../parts/chart/window.js").Range} Range */

/** Texts of `en/now.js`. */
export const t = catalogue("now", words);

/** A range in full, such as `the last 24 hours`. */
export function rangeText(/** @type {Range} */ range) {
  return t(`last${range}`);
}
