// Changes the language: loads its texts, then shows them.

import { keep, language } from "../core/preferences.js";
import { addTranslation } from "./catalogue.js";

/** @typedef {import("../core/preferences.js").Language} Language */

/** What each language calls itself. */
export const LANGUAGE_NAMES = /** @type {Record<Language, string>} */ ({ en: "English", de: "Deutsch" });

/** Whether its texts are there now. @param {Language} wanted */
async function load(wanted) {
  if (wanted === "en") return true;
  try {
    const { german } = await import("./de/index.js");
    addTranslation("de", german);
    return true;
  } catch {
    // The server does not answer, or has another version by now.
    return false;
  }
}

/**
 * Shows another language; false where its texts cannot be had, and then nothing changes.
 *
 * @param {Language} wanted
 */
export async function chooseLanguage(wanted) {
  if (!(await load(wanted))) return false;
  language.value = wanted;
  keep("language", wanted);
  document.documentElement.lang = wanted;
  return true;
}

/** Loads the language the page begins with; English if it cannot be had. */
export async function startLanguage() {
  if (!(await load(language.value))) language.value = "en";
  document.documentElement.lang = language.value;
}
