// Whether this installation is set up wisely: each finding with the configuration that cures it.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { useResource } from "../../core/resource.js";
import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/system.js";
import { Snippet } from "../../parts/copy.js";
import { findingText } from "../../parts/finding.js";
import { Icon } from "../../parts/icon.js";
import { Loaded } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";

const t = catalogue("system", words);

/** @typedef {import("../../parts/finding.js").Finding} Finding */

const VERDICTS = /** @type {const} */ ({
  ok: ["good", "check", "checkOk"],
  warning: ["warn", "warning", "checkWarning"],
  problem: ["bad", "cross", "checkProblem"],
});

/** The part. */
export function Check() {
  const check = useResource("/api/check");
  return html`<${Loaded} of=${check} permission="read:accounts" lines=${8}>
    ${(/** @type {{ checks: Finding[] }} */ data) => html`<${Findings} of=${data.checks} again=${check.reload} />`}
  <//>`;
}

/** @param {{ of: Finding[], again: () => void }} props */
function Findings({ of, again }) {
  const open = of.filter(({ verdict }) => verdict !== "ok");
  const button = html`<button type="button" class="quiet" onClick=${again}>
    <${Icon} name="refresh" />${t("checkAgain")}
  </button>`;
  return html`<${Panel} title=${t("partCheck")} beside=${button}>
    <p class="verdict ${open.length === 0 ? "good" : "warn"}">
      <${Icon} name=${open.length === 0 ? "check" : "warning"} />
      <span>${open.length === 0 ? t("allWell") : t("toLookAt", { count: open.length })}</span>
    </p>
    <ul class="findings">
      ${[...open, ...of.filter(({ verdict }) => verdict === "ok")].map(
        (each) => html`<${One} key=${each.name} of=${each} />`,
      )}
    </ul>
    <div class="buttons"><a class="button" href=${url("/")}>${t("toDashboard")}</a></div>
  <//>`;
}

/** @param {{ of: Finding }} props */
function One({ of }) {
  const [tone, icon, word] = VERDICTS[of.verdict];
  return html`<li class=${tone}>
    <span class="badge ${tone}"><${Icon} name=${icon} />${t(word)}</span>
    <div>
      <p>${findingText(of)}</p>
      ${of.cure && html`<${Snippet} label=${t("cure")} text=${of.cure.yaml} />`}
    </div>
  </li>`;
}
