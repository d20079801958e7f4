// Lines as text: in a row, in a file, for the clipboard. Knows no DOM.

/** @typedef {import("./lines.js").Line} Line */

/** Such as `2026-11-22 10:00:00.123 UTC`. */
export function utcTime(/** @type {number} */ at) {
  return `${new Date(at).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** Fields as `name=value`, in one line. */
export function inLines(/** @type {Record<string, unknown>} */ fields) {
  return Object.entries(fields)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === "string" && !/[\s"=]/.test(value) ? value : JSON.stringify(value)}`,
    )
    .join(" ");
}

/** As the API gives it. */
export function jsonText(/** @type {Line} */ { at, ...line }) {
  return JSON.stringify({ ...line, timestamp: new Date(at).toISOString() });
}

/** One line of a text file, whatever the message holds. */
export function plainText(/** @type {Line} */ { at, level, target, accountName, message, fields }) {
  const parts = [
    new Date(at).toISOString(),
    level.toUpperCase().padEnd(5),
    target,
    accountName && `[${accountName}]`,
    message.replaceAll("\\", "\\\\").replaceAll("\r", "\\r").replaceAll("\n", "\\n"),
    inLines(fields),
  ];
  return parts.filter(Boolean).join(" ");
}
