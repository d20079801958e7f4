// Pages that have only something to say.

import { base } from "./api.js";
import { h } from "./dom.js";

/** @typedef {import("./app.js").Page} Page */

/**
 * A page of the dashboard to come. Its data is there already.
 *
 * @param {Page} page
 * @param {string} api
 */
export function later(page, api) {
  return h(
    "main",
    { class: "page narrow" },
    h("h1", { tabindex: "-1" }, "Not built yet"),
    h("p", {}, "This page comes with the full dashboard. What it will show is in the API today: ", h("a", { href: base + api }, h("code", {}, base + api)), "."),
    h("p", {}, page.link("/", "To the start page")),
  );
}

/** @param {Page} page */
export function notFound(page) {
  return h(
    "main",
    { class: "page narrow" },
    h("h1", { tabindex: "-1" }, "Page not found"),
    h("p", {}, "There is no page at ", h("code", {}, location.pathname), "."),
    h("p", {}, page.link("/", "To the start page")),
  );
}

/**
 * @param {Page} page
 * @param {string} message
 */
export function failed(page, message) {
  const retry = () => page.reload();
  return h(
    "main",
    { class: "page narrow" },
    h("h1", { tabindex: "-1" }, "Something went wrong"),
    h("p", { role: "alert" }, message),
    h("button", { type: "button", onclick: retry }, "Try again"),
  );
}
