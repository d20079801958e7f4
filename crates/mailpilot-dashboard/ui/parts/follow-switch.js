// The switch for lists that go on by themselves: whether what is new is shown at once.

import { html } from "../vendor/preact.js";

/** @param {{ isOn: boolean, toggle: () => void, children: any, title?: string, small?: boolean }} props */
export function FollowSwitch({ isOn, toggle, children, title, small = false }) {
  return html`<button
    type="button"
    class="quiet follow ${small ? "small" : ""}"
    role="switch"
    aria-checked=${isOn ? "true" : "false"}
    title=${title}
    onClick=${toggle}
  >
    <span class="knob"></span>${children}
  </button>`;
}
