// Changing the administrator's password, which ends all other sessions.

import { html, useState } from "../../vendor/preact.js";
import { ApiError, call } from "../../core/api.js";
import { catalogue } from "../../i18n/catalogue.js";
import { words } from "../../i18n/en/system.js";
import { auth } from "../../core/session.js";
import { Field, Form } from "../../parts/form.js";
import { Panel } from "../../parts/page.js";
import { tell } from "../../parts/toast.js";

const t = catalogue("system", words);

/** @param {{ onChanged: () => void }} props the other sessions have ended then */
export function Password({ onChanged }) {
  // A new key makes a new form, empty again.
  const [turn, setTurn] = useState(0);
  const send = async (/** @type {Record<string, string>} */ values) => {
    if (values.new !== values.confirm) {
      throw new ApiError(422, t("mismatch"), { code: "mismatch", field: "confirm" });
    }
    await call("POST", "/api/password", { body: { current: values.current, new: values.new } });
    tell(t("passwordChanged"));
    setTurn(turn + 1);
    onChanged();
  };
  return html`<${Panel} title=${t("password")} id="password">
    <${Form} key=${turn} onSubmit=${send} submit=${t("changePassword")}>
      <input class="hidden" type="text" name="username" autocomplete="username" value=${auth.value?.user?.username} tabindex="-1" aria-hidden="true" readonly />
      <${Field} label=${t("currentPassword")} name="current" type="password" autocomplete="current-password" required />
      <${Field} label=${t("newPassword")} name="new" type="password" hint=${t("passwordHint")} autocomplete="new-password" minlength="8" maxlength="128" required />
      <${Field} label=${t("confirmPassword")} name="confirm" type="password" autocomplete="new-password" required />
    <//>
  <//>`;
}
