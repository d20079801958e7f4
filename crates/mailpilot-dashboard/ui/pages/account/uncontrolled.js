// Why nothing can be asked of the account, and how that changes.

import { html } from "../../vendor/preact.js";
import { absolute } from "../../core/base.js";
import { Snippet } from "../../parts/copy.js";
import { Panel } from "../../parts/page.js";
import { t } from "../accounts/words.js";

/** @param {{ name: string }} props */
export function Uncontrolled({ name }) {
  const command = `curl -N -H "Authorization: Bearer $KEY" \\
  "${absolute("/api/events")}?types=accounts&controls=${encodeURIComponent(name)}"`;
  return html`<${Panel} title=${t("uncontrolled")}>
    <div class="told">
      <p>${t("uncontrolledText")}</p>
      <${Snippet} label=${t("workerSnippet")} text=${command} />
      <p class="hint">${t("workerText")}</p>
    </div>
  <//>`;
}
