// System: who has access, how healthy the server is, how it is configured, and whether that is wise.

import { html } from "../vendor/preact.js";
import { url } from "../core/base.js";
import { useResource } from "../core/resource.js";
import { place } from "../core/router.js";
import { auth, may } from "../core/session.js";
import { catalogue } from "../i18n/catalogue.js";
import { words } from "../i18n/en/system.js";
import { Denied } from "../parts/note.js";
import { Page } from "../parts/page.js";
import { CanI } from "./system/can-i.js";
import { Check } from "./system/check.js";
import { Configuration } from "./system/configuration.js";
import { Health } from "./system/health.js";
import { Keys } from "./system/keys.js";
import { Password } from "./system/password.js";
import { Sessions } from "./system/sessions.js";

const t = catalogue("system", words);

/** In the order they are shown; the first is shown where the address names none. */
const PARTS = /** @type {const} */ (["access", "health", "configuration", "check"]);

/** The page. */
export function System() {
  const wanted = place.value.query.get("part");
  const part = PARTS.find((each) => each === wanted) ?? PARTS[0];
  return html`<${Page} title=${t("title")} beside=${html`<${Parts} shown=${part} />`}>
    ${part === "access" && html`<${Access} />`} ${part === "health" && html`<${Health} />`}
    ${part === "configuration" && html`<${Configuration} />`} ${part === "check" && html`<${Check} />`}
  <//>`;
}

function Parts(/** @type {{ shown: string }} */ { shown }) {
  const names = /** @type {const} */ ({
    access: "partAccess",
    health: "partHealth",
    configuration: "partConfiguration",
    check: "partCheck",
  });
  return html`<nav class="segments" aria-label=${t("parts")}>
    ${PARTS.map(
      (part) =>
        html`<a
          key=${part}
          href=${url("/system", { part: part === PARTS[0] ? null : part })}
          aria-current=${part === shown ? "page" : undefined}
        >
          ${t(names[part])}
        </a>`,
    )}
  </nav>`;
}

/** Keys are for whoever may do everything, sessions and the password for the administrator. */
function Access() {
  const administrator = Boolean(auth.value?.user);
  // Read once for both, so that a key just made can be asked about.
  const keys = useResource(may("*") ? "/api/keys" : null);
  const sessions = useResource(administrator ? "/api/sessions" : null);
  if (!may("*") && !administrator) return html`<${Denied} permission="*" />`;
  return html`${may("*") && html`<${Keys} keys=${keys} />`} ${administrator && html`<${Sessions} sessions=${sessions} />`}
    <div class="pair">
      ${administrator && html`<${Password} onChanged=${sessions.reload} />`} ${may("*") && html`<${CanI} keys=${keys} />`}
    </div>`;
}
