// Forms: labelled fields, one button, and errors where they belong: at the field the server blames,
// else above the button. What was typed stays after an error.

import { createContext, html, useContext, useEffect, useId, useRef, useState } from "../vendor/preact.js";
import { useAction } from "../core/action.js";
import { errorText, t } from "../i18n/core.js";

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
 * }} props
 */
export function Form({ onSubmit, submit, children, danger = false, onCancel, class: name = "" }) {
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const action = useAction(onSubmit);
  const alert = action.error && !blamed(form.current, action.error) ? errorText(action.error) : "";

  useEffect(() => {
    const field = blamed(form.current, action.error);
    if (!field || !action.error) return;
    setErrors({ [field.name]: errorText(action.error) });
    field.focus();
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
    <p class="error" role="alert">${alert}</p>
    <div class="buttons">
      <button type="submit" class=${danger ? "danger" : ""} aria-disabled=${action.busy ? "true" : undefined}>
        ${action.busy ? t("busy") : submit}
      </button>
      ${onCancel && html`<button type="button" class="quiet" onClick=${onCancel}>${t("cancel")}</button>`}
    </div>
  </form>`;
}

/**
 * The field an error is about, if the form has it.
 *
 * @param {HTMLFormElement | null} form
 * @param {ApiError | null} error
 */
function blamed(form, error) {
  if (!form || !error?.field) return null;
  const found = form.elements.namedItem(error.field);
  return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found : null;
}

/** What the browser itself finds wrong, in its own words where ours have none. */
function invalid(/** @type {HTMLFormElement} */ form) {
  /** @type {Record<string, string>} */
  const errors = {};
  /** @type {HTMLInputElement | null} */
  let first = null;
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement) || !field.name || field.validity.valid) continue;
    errors[field.name] = field.validity.valueMissing ? t("errorRequired") : field.validationMessage;
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
