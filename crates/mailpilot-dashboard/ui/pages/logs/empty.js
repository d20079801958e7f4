// What the page says where there are no lines, or where one line is meant.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { useResource } from "../../core/resource.js";
import { may } from "../../core/session.js";
import { errorText } from "../../i18n/core.js";
import { Snippet } from "../../parts/copy.js";
import { Icon } from "../../parts/icon.js";
import { Note } from "../../parts/note.js";
import { isFiltered } from "./filter.js";
import { levelText, t } from "./words.js";

/** @typedef {import("./filter.js").Filter} Filter */

/** No lines: because there are none at all, or because none match. @param {{ filter: Filter, levels: Record<string, number> }} props */
export function Nothing({ filter, levels }) {
  if (!isFiltered(filter)) {
    return html`<${Note} icon="logs" title=${t("nothingTitle")}>
      <p>${t("nothingText")}</p>
      <${HowToRaise} />
    <//>`;
  }
  const others = Object.values(levels).some((count) => count > 0);
  return html`<${Note} icon="search" title=${t("noMatchTitle")}>
    <p>${others ? t("noMatchLevel") : t("noMatchText")}</p>
    <p><a class="button quiet" href=${url("/logs")}>${t("clearFilters")}</a></p>
  <//>`;
}

/** The server does not take the filters, such as an account that is not there any more. @param {{ error: import("../../core/api.js").ApiError }} props */
export function Refused({ error }) {
  return html`<${Note} icon="warning" title=${t("refusedTitle")}>
    <p>${errorText(error)}</p>
    <p><a class="button quiet" href=${url("/logs")}>${t("clearFilters")}</a></p>
  <//>`;
}

/** From which level on the server keeps lines, and how it keeps more. */
function HowToRaise() {
  const { data } =
    /** @type {import("../../core/resource.js").Resource<{ values: { key: string, value: unknown }[] }>} */ (
      useResource(may("read:accounts") ? "/api/config" : null)
    );
  const level = data?.values.find(({ key }) => key === "logging.level")?.value;
  if (typeof level !== "string") return null;
  return html`<p>${t("serverLevel", { level: levelText(level) })}</p>
    ${
      level !== "trace" &&
      html`<div class="log-raise">
        <${Snippet} label=${t("raise")} text=${"logging:\n  level: debug"} />
      </div>
      <p>${t("reload")}</p>`
    }`;
}

/** Above the neighbourhood of one line. @param {{ id: string }} props */
export function Named({ id }) {
  return html`<p class="log-named">
    <${Icon} name="link" />
    <span>${t("named", { id })}</span>
    <a href=${url("/logs")}>${t("followLive")}</a>
  </p>`;
}

/** The line of the address is not there. */
export function Gone() {
  return html`<${Note} icon="search" title=${t("goneTitle")}>
    <p>${t("goneText")}</p>
    <p><a class="button quiet" href=${url("/logs")}>${t("followLive")}</a></p>
  <//>`;
}
