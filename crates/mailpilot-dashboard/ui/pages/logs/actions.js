// What can be done with the log as a whole: take along what is shown, remove lines.

import { html, useState } from "../../vendor/preact.js";
import { may } from "../../core/session.js";
import { Icon } from "../../parts/icon.js";
import { Download } from "./download.js";
import { Remove } from "./remove.js";
import { t } from "./words.js";

/** @param {{ filter: import("./filter.js").Filter, changed: () => void }} props */
export function Actions({ filter, changed }) {
  const [dialog, setDialog] = useState(/** @type {"download" | "remove" | null} */ (null));
  const close = () => setDialog(null);
  const removed = () => {
    close();
    changed();
  };
  return html`<button type="button" class="quiet log-action" onClick=${() => setDialog("download")}>
      <${Icon} name="download" /><span>${t("download")}</span>
    </button>
    ${
      may("write:logs") &&
      html`<button type="button" class="quiet danger log-action" onClick=${() => setDialog("remove")}>
        <${Icon} name="trash" /><span>${t("remove")}</span>
      </button>`
    }
    ${dialog === "download" && html`<${Download} filter=${filter} onClose=${close} />`}
    ${dialog === "remove" && html`<${Remove} onClose=${close} onRemoved=${removed} />`}`;
}
