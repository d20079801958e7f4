// What stands where data would stand: nothing there, nothing found, not permitted, not loaded.

import { html } from "../vendor/preact.js";
import { may } from "../core/session.js";
import { errorText, t } from "../i18n/core.js";
import { Icon } from "./icon.js";

/** @typedef {import("../core/api.js").ApiError} ApiError */
/** @typedef {import("./icon.js").IconName} IconName */

/**
 * @param {{ icon?: IconName, title: string, children?: any, tone?: string }} props
 */
export function Note({ icon = "activity", title, children, tone = "" }) {
  return html`<div class="note ${tone}">
    <${Icon} name=${icon} />
    <p class="note-title">${title}</p>
    ${children}
  </div>`;
}

/** @param {{ permission: string }} props */
export function Denied({ permission }) {
  return html`<${Note} icon="key" title=${t("deniedTitle")}>
    <p>${t("deniedText", { permission })}</p>
  <//>`;
}

/** @param {{ error: ApiError, retry?: () => void }} props */
export function Failed({ error, retry }) {
  return html`<div role="alert">
    <${Note} icon="warning" title=${t("failedTitle")} tone="bad">
      <p>${errorText(error)}</p>
      ${retry && html`<button type="button" class="quiet" onClick=${retry}>${t("retry")}</button>`}
    <//>
  </div>`;
}

/**
 * What shows before the first answer: as high as what follows, so that nothing jumps.
 *
 * @param {{ lines?: number }} props
 */
export function Loading({ lines = 3 }) {
  return html`<div class="loading" role="status">
    <span class="hidden">${t("loading")}</span>
    ${Array.from({ length: lines }, (_, index) => html`<span key=${index} class="bone"></span>`)}
  </div>`;
}

/**
 * Shows what was read, or why it is not there. Old data stay while newer are read or cannot be had.
 *
 * @template T
 * @param {{
 *   of: import("../core/resource.js").Resource<T>,
 *   permission?: string,
 *   lines?: number,
 *   children: (data: T) => any,
 * }} props
 */
export function Loaded({ of, permission, lines, children }) {
  if (permission && !may(permission)) return html`<${Denied} permission=${permission} />`;
  if (of.error?.status === 403 && permission) return html`<${Denied} permission=${permission} />`;
  // Always both, so that what is shown stays the same elements when the note comes or goes.
  if (of.data !== null) return html`<${Old} of=${of} />${children(of.data)}`;
  if (of.error) return html`<${Failed} error=${of.error} retry=${of.reload} />`;
  return html`<${Loading} lines=${lines} />`;
}

/** Says that what is shown could not be read again. A lost connection has its own banner. */
function Old(/** @type {{ of: import("../core/resource.js").Resource<any> }} */ { of }) {
  if (!of.error || of.error.status === 0) return null;
  return html`<p class="old" role="status">
    <${Icon} name="warning" />
    <span>${t("oldText", { reason: errorText(of.error) })}</span>
    <button type="button" class="quiet small" onClick=${of.reload}>${t("retry")}</button>
  </p>`;
}
