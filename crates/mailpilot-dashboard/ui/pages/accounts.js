// All accounts, those in trouble first, and what can be asked of them, of several at once too.

import { html, useState } from "../vendor/preact.js";
import { useAccounts } from "../core/accounts.js";
import { url } from "../core/base.js";
import { place, setQuery } from "../core/router.js";
import { may } from "../core/session.js";
import { statusText, t as core } from "../i18n/core.js";
import { Icon } from "../parts/icon.js";
import { Loaded, Note } from "../parts/note.js";
import { Page } from "../parts/page.js";
import { GRAVITY, gravestFirst } from "../parts/status.js";
import { Account as One } from "./account.js";
import { Bulk } from "./accounts/bulk.js";
import { useDay } from "./accounts/day.js";
import { Editor } from "./accounts/editor.js";
import { Empty } from "./accounts/empty.js";
import { List } from "./accounts/list.js";
import { t } from "./accounts/words.js";

/** @typedef {import("../core/accounts.js").Account} AccountData */

/** One account: in this chunk, because both pages are made of the same parts. */
export const Account = One;

/** The page. */
export function Accounts() {
  const resource = useAccounts();
  const day = useDay();
  const adding = place.value.query.has("new") && may("write:accounts");
  const beside =
    may("write:accounts") &&
    html`<a class="button" href=${url("/accounts", { new: 1 })}><${Icon} name="plus" />${t("add")}</a>`;
  return html`<${Page} title=${core("accounts")} beside=${beside}>
    <${Loaded} of=${resource} permission="read:accounts" lines=${6}>
      ${(/** @type {{ accounts: AccountData[] }} */ { accounts }) =>
        accounts.length === 0
          ? html`<${Empty} />`
          : html`<${Found} accounts=${accounts} day=${day} onDone=${resource.reload} />`}
    <//>
    ${
      adding &&
      html`<${Editor}
        accounts=${resource.data?.accounts ?? []}
        onClose=${() => setQuery({ new: null })}
        onDone=${resource.reload}
      />`
    }
  <//>`;
}

/**
 * The filters and what they leave.
 *
 * @param {{
 *   accounts: AccountData[],
 *   day: import("./accounts/day.js").Timeline | null,
 *   onDone: () => void,
 * }} props
 */
function Found({ accounts, day, onDone }) {
  const [picked, setPicked] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const { query } = place.value;
  const status = query.get("status") ?? "";
  const search = query.get("search") ?? "";
  const shown = gravestFirst(accounts).filter((one) => matches(one, status, search));
  const chosen = shown.filter(({ name }) => picked.has(name));
  const all = chosen.length === shown.length && shown.length > 0;
  return html`<section class="panel" aria-label=${core("accounts")}>
      <div class="filters">
        <label class="grow">
          ${t("search")}
          <input
            type="search"
            value=${search}
            onInput=${(/** @type {any} */ event) => setQuery({ search: event.currentTarget.value }, { replace: true })}
          />
        </label>
        <${States} accounts=${accounts} status=${status} />
        ${
          may("write:accounts") &&
          shown.length > 0 &&
          html`<label class="pick-all">
            <input
              type="checkbox"
              checked=${all}
              indeterminate=${!all && chosen.length > 0}
              onChange=${() => setPicked(new Set(all ? [] : shown.map(({ name }) => name)))}
            />
            ${t("pickAll")}
          </label>`
        }
      </div>
      ${
        shown.length > 0
          ? html`<${List} accounts=${shown} day=${day} picked=${picked} onPick=${setPicked} onDone=${onDone} />`
          : html`<${Note} icon="search" title=${t("noneMatches")}>
            <button type="button" class="quiet" onClick=${() => setQuery({ search: null, status: null })}>
              ${t("clearFilters")}
            </button>
          <//>`
      }
    </section>
    <${Bulk} chosen=${chosen} onPick=${setPicked} onDone=${onDone} />`;
}

/**
 * Each state that there is, with how many are in it.
 *
 * @param {{ accounts: AccountData[], status: string }} props
 */
function States({ accounts, status }) {
  const count = (/** @type {string} */ of) => accounts.filter((one) => one.status === of).length;
  const there = GRAVITY.filter((each) => count(each) > 0 || each === status);
  const choose = (/** @type {any} */ event) => setQuery({ status: event.currentTarget.value });
  return html`<label class="state-filter">
    ${t("state")}
    <select onChange=${choose}>
      <option value="" selected=${status === ""}>${t("allStates", { count: accounts.length })}</option>
      ${there.map(
        (each) =>
          html`<option key=${each} value=${each} selected=${status === each}>
            ${t("oneState", { state: statusText(each), count: count(each) })}
          </option>`,
      )}
    </select>
  </label>`;
}

/**
 * @param {AccountData} account
 * @param {string} status
 * @param {string} search
 */
function matches(account, status, search) {
  if (status !== "" && account.status !== status) return false;
  const wanted = search.trim().toLowerCase();
  return [account.name, account.imap?.host ?? ""].some((text) => text.toLowerCase().includes(wanted));
}
