// Starts the dashboard: asks the server who is there, then shows the page that belongs to the address.

import { Fragment, html, render, useEffect, useErrorBoundary, useState } from "./vendor/preact.js";
import { ApiError } from "./core/api.js";
import { useBack } from "./core/back.js";
import { startClock } from "./core/clock.js";
import { startKeyboard } from "./core/keyboard.js";
import { startLive } from "./core/live.js";
import { ROUTES } from "./core/pages.js";
import { startPreferences } from "./core/preferences.js";
import { go, place, safePath, startRouter } from "./core/router.js";
import { auth, isIn, refreshAuth } from "./core/session.js";
import { laterSheet } from "./core/sheet.js";
import { takeSetupCode } from "./core/setup-code.js";
import { t } from "./i18n/core.js";
import { startLanguage } from "./i18n/languages.js";
import { Failed, Loading, Note } from "./parts/note.js";
import { Page } from "./parts/page.js";
import { Shell } from "./parts/shell.js";

/** @typedef {import("./core/pages.js").Route} Route */

/**
 * Where somebody has to go first, or null where the page may be shown.
 *
 * @param {import("./core/session.js").Auth} who
 * @param {Route | undefined} route
 */
function detour(who, route) {
  const { path, query } = place.value;
  const inside = isIn(who);
  if (who.needsSetup && !who.developmentMode) return path === "/setup" ? null : "/setup";
  // Development mode may look around, but its front door is setup, as the server's is.
  // After the setup comes the look at whether all is well.
  if (path === "/setup" && !who.needsSetup) return inside ? "/system?part=check" : "/login";
  if (path === "/login" && who.needsSetup) return "/setup";
  if (path === "/login" && inside) return safePath(query.get("next"));
  if (inside || !route || route.entry) return null;
  const wanted = path + (query.size > 0 ? `?${query}` : "");
  return wanted === "/" ? "/login" : `/login?next=${encodeURIComponent(wanted)}`;
}

function App() {
  const who = auth.value;
  const { path } = place.value;
  const route = ROUTES.find((each) => each.path.test(path));
  const to = who && detour(who, route);
  useEffect(() => {
    if (to) go(to, { replace: true });
  }, [to]);
  if (!who || to) return null;
  return html`<${Shell}>
    ${
      route
        ? html`<${Shown} key=${route.path.source} route=${route} name=${nameIn(route, path)} />`
        : html`<${NotFound} />`
    }
  <//>`;
}

/**
 * What the path names, such as an account.
 *
 * @param {Route} route
 * @param {string} path
 */
function nameIn(route, path) {
  const name = route.path.exec(path)?.[1];
  try {
    return name && decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A module that is not there is of a server that is away, or of one with another version: a browser asks for it once. */
function reloadAll() {
  location.reload();
}

/** A page, once its module is there. One that fails takes nothing else along. */
function Shown(/** @type {{ route: Route, name?: string }} */ { route, name }) {
  const [page, setPage] = useState(/** @type {{ component: any } | null} */ (null));
  const [failed, setFailed] = useState(/** @type {ApiError | null} */ (null));
  const [crash, forget] = useErrorBoundary((error) => console.error(error));
  useEffect(() => {
    let wanted = true;
    Promise.all([route.load(), route.first ? undefined : laterSheet()]).then(
      ([component]) => wanted && setPage({ component }),
      () => wanted && setFailed(new ApiError(0, "")),
    );
    return () => void (wanted = false);
  }, [route]);
  useBack(failed, reloadAll);
  if (crash) {
    return html`<${Page} title=${t("crashedTitle")}>
      <${Note} icon="warning" title=${t("crashedTitle")} tone="bad">
        <p>${t("crashedText")}</p>
        <button type="button" class="quiet" onClick=${forget}>${t("retry")}</button>
      <//>
    <//>`;
  }
  if (failed) return html`<${Failed} error=${failed} retry=${reloadAll} />`;
  if (!page) return html`<${Loading} />`;
  return html`<${page.component} name=${name} />`;
}

function NotFound() {
  return html`<${Page} title=${t("notFoundTitle")} hideTitle>
    <${Note} icon="search" title=${t("notFoundTitle")}>
      <p>${t("notFoundText")}</p>
      <p><a class="button quiet" href=${document.documentElement.dataset.base || "/"}>${t("notFoundHome")}</a></p>
    <//>
  <//>`;
}

/** Before the first answer there is nothing to show but why there is none. */
function Start(/** @type {{ error: ApiError, again: () => void }} */ { error, again }) {
  return html`<${Fragment}><main class="page"><${Failed} error=${error} retry=${again} /></main><//>`;
}

async function start() {
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  try {
    await Promise.all([refreshAuth(), startLanguage()]);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    render(html`<${Start} error=${error} again=${() => void start()} />`, root);
    return;
  }
  render(html`<${App} />`, root);
}

takeSetupCode();
startPreferences();
startRouter();
startClock();
startKeyboard();
startLive();
void start();
