// Does what is often wanted at most once in a while, such as reading again while events come in.

import { useCallback, useEffect, useRef } from "../vendor/preact.js";

/**
 * @param {() => void} work
 * @param {number} pause between two runs at least, in milliseconds
 * @param {number} [before] when it was done before: when the component came, so that the first run waits
 *   too; 0 lets that one go at once
 * @returns {() => void} what to call whenever there is a reason to run
 */
export function usePaced(work, pause, before = Date.now()) {
  const current = useRef(work);
  current.current = work;
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const ranAt = useRef(before);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current !== undefined) return;
    const wait = Math.max(0, ranAt.current + pause - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      ranAt.current = Date.now();
      current.current();
    }, wait);
  }, [pause]);
}
