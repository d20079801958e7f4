// The filters above the list. They live in the address; this shows and changes them.

import { html, useEffect, useState } from "../../vendor/preact.js";
import { useResource } from "../../core/resource.js";
import { setQuery } from "../../core/router.js";
import { may } from "../../core/session.js";
import { MomentField, SearchField } from "../../parts/filter-fields.js";
import { Icon } from "../../parts/icon.js";
import { isTooShort } from "./filter.js";
import { t } from "./texts.js";

/** @typedef {import("./filter.js").Filter} Filter */

/** @param {{ filter: Filter }} props */
export function Filters({ filter }) {
  const { accounts, actions } = useChoices();
  const outcomes = [
    { value: "ok", text: t("done") },
    { value: "failed", text: t("failed") },
  ];
  const [open, setOpen] = useState(false);
  const { search, ...others } = filter;
  const count = Object.keys(others).length;
  return html`<div class="filters mail-filters ${open ? "open" : ""}" role="search" aria-label=${t("filters")}>
    <${SearchField}
      class="mail-search"
      label=${t("search")}
      placeholder=${t("searchWhat")}
      value=${search ?? ""}
      note=${(/** @type {string} */ text) => (text !== "" && isTooShort(text) ? t("searchMore") : "")}
      onSearch=${(/** @type {string} */ text, /** @type {boolean} */ again) => setQuery({ search: text }, { replace: again })}
    />
    <button type="button" class="quiet" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <${Icon} name="system" />${count > 0 ? t("filtersActive", { count }) : t("filters")}
    </button>
    <${Select} label=${t("account")} any=${t("anyAccount")} name="accountName" filter=${filter} options=${plain(accounts)} />
    <${Select} label=${t("action")} any=${t("anyAction")} name="actionType" filter=${filter} options=${plain(actions)} />
    <${Select} label=${t("outcome")} any=${t("anyOutcome")} name="outcome" filter=${filter} options=${outcomes} />
    <${Time} filter=${filter} />
  </div>`;
}

/** What can be chosen, as far as the reader may know it. */
function useChoices() {
  const stats = useResource(may("read:stats") ? "/api/stats" : null);
  const list = useResource(!may("read:stats") && may("read:accounts") ? "/api/accounts" : null);
  /** @type {{ name: string }[]} */
  const accounts = stats.data?.accounts ?? list.data?.accounts ?? [];
  /** @type {{ type: string }[]} */
  const actions = stats.data?.actionBreakdown ?? [];
  return { accounts: accounts.map(({ name }) => name), actions: actions.map(({ type }) => type) };
}

/** @param {string[]} names */
function plain(names) {
  return names.map((name) => ({ value: name, text: name }));
}

/**
 * @param {{ label: string, any: string, name: "accountName" | "actionType" | "outcome", filter: Filter,
 *   options: { value: string, text: string }[] }} props
 */
function Select({ label, any, name, filter, options }) {
  // Several actions come only from links, such as those of a chart.
  const several = name === "actionType" && !filter.actionType ? filter.actionTypes : undefined;
  const value = filter[name] ?? several ?? "";
  const isKnown = value === "" || options.some((option) => option.value === value);
  const all = isKnown ? options : [...options, { value, text: value.replaceAll(",", ", ") }];
  const choose = (/** @type {any} */ event) => {
    const chosen = event.currentTarget.value;
    if (chosen !== several) setQuery({ [name]: chosen, ...(name === "actionType" && { actionTypes: null }) });
  };
  return html`<label>
    ${label}
    <select onChange=${choose}>
      <option value="" selected=${value === ""}>${any}</option>
      ${all.map(
        (option) =>
          html`<option key=${option.value} value=${option.value} selected=${option.value === value}>${option.text}</option>`,
      )}
    </select>
  </label>`;
}

const RANGE_TEXTS = /** @type {const} */ ({
  today: "today",
  "24h": "range24h",
  "7d": "range7d",
  "30d": "range30d",
});

/** A span that moves with the time, or two moments. */
function Time(/** @type {{ filter: Filter }} */ { filter }) {
  const { range = "", startDate = "", endDate = "" } = filter;
  const dated = startDate !== "" || endDate !== "";
  const [own, setOwn] = useState(dated);
  useEffect(() => setOwn(dated), [dated, range]);
  const choose = (/** @type {any} */ event) => {
    const chosen = event.currentTarget.value;
    setOwn(chosen === "own");
    if (chosen !== "own") setQuery({ range: chosen, startDate: null, endDate: null });
  };
  const value = own ? "own" : range;
  return html`<label>
      ${t("time")}
      <select onChange=${choose}>
        <option value="" selected=${value === ""}>${t("anyTime")}</option>
        ${Object.entries(RANGE_TEXTS).map(
          ([each, key]) =>
            html`<option key=${each} value=${each} selected=${value === each}>${t(key)}</option>`,
        )}
        <option value="own" selected=${own}>${t("ownRange")}</option>
      </select>
    </label>
    ${
      own &&
      html`<${MomentField}
          class="mail-moment"
          label=${t("from")}
          value=${startDate}
          onMoment=${(/** @type {string} */ at) => setQuery({ startDate: at, range: null })}
        />
        <${MomentField}
          class="mail-moment"
          label=${t("to")}
          value=${endDate}
          onMoment=${(/** @type {string} */ at) => setQuery({ endDate: at, range: null })}
          end
        />`
    }`;
}
