// What this browser prefers: theme and language. Kept in the browser alone.

import { effect, signal } from "../vendor/preact.js";

/** @typedef {"system" | "light" | "dark"} Theme */
/** @typedef {"en" | "de"} Language */

export const THEMES = /** @type {Theme[]} */ (["system", "light", "dark"]);
export const LANGUAGES = /** @type {Language[]} */ (["en", "de"]);

export const theme = signal(oneOf(THEMES, kept("theme")) ?? "system");
export const language = signal(oneOf(LANGUAGES, kept("language")) ?? fromBrowser());

/**
 * @template {string} T
 * @param {readonly T[]} known
 * @param {string | null} value
 */
function oneOf(known, value) {
  return known.find((each) => each === value);
}

/** The first of the browser's languages that there is. */
function fromBrowser() {
  for (const wanted of navigator.languages) {
    const found = oneOf(LANGUAGES, wanted.slice(0, 2).toLowerCase());
    if (found) return found;
  }
  return "en";
}

/**
 * What was remembered.
 *
 * @param {string} name
 */
export function kept(name) {
  try {
    return localStorage.getItem(`mailpilot.${name}`);
  } catch {
    // Storage may be forbidden; then nothing is remembered.
    return null;
  }
}

/**
 * Remembers a choice.
 *
 * @param {string} name
 * @param {string} value
 */
export function keep(name, value) {
  try {
    localStorage.setItem(`mailpilot.${name}`, value);
  } catch {
    // As above: the choice holds until the page is closed.
  }
}

/** Puts the choices on the document; once, at the start. */
export function startPreferences() {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === "system") delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
}
