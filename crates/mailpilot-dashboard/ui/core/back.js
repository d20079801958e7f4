// Tries again by itself what could not be had while the server was away.

import { useEffect } from "../vendor/preact.js";
import { connection } from "./live.js";

/**
 * Does it whenever the connection has come back, as long as there is an error that may have passed by then.
 *
 * @param {import("./api.js").ApiError | null} error
 * @param {() => void} again the same function at each call
 */
export function useBack(error, again) {
  const isOut = error !== null && isOutage(error);
  useEffect(() => {
    if (!isOut) return undefined;
    let was = connection.value;
    return connection.subscribe((is) => {
      if (is === "live" && was !== "live") again();
      was = is;
    });
  }, [isOut, again]);
}

/** Nobody answered, or somebody in between. @param {import("./api.js").ApiError} error */
function isOutage({ status }) {
  return status === 0 || status >= 502;
}
