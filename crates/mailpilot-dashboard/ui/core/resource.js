// Reads from the API for a component: keeps what was there while it reads again, drops late answers.

import { useCallback, useEffect, useRef, useState } from "../vendor/preact.js";
import { ApiError, get } from "./api.js";
import { useBack } from "./back.js";

/**
 * @template T
 * @typedef {object} Resource
 * @property {T | null} data the last good answer of the path, also while another is read or after a failure
 * @property {ApiError | null} error
 * @property {boolean} loading
 * @property {() => void} reload
 * @property {(change: (data: T) => T) => void} update changes what is shown, for events; also the answer
 *   that is under way, so a change has to bear being there already
 */

/**
 * Data stay while the same path is read again, with another query too.
 *
 * @template T
 * @param {string | null} path null reads nothing
 * @param {Record<string, string | number | boolean | null | undefined>} [query]
 * @returns {Resource<T>}
 */
export function useResource(path, query = {}) {
  const key = JSON.stringify([path, query]);
  /** @typedef {{ path: string | null, data: T | null, error: ApiError | null, loading: boolean }} State */
  const none = /** @type {State} */ ({ path, data: null, error: null, loading: path !== null });
  const [state, setState] = useState(none);
  const [turn, setTurn] = useState(0);
  const latest = useRef(query);
  latest.current = query;
  /** What changed while an answer is under way, which may not have it. */
  const meanwhile = useRef(/** @type {((data: T) => T)[]} */ ([]));

  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    meanwhile.current = [];
    setState((before) => (before.path === path ? { ...before, loading: true } : none));
    get(path, latest.current, stop.signal).then(
      (data) => {
        if (stop.signal.aborted) return;
        const changed = meanwhile.current.reduce((so, change) => change(so), data);
        meanwhile.current = [];
        setState({ path, data: changed, error: null, loading: false });
      },
      (error) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => stop.abort();
  }, [key, turn]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  useBack(state.error, reload);
  const update = useCallback(
    (/** @type {(data: T) => T} */ change) =>
      setState((before) => {
        if (before.loading) meanwhile.current.push(change);
        return before.data === null ? before : { ...before, data: change(before.data) };
      }),
    [],
  );
  // What another path answered is of something else, and nobody shall act on it.
  const { data, error, loading } = state.path === path ? state : none;
  return { data, error, loading, reload, update };
}
