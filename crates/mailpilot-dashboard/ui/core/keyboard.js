// Shortcuts that hold on every page: `/`, `g` and a letter, `?`. Never while somebody types.

import { signal } from "../vendor/preact.js";
import { go } from "./router.js";

/** Letters after `g`. */
export const PLACES = /** @type {const} */ ({
  n: "/",
  a: "/activity",
  c: "/accounts",
  l: "/logs",
  s: "/system",
});

/** Whether the list of shortcuts is shown. */
export const helpShown = signal(false);

/** How long the letter after `g` may take, in milliseconds. */
const PATIENCE = 1500;
let wentAt = 0;

/**
 * Whether keys are text where they are pressed.
 *
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return (
    target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && isTyping(event.target) && !document.querySelector("dialog[open]")) {
    // Some browsers empty a search field without telling, and what is looked for would stay.
    event.preventDefault();
    /** @type {HTMLElement} */ (event.target).blur();
    return;
  }
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const after = Date.now() - wentAt < PATIENCE;
  wentAt = 0;
  if (after && event.key in PLACES) {
    event.preventDefault();
    go(PLACES[/** @type {keyof typeof PLACES} */ (event.key)]);
  } else if (event.key === "g") {
    wentAt = Date.now();
  } else if (event.key === "?") {
    event.preventDefault();
    helpShown.value = true;
  } else if (event.key === "/") {
    const field = document.querySelector("main input[type=search]");
    if (!(field instanceof HTMLInputElement)) return;
    event.preventDefault();
    field.focus();
    field.select();
  }
}

/** Begins to listen; once, at the start. */
export function startKeyboard() {
  document.addEventListener("keydown", press);
}
