// Where moments and values lie on a chart, and what stands at its axes. Pure.

import { ticks, timeTickInterval } from "../../vendor/d3.js";
import { timeLabels } from "./axis.js";

/** @typedef {import("./axis.js").Span} Span */
/**
 * Pixels, from the upper left corner.
 *
 * @typedef {object} Scale
 * @property {number} left of what is drawn, without axes
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 * @property {(at: number) => number} x of a moment
 * @property {(value: number) => number} y of a value
 * @property {(x: number) => number} moment at a place
 * @property {(y: number) => number} value at a place
 * @property {(slice: Span, gap?: number) => [number, number]} across left edge and width of a slice
 */

/** Room for what stands at the axes. */
const LEFT = 58;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 28;
/** Labels of the time axis shall have so much room, and are dropped where they have less than this. */
const LABEL = 76;
const CROWDED = 46;
/** Half of a label may not reach beyond the chart. */
const EDGE = 16;

/**
 * @param {Span[]} slices one after the other, at least one
 * @param {[number, number]} range of the values
 * @param {number} width
 * @param {number} height
 * @returns {Scale}
 */
export function scaleOf(slices, range, width, height) {
  const [start, end] = extent(slices);
  const [low, high] = range;
  const [left, right, top, bottom] = [LEFT, Math.max(LEFT + 1, width - RIGHT), TOP, height - BOTTOM];
  const x = (/** @type {number} */ at) => left + ((at - start) / (end - start)) * (right - left);
  return {
    left,
    right,
    top,
    bottom,
    x,
    y: (value) => bottom - ((value - low) / (high - low)) * (bottom - top),
    moment: (at) => start + ((at - left) / (right - left)) * (end - start),
    value: (at) => low + ((bottom - at) / (bottom - top)) * (high - low),
    across: (slice, gap = 0) => {
      const from = x(slice.start);
      const whole = x(slice.end) - from;
      const room = Math.min(gap, whole / 4);
      return [from + room / 2, whole - room];
    },
  };
}

/** @param {Span[]} slices */
function extent(slices) {
  return [slices[0].start, slices[slices.length - 1].end];
}

/**
 * What stands at the time axis, on the round hours and days of the reader's clock.
 *
 * @param {Span[]} slices
 * @param {Scale} scale
 */
export function timeMarks(slices, { x, left, right }) {
  const [start, end] = extent(slices);
  const interval = timeTickInterval(new Date(start), new Date(end), Math.max(2, (right - left) / LABEL));
  const moments = interval ? interval.range(new Date(start), new Date(end + 1)).map(Number) : [start];
  const texts = timeLabels(moments, moments.length > 1 ? moments[1] - moments[0] : 0);
  const all = moments.map((at, index) => ({ at, x: x(at), text: texts[index] }));
  const marks = all.filter((mark) => mark.x <= right - EDGE);
  /** @type {typeof marks} */
  const kept = [];
  for (const mark of marks) {
    // Days of a month are counted from its first, so the last of one and the first of the next may meet.
    const last = kept.at(-1);
    if (!last || mark.x - last.x >= CROWDED) kept.push(mark);
  }
  return kept;
}

/** Round values of an axis that begins at 0; only whole ones, as what is counted is whole. */
export function valueMarks(/** @type {number} */ most) {
  return ticks(0, most, 4).filter(Number.isInteger);
}
