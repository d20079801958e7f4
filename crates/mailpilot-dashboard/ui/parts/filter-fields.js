// Fields above lists that filter while one types or chooses. What is chosen goes to the address; they
// show what stands there.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { fromInput, toInput } from "../core/local-time.js";

/** Typing has come to rest after so many milliseconds. */
const REST = 300;
/** The most characters the API searches for. */
const LONGEST_SEARCH = 200;

/**
 * `onSearch` is told what is looked for once typing rests or Enter is pressed, and whether something was
 * looked for before: then the step back should lead past both.
 *
 * @param {{ label: string, placeholder: string, value: string, note?: (text: string) => string, class?: string,
 *   onSearch: (text: string, again: boolean) => void }} props `note` says what is missing in what is typed
 */
export function SearchField({ label, placeholder, value, note, class: name, onSearch }) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    // Changed from outside, such as by the way back: what is typed follows.
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  // Not what stands in the field: a space that the next word follows would be taken away while typing.
  const wanted = text.trim();
  const send = () => {
    if (wanted === sent.current) return;
    const again = sent.current !== "";
    sent.current = wanted;
    onSearch(wanted, again);
  };
  useEffect(() => {
    if (wanted === sent.current) return undefined;
    const timer = setTimeout(send, REST);
    return () => clearTimeout(timer);
  }, [wanted]);
  return html`<label class=${name}>
    <span>${label}</span>
    <input
      type="search"
      placeholder=${placeholder}
      maxlength=${LONGEST_SEARCH}
      spellcheck="false"
      autocapitalize="none"
      value=${text}
      onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && send()}
    />
    ${note && html`<span class="hint" role="status">${note(text)}</span>`}
  </label>`;
}

/**
 * A local time; the address has it in UTC. An `end` takes the named minute in.
 *
 * @param {{ label: string, value: string, end?: boolean, class?: string, onMoment: (moment: string) => void }} props
 *   `onMoment` gets an empty text where the field is emptied
 */
export function MomentField({ label, value, end = false, class: name, onMoment }) {
  const change = (/** @type {any} */ event) => {
    const chosen = fromInput(event.currentTarget.value, { end });
    // A date that is half typed is empty, too, and no wish for none.
    if (chosen !== "" || !event.currentTarget.validity.badInput) onMoment(chosen);
  };
  return html`<label class=${name}>
    <span>${label}</span>
    <input type="datetime-local" value=${toInput(value)} onChange=${change} />
  </label>`;
}
