// The frame of one page: its title for the tab and the screen reader, its heading, what stands beside it.

import { html, useEffect, useRef } from "../vendor/preact.js";

/** Set when the reader goes from page to page; the first page leaves the focus where it is. */
let shownBefore = false;

/**
 * @param {{ title: string, beside?: any, children: any, narrow?: boolean, hideTitle?: boolean }} props
 *   `beside` stands right of the heading
 */
export function Page({ title, beside, children, narrow = false, hideTitle = false }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => {
    document.title = `${title} · Mailpilot`;
  }, [title]);
  useEffect(() => {
    // A form that begins the page has taken the focus already.
    const typing = document.activeElement instanceof HTMLInputElement;
    if (shownBefore && !typing) heading.current?.focus({ preventScroll: true });
    shownBefore = true;
  }, []);
  return html`<div class="page ${narrow ? "narrow" : ""}">
    <div class="page-head ${hideTitle && !beside ? "hidden" : ""}">
      <h1 ref=${heading} tabindex="-1" class=${hideTitle ? "hidden" : ""}>${title}</h1>
      ${beside}
    </div>
    ${children}
  </div>`;
}

/**
 * A titled block of a page; one with an id can have the focus.
 *
 * @param {{ title: string, beside?: any, children: any, id?: string }} props
 */
export function Panel({ title, beside, children, id }) {
  return html`<section class="panel" id=${id} tabindex=${id && "-1"} aria-label=${title}>
    <div class="panel-head">
      <h2>${title}</h2>
      ${beside}
    </div>
    ${children}
  </section>`;
}

/** For when what had the focus is about to go, such as the row of something that was removed. */
export function focusPanel(/** @type {string} */ id) {
  document.getElementById(id)?.focus({ preventScroll: true });
}
