// One account: how it is and why, what can be asked of it, what it did last, how it is set.

import { html } from "../vendor/preact.js";
import { commandsFor, useAccounts } from "../core/accounts.js";
import { url } from "../core/base.js";
import { place, setQuery } from "../core/router.js";
import { may } from "../core/session.js";
import { AccountControls } from "../parts/controls.js";
import { Loaded, Note } from "../parts/note.js";
import { Page } from "../parts/page.js";
import { Day } from "./account/day-panel.js";
import { LatestActivity } from "./account/latest.js";
import { LatestLogs } from "./account/latest-logs.js";
import { Settings } from "./account/settings.js";
import { State } from "./account/state.js";
import { Uncontrolled } from "./account/uncontrolled.js";
import { useDay } from "./accounts/day.js";
import { Editor } from "./accounts/editor.js";
import { t } from "./accounts/words.js";

/** @typedef {import("../core/accounts.js").Account} AccountData */

/** @param {{ name: string }} props */
export function Account({ name }) {
  const resource = useAccounts();
  const account = resource.data?.accounts.find((one) => one.name === name);
  const beside =
    account && html`<${AccountControls} key=${name} account=${account} onDone=${resource.reload} />`;
  return html`<${Page} key=${name} title=${name} beside=${beside} hideTitle=${!!resource.data && !account}>
    <${Loaded} of=${resource} permission="read:accounts" lines=${6}>
      ${() =>
        account
          ? html`<${Found} key=${name} account=${account} onDone=${resource.reload} />`
          : html`<${Gone} name=${name} />`}
    <//>
    ${
      account &&
      place.value.query.has("edit") &&
      may("write:accounts") &&
      html`<${Editor}
        account=${account}
        accounts=${[]}
        onClose=${() => setQuery({ edit: null })}
        onDone=${resource.reload}
      />`
    }
  <//>`;
}

/** @param {{ account: AccountData, onDone: () => void }} props */
function Found({ account, onDone }) {
  const { name } = account;
  const day = useDay(name);
  return html`<${State} account=${account} day=${day} />
    ${day && html`<${Day} name=${name} day=${day} />`}
    ${
      may("read:activity") &&
      html`<${LatestActivity} name=${name} failed />
      <${LatestActivity} name=${name} />`
    }
    ${may("read:logs") && html`<${LatestLogs} name=${name} />`}
    <${Settings} account=${account} onDone=${onDone} />
    ${may("write:accounts") && commandsFor(account).length === 0 && html`<${Uncontrolled} name=${name} />`}`;
}

/** @param {{ name: string }} props */
function Gone({ name }) {
  return html`<${Note} icon="search" title=${t("goneTitle", { name })}>
    <p>${t("goneText")}</p>
    <p><a class="button quiet" href=${url("/accounts")}>${t("back")}</a></p>
  <//>`;
}
