// Changes the language: loads its texts, then shows them.

import { keep, language } from "../core/preferences.js";
import { addTranslation } from "./catalogue.js";

/** @typedef {import("../core/preferences.js").Language} Language */

/** What each language calls itself. */
export const LANGUAGE_NAMES = /** @type {Record<Language, string>} */ ({ en: "English", de: "Deutsch" });

/** @param {Language} wanted */
async function load(wanted) {
  if (wanted === "en") return;
  const { german } = await import("./de/index.js");
  addTranslation("de", german);
}

/** @param {Language} wanted */
export async function chooseLanguage(wanted) {
  await load(wanted);
  language.value = wanted;
  keep("language", wanted);
  document.documentElement.lang = wanted;
}

/** Loads the language the page begins with; English if it cannot be had. */
export async function startLanguage() {
  try {
    await load(language.value);
  } catch {
    language.value = "en";
  }
  document.documentElement.lang = language.value;
}
