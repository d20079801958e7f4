// What stands here before there is any account: how to get the first one.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { may } from "../../core/session.js";
import { ACCOUNT_EXAMPLE } from "../../parts/account-example.js";
import { Snippet } from "../../parts/copy.js";
import { Panel } from "../../parts/page.js";
import { t } from "./words.js";

/** What to write, and where else an account can come from. */
export function FirstAccount() {
  return html`<${Panel} title=${t("firstTitle")}>
    <div class="first">
      <p>${t("firstText")}</p>
      <${Snippet} text=${ACCOUNT_EXAMPLE} label=${t("firstSnippet")} />
      ${
        may("write:accounts") &&
        html`<p><a class="button" href=${url("/accounts", { new: "1" })}>${t("firstAdd")}</a></p>`
      }
    </div>
  <//>`;
}
