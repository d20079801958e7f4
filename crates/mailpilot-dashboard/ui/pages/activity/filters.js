// The filters above the list. They live in the address; this shows and changes them.

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { useResource } from "../../core/resource.js";
import { setQuery } from "../../core/router.js";
import { may } from "../../core/session.js";
import { Icon } from "../../parts/icon.js";
import { isTooShort } from "./filter.js";
import { fromInput, toInput } from "./ranges.js";
import { t } from "./texts.js";

/** @typedef {import("./filter.js").Filter} Filter */

/** Typing has come to rest after so many milliseconds. */
const REST = 300;

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
    <${Search} search=${search ?? ""} />
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

/** @param {{ search: string }} props */
function Search({ search }) {
  const [text, setText] = useState(search);
  const sent = useRef(search);
  useEffect(() => {
    // Changed from outside, such as by the way back: what is typed follows.
    if (search !== sent.current) setText(search);
    sent.current = search;
  }, [search]);
  useEffect(() => {
    if (text === sent.current) return undefined;
    const timer = setTimeout(() => {
      // One step of the history for a search, not one for each pause in typing.
      const replace = sent.current !== "";
      sent.current = text;
      setQuery({ search: text }, { replace });
    }, REST);
    return () => clearTimeout(timer);
  }, [text]);
  const more = text !== "" && isTooShort(text);
  return html`<label class="mail-search">
    ${t("search")}
    <input
      type="search"
      placeholder=${t("searchWhat")}
      maxlength="200"
      spellcheck="false"
      autocapitalize="none"
      value=${text}
      onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)}
    />
    <span class="hint" role="status">${more ? t("searchMore") : ""}</span>
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
      html`<${Moment} label=${t("from")} name="startDate" moment=${startDate} />
      <${Moment} label=${t("to")} name="endDate" moment=${endDate} end />`
    }`;
}

/** @param {{ label: string, name: string, moment: string, end?: boolean }} props */
function Moment({ label, name, moment, end = false }) {
  const change = (/** @type {any} */ event) => {
    const chosen = fromInput(event.currentTarget.value, { end });
    if (chosen !== "" || event.currentTarget.value === "") setQuery({ [name]: chosen, range: null });
  };
  return html`<label class="mail-moment">
    ${label}
    <input type="datetime-local" value=${toInput(moment)} onChange=${change} />
  </label>`;
}
