// Takes what is filtered along as a file: how many rows first, then a plain link that the browser saves.

import { html, useState } from "../../vendor/preact.js";
import { useAction } from "../../core/action.js";
import { call } from "../../core/api.js";
import { url } from "../../core/base.js";
import { useResource } from "../../core/resource.js";
import { may } from "../../core/session.js";
import { errorText, t as shared } from "../../i18n/core.js";
import { Dialog } from "../../parts/dialog.js";
import { Checkbox, Choice, Field } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { Loaded } from "../../parts/note.js";
import { tell } from "../../parts/toast.js";
import { asked, COLUMNS, isZone, first, wrongRows } from "./export-choice.js";
import { t } from "./texts.js";

/** @typedef {import("./export-choice.js").Choice} Chosen */
/** @typedef {import("./filter.js").Ask} Ask */

/** @param {{ ask: Ask, onClose: () => void }} props */
export function Export({ ask, onClose }) {
  const settings = useResource("/api/export/settings");
  return html`<${Dialog} title=${t("exportTitle")} onClose=${onClose} wide>
    <${Loaded} of=${settings} permission="read:export">
      ${(/** @type {Chosen} */ stored) => html`<${Choices} ask=${ask} stored=${stored} onClose=${onClose} />`}
    <//>
  <//>`;
}

/** @param {{ ask: Ask, stored: Chosen, onClose: () => void }} props */
function Choices({ ask, stored, onClose }) {
  const [chosen, setChosen] = useState(() => first(stored));
  const change = (/** @type {Partial<Chosen>} */ part) => setChosen((before) => ({ ...before, ...part }));
  const [rows, setRows] = useState(stored.maxRows === null ? "" : String(stored.maxRows));
  const count = useResource("/api/activity", { ...ask, pageSize: 1, total: "exact" });
  const zoneWrong = !isZone(chosen.timezone);
  const rowsWrong = wrongRows(rows);
  const noColumns = chosen.columns.length === 0;
  const isWrong = zoneWrong || rowsWrong || noColumns;
  const toggle = (/** @type {string} */ column, /** @type {boolean} */ on) =>
    change({ columns: COLUMNS.filter((each) => (each === column ? on : chosen.columns.includes(each))) });
  const href = url("/api/export", { ...ask, ...asked(chosen, stored) });

  return html`<p role="status"><${Rows} count=${count} most=${chosen.maxRows} /></p>
    <div class="export">
      <${Choice}
        label=${t("format")}
        name="format"
        options=${[
          { value: "csv", text: t("formatCsv") },
          { value: "json", text: t("formatJson") },
          { value: "ndjson", text: t("formatNdjson") },
        ]}
        value=${chosen.format}
        onChange=${(/** @type {any} */ event) => change({ format: event.currentTarget.value })}
      />
      <${Field}
        label=${t("zone")}
        name="timezone"
        hint=${t("zoneHint")}
        list="zones"
        spellcheck="false"
        autocapitalize="none"
        value=${chosen.timezone}
        onInput=${(/** @type {any} */ event) => change({ timezone: event.currentTarget.value.trim() })}
      />
      <datalist id="zones">
        ${["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => html`<option key=${zone} value=${zone} />`)}
      </datalist>
      <${Field}
        label=${t("maxRows")}
        name="maxRows"
        hint=${t("maxRowsHint")}
        inputmode="numeric"
        value=${rows}
        onInput=${(/** @type {any} */ event) => {
          const text = event.currentTarget.value.trim();
          setRows(text);
          if (!wrongRows(text)) change({ maxRows: text === "" ? null : Number(text) });
        }}
      />
    </div>
    <fieldset>
      <legend>${t("columns")}</legend>
      <div class="export-columns">
        ${COLUMNS.map(
          (column) =>
            html`<${Checkbox}
              key=${column}
              name=${column}
              label=${html`<code>${column}</code>`}
              checked=${chosen.columns.includes(column)}
              onChange=${(/** @type {any} */ event) => toggle(column, event.currentTarget.checked)}
            />`,
        )}
      </div>
    </fieldset>
    <p class="error" role="alert">
      ${zoneWrong ? t("zoneWrong") : rowsWrong ? t("maxRowsWrong") : noColumns ? t("noColumns") : ""}
    </p>
    <div class="buttons">
      ${
        isWrong
          ? html`<button type="button" aria-disabled="true"><${Icon} name="download" />${t("download")}</button>`
          : html`<a class="button" href=${href} download onClick=${() => setTimeout(onClose)}>
              <${Icon} name="download" />${t("download")}
            </a>`
      }
      ${may("write:export") && !isWrong && html`<${Remember} chosen=${chosen} />`}
      <button type="button" class="quiet" onClick=${onClose}>${shared("cancel")}</button>
    </div>`;
}

/** @param {{ count: import("../../core/resource.js").Resource<{ total: number }>, most: number | null }} props */
function Rows({ count, most }) {
  if (count.data === null) {
    if (count.error?.code === "query_timeout") return t("exportUncounted");
    return count.error ? errorText(count.error) : t("exportCounting");
  }
  const { total } = count.data;
  if (total === 0) return t("exportNone");
  if (most !== null && most < total) return t("exportNewest", { count: most, total });
  return t("exportRows", { count: total });
}

function Remember(/** @type {{ chosen: Chosen }} */ { chosen }) {
  const { run, busy, error } = useAction(async () => {
    await call("PUT", "/api/export/settings", { body: chosen });
    tell(t("remembered"));
  });
  return html`<button type="button" class="quiet" aria-disabled=${busy ? "true" : undefined} onClick=${run}>
      ${t("remember")}
    </button>
    ${error && html`<p class="error" role="alert">${errorText(error)}</p>`}`;
}
