// What surrounds every page: the way to the five places, banners, messages, dialogs.

import { html, useEffect } from "../vendor/preact.js";
import { url } from "../core/base.js";
import { helpShown } from "../core/keyboard.js";
import { connection, keepOpen } from "../core/live.js";
import { place } from "../core/router.js";
import { auth, isIn, sessionEnded } from "../core/session.js";
import { t } from "../i18n/core.js";
import { DESTINATIONS } from "./destinations.js";
import { Questions } from "./dialog.js";
import { Icon } from "./icon.js";
import { Later } from "./later.js";
import { LanguageChoice, Menu } from "./menu.js";
import { Toasts } from "./toast.js";

/** @param {{ children: any }} props */
export function Shell({ children }) {
  // Before login and setup there is nowhere to go, development mode or not.
  const inside = isIn(auth.value) && !["/login", "/setup"].includes(place.value.path);
  useEffect(() => (inside ? keepOpen() : undefined), [inside]);
  return html`<a class="skip" href="#main">${t("skip")}</a>
    ${inside ? html`<${Bar} />` : html`<${EntryBar} />`}
    <div class="stage">
      ${inside && html`<${Banners} />`}
      <main id="main" tabindex="-1">${children}</main>
    </div>
    <${Toasts} />
    <${Questions} />
    ${helpShown.value && html`<${Later} load=${async () => (await import("./help.js")).Help} />`}
    ${sessionEnded.value && html`<${Later} load=${async () => (await import("./login-again.js")).LoginAgain} />`}`;
}

/** The side on a desk, top and bottom on a phone. */
function Bar() {
  const here = place.value.path;
  const isHere = (/** @type {string} */ path) =>
    path === "/" ? here === "/" : here === path || here.startsWith(`${path}/`);
  return html`<header class="bar">
    <a class="brand" href=${url("/")}><${Icon} name="mail" />Mailpilot</a>
    <nav aria-label=${t("navigation")}>
      ${DESTINATIONS.map(
        ({ name, path }) =>
          html`<a key=${name} href=${url(path)} aria-current=${isHere(path) ? "page" : undefined}>
            <${Icon} name=${name} /><span>${t(name)}</span>
          </a>`,
      )}
    </nav>
    <div class="bar-end">
      <${Pulse} />
      <${Menu} />
    </div>
  </header>`;
}

/** What stands above login and setup. */
function EntryBar() {
  return html`<header class="bar entry">
    <span class="brand"><${Icon} name="mail" />Mailpilot</span>
    <div class="bar-end"><${LanguageChoice} /></div>
  </header>`;
}

/** Whether what is shown is live. */
function Pulse() {
  const live = connection.value === "live";
  const text = live
    ? t("connectionLive")
    : connection.value === "connecting"
      ? t("connectionConnecting")
      : t("connectionOff");
  return html`<span class="pulse ${connection.value}" title=${text}><span class="dot"></span><span class="pulse-text">${text}</span></span>`;
}

function Banners() {
  const who = auth.value;
  return html`<div role="status">
      ${
        connection.value === "lost" &&
        html`<p class="banner warn"><${Icon} name="warning" /><span>${t("connectionLost")}</span></p>`
      }
    </div>
    ${
      who?.developmentMode &&
      html`<p class="banner warn">
      <${Icon} name="warning" />
      <span>
        ${t("development")}${" "}
        ${who.needsSetup && html`<a href=${url("/setup")}>${t("developmentSetup")}</a>`}
      </span>
    </p>`
    }`;
}
