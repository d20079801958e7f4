// Does something on the server once: busy while it runs, the error afterwards.

import { useCallback, useRef, useState } from "../vendor/preact.js";
import { ApiError } from "./api.js";

/**
 * @template {any[]} A
 * @param {(...given: A) => Promise<void>} work
 * @returns {{ run: (...given: A) => Promise<boolean>, busy: boolean, error: ApiError | null, clear: () => void }}
 *   `run` resolves to whether it went well; while one runs, another is refused
 */
export function useAction(work) {
  const [state, setState] = useState({ busy: false, error: /** @type {ApiError | null} */ (null) });
  const current = useRef(work);
  current.current = work;
  const busy = useRef(false);
  const run = useCallback(async (/** @type {A} */ ...given) => {
    if (busy.current) return false;
    busy.current = true;
    setState({ busy: true, error: null });
    try {
      await current.current(...given);
      setState({ busy: false, error: null });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) {
        setState({ busy: false, error: null });
        throw error;
      }
      setState({ busy: false, error });
      return false;
    } finally {
      busy.current = false;
    }
  }, []);
  const clear = useCallback(() => setState({ busy: false, error: null }), []);
  return { run, ...state, clear };
}
