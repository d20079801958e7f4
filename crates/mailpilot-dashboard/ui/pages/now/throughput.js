// How much was done: actions stacked by type over time, failed mails on a baseline of their own below.

import { html, useCallback, useMemo, useState } from "../../vendor/preact.js";
import { language } from "../../core/preferences.js";
import { go } from "../../core/router.js";
import { compact, list, number } from "../../i18n/format.js";
import { spanText } from "../../parts/chart/axis.js";
import { Plot, useCursor } from "../../parts/chart/plot.js";
import { valueMarks } from "../../parts/chart/scale.js";
import { actionsIn } from "../../parts/chart/slices.js";
import { countsOf, layerAt, layersOf } from "../../parts/chart/stack.js";
import { Readout, Twin } from "../../parts/chart/twin.js";
import { Note } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";
import { drawFailed, drawStacks, FAILED_BAND } from "./bars.js";
import { rows, rowsPath } from "./rows.js";
import { t } from "./words.js";

/** @typedef {import("../../parts/chart/slices.js").Slice} Slice */
/** @typedef {import("../../parts/chart/stack.js").Layer} Layer */

/** @param {{ slices: Slice[] }} props */
export function Throughput({ slices }) {
  return html`<${Panel} title=${t("throughput")} >
    ${
      slices.every((slice) => slice.emails === 0 && slice.errors === 0 && actionsIn(slice) === 0)
        ? html`<${Note} icon="now" title=${t("nothingHappened")} />`
        : html`<${Bars} slices=${slices} />`
    }
  <//>`;
}

/** @param {{ slices: Slice[] }} props */
function Bars({ slices }) {
  const [index, setIndex] = useCursor(slices);
  const layers = useMemo(() => layersOf(slices), [slices]);
  const stacks = useMemo(() => slices.map((slice) => countsOf(slice, layers)), [slices, layers]);
  const most = Math.max(1, ...slices.map(actionsIn));
  const draw = useCallback(
    (/** @type {import("../../parts/chart/scale.js").Scale} */ scale) => [
      drawStacks(scale, slices, stacks, layers),
      drawFailed(scale, slices),
    ],
    [slices, stacks, layers],
  );
  const marks = useMemo(
    () => valueMarks(most).map((value) => ({ value, text: compact(value) })),
    [most, language.value],
  );
  // By its type, as the order may change; undefined is the whole stack.
  const [type, setType] = useState(/** @type {Layer["type"] | undefined} */ (undefined));
  const found = layers.findIndex((layer) => layer.type === type);
  const layer = found === -1 ? null : found;
  const move = (/** @type {number | null} */ to) => {
    setIndex(to);
    setType(undefined);
  };
  const chosen = index === null ? undefined : slices[index];
  const action = layer === null ? undefined : layers[layer]?.type;
  const step = (/** @type {number} */ by) => {
    if (index === null) return;
    const next = nextLayer(stacks[index], layer, by);
    setType(next === null ? undefined : layers[next].type);
  };
  const pick = (/** @type {number} */ at, /** @type {number | null} */ height) => {
    const hit = height === null ? layer : layerAt(stacks[at], height);
    const isFailed = height !== null && height < 0 && slices[at].errors > 0;
    go(rowsPath({ ...slices[at], action: hit === null ? null : layers[hit].type, failed: isFailed }));
  };

  return html`<${Plot}
      slices=${slices}
      range=${[-most * FAILED_BAND, most * 1.04]}
      marks=${marks}
      draw=${draw}
      label=${t("throughputLabel")}
      valueText=${chosen ? spanText(chosen) : ""}
      index=${index}
      onIndex=${move}
      onPick=${pick}
      onStep=${step}
    />
    <${Readout}
      time=${chosen ? spanText(chosen) : ""}
      text=${chosen ? sliceText(chosen, layers, stacks[index ?? 0], layer) : t("throughputHint")}
      href=${chosen && rows({ ...chosen, action })}
      link=${action ? t("showAction", { type: action }) : t("showRows")}
    />
    <${Legend} slices=${slices} layers=${layers} />
    <${Twin} caption=${t("throughput")} ...${table(slices, layers, stacks)} />`;
}

/**
 * The next layer with something in it, up or down; null is the whole stack.
 *
 * @param {number[]} counts
 * @param {number | null} layer
 * @param {number} by
 */
function nextLayer(counts, layer, by) {
  let next = layer ?? (by > 0 ? -1 : counts.length);
  do next += by;
  while (counts[next] === 0);
  return next in counts ? next : null;
}

/**
 * @param {Slice} slice
 * @param {Layer[]} layers
 * @param {number[]} counts
 * @param {number | null} layer
 */
function sliceText(slice, layers, counts, layer) {
  const named = layers.map(({ type }, index) => `${type ?? t("otherActions")} ${number(counts[index])}`);
  if (layer !== null) return named[layer];
  const parts = [t("mails", { count: slice.emails })];
  if (slice.errors > 0) parts.push(t("failed", { count: slice.errors }));
  return list([...parts, ...named.filter((_, index) => counts[index] > 0)]);
}

/** @param {{ slices: Slice[], layers: Layer[] }} props */
function Legend({ slices, layers }) {
  const whole = { start: slices[0].start, end: slices[slices.length - 1].end };
  const errors = slices.reduce((sum, slice) => sum + slice.errors, 0);
  const entries = layers.map(({ type, count, colour }) => ({
    name: type ?? t("otherActions"),
    count,
    colour,
    href: rows({ ...whole, action: type }),
  }));
  if (errors > 0) {
    const href = rows({ ...whole, failed: true });
    entries.push({ name: t("failedShort"), count: errors, colour: "--bad-fill", href });
  }
  return html`<ul class="legend" aria-label=${t("legend")}>
    ${entries.map(
      ({ name, count, colour, href }) =>
        html`<li key=${name}>
          <a href=${href}><i style=${{ background: `var(${colour})` }}></i>${name} <b>${number(count)}</b></a>
        </li>`,
    )}
  </ul>`;
}

/**
 * @param {Slice[]} slices
 * @param {Layer[]} layers
 * @param {number[][]} stacks
 */
function table(slices, layers, stacks) {
  const linked = (/** @type {number} */ count, /** @type {Parameters<typeof rows>[0]} */ of) =>
    count === 0 ? number(0) : html`<a href=${rows(of)}>${number(count)}</a>`;
  return {
    heads: [
      t("time"),
      t("mailsHead"),
      ...layers.map(({ type }) => type ?? t("otherActions")),
      t("failedColumn"),
    ],
    rows: slices.map((slice, at) => ({
      key: slice.start,
      cells: [
        spanText(slice),
        linked(slice.emails, slice),
        ...layers.map(({ type }, index) => linked(stacks[at][index], { ...slice, action: type })),
        linked(slice.errors, { ...slice, failed: true }),
      ],
    })),
  };
}
