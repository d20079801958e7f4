// The setup code of the link the server printed, taken out of the address at once, so that no bookmark
// or screenshot keeps it.

let code = "";

/** Reads `#code=…`; once, at the start. */
export function takeSetupCode() {
  const found = new URLSearchParams(location.hash.slice(1)).get("code");
  if (found === null) return;
  code = found;
  history.replaceState(null, "", location.pathname + location.search);
}

/** The code, or an empty text. */
export function setupCode() {
  return code;
}
