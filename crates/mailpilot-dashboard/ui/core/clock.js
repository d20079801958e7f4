// The time for "2 minutes ago", moving on by itself.

import { signal } from "../vendor/preact.js";

/** Milliseconds since 1970, renewed every ten seconds while the page is visible. */
export const now = signal(Date.now());

/** Begins to move; once, at the start. */
export function startClock() {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 10_000);
  document.addEventListener("visibilitychange", () => (now.value = Date.now()));
}
