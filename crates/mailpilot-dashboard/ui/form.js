// Forms whose errors appear where they belong: at the field the server blames, else above the button.

import { ApiError } from "./api.js";
import { h } from "./dom.js";

/**
 * @typedef {object} Field
 * @property {HTMLElement} row
 * @property {HTMLInputElement} input
 * @property {(message: string) => void} fail shows what is wrong, nothing for an empty text
 */

/**
 * A labelled input.
 *
 * @param {string} label
 * @param {string} name the name of the request's member
 * @param {Record<string, unknown>} [attributes]
 * @param {string} [hint]
 * @returns {Field}
 */
export function field(label, name, attributes = {}, hint) {
  const id = `field-${name}`;
  const help = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
  const describedBy = [help && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  const input = /** @type {HTMLInputElement} */ (
    h("input", { id, name, "aria-describedby": describedBy, ...attributes })
  );
  const row = h("div", { class: "field" }, h("label", { for: id }, label), help, input, error);
  const fail = (/** @type {string} */ message) => {
    error.textContent = message;
    error.hidden = message === "";
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => fail(""));
  return { row, input, fail };
}

/**
 * @param {object} options
 * @param {Field[]} options.fields
 * @param {HTMLElement[]} [options.more] what stands between the fields and the button
 * @param {string} options.button
 * @param {() => Promise<void>} options.send
 */
export function form({ fields, more = [], button, send }) {
  const alert = h("p", { class: "error", role: "alert" });
  const submit = /** @type {HTMLButtonElement} */ (h("button", { type: "submit" }, button));
  const node = h(
    "form",
    { novalidate: true },
    fields.map((each) => each.row),
    more,
    alert,
    submit,
  );
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    for (const each of fields) each.fail("");
    alert.textContent = "";
    submit.disabled = true;
    try {
      await send();
    } catch (error) {
      show(error, fields, alert);
    } finally {
      submit.disabled = false;
    }
  });
  return node;
}

/**
 * @param {unknown} error
 * @param {Field[]} fields
 * @param {HTMLElement} alert
 */
function show(error, fields, alert) {
  if (!(error instanceof ApiError)) throw error;
  const blamed = fields.find((each) => each.input.name === error.field);
  if (blamed) {
    blamed.fail(error.message);
    blamed.input.focus();
  } else {
    alert.textContent = error.message;
  }
}
