// What stands here before there is any account: how to get the first one.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { may } from "../../core/session.js";
import { Snippet } from "../../parts/copy.js";
import { Panel } from "../../parts/page.js";
import { t } from "./words.js";

const EXAMPLE = `accounts:
  - name: work
    imap:
      host: imap.example.com
      username: me@example.com
      password: \${MAILPILOT_WORK_PASSWORD}
    expected_interval: 15m
`;

/** What to write, and where else an account can come from. */
export function FirstAccount() {
  return html`<${Panel} title=${t("firstTitle")}>
    <div class="first">
      <p>${t("firstText")}</p>
      <${Snippet} text=${EXAMPLE} label=${t("firstSnippet")} />
      ${
        may("write:accounts") &&
        html`<p><a class="button" href=${url("/accounts", { new: "1" })}>${t("firstAdd")}</a></p>`
      }
    </div>
  <//>`;
}
