// Parts that are seldom needed are loaded when they are, so that the first view does not wait for them.

import { html, useEffect, useState } from "../vendor/preact.js";

/**
 * Shows what `load` resolves to; other properties are its own.
 *
 * @param {{ load: () => Promise<any>, [property: string]: any }} props
 */
export function Later({ load, ...given }) {
  const [part, setPart] = useState(/** @type {{ component: any } | null} */ (null));
  useEffect(() => {
    load().then(
      (component) => setPart({ component }),
      // The module is gone: the server has a new version, and this page is of the old one.
      () => location.reload(),
    );
  }, []);
  return part && html`<${part.component} ...${given} />`;
}
