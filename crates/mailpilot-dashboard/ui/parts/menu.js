// Theme, language, who is logged in, and the way out.

import { html, useRef } from "../vendor/preact.js";
import { ApiError, call } from "../core/api.js";
import { useAction } from "../core/action.js";
import { helpShown } from "../core/keyboard.js";
import { keep, language, LANGUAGES, theme, THEMES } from "../core/preferences.js";
import { go } from "../core/router.js";
import { auth, refreshAuth } from "../core/session.js";
import { errorText, t } from "../i18n/core.js";
import { chooseLanguage, LANGUAGE_NAMES } from "../i18n/languages.js";
import { Icon } from "./icon.js";
import { tell } from "./toast.js";

/** @typedef {import("../core/preferences.js").Theme} Theme */
/** @typedef {import("../core/preferences.js").Language} Language */

const THEME_NAMES = /** @type {const} */ ({ system: "themeSystem", light: "themeLight", dark: "themeDark" });

/** The button that opens the preferences, and what it opens. */
export function Menu() {
  const details = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  const close = () => details.current?.removeAttribute("open");
  const escape = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !details.current?.open) return;
    close();
    details.current.querySelector("summary")?.focus();
  };
  const leave = (/** @type {FocusEvent} */ event) => {
    if (event.relatedTarget instanceof Node && !details.current?.contains(event.relatedTarget)) close();
  };
  return html`<details class="menu" ref=${details} onKeyDown=${escape} onFocusOut=${leave}>
    <summary aria-label=${t("menu")} title=${t("menu")}><${Icon} name="dots" /></summary>
    <div class="menu-body">
      ${auth.value?.user && html`<p class="muted">${t("signedInAs", { name: auth.value.user.username })}</p>`}
      <${ThemeChoice} />
      <${LanguageChoice} />
      <button type="button" class="quiet" onClick=${() => (close(), (helpShown.value = true))}>
        <${Icon} name="question" />${t("help")}
      </button>
      ${auth.value?.user && html`<${LogOut} />`}
    </div>
  </details>`;
}

function ThemeChoice() {
  const choose = (/** @type {Theme} */ wanted) => {
    theme.value = wanted;
    keep("theme", wanted);
  };
  return html`<label class="line">
    <span>${t("theme")}</span>
    <select onChange=${(/** @type {any} */ event) => choose(event.currentTarget.value)}>
      ${THEMES.map(
        (each) =>
          html`<option key=${each} value=${each} selected=${theme.value === each}>${t(THEME_NAMES[each])}</option>`,
      )}
    </select>
  </label>`;
}

/** Also on the pages before the login. */
export function LanguageChoice() {
  const choose = async (/** @type {any} */ event) => {
    const select = event.currentTarget;
    if (await chooseLanguage(select.value)) return;
    select.value = language.value;
    tell(t("errorNoAnswer"), "bad");
  };
  return html`<label class="line">
    <span>${t("language")}</span>
    <select onChange=${choose}>
      ${LANGUAGES.map(
        (each) =>
          html`<option key=${each} value=${each} lang=${each} selected=${language.value === each}>
            ${LANGUAGE_NAMES[each]}
          </option>`,
      )}
    </select>
  </label>`;
}

function LogOut() {
  const { run } = useAction(async () => {
    try {
      await call("POST", "/api/logout");
      await refreshAuth();
      go("/login");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell(errorText(error), "bad");
    }
  });
  return html`<button type="button" class="quiet" onClick=${run}><${Icon} name="leave" />${t("logOut")}</button>`;
}
