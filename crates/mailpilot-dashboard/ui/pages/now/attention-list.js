// What needs somebody, each with the way to it; one quiet line where there is nothing.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { AccountControls } from "../../parts/controls.js";
import { findingText } from "../../parts/finding.js";
import { Icon } from "../../parts/icon.js";
import { Panel } from "../../parts/page.js";
import { Status } from "../../parts/status.js";
import { rows } from "./rows.js";
import { stallText } from "./verdict-line.js";
import { t } from "./words.js";

/** @typedef {import("./reading.js").Shown} Shown */
/** @typedef {import("./attention.js").Attention<Shown>} Attention */

/**
 * The first account has its buttons at the verdict.
 *
 * @param {{ attention: Attention, onDone: () => void }} props
 */
export function AttentionList({ attention, onDone }) {
  const { accounts, failed, findings, standing, quiet } = attention;
  if (quiet) {
    return html`<p class="all-quiet"><${Icon} name="check" />${t("allQuiet")}</p>`;
  }
  return html`<${Panel} title=${t("attention")}>
    <ul class="attention">
      ${accounts.map(
        (account, index) =>
          html`<li key=${`account ${account.name}`}>
            <${Status} status=${account.status} />
            <div class="attention-text">
              <a href=${url(`/accounts/${encodeURIComponent(account.name)}`)}>${account.name}</a>
              ${stallText(account) && ` · ${stallText(account)}`}
              ${account.lastError && html`<span class="muted">${" · "}${account.lastError}</span>`}
            </div>
            ${index > 0 && html`<${AccountControls} account=${account} compact onDone=${onDone} />`}
          </li>`,
      )}
      ${
        failed &&
        html`<li key="failed">
          <${Sign} tone="bad" icon="cross" text=${t("failedHead")} />
          <div class="attention-text">
            <a href=${rows({ start: failed.from, failed: true })}>${t("failedDay", { count: failed.count })}</a>
          </div>
        </li>`
      }
      ${findings.map(
        (finding) =>
          html`<li key=${`check ${finding.name}`}>
            ${
              finding.verdict === "problem"
                ? html`<${Sign} tone="bad" icon="cross" text=${t("checkProblem")} />`
                : html`<${Sign} tone="warn" icon="warning" text=${t("checkWarning")} />`
            }
            <div class="attention-text">${findingText(finding)} <a href=${url("/system", { part: "check" })}>${t("checkMore")}</a></div>
          </li>`,
      )}
      ${
        standing.length > 0 &&
        html`<li key="standing">
          <${Sign} tone="warn" icon="warning" text=${t("checkWarning")} />
          <div class="attention-text">
            <a href=${url("/system", { part: "check" })}>${t("standing", { count: standing.length })}</a>
          </div>
        </li>`
      }
    </ul>
  <//>`;
}

/** @param {{ tone: string, icon: import("../../parts/icon.js").IconName, text: string }} props */
function Sign({ tone, icon, text }) {
  return html`<span class="badge ${tone}"><${Icon} name=${icon} />${text}</span>`;
}
