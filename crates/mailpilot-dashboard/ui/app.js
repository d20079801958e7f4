// Asks the server who is there, shows the view that belongs to the address, and keeps both in step.

import { ApiError, base, call } from "./api.js";
import { h } from "./dom.js";
import { login, setup } from "./entry.js";
import { failed, later, notFound } from "./notes.js";
import { overview } from "./overview.js";

/**
 * What `/api/auth` answers.
 *
 * @typedef {object} Auth
 * @property {boolean} authenticated
 * @property {boolean} needsSetup
 * @property {boolean} setupCodeRequired
 * @property {boolean} developmentMode
 * @property {string} version
 * @property {{username: string}} [user]
 * @property {string[]} permissions
 */

/**
 * What a view is given.
 *
 * @typedef {object} Page
 * @property {Auth} auth
 * @property {string} [wanted] the path that was asked for before the login
 * @property {string} setupCode empty if the address held none
 * @property {(permission: string) => boolean} may
 * @property {(path?: string) => Promise<void>} reload asks again who is there, at another path if given
 * @property {(path: string, text: string) => HTMLElement} link
 */

const root = /** @type {HTMLElement} */ (document.getElementById("app"));

/** @type {string | undefined} */
let wanted;
/** The setup code that came with the link the server printed. */
let setupCode = "";
/** Counts showings, so that a slow one cannot replace a newer one. */
let latest = 0;

/** The address without the base path. */
function here() {
  const path = location.pathname;
  const rest = path.startsWith(base) ? path.slice(base.length) : path;
  if (rest === "") return "/";
  return rest.startsWith("/") ? rest : path;
}

/** @param {string} path */
function replaceAddress(path) {
  history.replaceState(null, "", base + path);
}

/** Takes `#code=…` out of the address, so that no bookmark or screenshot keeps it. */
function takeSetupCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code === null) return;
  setupCode = code;
  replaceAddress(here());
}

/** @param {Auth} auth */
function page(auth) {
  /** @type {Page} */
  const it = {
    auth,
    wanted,
    setupCode,
    may: (permission) => auth.permissions.includes("*") || auth.permissions.includes(permission),
    reload: async (path) => {
      if (path !== undefined) replaceAddress(path);
      await show();
    },
    link: (path, text) => h("a", { href: base + path, onclick: follow }, text),
  };
  return it;
}

/** @param {MouseEvent} event */
function follow(event) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const target = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  history.pushState(null, "", target.href);
  void show();
}

/** Pages of the dashboard to come, and where their data is. */
const LATER = /** @type {const} */ ([
  [/^\/activity(\/[^/]+)?$/, "/api/activity"],
  [/^\/accounts(\/[^/]+)?$/, "/api/accounts"],
  [/^\/logs$/, "/api/logs"],
]);

/**
 * The view for the address, which changes where setup or login have to come first.
 *
 * @param {Page} page
 * @returns {HTMLElement | Promise<HTMLElement>}
 */
function view(page) {
  const { auth } = page;
  const path = here();
  const coming = LATER.find(([pattern]) => pattern.test(path));
  if (!coming && !["/", "/system", "/login", "/setup"].includes(path)) return notFound(page);
  const entry = path === "/" || path === "/login" || path === "/setup";
  if (auth.needsSetup && (entry || !auth.developmentMode)) {
    replaceAddress("/setup");
    return setup(page);
  }
  if (!auth.authenticated && !auth.developmentMode) {
    if (!entry) wanted = path;
    replaceAddress("/login");
    return login({ ...page, wanted });
  }
  wanted = undefined;
  if (coming) return later(page, coming[1]);
  if (path !== "/system") replaceAddress("/");
  return overview(page);
}

/** @param {Page} page */
function header(page) {
  const { user, developmentMode } = page.auth;
  const leave = async () => {
    try {
      await call("POST", "/api/logout");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // What is shown next says whether the session is still there.
    }
    await page.reload("/login");
  };
  return [
    h(
      "header",
      {},
      h("span", { class: "brand" }, "Mailpilot"),
      user && h("span", { class: "who" }, user.username),
      user && h("button", { type: "button", class: "quiet", onclick: leave }, "Log out"),
    ),
    developmentMode &&
      h(
        "div",
        { class: "banner warning page", role: "status" },
        h("strong", {}, "Development mode: "),
        "anybody on this machine may use the API without a credential. It ends with the first administrator, key or token, or the first request from elsewhere.",
      ),
  ];
}

async function show() {
  const turn = ++latest;
  let parts;
  try {
    takeSetupCode();
    const it = page(await call("GET", "/api/auth"));
    const main = await view(it);
    parts = [...header(it), main];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const it = page({ ...NOBODY });
    parts = [...header(it), failed(it, error.message)];
  }
  if (turn !== latest) return;
  root.replaceChildren(...parts.filter((part) => part instanceof Node));
  const title = root.querySelector("h1");
  document.title = title?.textContent === "Mailpilot" ? "Mailpilot" : `${title?.textContent} – Mailpilot`;
  title?.focus();
}

/** Nothing is known while the server does not answer. */
const NOBODY = {
  authenticated: false,
  needsSetup: false,
  setupCodeRequired: false,
  developmentMode: false,
  version: "",
  permissions: /** @type {string[]} */ ([]),
};

window.addEventListener("popstate", () => void show());
void show();
