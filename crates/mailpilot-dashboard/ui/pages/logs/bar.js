// What is looked for: search, account, time. Every choice goes to the address.

import { html, useEffect, useState } from "../../vendor/preact.js";
import { useResource } from "../../core/resource.js";
import { setQuery } from "../../core/router.js";
import { may } from "../../core/session.js";
import { MomentField, SearchField } from "../../parts/filter-fields.js";
import { Icon } from "../../parts/icon.js";
import { t } from "./words.js";

/** @typedef {import("./filter.js").Filter} Filter */

/** Stretches of time up to now, in minutes. */
const PRESETS = /** @type {const} */ ([
  [15, "last15"],
  [60, "last60"],
  [1440, "lastDay"],
  [10_080, "lastWeek"],
]);

/** @param {{ filter: Filter }} props */
export function Bar({ filter }) {
  const [more, setMore] = useState(false);
  const active = [filter.accountName, filter.startDate ?? filter.endDate].filter(
    (each) => each !== null,
  ).length;
  return html`<div class="log-bar ${more ? "more" : ""}" role="search">
    <${SearchField}
      class="log-search"
      label=${t("search")}
      placeholder=${t("searchHint")}
      value=${filter.search ?? ""}
      onSearch=${(/** @type {string} */ text, /** @type {boolean} */ again) => setQuery({ search: text, line: null }, { replace: again })}
    />
    <button type="button" class="quiet log-more" aria-expanded=${more ? "true" : "false"} onClick=${() => setMore(!more)}>
      ${active > 0 ? t("filtersActive", { count: active }) : t("filters")}
      <${Icon} name="down" />
    </button>
    <${Account} value=${filter.accountName} />
    <${Range} from=${filter.startDate} to=${filter.endDate} />
  </div>`;
}

/** @param {{ value: string | null }} props */
function Account({ value }) {
  // Either knows the names.
  const path = may("read:accounts") ? "/api/accounts" : may("read:stats") ? "/api/stats" : null;
  const { data } =
    /** @type {import("../../core/resource.js").Resource<{ accounts: { name: string }[] }>} */ (
      useResource(path)
    );
  const known = data?.accounts.map(({ name }) => name) ?? [];
  const names = value !== null && !known.includes(value) ? [...known, value] : known;
  if (names.length === 0) return null;
  return html`<label class="log-extra">
    <span>${t("account")}</span>
    <select
      value=${value ?? ""}
      onChange=${(/** @type {any} */ event) => setQuery({ accountName: event.currentTarget.value, line: null })}
    >
      <option value="">${t("allAccounts")}</option>
      ${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>
  </label>`;
}

/** @param {{ from: string | null, to: string | null }} props */
function Range({ from, to }) {
  const isSet = from !== null || to !== null;
  const [own, setOwn] = useState(isSet);
  useEffect(() => setOwn(isSet), [isSet]);
  const choose = (/** @type {any} */ event) => {
    const chosen = event.currentTarget.value;
    setOwn(chosen === "own");
    if (chosen === "own") return;
    const startDate = chosen === "" ? null : new Date(Date.now() - Number(chosen) * 60_000).toISOString();
    setQuery({ startDate, endDate: null, line: null });
  };
  return html`<label class="log-extra">
      <span>${t("range")}</span>
      <select value=${own ? "own" : ""} onChange=${choose}>
        <option value="">${t("anyTime")}</option>
        ${PRESETS.map(([minutes, name]) => html`<option key=${name} value=${minutes}>${t(name)}</option>`)}
        <option value="own">${t("ownRange")}</option>
      </select>
    </label>
    ${
      own &&
      html`<${MomentField}
          class="log-extra"
          label=${t("rangeFrom")}
          value=${from ?? ""}
          onMoment=${(/** @type {string} */ at) => setQuery({ startDate: at, line: null })}
        />
        <${MomentField}
          class="log-extra"
          label=${t("rangeTo")}
          value=${to ?? ""}
          onMoment=${(/** @type {string} */ at) => setQuery({ endDate: at, line: null })}
          end
        />`
    }`;
}
