// The list in memory: log lines in order of time, with marks where lines are missing. Knows no DOM.

/**
 * @typedef {object} Line
 * @property {number} id
 * @property {number} at milliseconds since 1970
 * @property {string} level
 * @property {string} target
 * @property {string} message
 * @property {string} [accountName]
 * @property {Record<string, unknown>} fields
 */
/**
 * A place where lines are missing. Its id lies behind that of the line it stands after.
 *
 * @typedef {object} Gap
 * @property {number} id
 * @property {number} at
 * @property {number | null} missing null where nobody knows how many
 */
/** @typedef {Line | Gap} Item */

/**
 * @param {Item} item
 * @returns {item is Gap}
 */
export function isGap(item) {
  return "missing" in item;
}

/** A line as the API gives it. */
export function lineOf(/** @type {any} */ { timestamp, ...rest }) {
  return /** @type {Line} */ ({ ...rest, at: Date.parse(timestamp) });
}

/** The server's order: by time, then by number. */
export function inOrder(/** @type {Item} */ a, /** @type {Item} */ b) {
  return a.at - b.at || a.id - b.id;
}

/**
 * Where an item stands or would stand.
 *
 * @param {Item[]} list
 * @param {Item} item
 */
export function placeOf(list, item) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inOrder(list[middle], item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Both lists in order, each line once.
 *
 * @param {Item[]} list in order
 * @param {Item[]} more in any order
 */
export function merged(list, more) {
  if (more.length === 0) return list;
  const sorted = [...more].sort(inOrder);
  const from = placeOf(list, sorted[0]);
  /** @type {Item[]} */
  const result = list.slice(0, from);
  let next = from;
  for (const item of sorted) {
    while (next < list.length && inOrder(list[next], item) < 0) result.push(list[next++]);
    const last = result.at(-1);
    const isThere =
      (next < list.length && inOrder(list[next], item) === 0) || (last && inOrder(last, item) === 0);
    if (!isThere) result.push(item);
  }
  return result.concat(list.slice(next));
}

/**
 * The mark of what is missing behind a line.
 *
 * @param {Line} line
 * @param {number | null} missing
 * @returns {Gap}
 */
export function gapAfter({ id, at }, missing) {
  return { id: id + 0.5, at, missing };
}

/**
 * Marks that lines are missing behind the last one.
 *
 * @param {Item[]} list
 * @param {number | null} missing
 */
export function withGap(list, missing) {
  const last = list.at(-1);
  if (!last) return list;
  if (!isGap(last)) return [...list, gapAfter(last, missing)];
  const sum = last.missing === null || missing === null ? null : last.missing + missing;
  return [...list.slice(0, -1), { ...last, missing: sum }];
}

/**
 * Fills a gap with what was read, newest part first.
 *
 * @param {Item[]} list
 * @param {Gap} gap
 * @param {Line[]} read
 * @param {boolean} complete otherwise what is still missing lies between the mark and the lines read
 */
export function filled(list, gap, read, complete) {
  const without = list.filter((item) => item.id !== gap.id);
  const rest = complete ? [] : [{ ...gap, missing: null }];
  return merged(without, [...read, ...rest]);
}
