// Forms: labelled fields, one button, and errors where they belong: at the field the server blames,
// else above the button. What was typed stays after an error.

import { createContext, html, useContext, useEffect, useId, useRef, useState } from "../vendor/preact.js";
import { useAction } from "../core/action.js";
import { errorText, sentence, t } from "../i18n/core.js";

/** @typedef {import("../core/api.js").ApiError} ApiError */
/** @typedef {{ errors: Record<string, string>, clear: (name: string) => void }} FormState */

const FormContext = createContext(/** @type {FormState} */ ({ errors: {}, clear: () => {} }));

/**
 * `onSubmit` gets the fields' values by name; what it throws as `ApiError` is shown. `required` fields
 * that are empty are named before anything is sent.
 *
 * @param {{
 *   onSubmit: (values: Record<string, string>, data: FormData) => Promise<void>,
 *   submit: string,
 *   children: any,
 *   danger?: boolean,
 *   onCancel?: () => void,
 *   class?: string,
 *   first?: boolean,
 * }} props `first`: the form is what the page is for, and the reader begins in it
 */
export function Form({
  onSubmit,
  submit,
  children,
  danger = false,
  onCancel,
  class: name = "",
  first = false,
}) {
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const action = useAction(onSubmit);
  useEffect(() => {
    if (first) form.current?.querySelector("input")?.focus();
  }, []);
  const told = blame(form.current, action.error);

  useEffect(() => {
    if (!told.first) return;
    setErrors(told.errors);
    told.first.focus();
  }, [action.error]);

  const send = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const node = /** @type {HTMLFormElement} */ (form.current);
    const missing = invalid(node);
    setErrors(missing.errors);
    if (missing.first) {
      missing.first.focus();
      return;
    }
    const data = new FormData(node);
    const values = Object.fromEntries([...data].map(([key, value]) => [key, String(value)]));
    void action.run(values, data);
  };
  const clear = (/** @type {string} */ field) => {
    if (errors[field]) setErrors(({ [field]: _gone, ...rest }) => rest);
  };

  return html`<form ref=${form} class="form ${name}" novalidate onSubmit=${send}>
    <${FormContext.Provider} value=${{ errors, clear }}>${children}<//>
    <p class="error" role="alert">${told.rest}</p>
    <div class="buttons">
      <button type="submit" class=${danger ? "danger" : ""} aria-disabled=${action.busy ? "true" : undefined}>
        ${action.busy ? t("busy") : submit}
      </button>
      ${onCancel && html`<button type="button" class="quiet" onClick=${onCancel}>${t("cancel")}</button>`}
    </div>
  </form>`;
}

/**
 * Which fields an error is about, and what is left to say where the form has none for it.
 *
 * @param {HTMLFormElement | null} form
 * @param {ApiError | null} error
 */
function blame(form, error) {
  /** @type {{ errors: Record<string, string>, rest: string, first: HTMLInputElement | HTMLSelectElement | null }} */
  const told = { errors: {}, rest: "", first: null };
  if (!form || !error) return told;
  const details =
    error.errors.length > 1
      ? error.errors.map(({ field, message }) => ({ field, text: sentence(message) }))
      : [{ field: error.field, text: errorText(error) }];
  for (const { field, text } of details) {
    const found = field ? form.elements.namedItem(field) : null;
    if (found instanceof HTMLInputElement || found instanceof HTMLSelectElement) {
      told.errors[found.name] = text;
      told.first ??= found;
    } else {
      told.rest = `${told.rest} ${text}`.trim();
    }
  }
  return told;
}

/** What the browser itself finds wrong, in its own words where ours have none: a pattern's are its `title`. */
function invalid(/** @type {HTMLFormElement} */ form) {
  /** @type {Record<string, string>} */
  const errors = {};
  /** @type {HTMLInputElement | null} */
  let first = null;
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement) || !field.name || field.validity.valid) continue;
    const { valueMissing, patternMismatch } = field.validity;
    errors[field.name] = valueMissing
      ? t("errorRequired")
      : (patternMismatch && field.title) || field.validationMessage;
    first ??= field;
  }
  return { errors, first: /** @type {HTMLInputElement | null} */ (first) };
}

/** The ids and classes that tie a control to its hint and error. */
function useField(/** @type {string} */ name, /** @type {boolean} */ hasHint) {
  const id = useId();
  const { errors, clear } = useContext(FormContext);
  const error = errors[name];
  const describedBy = [hasHint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const attributes = {
    id,
    name,
    "aria-describedby": describedBy || undefined,
    "aria-invalid": error ? "true" : undefined,
    onInput: () => clear(name),
  };
  return { id, error, attributes };
}

/**
 * A labelled input. Other attributes go to the input itself.
 *
 * @param {{ label: string, name: string, hint?: any, [attribute: string]: any }} props
 */
export function Field({ label, name, hint, onInput, ...rest }) {
  const { id, error, attributes } = useField(name, Boolean(hint));
  const input = (/** @type {InputEvent} */ event) => {
    attributes.onInput();
    onInput?.(event);
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    <input ...${rest} ...${attributes} onInput=${input} />
    ${error && html`<p class="error" id="${id}-error">${error}</p>`}
  </div>`;
}

/**
 * A labelled choice.
 *
 * @param {{ label: string, name: string, hint?: any, options: { value: string, text: string }[], [attribute: string]: any }} props
 */
export function Choice({ label, name, hint, options, ...rest }) {
  const { id, error, attributes } = useField(name, Boolean(hint));
  const { onInput, ...tied } = attributes;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    <select onChange=${onInput} ...${rest} ...${tied}>
      ${options.map(({ value, text }) => html`<option key=${value} value=${value}>${text}</option>`)}
    </select>
    ${error && html`<p class="error" id="${id}-error">${error}</p>`}
  </div>`;
}

/** @param {{ label: any, name: string, hint?: any, [attribute: string]: any }} props */
export function Checkbox({ label, name, hint, ...rest }) {
  const id = useId();
  return html`<div class="check">
    <input id=${id} name=${name} type="checkbox" aria-describedby=${hint ? `${id}-hint` : undefined} ...${rest} />
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}
