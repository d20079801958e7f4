// API keys: those there are, making one, taking one away.

import { ApiError, base, call } from "./api.js";
import { h, problem, section, table, time } from "./dom.js";
import { field, form } from "./form.js";

/** The permissions of the document, in its order and words. */
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

export async function keys() {
  const list = h("div");
  const made = h("div", { role: "status" });
  const refresh = async () => list.replaceChildren(await keyTable(refresh));
  await refresh();
  return section(
    "API keys",
    h("p", {}, "Programs use the API with a key. It is shown once, when it is made; the server keeps only its hash."),
    list,
    made,
    newKey(async (key) => {
      made.replaceChildren(madeKey(key));
      await refresh();
    }),
  );
}

/**
 * @param {() => Promise<void>} refresh
 * @returns {Promise<HTMLElement>}
 */
async function keyTable(refresh) {
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
    key.source === "api" ? revokeButton(key.name, refresh) : "in the configuration file",
  ]);
  const heads = ["Name", "Permissions", "Made", "Expires", "Last used", "Revoke"];
  return table("Keys of this server", heads, rows);
}

/**
 * @param {string} name
 * @param {() => Promise<void>} refresh
 */
function revokeButton(name, refresh) {
  const revoke = async () => {
    if (!window.confirm(`Revoke the key "${name}"? Programs that use it stop working at once.`)) return;
    try {
      await call("DELETE", `/api/keys/${encodeURIComponent(name)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // 404: somebody else revoked it already, as the list will tell.
      if (error.status !== 404) window.alert(error.message);
    }
    await refresh();
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
  return h("div", { class: "card" }, h("h3", {}, "New key"), node);
}

/** @param {any} made */
function madeKey(made) {
  const address = `${location.origin}${base}/api/stats`;
  return h(
    "div",
    { class: "banner" },
    h("p", {}, h("strong", {}, `The key "${made.name}". Copy it now: it is not shown again.`)),
    h("pre", {}, h("code", {}, made.key)),
    h("p", {}, "For example:"),
    h("pre", {}, h("code", {}, `curl -H "Authorization: Bearer ${made.key}" \\\n  ${address}`)),
  );
}
