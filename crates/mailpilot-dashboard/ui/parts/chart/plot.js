// A chart over slices of time: axes, lines and what the caller draws between them, as SVG in the colours of
// the theme. A cursor goes from slice to slice by pointer or arrow keys; what it is on is the caller's to say.

import { html, useEffect, useMemo, useRef, useState } from "../../vendor/preact.js";
import { language } from "../../core/preferences.js";
import { scaleOf, timeMarks } from "./scale.js";

/** @typedef {import("./axis.js").Span} Span */
/** @typedef {import("./scale.js").Scale} Scale */
/**
 * A line over the chart, with a value for the middle of each slice; null is a gap.
 *
 * @typedef {{ name: string, values: (number | null)[] }} Line `name` is its class
 */
/**
 * @typedef {object} PlotProps
 * @property {Span[]} slices one after the other, at least one
 * @property {[number, number]} range of the vertical axis
 * @property {{ value: number, text: string }[]} marks what stands at the vertical axis
 * @property {Line[]} [lines]
 * @property {(scale: Scale) => any} draw below the lines; a new function draws anew
 * @property {string} label names the chart
 * @property {string} valueText what the cursor stands on, for screen readers
 * @property {number | null} index of the slice the cursor stands on
 * @property {(index: number | null) => void} onIndex
 * @property {(index: number, height: number | null) => void} onPick the slice was chosen, at that height
 * @property {(by: 1 | -1) => void} [onStep] up or down within a slice
 */

/** In pixels. */
const HEIGHT = 240;

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
  const { slices, draw, label, valueText, index } = props;
  const [low, high] = props.range;
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const width = useWidth(host);
  const scale = useMemo(() => scaleOf(slices, [low, high], width, HEIGHT), [slices, low, high, width]);
  // The cursor moves often, and all the rest stays as it is.
  const drawn = useMemo(() => html`<${Drawn} ...${props} scale=${scale} />`, [scale, draw, language.value]);
  const [left, wide] = index === null ? [0, 0] : scale.across(slices[index]);
  return html`<div
    ref=${host}
    class="plot"
    role="slider"
    tabindex="0"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax=${slices.length - 1}
    aria-valuenow=${index ?? slices.length - 1}
    aria-valuetext=${valueText}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => press(event, props)}
    ...${pointing(host, scale, props)}
  >
    ${
      width > 0 &&
      html`<svg width=${width} height=${HEIGHT} aria-hidden="true">
        ${drawn}
        <rect class="plot-mark" x=${left} y=${scale.top} width=${wide} height=${scale.bottom - scale.top} />
      </svg>`
    }
  </div>`;
}

/** The width there is, 0 until it is known. */
function useWidth(/** @type {{ current: HTMLElement | null }} */ host) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const node = /** @type {HTMLElement} */ (host.current);
    const resized = new ResizeObserver(() => setWidth(node.clientWidth));
    resized.observe(node);
    return () => resized.disconnect();
  }, []);
  return width;
}

/** All but the cursor. */
function Drawn(/** @type {PlotProps & { scale: Scale }} */ { slices, marks, lines = [], draw, scale }) {
  const { left, right, bottom, x, y } = scale;
  const middle = (/** @type {number} */ at) => x((slices[at].start + slices[at].end) / 2);
  const path = (/** @type {(number | null)[]} */ values) =>
    values
      .map((value, at) => {
        if (value === null) return "";
        const starts = (values[at - 1] ?? null) === null;
        return `${starts ? "M" : "L"}${short(middle(at))} ${short(y(value))}`;
      })
      .join("");
  return html`${marks.map(
    ({ value, text }) =>
      html`<g key=${value}>
          <path class="plot-grid" d=${`M${left} ${y(value)}H${right}`} />
          <text x=${left - 8} y=${y(value) + 4} text-anchor="end">${text}</text>
        </g>`,
  )}
    ${timeMarks(slices, scale).map(
      ({ at, x: centre, text }) =>
        html`<text key=${at} x=${centre} y=${bottom + 20} text-anchor="middle">${text}</text>`,
    )}
    ${draw(scale)}
    ${lines.flatMap(({ name, values }) =>
      alone(values).map(
        (at) => html`<circle key=${`${name} ${at}`} r="2.5" cx=${middle(at)} cy=${y(values[at] ?? 0)} />`,
      ),
    )}
    ${lines.map(({ name, values }) => html`<path key=${name} class="plot-line ${name}" d=${path(values)} />`)}`;
}

/**
 * Where values stand between gaps: no line is there to be seen.
 *
 * @param {(number | null)[]} values
 */
function alone(values) {
  const isThere = (/** @type {number} */ at) => (values[at] ?? null) !== null;
  return [...values.keys()].filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
}

/** A tenth of a pixel is enough. */
function short(/** @type {number} */ value) {
  return Number(value.toFixed(1));
}

/**
 * Rectangles as one path: `M1 2h3v4h-3z` and so on.
 *
 * @param {[number, number, number, number][]} boxes left, top, width, height
 */
export function boxesPath(boxes) {
  return boxes
    .map(
      ([x, y, width, height]) =>
        `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`,
    )
    .join("");
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
 * @param {{ current: HTMLElement | null }} host
 * @param {Scale} scale
 * @param {PlotProps} props
 */
function pointing(host, scale, { slices, index, onIndex, onPick }) {
  const place = (/** @type {MouseEvent} */ event) => {
    const { left, top } = /** @type {HTMLElement} */ (host.current).getBoundingClientRect();
    const at = scale.moment(event.clientX - left);
    const found = slices.findIndex(({ start, end }) => at >= start && at < end);
    return { slice: found === -1 ? null : found, height: scale.value(event.clientY - top) };
  };
  return {
    onPointerMove: (/** @type {PointerEvent} */ event) => {
      if (event.pointerType === "mouse") onIndex(place(event).slice);
    },
    onPointerLeave: (/** @type {PointerEvent} */ event) => {
      if (event.pointerType === "mouse") onIndex(null);
    },
    onClick: (/** @type {PointerEvent} */ event) => {
      const { slice, height } = place(event);
      if (slice === null) return;
      if (event.pointerType !== "mouse" && slice !== index) onIndex(slice);
      else onPick(slice, height);
    },
  };
}
