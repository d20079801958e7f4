// How long classification took: a heat map of time and logarithmic buckets, with median and 95th percentile.

import { html, useCallback, useMemo } from "../../vendor/preact.js";
import { go } from "../../core/router.js";
import { duration, list, number } from "../../i18n/format.js";
import { spanText } from "../../parts/chart/axis.js";
import { boxesPath, Plot, useCursor } from "../../parts/chart/plot.js";
import { bucketsShown, position, quantile } from "../../parts/chart/quantile.js";
import { Readout, Twin } from "../../parts/chart/twin.js";
import { Note } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";
import { rows, rowsPath } from "./rows.js";
import { t } from "./words.js";

/** @typedef {import("../../parts/chart/slices.js").Slice} Slice */
/** @typedef {{ count: number, p50: number | null, p95: number | null }} Figures */

/** @param {{ slices: Slice[], le: number[] }} props `le` are the upper ends of the buckets, in seconds */
export function Latency({ slices, le }) {
  return html`<${Panel} title=${t("latency")}>
    ${
      slices.every(({ counts }) => counts.length === 0)
        ? html`<${Note} icon="clock" title=${t("nothingTimed")} />`
        : html`<${HeatMap} slices=${slices} le=${le} />`
    }
  <//>`;
}

/** @param {{ slices: Slice[], le: number[] }} props */
function HeatMap({ slices, le }) {
  const [index, setIndex] = useCursor(slices);
  const figures = useMemo(() => slices.map(({ counts }) => figuresOf(le, counts)), [slices, le]);
  const [first, end] = useMemo(
    () =>
      bucketsShown(
        slices.map(({ counts }) => counts),
        le.length + 1,
      ),
    [slices, le],
  );
  const lines = useMemo(() => linesOf(figures, le), [figures, le]);
  const draw = useCallback(
    (/** @type {import("../../parts/chart/scale.js").Scale} */ scale) => drawCells(scale, slices, first, end),
    [slices, first, end],
  );
  const marks = edges(first, end, le.length).map((value) => ({
    value,
    text: value === 0 ? "0" : duration(le[value - 1]),
  }));
  const chosen = index === null ? undefined : slices[index];

  return html`<${Plot}
      slices=${slices}
      range=${[first, end]}
      marks=${marks}
      lines=${lines}
      draw=${draw}
      label=${t("latencyLabel")}
      valueText=${chosen ? spanText(chosen) : ""}
      index=${index}
      onIndex=${setIndex}
      onPick=${(/** @type {number} */ at) => go(rowsPath(slices[at]))}
    />
    <${Readout}
      time=${chosen ? spanText(chosen) : ""}
      text=${chosen ? readout(figures[index ?? 0], chosen, le) : t("latencyHint")}
      href=${chosen && rows(chosen)}
      link=${t("showRows")}
    />
    <ul class="legend" aria-label=${t("legend")}>
      <li><span><i class="line"></i>${t("p50")}</span></li>
      <li><span><i class="line dashed"></i>${t("p95")}</span></li>
      <li><span>${t("few")} <i class="heat"></i> ${t("many")}</span></li>
    </ul>
    <${Twin} caption=${t("latency")} ...${table(slices, figures, le)} />`;
}

/**
 * @param {number[]} le
 * @param {number[]} counts
 * @returns {Figures}
 */
function figuresOf(le, counts) {
  const count = counts.reduce((sum, each) => sum + each, 0);
  return { count, p50: quantile(le, counts, 0.5), p95: quantile(le, counts, 0.95) };
}

/**
 * @param {Figures[]} figures
 * @param {number[]} le
 * @returns {import("../../parts/chart/plot.js").Line[]}
 */
function linesOf(figures, le) {
  const heights = (/** @type {"p50" | "p95"} */ which) =>
    figures.map(({ [which]: value }) => (value === null ? null : position(le, value)));
  return [
    { name: "p50", values: heights("p50") },
    { name: "p95", values: heights("p95") },
  ];
}

/**
 * The borders between buckets that get a text: not all where there are many, and none above the last.
 *
 * @param {number} first
 * @param {number} end
 * @param {number} last
 */
function edges(first, end, last) {
  const every = end - first > 10 ? 2 : 1;
  const all = Array.from({ length: end - first + 1 }, (_, index) => first + index);
  return all.filter((edge) => edge <= last && (edge - first) % every === 0);
}

/** Half of them, nearly all of them, and where most lie. */
function readout(
  /** @type {Figures} */ { count, p50, p95 },
  /** @type {Slice} */ { counts },
  /** @type {number[]} */ le,
) {
  if (p50 === null || p95 === null) return t("nothingTimed");
  const top = counts.indexOf(Math.max(...counts));
  return list([
    t("timed", { count }),
    t("p50Value", { value: secondsText(p50, le) }),
    t("p95Value", { value: secondsText(p95, le) }),
    t("mostIn", { count: counts[top], bucket: bucketText(top, le) }),
  ]);
}

/** A value in the bucket without an end is only known to be above it. */
function secondsText(/** @type {number | null} */ value, /** @type {number[]} */ le) {
  if (value === null) return "–";
  return value >= le[le.length - 1] ? t("above", { value: duration(value) }) : duration(value);
}

function bucketText(/** @type {number} */ index, /** @type {number[]} */ le) {
  if (index >= le.length) return t("above", { value: duration(le[le.length - 1]) });
  return `${index === 0 ? 0 : duration(le[index - 1])} – ${duration(le[index])}`;
}

/**
 * @param {Slice[]} slices
 * @param {Figures[]} figures
 * @param {number[]} le
 */
function table(slices, figures, le) {
  return {
    heads: [t("time"), t("timedHead"), t("p50"), t("p95")],
    rows: slices.map((slice, at) => ({
      key: slice.start,
      cells: [
        spanText(slice),
        figures[at].count === 0 ? number(0) : html`<a href=${rows(slice)}>${number(figures[at].count)}</a>`,
        secondsText(figures[at].p50, le),
        secondsText(figures[at].p95, le),
      ],
    })),
  };
}

/** Steps of strength; more cannot be told apart. */
const STRENGTHS = 10;

/**
 * The fuller a cell, the stronger its colour; by the root, so that single mails can be seen.
 *
 * @param {import("../../parts/chart/scale.js").Scale} scale
 * @param {Slice[]} slices
 * @param {number} first
 * @param {number} end
 */
function drawCells(scale, slices, first, end) {
  const fullest = Math.max(1, ...slices.flatMap(({ counts }) => counts));
  /** @type {[number, number, number, number][][]} */
  const cells = Array.from({ length: STRENGTHS + 1 }, () => []);
  for (const slice of slices) {
    const [left, width] = scale.across(slice, 1);
    for (let bucket = first; bucket < end; bucket += 1) {
      const count = slice.counts[bucket] ?? 0;
      if (count === 0) continue;
      const top = scale.y(bucket + 1);
      const height = scale.y(bucket) - top - 1;
      cells[Math.ceil(Math.sqrt(count / fullest) * STRENGTHS)].push([left, top + 0.5, width, height]);
    }
  }
  return cells.map(
    (boxes, strength) =>
      boxes.length > 0 &&
      html`<path
        key=${strength}
        fill="var(--series-1)"
        fill-opacity=${0.1 + (0.8 * strength) / STRENGTHS}
        d=${boxesPath(boxes)}
      />`,
  );
}
