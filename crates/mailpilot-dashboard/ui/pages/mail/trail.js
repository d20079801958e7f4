// How it came to that: what the model said, how long it took, what was done, what went wrong.

import { html } from "../../vendor/preact.js";
import { duration, percent } from "../../i18n/format.js";
import { Icon } from "../../parts/icon.js";
import { Panel } from "../../parts/page.js";
import { t } from "./texts.js";

/** @typedef {import("../activity/entries.js").Entry} Entry */

/** @param {{ entry: Entry }} props */
export function Trail({ entry }) {
  const failed = entry.error != null;
  return html`<${Panel} title=${t("trail")}>
    <ol class="trail">
      <${Model} entry=${entry} />
      ${
        entry.durationMs !== undefined &&
        html`<${Step} icon="clock" title=${t("took", { time: duration(entry.durationMs / 1000) })} />`
      }
      ${entry.actions.map((action, at) => html`<${Action} key=${at} action=${action} failed=${failed} />`)}
      ${entry.actions.length === 0 && !failed && html`<${Step} icon="check" title=${t("nothingDone")} />`}
      ${
        failed &&
        html`<${Step} icon="warning" tone="bad" title=${t("error")}>
          <p class="trail-words">${entry.error || t("errorEmpty")}</p>
          <p class="muted">${entry.actions.length > 0 ? t("errorActions") : t("errorMeans")}</p>
        <//>`
      }
    </ol>
  <//>`;
}

/** @param {{ entry: Entry }} props */
function Model({ entry: { confidence, llmModel, llmProvider, reasoning } }) {
  const who = [llmProvider, llmModel].filter(Boolean).join(" · ");
  if (!who && confidence === undefined && !reasoning) {
    return html`<${Step} icon="question" title=${t("noModel")} />`;
  }
  return html`<${Step} icon="activity" title=${who ? t("modelSaid", { model: who }) : t("classified")}>
    ${
      confidence !== undefined &&
      html`<p class="trail-sure">
        ${t("confidence", { share: percent(confidence) })}
        <meter min="0" max="1" value=${confidence} aria-label=${t("confidenceLabel")}></meter>
      </p>`
    }
    ${reasoning && html`<blockquote class="trail-words">${reasoning}</blockquote>`}
  <//>`;
}

/** @param {{ action: Entry["actions"][number], failed: boolean }} props */
function Action({ action: { type, folder, flags = [], reason }, failed }) {
  const title = html`<span class="chip">${type}</span>${folder && html` → <strong>${folder}</strong>`}`;
  return html`<${Step} icon=${failed ? "question" : "check"} title=${title}>
    ${
      flags.length > 0 &&
      html`<p>${t("flags")} ${flags.map((flag) => html`<code class="chip" key=${flag}>${flag}</code> `)}</p>`
    }
    ${reason && html`<p>${t("reason", { reason })}</p>`}
  <//>`;
}

/** @param {{ icon: import("../../parts/icon.js").IconName, title: any, tone?: string, children?: any }} props */
function Step({ icon, title, tone = "", children }) {
  return html`<li class=${tone}>
    <${Icon} name=${icon} />
    <div>
      <p class="trail-title">${title}</p>
      ${children}
    </div>
  </li>`;
}
