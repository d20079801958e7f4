// The address is the state of a page: path and filters are read from here and changed here alone.

import { signal } from "../vendor/preact.js";
import { base, url } from "./base.js";

/** @typedef {{ path: string, query: URLSearchParams }} Place */

/** Where the reader is, without the prefix. */
export const place = signal(read());

/** @returns {Place} */
function read() {
  const path = location.pathname;
  const rest = path.startsWith(base) ? path.slice(base.length) : path;
  return { path: rest === "" ? "/" : rest, query: new URLSearchParams(location.search) };
}

/**
 * Goes to another page.
 *
 * @param {string} path without the prefix, with the query if any
 * @param {{ replace?: boolean }} [how] `replace` leaves no step to come back to
 */
export function go(path, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", base + path);
  else history.pushState(null, "", base + path);
  const before = place.value.path;
  place.value = read();
  if (place.value.path !== before) scrollTo(0, 0);
}

/**
 * Changes filters of the page that is shown; each is a step back, as following a link would be.
 *
 * @param {Record<string, string | number | null | undefined>} changes null takes a filter away
 * @param {{ replace?: boolean }} [how]
 */
export function setQuery(changes, how) {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") query.delete(name);
    else query.set(name, String(value));
  }
  if (query.toString() === place.value.query.toString()) return;
  go(url(place.value.path, Object.fromEntries(query)).slice(base.length), how);
}

/** Plain links stay inside the page: every `<a href>` below the prefix, without target or download. */
function follow(/** @type {MouseEvent} */ event) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const anchor = event.target instanceof Element ? event.target.closest("a") : null;
  if (!anchor || !anchor.href || anchor.target || anchor.hasAttribute("download")) return;
  const to = new URL(anchor.href);
  if (to.origin !== location.origin || !to.pathname.startsWith(base)) return;
  const path = to.pathname.slice(base.length) || "/";
  if (!path.startsWith("/") || /^\/(api|health|metrics|assets)(\/|$)/.test(path)) return;
  if (to.hash && to.pathname === location.pathname && to.search === location.search) return;
  event.preventDefault();
  go(path + to.search);
}

/** Begins to listen; once, at the start. */
export function startRouter() {
  document.addEventListener("click", follow);
  addEventListener("popstate", () => (place.value = read()));
}

/**
 * A path that came from outside, such as the page wanted before the login: only one of this dashboard.
 *
 * @param {string | null} path
 */
export function safePath(path) {
  if (!path?.startsWith("/") || !URL.canParse(base + path, location.href)) return "/";
  // As the browser will read it: it takes out tabs and dots, and takes a backslash for a slash.
  const { origin, pathname, search } = new URL(base + path, location.href);
  const own = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : "/";
  return origin !== location.origin || own.startsWith("//") ? "/" : own + search;
}
