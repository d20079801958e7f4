// A chart over slices of time: uPlot keeps scales, axes and lines, the caller draws what lies between them.
// A cursor goes from slice to slice by pointer or arrow keys; what it stands on is the caller's to say.

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { isDark, language } from "../../core/preferences.js";
import { timeLabels } from "./axis.js";
import { paintFrom } from "./paint.js";

/** @typedef {import("../../vendor/uplot.js").uPlot} Chart */
/** @typedef {import("./paint.js").Paint} Paint */
/** @typedef {import("./axis.js").Span} Span */
/**
 * A line over the chart, with a value for the middle of each slice; null is a gap.
 *
 * @typedef {{ values: (number | null)[], colour: string, dash?: number[] }} Line
 */
/**
 * @typedef {object} PlotProps
 * @property {Span[]} slices one after the other, at least one
 * @property {[number, number]} range of the vertical axis
 * @property {(at: number) => string} axisText what stands at a height, empty for nothing
 * @property {number[]} [marks] the heights that may have a text; else round numbers
 * @property {Line[]} [lines]
 * @property {(chart: Chart, paint: Paint) => void} draw below the lines
 * @property {string} label names the chart
 * @property {string} valueText what the cursor stands on, for screen readers
 * @property {number | null} index of the slice the cursor stands on
 * @property {(index: number | null) => void} onIndex
 * @property {(index: number, height: number | null) => void} onPick the slice was chosen, at that height
 * @property {(by: 1 | -1) => void} [onStep] up or down within a slice
 * @property {() => void} [onFailed] the library could not be loaded
 */

/** In pixels. */
const HEIGHT = 240;
const AXIS_WIDTH = 58;
const FONT = "12px system-ui, sans-serif";

/**
 * The slice the cursor stands on: kept by its time, as slices move on.
 *
 * @param {Span[]} slices
 * @returns {[number | null, (index: number | null) => void]}
 */
export function useCursor(slices) {
  const [start, setStart] = useState(/** @type {number | null} */ (null));
  const index = start === null ? -1 : slices.findIndex((slice) => slice.start === start);
  return [index === -1 ? null : index, (to) => setStart(to === null ? null : slices[to].start)];
}

/** @param {PlotProps} props */
export function Plot(props) {
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [chart, setChart] = useState(/** @type {Chart | null} */ (null));
  const latest = useRef({ ...props, paint: /** @type {Paint} */ (() => "") });
  latest.current = { ...latest.current, ...props };
  const mark = useRef(/** @type {HTMLDivElement | null} */ (null));
  const dark = isDark();

  useEffect(() => {
    const node = /** @type {HTMLDivElement} */ (host.current);
    latest.current.paint = paintFrom(node);
    /** @type {Chart | null} */
    let made = null;
    let gone = false;
    const resized = new ResizeObserver(() => made?.setSize({ width: node.clientWidth, height: HEIGHT }));
    const make = async () => {
      const { uPlot } = await import("../../vendor/uplot.js");
      if (gone) return;
      const place = () => placeMark(made, mark.current, latest.current);
      made = new uPlot(optionsFor(latest, node.clientWidth, place), dataOf(latest.current), node);
      mark.current = made.over.appendChild(document.createElement("div"));
      mark.current.className = "plot-mark";
      resized.observe(node);
      setChart(made);
    };
    // The library weighs more than all the page, so it waits until a chart is to be seen.
    const seen = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      seen.disconnect();
      make().catch(() => latest.current.onFailed?.());
    });
    seen.observe(node);
    return () => {
      gone = true;
      seen.disconnect();
      resized.disconnect();
      made?.destroy();
    };
  }, []);

  useEffect(() => {
    if (!chart || !host.current) return;
    latest.current.paint = paintFrom(host.current);
    chart.setData(dataOf(latest.current));
  }, [chart, props.slices, props.draw, dark, language.value]);

  useEffect(() => placeMark(chart, mark.current, latest.current), [chart, props.index, props.slices]);
  usePointer(chart, latest);

  return html`<div
    ref=${host}
    class="plot"
    role="slider"
    tabindex="0"
    aria-label=${props.label}
    aria-valuemin="0"
    aria-valuemax=${props.slices.length - 1}
    aria-valuenow=${props.index ?? props.slices.length - 1}
    aria-valuetext=${props.valueText}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => press(event, latest.current)}
  ></div>`;
}

/**
 * The library's form of what is shown: middles of the slices, then the lines.
 *
 * @param {PlotProps} props
 * @returns {import("uplot").AlignedData}
 */
function dataOf({ slices, lines = [] }) {
  return [slices.map(({ start, end }) => (start + end) / 2000), ...lines.map(({ values }) => values)];
}

/**
 * @param {{ current: PlotProps & { paint: Paint } }} latest
 * @param {number} width
 * @param {() => void} drawn
 * @returns {import("uplot").Options}
 */
function optionsFor(latest, width, drawn) {
  const colour = (/** @type {string} */ token) => () => latest.current.paint(token);
  const named = (/** @type {Chart} */ _chart, /** @type {number[]} */ heights) =>
    heights.map((at) => (latest.current.axisText(at) === "" ? null : at));
  const axis = {
    font: FONT,
    stroke: colour("--muted"),
    ticks: { show: false },
    grid: { stroke: colour("--line"), width: 1 },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, null, null, 0],
    scales: {
      x: { time: true, range: () => extent(latest.current.slices) },
      y: { range: () => latest.current.range },
    },
    axes: [
      {
        ...axis,
        size: 34,
        gap: 10,
        space: 64,
        grid: { show: false },
        values: (_chart, seconds, _axis, _space, step) => timeLabels(seconds, step),
      },
      {
        ...axis,
        grid: { ...axis.grid, filter: named },
        size: AXIS_WIDTH,
        gap: 6,
        space: 28,
        splits: latest.current.marks ? () => latest.current.marks ?? [] : undefined,
        filter: named,
        values: (_chart, heights) => heights.map((at) => (at === null ? "" : latest.current.axisText(at))),
      },
    ],
    series: [
      {},
      ...(latest.current.lines ?? []).map(({ colour: token, dash }) => ({
        stroke: colour(token),
        width: 2,
        dash,
        spanGaps: false,
        points: { show: false, filter: isolated, size: 5, fill: colour(token) },
      })),
    ],
    hooks: {
      drawAxes: [
        (chart) => {
          latest.current.draw(chart, latest.current.paint);
          drawn();
        },
      ],
    },
  };
}

/**
 * A value between two gaps has no line to be seen by, so it gets a point.
 *
 * @param {Chart} chart
 * @param {number} series
 */
function isolated(chart, series) {
  const values = chart.data[series];
  return [...values.keys()].filter(
    (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
  );
}

/**
 * @param {Span[]} slices
 * @returns {[number, number]} in seconds
 */
function extent(slices) {
  return [slices[0].start / 1000, (slices.at(-1)?.end ?? 0) / 1000];
}

/**
 * @param {Chart | null} chart
 * @param {HTMLElement | null} mark
 * @param {PlotProps} props
 */
function placeMark(chart, mark, { index, slices }) {
  if (!chart || !mark) return;
  const slice = index === null ? undefined : slices[index];
  mark.hidden = !slice;
  if (!slice) return;
  const left = chart.valToPos(slice.start / 1000, "x");
  mark.style.left = `${left}px`;
  mark.style.width = `${chart.valToPos(slice.end / 1000, "x") - left}px`;
}

/** @param {KeyboardEvent} event @param {PlotProps} props */
function press(event, { index, slices, onIndex, onPick, onStep }) {
  const last = slices.length - 1;
  const at = index ?? last + 1;
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowLeft: () => onIndex(Math.max(0, at - 1)),
    ArrowRight: () => onIndex(Math.min(last, at + 1)),
    Home: () => onIndex(0),
    End: () => onIndex(last),
    PageUp: () => onIndex(Math.max(0, at - 6)),
    PageDown: () => onIndex(Math.min(last, at + 6)),
    ArrowUp: () => onStep?.(1),
    ArrowDown: () => onStep?.(-1),
    Escape: () => onIndex(null),
    Enter: () => index !== null && onPick(index, null),
  };
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
}

/**
 * The cursor follows the mouse. A finger first puts it down, and a second tap at the same place chooses.
 *
 * @param {Chart | null} chart
 * @param {{ current: PlotProps }} latest
 */
function usePointer(chart, latest) {
  useEffect(() => {
    if (!chart) return undefined;
    const { over } = chart;
    const sliceAt = (/** @type {MouseEvent} */ event) => {
      const at = chart.posToVal(event.clientX - over.getBoundingClientRect().left, "x") * 1000;
      const found = latest.current.slices.findIndex(({ start, end }) => at >= start && at < end);
      return found === -1 ? null : found;
    };
    const moved = (/** @type {PointerEvent} */ event) => {
      if (event.pointerType === "mouse") latest.current.onIndex(sliceAt(event));
    };
    const left = (/** @type {PointerEvent} */ event) => {
      if (event.pointerType === "mouse") latest.current.onIndex(null);
    };
    const pressed = (/** @type {PointerEvent} */ event) => {
      const index = sliceAt(event);
      if (index === null) return;
      if (event.pointerType !== "mouse" && index !== latest.current.index) latest.current.onIndex(index);
      else
        latest.current.onPick(index, chart.posToVal(event.clientY - over.getBoundingClientRect().top, "y"));
    };
    over.addEventListener("pointermove", moved);
    over.addEventListener("pointerleave", left);
    over.addEventListener("click", /** @type {EventListener} */ (pressed));
    return () => {
      over.removeEventListener("pointermove", moved);
      over.removeEventListener("pointerleave", left);
      over.removeEventListener("click", /** @type {EventListener} */ (pressed));
    };
  }, [chart]);
}
