// What can be chosen of an export, and how it is asked for.

/** What the API remembers too. */
/** @typedef {{ format: string, columns: string[], timezone: string, maxRows: number | null }} Choice */

/** In the API's usual order. */
export const COLUMNS = [
  "id",
  "createdAt",
  "accountName",
  "messageId",
  "subject",
  "from",
  "outcome",
  "actions",
  "error",
  "llmProvider",
  "llmModel",
  "confidence",
  "durationMs",
  "reasoning",
];

/** The most the API takes: whatever there is. */
const ALL_ROWS = Number.MAX_SAFE_INTEGER;

/**
 * What is chosen at first: what is remembered, or the browser's time zone where nobody has chosen yet.
 *
 * @param {Choice} stored
 * @returns {Choice}
 */
export function first(stored) {
  const untouched =
    stored.format === "csv" &&
    stored.timezone === "UTC" &&
    stored.maxRows === null &&
    stored.columns.join() === COLUMNS.join();
  return untouched ? { ...stored, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone } : stored;
}

/**
 * Parameters of the export. Each is named, because what is left out comes from what is remembered.
 *
 * @param {Choice} chosen
 * @param {Choice} stored
 */
export function asked({ format, columns, timezone, maxRows }, stored) {
  const most = maxRows ?? (stored.maxRows === null ? null : ALL_ROWS);
  return { format, columns: columns.join(), timezone, maxRows: most };
}

/** @param {string} name */
export function isZone(name) {
  // An offset such as +01:00 is a time zone to the browser, and none to the API.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Empty means all rows. @param {string} text */
export function wrongRows(text) {
  return text !== "" && !(/^[1-9]\d*$/.test(text) && Number(text) <= ALL_ROWS);
}
