// The texts of this page.

import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/logs.js";

export const t = catalogue("logs", words);

/** @type {Record<string, keyof typeof words>} */
const LEVELS = {
  trace: "levelTrace",
  debug: "levelDebug",
  info: "levelInfo",
  warn: "levelWarn",
  error: "levelError",
};

/** A level as a word. */
export function levelText(/** @type {string} */ level) {
  const key = LEVELS[level];
  return key ? t(key) : level;
}
