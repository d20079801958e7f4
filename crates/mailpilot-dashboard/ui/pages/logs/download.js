// Takes along the lines that are shown: walks through the pages of the API and makes one file of them.

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { get } from "../../core/api.js";
import { number } from "../../i18n/format.js";
import { Dialog } from "../../parts/dialog.js";
import { Choice, Form } from "../../parts/form.js";
import { isFiltered } from "./filter.js";
import { lineOf } from "./lines.js";
import { PAGE } from "./reads.js";
import { plainText } from "./text.js";
import { t } from "./words.js";

/** @typedef {import("./filter.js").Filter} Filter */
/** @typedef {"ndjson" | "text"} Format */

/** @type {Record<Format, { type: string, ending: string, write: (line: any) => string }>} */
const FORMATS = {
  ndjson: { type: "application/x-ndjson", ending: "ndjson", write: (line) => JSON.stringify(line) },
  text: { type: "text/plain", ending: "log", write: (line) => plainText(lineOf(line)) },
};

/** @param {{ filter: Filter, onClose: () => void }} props */
export function Download({ filter, onClose }) {
  const [progress, setProgress] = useState(/** @type {{ done: number, total: string } | null} */ (null));
  const [result, setResult] = useState(
    /** @type {{ count: number, address: string, name: string } | null} */ (null),
  );
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  useEffect(() => () => void (result && URL.revokeObjectURL(result.address)), [result]);

  const start = async (/** @type {Record<string, string>} */ { format }) => {
    const { type, ending, write } = FORMATS[/** @type {Format} */ (format)];
    try {
      const { parts, count } = await collected(filter, write, stop.current.signal, setProgress);
      const address = URL.createObjectURL(new Blob(parts, { type }));
      const name = `mailpilot-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.${ending}`;
      setResult({ count, address, name });
    } catch (error) {
      if (stop.current.signal.aborted) return;
      setProgress(null);
      throw error;
    }
  };
  return html`<${Dialog} title=${t("downloadTitle")} onClose=${onClose}>
    ${
      result
        ? html`<${Done} ...${result} onClose=${onClose} />`
        : html`<p>${isFiltered(filter) ? t("downloadFiltered") : t("downloadAll")}</p>
            <${Form} onSubmit=${start} submit=${t("download")} onCancel=${onClose}>
              <${Choice}
                label=${t("format")}
                name="format"
                options=${[
                  { value: "ndjson", text: t("formatNdjson") },
                  { value: "text", text: t("formatText") },
                ]}
              />
            <//>
            <p role="status">${progress && t("downloadProgress", progress)}</p>`
    }
  <//>`;
}

/** @param {{ count: number, address: string, name: string, onClose: () => void }} props */
function Done({ count, address, name, onClose }) {
  const link = useRef(/** @type {HTMLAnchorElement | null} */ (null));
  useEffect(() => {
    link.current?.click();
    link.current?.focus();
  }, []);
  return html`<p role="status">${t("downloaded", { count })}</p>
    <div class="buttons">
      <a class="button quiet" ref=${link} href=${address} download=${name}>${name}</a>
      <button type="button" onClick=${onClose}>${t("done")}</button>
    </div>`;
}

/**
 * All lines, oldest first. The pages come newest first, so the parts are turned around at the end.
 *
 * @param {Filter} filter
 * @param {(line: any) => string} write
 * @param {AbortSignal} signal
 * @param {(progress: { done: number, total: string }) => void} tell
 * @throws {ApiError}
 */
async function collected(filter, write, signal, tell) {
  /** @type {Blob[]} */
  const parts = [];
  let count = 0;
  /** @type {string | undefined} */
  let cursor;
  // Lines that come meanwhile are newer than the first page and are left out.
  do {
    const page = await get("/api/logs", { ...filter, pageSize: PAGE, cursor }, signal);
    // A blob may be kept on disk, a text is kept in memory.
    parts.push(new Blob(page.logs.reverse().map((/** @type {any} */ line) => `${write(line)}\n`)));
    count += page.logs.length;
    tell({
      done: count,
      total: page.totalIsLowerBound ? t("orMore", { number: number(page.total) }) : number(page.total),
    });
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { parts: parts.reverse(), count };
}
