// No account yet: how there comes to be one.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { may } from "../../core/session.js";
import { ACCOUNT_EXAMPLE } from "../../parts/account-example.js";
import { Snippet } from "../../parts/copy.js";
import { Note } from "../../parts/note.js";
import { t } from "./words.js";

/** What stands where the list would stand. */
export function Empty() {
  return html`<div class="panel">
    <${Note} icon="accounts" title=${t("emptyTitle")}>
      <p>${t("emptyText")}</p>
      ${may("write:accounts") && html`<p><a class="button" href=${url("/accounts", { new: 1 })}>${t("add")}</a></p>`}
    <//>
    <${Snippet} label=${t("emptySnippet")} text=${ACCOUNT_EXAMPLE} />
  </div>`;
}
