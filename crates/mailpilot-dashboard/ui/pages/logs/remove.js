// Removes lines from the log: those older than some days, or all. Says first how many that are.

import { html, useState } from "../../vendor/preact.js";
import { call } from "../../core/api.js";
import { useResource } from "../../core/resource.js";
import { Dialog } from "../../parts/dialog.js";
import { Choice, Form } from "../../parts/form.js";
import { tell } from "../../parts/toast.js";
import { t } from "./words.js";

/** Ages in days. */
const AGES = /** @type {const} */ ([
  [30, "older30"],
  [7, "older7"],
  [1, "older1"],
  [0, "everything"],
]);

/** @param {{ onClose: () => void, onRemoved: () => void }} props */
export function Remove({ onClose, onRemoved }) {
  const [{ days, before }, choose] = useState(() => choiceOf(30));
  const [isSure, setSure] = useState(false);
  const count = useResource("/api/logs", { pageSize: 1, endDate: before });
  const pick = (/** @type {any} */ event) => {
    setSure(false);
    choose(choiceOf(Number(event.currentTarget.value)));
  };
  const remove = async () => {
    if (!isSure) return setSure(true);
    await call("DELETE", "/api/logs", { query: { before } });
    tell(t("removed"));
    onRemoved();
  };
  const { total, totalIsLowerBound } = /** @type {any} */ (count.data ?? {});
  const known = !count.loading && total !== undefined;
  const lines = known ? t(totalIsLowerBound ? "linesOrMore" : "lines", { count: total }) : "…";
  return html`<${Dialog} title=${t("removeTitle")} onClose=${onClose}>
    <p>${t("removeText")}</p>
    <${Form} danger onSubmit=${remove} submit=${isSure ? t("removeSure", { lines }) : t("remove")} onCancel=${onClose}>
      <${Choice}
        label=${t("which")}
        name="before"
        value=${days}
        onChange=${pick}
        options=${AGES.map(([value, name]) => ({ value: String(value), text: t(name) }))}
      />
      <p role="status">${t("removeCount", { lines })}</p>
    <//>
  <//>`;
}

/** The moment is kept with the choice, so that what was counted is what is removed. */
function choiceOf(/** @type {number} */ days) {
  const before = days === 0 ? undefined : new Date(Date.now() - days * 86_400_000).toISOString();
  return { days, before };
}
