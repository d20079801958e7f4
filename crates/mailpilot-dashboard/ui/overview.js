// What there is to see so far: totals, accounts, where the API is, and keys for it.

import { ApiError, base, call } from "./api.js";
import { h, problem, section, table, time } from "./dom.js";
import { keys } from "./keys.js";

/** @typedef {import("./app.js").Page} Page */

/** @param {Page} page */
export async function overview(page) {
  const [stats, config] = await Promise.all([read("/api/stats"), read("/api/config")]);
  return h(
    "main",
    { class: "page" },
    h("h1", { tabindex: "-1" }, "Mailpilot"),
    reloadBanner(config),
    h("p", {}, "Programs that read and sort mail report here what they did to each message; this server handles no mail itself. The full dashboard is not built yet: this page, the login and the whole API work."),
    server(page, stats),
    totals(stats),
    accounts(stats),
    api(),
    page.may("*") && (await keys(page)),
  );
}

/**
 * The answer, or the error in its place: one part that fails leaves the others.
 *
 * @param {string} path
 */
async function read(path) {
  try {
    return await call("GET", path);
  } catch (error) {
    if (error instanceof ApiError && error.status !== 401) return error;
    throw error;
  }
}

/** @param {any} config */
function reloadBanner(config) {
  const reload = config.lastReload;
  if (!reload || reload.success) return null;
  const items = reload.errors.map((/** @type {{message: string}} */ { message }) => h("li", {}, message));
  return h(
    "div",
    { class: "banner danger", role: "status" },
    h("strong", {}, "The last configuration reload failed; the configuration before it is in force."),
    h("ul", {}, items),
  );
}

/**
 * @param {Page} page
 * @param {any} stats
 */
function server(page, stats) {
  const facts = [
    ["Logged in as", page.auth.user?.username ?? "nobody"],
    ["Version", page.auth.version],
    ["Uptime", duration(stats.uptime)],
  ];
  return section("Server", h("dl", {}, facts.map(([name, value]) => fact(name, value))));
}

/** @param {any} stats */
function totals(stats) {
  if (stats instanceof ApiError) return section("Totals", problem(stats));
  const { emailsProcessed, actionsTaken, errors } = stats.totals;
  return section(
    "Totals",
    h(
      "dl",
      { class: "figures" },
      fact("Emails processed", count(emailsProcessed)),
      fact("Actions taken", count(actionsTaken)),
      fact("Errors", count(errors)),
    ),
  );
}

/** @param {any} stats */
function accounts(stats) {
  if (stats instanceof ApiError) return null;
  if (stats.accounts.length === 0) {
    return section("Accounts", h("p", {}, "No account is configured. Add one under ", h("code", {}, "accounts"), " in the configuration file, or through the API: ", h("code", {}, "PUT /api/accounts/{name}"), "."));
  }
  const rows = stats.accounts.map((/** @type {any} */ account) => [
    account.name,
    h("span", { class: `state ${account.status}` }, account.status),
    count(account.emailsProcessed),
    count(account.errors),
    time(account.lastActivityAt),
    account.lastError ?? "–",
  ]);
  const heads = ["Name", "State", "Emails", "Errors", "Last activity", "Last error"];
  return section("Accounts", table("State of every account", heads, rows));
}

function api() {
  const places = [
    ["/api/openapi.json", "the whole API, as OpenAPI 3.1"],
    ["/health", "whether the server and its accounts are well"],
    ["/metrics", "figures for Prometheus"],
  ];
  const items = places.map(([path, what]) =>
    h("li", {}, h("a", { href: base + path }, h("code", {}, base + path)), ` – ${what}`),
  );
  const where = h("p", {}, "Programs in any language use it below ", h("code", {}, `${location.origin}${base}/api`), ".");
  return section("API", where, h("ul", {}, items));
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString();
}

/** @param {number | undefined} seconds */
function duration(seconds) {
  if (seconds === undefined) return "unknown";
  const units = /** @type {const} */ ([["d", 86400], ["h", 3600], ["min", 60]]);
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}
