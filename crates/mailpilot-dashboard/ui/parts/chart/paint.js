// Colours for a canvas, which knows no CSS: the tokens as the theme of the moment has them.

/** @typedef {(token: string) => string} Paint */

/**
 * Looks tokens up where they hold. Made anew when the theme changes.
 *
 * @param {HTMLElement} host
 * @returns {Paint}
 */
export function paintFrom(host) {
  /** @type {Map<string, string>} */
  const known = new Map();
  return (token) => {
    const found = known.get(token);
    if (found !== undefined) return found;
    // A custom property alone would still be `light-dark(…)`; a colour made of it is what it comes to.
    const probe = document.createElement("span");
    probe.style.color = `var(${token})`;
    host.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    known.set(token, colour);
    return colour;
  };
}
