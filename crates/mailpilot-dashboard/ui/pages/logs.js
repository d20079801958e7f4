// The log, live and searched: the newest line at the end, everything asked for in the address.

import { html, useCallback, useEffect, useMemo, useState } from "../vendor/preact.js";
import { useBack } from "../core/back.js";
import { isTyping } from "../core/keyboard.js";
import { place } from "../core/router.js";
import { may } from "../core/session.js";
import { t as core } from "../i18n/core.js";
import { FollowSwitch } from "../parts/follow-switch.js";
import { Denied, Failed, Loading } from "../parts/note.js";
import { Page } from "../parts/page.js";
import { Actions } from "./logs/actions.js";
import { Bar } from "./logs/bar.js";
import { Chips } from "./logs/chips.js";
import { Gone, Named, Nothing, Refused } from "./logs/empty.js";
import { openFeed } from "./logs/feed.js";
import { EVERYTHING, filterOf } from "./logs/filter.js";
import { Viewer } from "./logs/viewer.js";
import { t } from "./logs/words.js";

/** @typedef {import("../core/api.js").ApiError} ApiError */
/** @typedef {import("./logs/feed.js").Feed} Feed */
/** @typedef {import("./logs/viewer.js").Follow} Follow */

/** The page. */
export function Logs() {
  return may("read:logs")
    ? html`<${Log} />`
    : html`<${Page} title=${core("logs")}><${Denied} permission="read:logs" /><//>`;
}

function Log() {
  const { query } = place.value;
  const line = query.get("line");
  const key = query.toString();
  const filter = useMemo(() => (line === null ? filterOf(query) : EVERYTHING), [key]);
  const { feed, error, pending, again } = useFeed(filter, line);
  const { follow, setFollow, toggle } = useFollow(feed);
  const state = feed?.state.value;
  const live = feed?.isLive ?? false;
  return html`<div class="log-page">
    <${Page}
      title=${core("logs")}
      beside=${html`<div class="buttons">
        ${live && html`<${FollowSwitch} isOn=${follow === "on"} toggle=${toggle}>${t("follow")}<//>`}
        <${Actions} filter=${filter} changed=${again} />
      </div>`}
    >
      ${line === null ? search() : !error && html`<${Named} id=${line} />`}
      ${shown()}
      ${feed && html`<p class="hint log-hint">${live ? t("hintLive") : t("hintEnded")}</p>`}
    <//>
  </div>`;

  function search() {
    const { levels = {}, levelsCutShort = false } = state ?? {};
    return html`<${Chips} level=${filter.level} levels=${levels} cutShort=${levelsCutShort} />
      <${Bar} filter=${filter} />`;
  }

  function shown() {
    if (error?.status === 404 && line !== null) return html`<${Gone} />`;
    if (error && [404, 422].includes(error.status)) return html`<${Refused} error=${error} />`;
    if (error) return html`<${Failed} error=${error} retry=${again} />`;
    if (!feed || !state) return html`<${Loading} lines=${8} />`;
    const isEmpty = state.items.length === 0 && state.held === 0 && state.older === "none";
    if (isEmpty) return html`<${Nothing} filter=${feed.filter} levels=${state.levels} />`;
    return html`<${Viewer} feed=${feed} follow=${follow} setFollow=${setFollow} pending=${pending} />`;
  }
}

/**
 * The feed of what is asked for. The one before stays until the next has something to show.
 *
 * @param {import("./logs/filter.js").Filter} filter
 * @param {string | null} line
 */
function useFeed(filter, line) {
  const [shown, setShown] = useState(
    /** @type {{ feed: Feed | null, error: ApiError | null, filter: object | null }} */ ({
      feed: null,
      error: null,
      filter: null,
    }),
  );
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const feed = openFeed(filter, line, (error) => setShown({ feed: error ? null : feed, error, filter }));
    return feed.close;
  }, [filter, line, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  useBack(shown.error, again);
  return { feed: shown.feed, error: shown.error, pending: shown.filter !== filter, again };
}

/**
 * Whether the end is followed: on at first; a scroll up rests it, the switch and `f` decide.
 *
 * @param {Feed | null} feed
 */
function useFollow(feed) {
  const [follow, setFollow] = useState(/** @type {Follow} */ ("on"));
  useEffect(() => {
    // What is new starts at its end, unless somebody switched that off.
    if (feed) setFollow((before) => (feed.isLive && before !== "off" ? "on" : before));
  }, [feed]);
  useEffect(() => {
    if (feed?.isLive) feed.hold(follow !== "on");
  }, [feed, follow]);
  const toggle = () => setFollow((before) => (before === "on" ? "off" : "on"));
  useEffect(() => {
    const press = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "f" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      toggle();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  return { follow: feed && !feed.isLive ? /** @type {Follow} */ ("off") : follow, setFollow, toggle };
}
