// Which mail it is, whose, when, and how it ended.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { may } from "../../core/session.js";
import { utc } from "../../i18n/format.js";
import { CopyButton } from "../../parts/copy.js";
import { Icon } from "../../parts/icon.js";
import { Panel } from "../../parts/page.js";
import { Time } from "../../parts/time.js";
import { t } from "./texts.js";

/** @param {{ entry: import("../activity/entries.js").Entry }} props */
export function About({ entry }) {
  const failed = entry.error != null;
  const { accountName, createdAt, from, messageId, subject } = entry;
  return html`<${Panel} title=${t("about")}>
    <dl class="facts">
      <dt>${t("outcome")}</dt>
      <dd>
        <span class="badge ${failed ? "bad" : "good"}">
          <${Icon} name=${failed ? "cross" : "check"} />${failed ? t("failed") : t("done")}
        </span>
      </dd>
      <dt>${t("subject")}</dt>
      <dd>${subject ?? html`<span class="muted">${t("notStored")}</span>`}</dd>
      <dt>${t("from")}</dt>
      <dd>${from ?? html`<span class="muted">${t("notStored")}</span>`}</dd>
      <dt>${t("messageId")}</dt>
      <dd class="mail-id"><code>${messageId}</code> <${CopyButton} text=${messageId} /></dd>
      <dt>${t("account")}</dt>
      <dd>
        ${
          may("read:accounts")
            ? html`<a href=${url(`/accounts/${encodeURIComponent(accountName)}`)}>${accountName}</a>`
            : accountName
        }
      </dd>
      <dt>${t("time")}</dt>
      <dd><${Time} at=${createdAt} as="full" /> <span class="muted">(${utc(createdAt)})</span></dd>
    </dl>
  <//>`;
}
