// Texts by key in the reader's language. English comes with the page that needs it; another language
// is loaded when it is chosen, and falls back to English until it is there.

import { signal } from "../vendor/preact.js";
import { language } from "../core/preferences.js";

/**
 * A text with `{name}` for what is filled in, or its plural forms (`Intl.PluralRules`, by `count`).
 *
 * @typedef {string | { one: string, other: string }} Text
 */
/** @typedef {Record<string, Text>} Words */
/**
 * The same keys in another language: a key that is missing is a type error.
 *
 * @template {Words} W
 * @typedef {{ [K in keyof W]: Text }} Translation
 */

/** What has been loaded, by language and name. */
const loaded = signal(/** @type {Record<string, Words>} */ ({}));

/**
 * The function that gives texts of one catalogue. What it fills in is text: no markup.
 *
 * @template {Words} W
 * @param {string} name the name of the catalogue's file
 * @param {W} english
 */
export function catalogue(name, english) {
  /** @param {keyof W & string} key @param {Record<string, string | number>} [given] */
  return function t(key, given = {}) {
    const text = loaded.value[`${language.value}/${name}`]?.[key] ?? english[key];
    return fill(pick(text, given), given);
  };
}

/**
 * @param {Text} text
 * @param {Record<string, string | number>} given
 */
function pick(text, given) {
  if (typeof text === "string") return text;
  const form = new Intl.PluralRules(language.value).select(Number(given.count));
  return form === "one" ? text.one : text.other;
}

/**
 * @param {string} text
 * @param {Record<string, string | number>} given
 */
function fill(text, given) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = given[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(language.value).format(value) : value;
  });
}

/**
 * Takes in the texts of another language.
 *
 * @param {string} of the language
 * @param {Record<string, Words>} catalogues by name
 */
export function addTranslation(of, catalogues) {
  const named = Object.entries(catalogues).map(([name, words]) => [`${of}/${name}`, words]);
  loaded.value = { ...loaded.value, ...Object.fromEntries(named) };
}
