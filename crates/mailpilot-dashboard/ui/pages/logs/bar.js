// What is looked for: search, account, time. Every choice goes to the address.

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { moment } from "../../core/matching.js";
import { useResource } from "../../core/resource.js";
import { setQuery } from "../../core/router.js";
import { may } from "../../core/session.js";
import { Icon } from "../../parts/icon.js";
import { LONGEST_SEARCH } from "./filter.js";
import { t } from "./words.js";

/** @typedef {import("./filter.js").Filter} Filter */

/** A pause in typing after which the search begins, in milliseconds. */
const PAUSE = 300;

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
  return html`<div class="log-bar ${more ? "more" : ""}">
    <${Search} value=${filter.search ?? ""} />
    <button type="button" class="quiet log-more" aria-expanded=${more ? "true" : "false"} onClick=${() => setMore(!more)}>
      ${active > 0 ? t("filtersActive", { count: active }) : t("filters")}
      <${Icon} name="down" />
    </button>
    <${Account} value=${filter.accountName} />
    <${Range} from=${filter.startDate} to=${filter.endDate} />
  </div>`;
}

/** @param {{ value: string }} props what the address says */
function Search({ value }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  /** What this field has put into the address: what is typed since then is not to be overwritten by it. */
  const sent = useRef(/** @type {string | null} */ (null));
  useEffect(() => {
    if (field.current && value !== sent.current) field.current.value = value;
    sent.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const go = () => {
    clearTimeout(timer.current);
    sent.current = field.current?.value.trim() ?? "";
    setQuery({ search: sent.current, line: null }, { replace: true });
  };
  const type = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(go, PAUSE);
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    go();
  };
  return html`<form role="search" class="log-search" onSubmit=${submit}>
    <label>
      <span>${t("search")}</span>
      <input type="search" ref=${field} maxlength=${LONGEST_SEARCH} placeholder=${t("searchHint")} onInput=${type} />
    </label>
  </form>`;
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
      html`<${Moment} label=${t("rangeFrom")} name="startDate" value=${from} />
        <${Moment} label=${t("rangeTo")} name="endDate" value=${to} />`
    }`;
}

/** A local time in the field, UTC in the address. @param {{ label: string, name: string, value: string | null }} props */
function Moment({ label, name, value }) {
  const change = (/** @type {any} */ event) => {
    const { value: text, validity } = event.currentTarget;
    if (validity.badInput) return;
    setQuery({ [name]: text === "" ? null : new Date(text).toISOString(), line: null });
  };
  return html`<label class="log-extra">
    <span>${label}</span>
    <input type="datetime-local" step="1" value=${localText(value)} onChange=${change} />
  </label>`;
}

/** As the field writes it: without zone, in the browser's. */
function localText(/** @type {string | null} */ text) {
  const at = new Date(text === null ? NaN : moment(text));
  if (Number.isNaN(at.getTime())) return "";
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
