// Reads from the API for a component: keeps what was there while it reads again, drops late answers.

import { useCallback, useEffect, useRef, useState } from "../vendor/preact.js";
import { ApiError, get } from "./api.js";

/**
 * @template T
 * @typedef {object} Resource
 * @property {T | null} data the last good answer, also while another is read or after a failure
 * @property {ApiError | null} error
 * @property {boolean} loading
 * @property {() => void} reload
 * @property {(change: (data: T) => T) => void} update changes what is shown, for events
 */

/**
 * @template T
 * @param {string | null} path null reads nothing
 * @param {Record<string, string | number | boolean | null | undefined>} [query]
 * @returns {Resource<T>}
 */
export function useResource(path, query = {}) {
  const key = JSON.stringify([path, query]);
  const [state, setState] = useState(
    /** @type {{ key: string, data: T | null, error: ApiError | null, loading: boolean }} */ ({
      key,
      data: null,
      error: null,
      loading: path !== null,
    }),
  );
  const [turn, setTurn] = useState(0);
  const latest = useRef(query);
  latest.current = query;

  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    get(path, latest.current, stop.signal).then(
      (data) => setState({ key, data, error: null, loading: false }),
      (error) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((before) => ({ ...before, key, error, loading: false }));
      },
    );
    return () => stop.abort();
  }, [key, turn]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const update = useCallback(
    (/** @type {(data: T) => T} */ change) =>
      setState((before) => (before.data === null ? before : { ...before, data: change(before.data) })),
    [],
  );
  return { data: state.data, error: state.error, loading: state.loading, reload, update };
}
