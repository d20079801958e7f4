// Draws the bars of the throughput: stacks of actions, and failed mails on a baseline of their own below.

import { html } from "../../vendor/preact.js";
import { boxesPath } from "../../parts/chart/plot.js";
import { t } from "./words.js";

/** @typedef {import("../../parts/chart/scale.js").Scale} Scale */
/** @typedef {import("../../parts/chart/slices.js").Slice} Slice */
/** @typedef {import("../../parts/chart/stack.js").Layer} Layer */

/** How much of the height belongs to failed mails, as a share of that of the actions. */
export const FAILED_BAND = 0.24;
/** Between two bars, in pixels. */
const GAP = 2;

/**
 * @param {Scale} scale
 * @param {Slice[]} slices
 * @param {number[][]} stacks
 * @param {Layer[]} layers
 */
export function drawStacks(scale, slices, stacks, layers) {
  const tops = slices.map(() => 0);
  return layers.map(({ type, colour }, index) => {
    /** @type {[number, number, number, number][]} */
    const boxes = [];
    slices.forEach((slice, at) => {
      const count = stacks[at][index];
      if (count === 0) return;
      const [left, width] = scale.across(slice, GAP);
      const bottom = scale.y(tops[at]);
      tops[at] += count;
      const top = scale.y(tops[at]);
      boxes.push([left, top, width, Math.max(0.5, bottom - top)]);
    });
    return html`<path key=${type ?? ""} fill=${`var(${colour})`} d=${boxesPath(boxes)} />`;
  });
}

/**
 * Failed mails stand on the lower edge; the highest of them fills the band.
 *
 * @param {Scale} scale
 * @param {Slice[]} slices
 */
export function drawFailed(scale, slices) {
  const { left, right, bottom } = scale;
  const zero = scale.y(0);
  const room = (bottom - zero) * 0.7;
  const highest = Math.max(1, ...slices.map(({ errors }) => errors));
  const boxes = slices
    .filter(({ errors }) => errors > 0)
    .map((slice) => {
      const [from, width] = scale.across(slice, GAP);
      const height = Math.max(2, (slice.errors / highest) * room);
      return /** @type {[number, number, number, number]} */ ([from, bottom - height, width, height]);
    });
  return html`<path fill="var(--bad-fill)" d=${boxesPath(boxes)} />
    <path class="plot-base" d=${`M${left} ${zero}H${right}M${left} ${bottom}H${right}`} />
    <text x=${left - 8} y=${bottom - room / 2 + 4} text-anchor="end">${t("failedShort")}</text>`;
}
