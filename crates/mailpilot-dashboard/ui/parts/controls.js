// What can be asked of one account: pause, resume, reconnect, process now. Only what is possible now and
// allowed to the viewer is there.

import { html } from "../vendor/preact.js";
import { commandsFor, order } from "../core/accounts.js";
import { useAction } from "../core/action.js";
import { ApiError } from "../core/api.js";
import { catalogue } from "../i18n/catalogue.js";
import { errorText } from "../i18n/core.js";
import { words } from "../i18n/en/controls.js";
import { confirmed } from "./dialog.js";
import { Icon } from "./icon.js";
import { tell } from "./toast.js";

/** @typedef {import("../core/accounts.js").Account} Account */
/** @typedef {import("../core/accounts.js").Command} Command */
/** @typedef {import("./icon.js").IconName} IconName */

const t = catalogue("controls", words);

/** What each command looks like and is called. */
export const COMMAND_ICONS = /** @type {Record<Command, IconName>} */ ({
  pause: "pause",
  resume: "play",
  reconnect: "plug",
  process: "refresh",
});

/** The command as a button says it. */
export function commandText(/** @type {Command} */ command) {
  return t(command);
}

/** What was done, in words. */
function doneText(/** @type {Command} */ command, /** @type {string} */ name) {
  return t(/** @type {const} */ (`${command}Done`), { name });
}

/**
 * Buttons for one account; `compact` ones are for rows: pictures alone where there is a mouse to ask them.
 * `onDone` is called after each attempt, also a failed one, so that what is shown can be read again.
 *
 * @param {{
 *   account: Pick<Account, "name" | "paused"> & Partial<Pick<Account, "controls">>,
 *   compact?: boolean,
 *   onDone?: () => void,
 * }} props
 */
export function AccountControls({ account, compact = false, onDone }) {
  const { name } = account;
  const { run, busy } = useAction(async (/** @type {Command} */ command) => {
    if (command === "pause" && !(await mayPause(name))) return;
    try {
      await order(name, command);
      tell(doneText(command, name));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell(t("failed", { name, reason: errorText(error) }), "bad");
    }
    onDone?.();
  });
  const commands = commandsFor(account);
  if (commands.length === 0) return null;
  return html`<div class="controls ${compact ? "compact" : ""}" role="group" aria-label=${t("of", { name })}>
    ${commands.map((command) => {
      const label = t(/** @type {const} */ (`${command}One`), { name });
      // Pause and resume are one button, so that the focus stays where it is.
      const key = command === "resume" ? "pause" : command;
      return html`<button
        key=${key}
        type="button"
        class=${compact ? "quiet small" : "quiet"}
        aria-label=${label}
        title=${compact ? t(command) : undefined}
        aria-disabled=${busy ? "true" : undefined}
        onClick=${() => void run(command)}
      >
        <${Icon} name=${COMMAND_ICONS[command]} /><span class="word">${t(command)}</span>
      </button>`;
    })}
  </div>`;
}

/** Pausing stops mail, so it asks first. */
function mayPause(/** @type {string} */ name) {
  return confirmed({
    title: t("pauseTitle", { name }),
    body: t("pauseText"),
    confirm: t("pauseOne", { name }),
  });
}
