// Text to take along: shown as it is, with a button that copies it.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { t } from "../i18n/core.js";
import { Icon } from "./icon.js";
import { tell } from "./toast.js";

/** Whether it went. Where it does not, the text is selected, so that it can be copied by hand. */
async function copy(/** @type {string} */ text, /** @type {Element | null} */ shownIn) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // On plain HTTP from another machine there is no clipboard, but the browser's own copying.
    if (copyAsBrowser(text)) return true;
  }
  if (shownIn) getSelection()?.selectAllChildren(shownIn);
  tell(t("copyFailed"), "bad");
  return false;
}

/** Has the browser copy, as by its menu, and gives it the text instead of what is selected. */
function copyAsBrowser(/** @type {string} */ text) {
  let given = false;
  const give = (/** @type {ClipboardEvent} */ event) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    given = event.clipboardData !== null;
  };
  document.addEventListener("copy", give);
  const went = document.execCommand("copy");
  document.removeEventListener("copy", give);
  return went && given;
}

/**
 * @param {{ text: string, label?: string, of?: () => Element | null }} props `of` is where the text is shown
 */
export function CopyButton({ text, label, of = () => null }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const press = async () => setDone(await copy(text, of()));
  return html`<button type="button" class="quiet small" onClick=${press}>
    <${Icon} name=${done ? "check" : "copy"} />
    <span aria-live="polite">${done ? t("copied") : (label ?? t("copy"))}</span>
  </button>`;
}

/**
 * A block of code with its button.
 *
 * @param {{ text: string, label: string }} props `label` says what it is
 */
export function Snippet({ text, label }) {
  const shown = useRef(/** @type {HTMLPreElement | null} */ (null));
  return html`<figure class="snippet">
    <figcaption>
      <span>${label}</span>
      <${CopyButton} text=${text} of=${() => shown.current} />
    </figcaption>
    <pre tabindex="0" aria-label=${label} ref=${shown}><code>${text}</code></pre>
  </figure>`;
}
