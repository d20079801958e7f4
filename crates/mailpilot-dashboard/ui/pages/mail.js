// One mail: what was decided about it, why, and what was done.

import { html, useState } from "../vendor/preact.js";
import { useAction } from "../core/action.js";
import { call } from "../core/api.js";
import { absolute, url } from "../core/base.js";
import { useResource } from "../core/resource.js";
import { go } from "../core/router.js";
import { may } from "../core/session.js";
import { errorText } from "../i18n/core.js";
import { CopyButton, Snippet } from "../parts/copy.js";
import { confirmed } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { Loaded, Note } from "../parts/note.js";
import { Page } from "../parts/page.js";
import { tell } from "../parts/toast.js";
import { forgetEntry, takeCameFromList } from "./activity/kept.js";
import { About } from "./mail/about.js";
import { Related } from "./mail/related.js";
import { t } from "./mail/texts.js";
import { Trail } from "./mail/trail.js";

/** @typedef {import("./activity/entries.js").Entry} Entry */

/** @param {{ name: string }} props `name` is the entry's id */
export function Mail({ name }) {
  const [fromList] = useState(takeCameFromList);
  const path = `/api/activity/${encodeURIComponent(name)}`;
  const entry = useResource(may("read:activity") ? path : null);
  const data = /** @type {Entry | null} */ (entry.data);
  // A step back leads to the same filter and the same place; without one there is the whole list.
  const back = () => (fromList ? history.back() : go("/activity"));
  const gone = data === null && entry.error?.status === 404;
  return html`<${Page}
    title=${data ? data.subject || data.messageId : t("title")}
    beside=${data && html`<${Beside} entry=${data} path=${path} back=${back} />`}
  >
    <p class="mail-back">
      <a
        href=${url("/activity")}
        onClick=${(/** @type {MouseEvent} */ event) => {
          if (!fromList || event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          back();
        }}
        ><${Icon} name="left" />${fromList ? t("back") : t("all")}</a
      >
    </p>
    ${
      gone
        ? html`<${Note} icon="search" title=${t("goneTitle")}><p>${t("goneText")}</p><//>`
        : html`<${Loaded} of=${entry} permission="read:activity" lines=${8}>
            ${(/** @type {Entry} */ loaded) =>
              html`<${About} entry=${loaded} />
                <${Trail} entry=${loaded} />
                <${Related} entry=${loaded} />
                <details class="panel mail-raw">
                  <summary>${t("raw")}</summary>
                  <${Snippet} label=${t("rawLabel")} text=${JSON.stringify(loaded, null, 2)} />
                </details>`}
          <//>`
    }
  <//>`;
}

/** @param {{ entry: Entry, path: string, back: () => void }} props */
function Beside({ entry, path, back }) {
  const remove = useAction(async () => {
    const yes = await confirmed({
      title: t("deleteTitle"),
      body: html`<p><strong>${entry.subject || entry.messageId}</strong></p>
        <p>${t("deleteText")}</p>`,
      confirm: t("deleteConfirm"),
      danger: true,
    });
    if (!yes) return;
    await call("DELETE", path);
    forgetEntry(entry.id);
    tell(t("deleted"));
    back();
  });
  return html`<div class="buttons">
    <${CopyButton} label=${t("copyLink")} text=${absolute(`/activity/${entry.id}`)} />
    ${
      may("write:activity") &&
      html`<button type="button" class="quiet danger small" aria-disabled=${remove.busy ? "true" : undefined} onClick=${remove.run}>
        <${Icon} name="trash" />${t("delete")}
      </button>`
    }
    ${remove.error && html`<p class="error" role="alert">${errorText(remove.error)}</p>`}
  </div>`;
}
