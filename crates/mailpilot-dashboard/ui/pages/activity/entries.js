// Rows of activity in memory: as small as what is shown of them, newest first, each once.

/**
 * An entry as the API gives it.
 *
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} createdAt
 * @property {string} messageId
 * @property {string} accountName
 * @property {{ type: string, folder?: string, flags?: string[], reason?: string }[]} actions
 * @property {string} [subject]
 * @property {string} [from]
 * @property {string} [llmProvider]
 * @property {string} [llmModel]
 * @property {number} [confidence]
 * @property {string} [reasoning]
 * @property {number} [durationMs]
 * @property {string | null} [error]
 */

/**
 * What the list shows of it.
 *
 * @typedef {object} Row
 * @property {number} id
 * @property {number} at milliseconds since 1970
 * @property {string} account
 * @property {string} title the subject, or the message id where no subject is kept
 * @property {boolean} isId whether `title` is the message id
 * @property {string} from
 * @property {readonly string[]} actions such as `move → Lists`
 * @property {boolean} failed
 * @property {number | undefined} confidence
 * @property {number | undefined} ms
 */

/** Few accounts do few things: equal texts are kept once. */
const MOST_SHARED = 2_000;
/** @type {Map<string, readonly string[]>} */
const shared = new Map();

/** @param {Entry} entry @returns {Row} */
export function rowOf(entry) {
  return {
    id: entry.id,
    at: Date.parse(entry.createdAt),
    account: entry.accountName,
    title: entry.subject || entry.messageId,
    isId: !entry.subject,
    from: entry.from ?? "",
    actions: actionsOf(entry),
    failed: entry.error != null,
    confidence: entry.confidence,
    ms: entry.durationMs,
  };
}

/** @param {Entry} entry */
function actionsOf({ actions }) {
  const words = actions.map(actionText);
  const key = words.join("\n");
  const known = shared.get(key);
  if (known) return known;
  if (shared.size < MOST_SHARED) shared.set(key, words);
  return words;
}

/** An action in few words. @param {Entry["actions"][number]} action */
export function actionText({ type, folder, flags = [] }) {
  const said = flags.length > 0 ? `${type} ${flags.join(" ")}` : type;
  return folder ? `${said} → ${folder}` : said;
}

/** Below 0 where `a` stands before `b`. @param {Row} a @param {Row} b */
export function order(a, b) {
  return b.at - a.at || b.id - a.id;
}

/**
 * Where a row stands, or would stand.
 *
 * @param {readonly Row[]} rows
 * @param {Row} row
 */
export function placeOf(rows, row) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(rows[middle], row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {readonly Row[]} rows @param {Row} row */
export function has(rows, row) {
  return rows[placeOf(rows, row)]?.id === row.id;
}

/**
 * Both lists as one, each row once.
 *
 * @param {readonly Row[]} rows
 * @param {readonly Row[]} more in order too
 */
export function merge(rows, more) {
  if (more.length === 0) return rows;
  /** @type {Row[]} */
  const merged = [];
  let at = 0;
  for (const row of more) {
    if (merged.at(-1)?.id === row.id) continue;
    const place = placeOf(rows, row);
    while (at < place) merged.push(rows[at++]);
    if (rows[at]?.id === row.id) at++;
    merged.push(row);
  }
  while (at < rows.length) merged.push(rows[at++]);
  return merged;
}

/**
 * What the newest page says of rows that were read before.
 *
 * @param {readonly Row[]} rows as they are now
 * @param {readonly Row[]} before as they were when the page was asked for
 * @param {readonly Row[]} page
 * @param {boolean} isAll whether there is nothing behind the page
 * @returns {{ left: readonly Row[], fresh: Row[], gap: boolean, counts: (row: Row) => boolean }} `left`
 *   without those that were deleted; `gap` where rows may be missing between the page and what was there;
 *   `counts` for rows that the page's total has counted
 */
export function compare(rows, before, page, isAll) {
  const last = page.at(-1);
  const isBehind = (/** @type {Row} */ row) => !isAll && last !== undefined && order(last, row) < 0;
  const counts = (/** @type {Row} */ row) => isBehind(row) || has(page, row);
  return {
    // What came in meanwhile cannot be on the page yet.
    left: rows.filter((row) => counts(row) || !has(before, row)),
    fresh: page.filter((row) => !has(rows, row)),
    gap: !isAll && last !== undefined && (before.length === 0 || order(last, before[0]) < 0),
    counts,
  };
}
