// Where the administrator is logged in, and ending that.

import { html } from "../../vendor/preact.js";
import { call } from "../../core/api.js";
import { useAction } from "../../core/action.js";
import { catalogue } from "../../i18n/catalogue.js";
import { errorText } from "../../i18n/core.js";
import { words } from "../../i18n/en/system.js";
import { confirmed } from "../../parts/dialog.js";
import { Loaded } from "../../parts/note.js";
import { focusPanel, Panel } from "../../parts/page.js";
import { Time } from "../../parts/time.js";
import { tell } from "../../parts/toast.js";
import { browserName } from "./browser-name.js";

const t = catalogue("system", words);

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {boolean} current
 * @property {string} createdAt
 * @property {string} lastUsedAt
 * @property {string} expiresAt
 * @property {string} clientAddress
 * @property {string | null} userAgent
 */

/** @param {{ sessions: import("../../core/resource.js").Resource<{ sessions: Session[] }> }} props */
export function Sessions({ sessions }) {
  const end = useAction(async (/** @type {string | null} */ id) => {
    await call("DELETE", id === null ? "/api/sessions" : `/api/sessions/${id}`);
    tell(id === null ? t("othersEnded") : t("sessionEnded"));
    focusPanel("sessions");
    sessions.reload();
  });
  const endOthers = async (/** @type {number} */ count) => {
    const yes = await confirmed({
      title: t("endOthersTitle"),
      body: t("endOthersText", { count }),
      confirm: t("endOthers"),
      danger: true,
    });
    if (yes) await end.run(null);
  };
  const others = (sessions.data?.sessions.length ?? 1) - 1;
  const button =
    others > 0 &&
    html`<button type="button" class="quiet" onClick=${() => endOthers(others)}>${t("endOthers")}</button>`;
  return html`<${Panel} title=${t("sessions")} id="sessions" beside=${button}>
    <p class="error" role="alert">${end.error && errorText(end.error)}</p>
    <${Loaded} of=${sessions}>
      ${(/** @type {{ sessions: Session[] }} */ data) =>
        html`<table class="cards">
          <caption class="hidden">
            ${t("sessions")}
          </caption>
          <thead>
            <tr>
              <th scope="col">${t("where")}</th>
              <th scope="col">${t("loggedIn")}</th>
              <th scope="col">${t("lastUsed")}</th>
              <th scope="col">${t("ends")}</th>
              <th scope="col"><span class="hidden">${t("end")}</span></th>
            </tr>
          </thead>
          <tbody>
            ${data.sessions.map(
              (session) => html`<${Row} key=${session.id} of=${session} end=${() => end.run(session.id)} />`,
            )}
          </tbody>
        </table>`}
    <//>
  <//>`;
}

/** @param {{ of: Session, end: () => void }} props */
function Row({ of, end }) {
  const browser = browserName(of.userAgent) ?? t("unknownBrowser");
  return html`<tr>
    <th scope="row">
      <span title=${of.userAgent}>${browser}</span>
      <small class="below">${of.clientAddress}</small>
    </th>
    <td data-head=${t("loggedIn")}><${Time} at=${of.createdAt} as="short" /></td>
    <td data-head=${t("lastUsed")}><${Time} at=${of.lastUsedAt} /></td>
    <td data-head=${t("ends")}><${Time} at=${of.expiresAt} /></td>
    <td class="number">
      ${
        of.current
          ? html`<span class="badge info">${t("thisSession")}</span>`
          : html`<button
            type="button"
            class="quiet danger small"
            aria-label=${t("endSession", { browser, address: of.clientAddress })}
            onClick=${end}
          >
            ${t("end")}
          </button>`
      }
    </td>
  </tr>`;
}
