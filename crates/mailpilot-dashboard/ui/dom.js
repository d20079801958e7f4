// Makes elements. Text always becomes a text node, never markup.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element with attributes, listeners (`onclick`, …) and children.
 * Attributes that are `undefined`, `null` or `false` are left out; `true` sets an empty one.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") {
      node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

/**
 * A table; where the window is narrow, one block a row, which is why cells carry their heads and
 * all parts their roles: without the display of a table, browsers forget that it is one.
 *
 * @param {string} caption
 * @param {string[]} heads
 * @param {Child[][]} rows
 */
export function table(caption, heads, rows) {
  const head = heads.map((text) => h("th", { role: "columnheader", scope: "col" }, text));
  const body = rows.map(([first, ...rest]) =>
    h(
      "tr",
      { role: "row" },
      h("th", { role: "rowheader", scope: "row" }, first),
      rest.map((cell, at) => h("td", { role: "cell", "data-head": heads[at + 1] }, h("span", {}, cell))),
    ),
  );
  return h(
    "table",
    { role: "table" },
    h("caption", {}, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
    h("tbody", { role: "rowgroup" }, body),
  );
}

/**
 * @param {string | null | undefined} rfc3339
 * @returns {Child}
 */
export function time(rfc3339) {
  if (!rfc3339) return "–";
  return h("time", { datetime: rfc3339 }, new Date(rfc3339).toLocaleString());
}

/**
 * @param {string} title
 * @param {...(Child | Child[])} children
 */
export function section(title, ...children) {
  const id = `section-${title.toLowerCase().replaceAll(" ", "-")}`;
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

/** @param {Error} error */
export function problem(error) {
  return h("p", { class: "error" }, error.message);
}
