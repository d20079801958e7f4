// A browser's name out of what it says of itself; the whole text is shown on hover.

/** What to look for, the special before the general: most browsers name others too. */
const BROWSERS = /** @type {const} */ ([
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
  ["curl/", "curl"],
]);
const SYSTEMS = /** @type {const} */ ([
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS", "macOS"],
  ["Linux", "Linux"],
]);

/**
 * @param {string | null} userAgent
 * @returns {string | null} such as `Firefox, Linux`
 */
export function browserName(userAgent) {
  if (!userAgent) return null;
  const browser = BROWSERS.find(([sign]) => userAgent.includes(sign))?.[1];
  const system = SYSTEMS.find(([sign]) => userAgent.includes(sign))?.[1];
  return [browser, system].filter(Boolean).join(", ") || userAgent.slice(0, 40);
}
