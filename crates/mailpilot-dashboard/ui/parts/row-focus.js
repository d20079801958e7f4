// The rows of a windowed list by keyboard: one row is the list's stop for Tab, arrows go on from there.

import { useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { whereIs } from "./windows.js";

/**
 * Each row has `data-row` with its index and in it one link or button, whose `tabindex` is 0 in the row
 * `stop(near)` and -1 in the others.
 *
 * @param {{ count: number, keyOf: (index: number) => unknown, perPage: () => number }} list
 *   `perPage` is how many rows Page Up and Page Down move by
 */
export function useRowFocus({ count, keyOf, perPage }) {
  const [focused, setFocused] = useState({
    key: /** @type {unknown} */ (undefined),
    index: 0,
    within: false,
  });
  /** The rows' holder, when the focus shall go to the focused row once it is drawn. */
  const owed = useRef(/** @type {HTMLElement | null} */ (null));
  const index = focused.key === undefined ? -1 : whereIs(focused.key, focused.index, count, keyOf);

  const move = (/** @type {HTMLElement} */ holder, /** @type {number} */ to) => {
    const next = Math.max(0, Math.min(to, count - 1));
    owed.current = holder;
    setFocused({ key: keyOf(next), index: next, within: true });
  };
  useLayoutEffect(() => {
    const holder = owed.current;
    owed.current = null;
    const target = holder?.querySelector(`[data-row="${index}"] :is(a, button)`);
    if (target instanceof HTMLElement) target.focus();
  });

  const onKeyDown = (/** @type {any} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || count === 0) return;
    const row = event.target.closest("[data-row]");
    if (!row) return;
    const at = Number(row.dataset.row);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + perPage(),
      PageUp: at - perPage(),
      Home: 0,
      End: count - 1,
    }[/** @type {string} */ (event.key)];
    if (to === undefined) return;
    event.preventDefault();
    move(event.currentTarget, to);
  };
  const onFocusIn = (/** @type {any} */ event) => {
    const at = Number(event.target.closest("[data-row]")?.dataset.row ?? -1);
    if (at >= 0 && at < count) setFocused({ key: keyOf(at), index: at, within: true });
  };
  const onFocusOut = (/** @type {any} */ event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) {
      setFocused((before) => ({ ...before, within: false }));
    }
  };
  return {
    /** For the element that holds the rows. */
    handlers: { onKeyDown, onFocusIn, onFocusOut },
    /** For `useWindowed`: the row with the focus is drawn wherever it is. */
    pinned: focused.within ? index : -1,
    /** The row that Tab goes to, given one that is in sight. */
    stop: (/** @type {number} */ near) => (focused.within && index >= 0 ? index : near),
    move,
  };
}
