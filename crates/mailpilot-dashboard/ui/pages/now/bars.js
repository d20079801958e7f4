// Draws the bars of the throughput on the canvas: stacks of actions, and failed mails on a baseline below.

import { t } from "./words.js";

/** @typedef {import("../../parts/chart/plot.js").Chart} Chart */
/** @typedef {import("../../parts/chart/plot.js").Paint} Paint */
/** @typedef {import("../../parts/chart/slices.js").Slice} Slice */
/** @typedef {import("../../parts/chart/stack.js").Layer} Layer */

/** How much of the height belongs to failed mails, as a share of that of the actions. */
export const FAILED_BAND = 0.24;

/**
 * Where a slice lies on the canvas, with a little room between two.
 *
 * @param {Chart} chart
 * @param {Slice} slice
 */
function extentOf(chart, { start, end }) {
  const left = chart.valToPos(start / 1000, "x", true);
  const width = chart.valToPos(end / 1000, "x", true) - left;
  const room = Math.min(2 * devicePixelRatio, width / 4);
  return { left: left + room / 2, width: Math.max(1, width - room) };
}

/**
 * @param {Chart} chart
 * @param {Paint} paint
 * @param {Slice[]} slices
 * @param {number[][]} stacks
 * @param {Layer[]} layers
 */
export function drawStacks(chart, paint, slices, stacks, layers) {
  const { ctx } = chart;
  slices.forEach((slice, at) => {
    const { left, width } = extentOf(chart, slice);
    let below = 0;
    stacks[at].forEach((count, index) => {
      if (count === 0) return;
      const bottom = chart.valToPos(below, "y", true);
      const top = chart.valToPos(below + count, "y", true);
      ctx.fillStyle = paint(layers[index].colour);
      ctx.fillRect(left, top, width, Math.max(1, bottom - top));
      below += count;
    });
  });
}

/**
 * Failed mails stand on the lower edge; the highest of them fills the band.
 *
 * @param {Chart} chart
 * @param {Paint} paint
 * @param {Slice[]} slices
 * @param {number} most
 */
export function drawFailed(chart, paint, slices, most) {
  const { ctx } = chart;
  const floor = chart.valToPos(-most * FAILED_BAND, "y", true);
  const room = (floor - chart.valToPos(0, "y", true)) * 0.7;
  const highest = Math.max(1, ...slices.map(({ errors }) => errors));
  ctx.fillStyle = paint("--bad-fill");
  for (const slice of slices) {
    const { left, width } = extentOf(chart, slice);
    const height = slice.errors === 0 ? 0 : Math.max(2 * devicePixelRatio, (slice.errors / highest) * room);
    ctx.fillRect(left, floor - height, width, height);
  }
  ctx.fillStyle = paint("--control");
  ctx.fillRect(chart.bbox.left, floor - 1, chart.bbox.width, 1);
  ctx.fillRect(chart.bbox.left, chart.valToPos(0, "y", true), chart.bbox.width, 1);
  ctx.fillStyle = paint("--muted");
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  ctx.fillText(t("failedShort"), chart.bbox.left - 6 * devicePixelRatio, floor - room / 2);
}
