// The list of activity for a component: follows the address and the live stream, and finds its way back.

import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact.js";
import { now } from "../../core/clock.js";
import { connection, listen } from "../../core/live.js";
import { keyOf } from "./filter.js";
import { keepShown, keptFor, leaveList } from "./kept.js";
import { activityList, NOTHING } from "./list.js";

/** Scrolling has come to rest after so many milliseconds. */
const REST = 150;

/**
 * @param {import("./filter.js").Filter} filter
 * @param {() => boolean} flows whether new rows are shown at once
 */
export function useList(filter, flows) {
  const [shown, setShown] = useState(NOTHING);
  const latest = useRef(flows);
  latest.current = flows;
  const [list] = useState(() => activityList(setShown, () => latest.current()));
  // At midnight another day is today.
  const day = filter.range === "today" ? new Date(now.value).toDateString() : "";
  const key = `${keyOf(filter)} ${day}`;

  useLayoutEffect(() => {
    list.show(key, filter, keptFor(key));
    return () => keepShown(list.now());
  }, [key]);
  useEffect(() => {
    const end = listen({ type: "activity", heard: list.heard, missed: list.missed });
    return () => {
      end();
      list.halt();
      leaveList();
    };
  }, []);
  // What came between reading the page and opening the stream was not heard.
  useEffect(() => {
    if (connection.value === "live") list.missed();
  }, [connection.value]);
  useKeptScroll(key, shown.key === key && !shown.stale && shown.rows.length > 0);
  return { shown, list };
}

/**
 * Remembers with the step of the history how far was scrolled, because the browser looks for the place
 * before the rows are there.
 *
 * @param {string} key of the filter
 * @param {boolean} ready whether its rows are there
 */
function useKeptScroll(key, ready) {
  useLayoutEffect(() => {
    const top = history.state?.top;
    if (ready && typeof top === "number") scrollTo({ top, behavior: "instant" });
  }, [key, ready]);
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const save = () => {
      clearTimeout(timer);
      timer = undefined;
      history.replaceState({ ...history.state, top: Math.round(scrollY) }, "");
    };
    const scrolled = () => {
      clearTimeout(timer);
      timer = setTimeout(save, REST);
    };
    // Whoever follows a link may have scrolled just now.
    const leaving = () => void (timer !== undefined && save());
    history.scrollRestoration = "manual";
    addEventListener("scroll", scrolled, { passive: true });
    document.addEventListener("click", leaving, { capture: true });
    return () => {
      clearTimeout(timer);
      removeEventListener("scroll", scrolled);
      document.removeEventListener("click", leaving, { capture: true });
      history.scrollRestoration = "auto";
    };
  }, [key]);
}
