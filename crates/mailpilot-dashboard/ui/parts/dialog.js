// Dialogs: the browser's own `<dialog>`, which keeps the focus inside and ends with Esc.

import { html, signal, useEffect, useId, useRef } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Icon } from "./icon.js";

/**
 * A modal dialog, shown while it is rendered. The focus goes back to where it was.
 *
 * @param {{ title: string, onClose: () => void, children: any, wide?: boolean, closable?: boolean }} props
 */
export function Dialog({ title, onClose, children, wide = false, closable = true }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const dialog = /** @type {HTMLDialogElement} */ (ref.current);
    const before = document.activeElement;
    dialog.showModal();
    // What the dialog is about, not the cross that leaves it; of a question it is the way back.
    const first = dialog.querySelector(".dialog-head ~ * :is(input, select, button), .dialog-head ~ button");
    if (first instanceof HTMLElement) first.focus();
    return () => {
      dialog.close();
      // The page may have changed behind it.
      const back = before?.isConnected ? before : document.getElementById("main");
      if (back instanceof HTMLElement) back.focus();
    };
  }, []);
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (closable) onClose();
  };
  // Asked twice, browsers close a dialog without asking the page.
  const closed = () => {
    const dialog = ref.current;
    if (!dialog || dialog.open) return;
    if (closable) onClose();
    else dialog.showModal();
  };
  const press = (/** @type {MouseEvent} */ event) => {
    const dialog = ref.current;
    if (!closable || !dialog || event.target !== dialog) return;
    // Its own scroll bar and border are the dialog too.
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (x < left || x > right || y < top || y > bottom) onClose();
  };
  return html`<dialog ref=${ref} class=${wide ? "wide" : ""} aria-labelledby=${id} onCancel=${cancel} onClose=${closed} onMouseDown=${press}>
    <div class="dialog-body">
      <header class="dialog-head">
        <h2 id=${id}>${title}</h2>
        ${
          closable &&
          html`<button type="button" class="bare" aria-label=${t("close")} onClick=${onClose}>
          <${Icon} name="cross" />
        </button>`
        }
      </header>
      ${children}
    </div>
  </dialog>`;
}

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {any} body text, or what `html` makes
 * @property {string} confirm what the button says: the deed itself, not "OK"
 * @property {boolean} [danger]
 */

const question = signal(/** @type {(Question & { answer: (yes: boolean) => void }) | null} */ (null));

/**
 * Asks before something that is hard to undo.
 *
 * @param {Question} asked
 * @returns {Promise<boolean>}
 */
export function confirmed(asked) {
  question.value?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer: (yes) => {
        question.value = null;
        resolve(yes);
      },
    };
  });
}

/** Where questions of `confirmed` appear; once in the page. */
export function Questions() {
  const asked = question.value;
  if (!asked) return null;
  return html`<${Dialog} title=${asked.title} onClose=${() => asked.answer(false)}>
    <div class="dialog-text">${asked.body}</div>
    <div class="buttons end">
      <button type="button" class="quiet" onClick=${() => asked.answer(false)}>${t("cancel")}</button>
      <button type="button" class=${asked.danger ? "danger" : ""} onClick=${() => asked.answer(true)}>
        ${asked.confirm}
      </button>
    </div>
  <//>`;
}
