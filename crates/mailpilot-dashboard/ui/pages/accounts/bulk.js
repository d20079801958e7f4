// The bar for what is asked of several accounts at once: one by one, with what came of each.

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { commandsFor, order } from "../../core/accounts.js";
import { ApiError } from "../../core/api.js";
import { useAction } from "../../core/action.js";
import { list } from "../../i18n/format.js";
import { errorText, t as core } from "../../i18n/core.js";
import { COMMAND_ICONS, commandText } from "../../parts/controls.js";
import { confirmed } from "../../parts/dialog.js";
import { Icon } from "../../parts/icon.js";
import { t } from "./words.js";

/** @typedef {import("../../core/accounts.js").Account} Account */
/** @typedef {import("../../core/accounts.js").Command} Command */
/** @typedef {{ command: Command, all: number, done: string[], failed: { name: string, reason: string }[] }} Outcome */

const COMMANDS = /** @type {Command[]} */ (["pause", "resume", "reconnect", "process"]);

/**
 * @param {{ chosen: Account[], onPick: (picked: ReadonlySet<string>) => void, onDone: () => void }} props
 *   what failed stays picked, so that it can be tried again
 */
export function Bulk({ chosen, onPick, onDone }) {
  const [outcome, setOutcome] = useState(/** @type {Outcome | null} */ (null));
  const { run, busy } = useAction(async (/** @type {Command} */ command) => {
    const [able, left] = split(chosen, command);
    if (!(await confirmed(question(command, able, left)))) return;
    /** @type {Outcome} */
    let state = { command, all: able.length, done: [], failed: [] };
    setOutcome(state);
    for (const name of able) {
      state = await carryOut(state, name);
      setOutcome(state);
    }
    onPick(new Set(state.failed.map(({ name }) => name)));
    onDone();
  });
  const possible = COMMANDS.filter((command) => split(chosen, command)[0].length > 0);
  if (chosen.length === 0 && !outcome) return null;
  return html`<div class="bulk">
    ${outcome && html`<${Told} outcome=${outcome} busy=${busy} onClose=${() => setOutcome(null)} />`}
    ${
      chosen.length > 0 &&
      html`<div class="bulk-bar" role="group" aria-label=${t("selected", { count: chosen.length })}>
        <p aria-live="polite">${t("selected", { count: chosen.length })}</p>
        ${
          possible.length === 0
            ? html`<p class="muted">${t("cannotAny")}</p>`
            : possible.map(
                (command) =>
                  html`<button
                    key=${command}
                    type="button"
                    class="quiet small"
                    aria-disabled=${busy ? "true" : undefined}
                    onClick=${() => void run(command)}
                  >
                    <${Icon} name=${COMMAND_ICONS[command]} />${commandText(command)}
                  </button>`,
              )
        }
        <button type="button" class="link" onClick=${() => onPick(new Set())}>${t("deselect")}</button>
      </div>`
    }
  </div>`;
}

/**
 * The names of which it can be asked now, and the others.
 *
 * @param {Account[]} chosen
 * @param {Command} command
 */
function split(chosen, command) {
  const able = chosen.filter((account) => commandsFor(account).includes(command));
  const left = chosen.filter((account) => !able.includes(account));
  return [able, left].map((accounts) => accounts.map(({ name }) => name));
}

/**
 * @param {Outcome} state
 * @param {string} name
 * @returns {Promise<Outcome>}
 */
async function carryOut(state, name) {
  try {
    await order(name, state.command);
    return { ...state, done: [...state.done, name] };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ...state, failed: [...state.failed, { name, reason: errorText(error) }] };
  }
}

function deed(/** @type {Command} */ command, /** @type {number} */ count) {
  return t(/** @type {const} */ (`${command}Many`), { count });
}

/**
 * @param {Command} command
 * @param {string[]} able
 * @param {string[]} left
 */
function question(command, able, left) {
  return {
    title: t("question", { deed: deed(command, able.length) }),
    body: html`<p>${t("carriedOutFor")}</p>
      <ul class="names">${able.map((name) => html`<li key=${name}>${name}</li>`)}</ul>
      ${command === "pause" && html`<p>${t("pauseText")}</p>`}
      ${left.length > 0 && html`<p class="muted">${t("leftOut")} ${list(left)}</p>`}`,
    confirm: deed(command, able.length),
  };
}

/**
 * What came of it, until it is closed. It takes the focus, because the bar's buttons may be gone.
 *
 * @param {{ outcome: Outcome, busy: boolean, onClose: () => void }} props
 */
function Told({ outcome: { command, all, done, failed }, busy, onClose }) {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    if (!busy) ref.current?.focus({ preventScroll: true });
  }, [busy]);
  const told = done.length + failed.length;
  const summary = busy
    ? t("carryingOut", { deed: deed(command, all), done: told, all })
    : done.length === 0
      ? t("noneDone", { deed: deed(command, all) })
      : t(/** @type {const} */ (`${command}Done`), { names: list(done) });
  return html`<div ref=${ref} class="bulk-told ${failed.length > 0 ? "bad" : "good"}" tabindex="-1">
    <div role="status">
      <p>${summary}</p>
      ${
        failed.length > 0 &&
        html`<p>${t("failedFor")}</p>
        <ul>${failed.map(({ name, reason }) => html`<li key=${name}>${t("reason", { name, reason })}</li>`)}</ul>`
      }
    </div>
    ${
      !busy &&
      html`<button type="button" class="bare" aria-label=${core("close")} onClick=${onClose}>
        <${Icon} name="cross" />
      </button>`
    }
  </div>`;
}
