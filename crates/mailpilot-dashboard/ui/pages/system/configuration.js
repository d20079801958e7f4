// The effective configuration, where each value comes from, and reading the file again.

import { html } from "../../vendor/preact.js";
import { call } from "../../core/api.js";
import { useAction } from "../../core/action.js";
import { useResource } from "../../core/resource.js";
import { place, setQuery } from "../../core/router.js";
import { may } from "../../core/session.js";
import { catalogue } from "../../i18n/catalogue.js";
import { errorText } from "../../i18n/core.js";
import { list } from "../../i18n/format.js";
import { words } from "../../i18n/en/system.js";
import { SearchField } from "../../parts/filter-fields.js";
import { Icon } from "../../parts/icon.js";
import { Loaded, Note } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";
import { Time } from "../../parts/time.js";
import { tell } from "../../parts/toast.js";

const t = catalogue("system", words);

/** What the server calls a value that nobody set. */
const DEFAULT = "built-in default";

/** @typedef {import("../../api-types.js").components["schemas"]} Schemas */
/** @typedef {Schemas["Config"]} Config */
/** @typedef {Schemas["ConfigValue"]} Value */

/** The part. */
export function Configuration() {
  const config = useResource("/api/config");
  return html`<${Loaded} of=${config} permission="read:accounts" lines=${8}>
    ${(/** @type {Config} */ data) =>
      html`<${Reload} of=${data} reload=${config.reload} /><${Values} values=${data.values} />`}
  <//>`;
}

/** @param {{ of: Config, reload: () => void }} props */
function Reload({ of, reload }) {
  const action = useAction(async () => {
    try {
      const answer = await call("POST", "/api/reload-config");
      const changed = answer.changed.length;
      tell(
        changed === 0 ? t("reloadedSame") : t("reloaded", { count: changed, changed: list(answer.changed) }),
      );
    } finally {
      reload();
    }
  });
  const button =
    may("write:accounts") &&
    html`<button type="button" class="quiet" aria-disabled=${action.busy} onClick=${action.run}>
      <${Icon} name="refresh" />${t("reload")}
    </button>`;
  return html`<${Panel} title=${t("configuration")} beside=${button}>
    <p>${of.file === null ? t("noFile") : html`${t("file")} <code>${of.file}</code>`}</p>
    <p>
      ${t("lastReload")}${" "}
      ${
        of.lastReload === null
          ? t("notReloaded")
          : html`<${Time} at=${of.lastReload.at} />, ${t(of.lastReload.success ? "reloadOk" : "reloadFailed")}`
      }
    </p>
    ${action.error && action.error.errors.length === 0 && html`<p class="error" role="alert">${errorText(action.error)}</p>`}
    <${Lines} tone="bad" title=${t("reloadErrors")} lines=${(of.lastReload?.errors ?? []).map(({ message }) => message)} />
    <${Lines} tone="warn" title=${t("restartRequired")} lines=${of.restartRequired} />
    <${Lines} tone="warn" title=${t("warnings")} lines=${of.warnings} />
  <//>`;
}

/** @param {{ tone: string, title: string, lines: string[] }} props */
function Lines({ tone, title, lines }) {
  if (lines.length === 0) return null;
  return html`<div class="verdict ${tone}" role=${tone === "bad" ? "alert" : undefined}>
    <${Icon} name="warning" />
    <div>
      <strong>${title}</strong>
      <ul>
        ${lines.map((line) => html`<li key=${line}>${line}</li>`)}
      </ul>
    </div>
  </div>`;
}

/** @param {{ values: Value[] }} props */
function Values({ values }) {
  const { query } = place.value;
  const search = query.get("search") ?? "";
  const changedOnly = query.has("changed");
  const wanted = search.toLowerCase();
  const found = values.filter(
    ({ key, origin }) => key.toLowerCase().includes(wanted) && (!changedOnly || origin !== DEFAULT),
  );
  const clear = () => setQuery({ search: null, changed: null });
  return html`<${Panel} title=${t("values")}>
    <div class="filters">
      <${SearchField}
        label=${t("searchKey")}
        placeholder="server."
        value=${search}
        onSearch=${(/** @type {string} */ text, /** @type {boolean} */ again) => setQuery({ search: text }, { replace: again })}
      />
      <button
        type="button"
        class="quiet"
        aria-pressed=${changedOnly}
        onClick=${() => setQuery({ changed: changedOnly ? null : 1 })}
      >
        ${changedOnly && html`<${Icon} name="check" />`}${t("changedOnly")}
      </button>
    </div>
    ${
      found.length === 0
        ? html`<${Note} icon="search" title=${t("noValue")}>
          <button type="button" class="quiet" onClick=${clear}>${t("clear")}</button>
        <//>`
        : html`<table class="cards values">
          <caption class="hidden">
            ${t("values")}
          </caption>
          <thead>
            <tr>
              <th scope="col">${t("key")}</th>
              <th scope="col">${t("value")}</th>
              <th scope="col">${t("origin")}</th>
            </tr>
          </thead>
          <tbody>
            ${found.map(
              (each) =>
                html`<tr key=${each.key}>
                  <th scope="row"><code>${each.key}</code></th>
                  <td data-head=${t("value")}>${shown(each.value)}</td>
                  <td data-head=${t("origin")} class="muted">
                    ${each.origin === DEFAULT ? t("default") : html`<code>${each.origin}</code>`}
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>`
    }
  <//>`;
}

/** Secrets come as `{configured}`; everything else as it stands in the file. */
function shown(/** @type {any} */ value) {
  if (value === null || value === undefined) return html`<span class="muted">${t("unset")}</span>`;
  if (typeof value === "object" && "configured" in value) {
    return html`<span class="chip">${t(value.configured ? "secretSet" : "secretUnset")}</span>`;
  }
  if (Array.isArray(value) && value.length === 0) return html`<span class="muted">${t("empty")}</span>`;
  return html`<code>${typeof value === "object" ? JSON.stringify(value) : String(value)}</code>`;
}
