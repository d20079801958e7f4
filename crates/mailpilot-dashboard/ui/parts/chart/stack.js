// Which actions a chart tells apart, in what colour and in what order. Pure.

import { total } from "./slices.js";

/** @typedef {import("./slices.js").Slice} Slice */
/**
 * `type` is null for all actions that have no layer of their own.
 *
 * @typedef {{ type: string | null, colour: string, count: number }} Layer
 */

/** More cannot be told apart. */
const MOST = 7;
const REST = "--series-8";

/** What most programs do with mail has the same colour always, whatever else is there. */
const KNOWN = ["move", "label", "flag", "archive", "spam", "read", "noop"];

/**
 * The layers of a stack from the bottom up: the most frequent first, the rest together at the end.
 *
 * @param {Slice[]} slices
 * @returns {Layer[]}
 */
export function layersOf(slices) {
  const counted = Object.entries(total(slices).actions)
    .filter(([, count]) => count > 0)
    .sort(([a, more], [b, less]) => less - more || a.localeCompare(b));
  const own = counted.filter(([type]) => type !== "other").slice(0, MOST);
  const colours = coloursOf(own.map(([type]) => type));
  /** @type {Layer[]} */
  const layers = own.map(([type, count]) => ({ type, count, colour: colours.get(type) ?? REST }));
  const rest = counted.filter(([type]) => !colours.has(type));
  if (rest.length > 0) {
    layers.push({ type: null, colour: REST, count: rest.reduce((sum, [, count]) => sum + count, 0) });
  }
  return layers;
}

/** @param {string[]} types at most as many as there are colours */
function coloursOf(types) {
  const free = new Set(KNOWN.map((_, index) => index + 1));
  /** @type {Map<string, number>} */
  const numbers = new Map();
  for (const type of types.filter((each) => KNOWN.includes(each))) {
    numbers.set(type, KNOWN.indexOf(type) + 1);
    free.delete(KNOWN.indexOf(type) + 1);
  }
  for (const type of types.filter((each) => !KNOWN.includes(each)).sort()) {
    const [first] = free;
    numbers.set(type, first);
    free.delete(first);
  }
  return new Map([...numbers].map(([type, number]) => [type, `--series-${number}`]));
}

/**
 * How many actions of each layer a slice has.
 *
 * @param {Slice} slice
 * @param {Layer[]} layers
 */
export function countsOf(slice, layers) {
  const own = new Set(layers.map(({ type }) => type));
  return layers.map(({ type }) =>
    type === null
      ? Object.entries(slice.actions).reduce((sum, [each, count]) => (own.has(each) ? sum : sum + count), 0)
      : (slice.actions[type] ?? 0),
  );
}

/**
 * The layer at a height of a slice's stack, null above it.
 *
 * @param {number[]} counts of `countsOf`
 * @param {number} height in actions
 */
export function layerAt(counts, height) {
  if (height < 0) return null;
  let top = 0;
  const index = counts.findIndex((count) => height < (top += count));
  return index === -1 ? null : index;
}
