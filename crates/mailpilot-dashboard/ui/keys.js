// API keys: those there are, making one, taking one away.

import { ApiError, base, call } from "./api.js";
import { h, problem, section, table, time } from "./dom.js";
import { field, form } from "./form.js";

/** Every permission there is, and what it allows. */
const PERMISSIONS = /** @type {const} */ ([
  ["read:stats", "View statistics"],
  ["read:activity", "View activity logs"],
  ["read:logs", "View application logs"],
  ["read:export", "Export data"],
  ["read:accounts", "View account configuration"],
  ["read:*", "All read permissions"],
  ["write:stats", "Modify statistics"],
  ["write:activity", "Modify activity logs"],
  ["write:logs", "Modify application logs"],
  ["write:export", "Modify export settings"],
  ["write:accounts", "Modify account configuration"],
  ["write:*", "All write permissions"],
  ["*", "Full access"],
]);

/** @typedef {import("./app.js").Page} Page */

/** @param {Page} page */
export async function keys(page) {
  const title = "API keys";
  const what = h("p", {}, "Programs use the API with a key. A key made here is shown once; the server keeps only its hash.");
  if (page.auth.developmentMode) {
    // The first key would end this mode, and leave nobody who may see this page.
    return section(title, what, h("p", {}, page.link("/setup", "Create the administrator"), " to make keys here."));
  }
  const list = h("div");
  const news = h("div");
  /** Moves the focus too: the button that was pressed may be gone, or the news out of sight. */
  const tell = async (/** @type {HTMLElement} */ text) => {
    news.replaceChildren(text);
    list.replaceChildren(await keyTable(revoked));
    text.focus();
  };
  const revoked = (/** @type {string} */ text) => tell(h("p", { tabindex: "-1" }, text));
  list.replaceChildren(await keyTable(revoked));
  return section(title, what, news, list, newKey((key) => tell(madeKey(key))));
}

/**
 * @param {(news: string) => Promise<void>} revoked
 * @returns {Promise<HTMLElement>}
 */
async function keyTable(revoked) {
  let answer;
  try {
    answer = await call("GET", "/api/keys");
  } catch (error) {
    if (error instanceof ApiError) return problem(error);
    throw error;
  }
  if (answer.keys.length === 0) return h("p", {}, "There is no key yet.");
  const rows = answer.keys.map((/** @type {any} */ key) => [
    key.name,
    key.permissions.join(", "),
    time(key.createdAt),
    key.expiresAt ? time(key.expiresAt) : "never",
    key.lastUsedAt ? time(key.lastUsedAt) : "never",
    key.source === "api" ? revokeButton(key.name, revoked) : "by removing it from the configuration file",
  ]);
  const heads = ["Name", "Permissions", "Made", "Expires", "Last used", "Revoke"];
  return table("Keys of this server", heads, rows);
}

/**
 * @param {string} name
 * @param {(news: string) => Promise<void>} revoked
 */
function revokeButton(name, revoked) {
  const revoke = async () => {
    if (!window.confirm(`Revoke the key "${name}"? Programs that use it stop working at once.`)) return;
    try {
      await call("DELETE", `/api/keys/${encodeURIComponent(name)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // 404: somebody else revoked it already.
      if (error.status !== 404) return revoked(`The key "${name}" is not revoked: ${error.message}`);
    }
    await revoked(`The key "${name}" is revoked.`);
  };
  return h("button", { type: "button", class: "quiet", "aria-label": `Revoke ${name}`, onclick: revoke }, "Revoke");
}

/** @param {(key: any) => Promise<void>} done */
function newKey(done) {
  const name = field("Key name", "name", { autocomplete: "off", required: true }, "What the key is for");
  const expires = field("Expires (optional)", "expiresAt", { type: "datetime-local" });
  const boxes = PERMISSIONS.map(([permission, what]) => {
    const checked = permission === "read:stats";
    const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", value: permission, checked }));
    return { box, row: h("label", { class: "check" }, box, h("span", {}, h("code", {}, permission), ` ${what}`)) };
  });
  const permissions = h("fieldset", {}, h("legend", {}, "Permissions"), boxes.map(({ row }) => row));
  const node = form({
    fields: [name, expires],
    more: [permissions],
    button: "Make key",
    send: async () => {
      const chosen = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
      const until = expires.input.value;
      const body = { name: name.input.value, permissions: chosen };
      const answer = await call("POST", "/api/keys", until ? { ...body, expiresAt: new Date(until).toISOString() } : body);
      /** @type {HTMLFormElement} */ (node).reset();
      await done(answer);
    },
  });
  return h("div", { class: "part" }, h("h3", {}, "New key"), node);
}

/** @param {any} made */
function madeKey(made) {
  const address = `${location.origin}${base}/api/auth`;
  return h(
    "div",
    { class: "banner", role: "group", "aria-label": "New key", tabindex: "-1" },
    h("p", {}, h("strong", {}, `The key "${made.name}". Copy it now: it is not shown again.`)),
    h("pre", {}, h("code", {}, made.key)),
    h("p", {}, "A first request with it:"),
    h("pre", {}, h("code", {}, `curl -H "Authorization: Bearer ${made.key}" ${address}`)),
  );
}
