// The two ways in: making the administrator, and logging in.

import { call } from "./api.js";
import { h } from "./dom.js";
import { field, form } from "./form.js";

/** @typedef {import("./app.js").Page} Page */

/** @param {Page} page */
export function setup(page) {
  const username = field("Username", "username", { autocomplete: "username", required: true });
  const password = field(
    "Password",
    "password",
    { type: "password", autocomplete: "new-password", required: true },
    "8 to 128 characters, not a common password",
  );
  const confirm = field("Confirm password", "confirm", {
    type: "password",
    autocomplete: "new-password",
    required: true,
  });
  const code = field(
    "Setup code",
    "setupCode",
    { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, value: page.setupCode || undefined },
    "The server printed it when it started. It is asked for because you come from another machine or through a proxy.",
  );
  const fields = [username, password, confirm];
  if (page.auth.setupCodeRequired) fields.push(code);
  const send = async () => {
    const body = Object.fromEntries(fields.map(({ input }) => [input.name, input.value]));
    await call("POST", "/api/setup", body);
    await page.reload("/");
  };
  return h(
    "main",
    { class: "page narrow" },
    h("h1", { tabindex: "-1" }, "Set up Mailpilot"),
    h("p", {}, "Mailpilot shows what your mail programs did to each message. It is not set up yet: create the administrator who may log in here."),
    form({ fields, button: "Create administrator", send }),
    page.auth.developmentMode &&
      h("p", {}, page.link("/system", "Look around without an administrator")),
  );
}

/** @param {Page} page */
export function login(page) {
  const username = field("Username", "username", { autocomplete: "username", required: true });
  const password = field("Password", "password", {
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const send = async () => {
    const body = { username: username.input.value, password: password.input.value };
    try {
      await call("POST", "/api/login", body);
    } finally {
      password.input.value = "";
    }
    await page.reload(page.wanted ?? "/");
  };
  return h(
    "main",
    { class: "page narrow" },
    h("h1", { tabindex: "-1" }, "Log in to Mailpilot"),
    h("p", {}, "This server is set up. Log in as its administrator."),
    form({ fields: [username, password], button: "Log in", send }),
  );
}
