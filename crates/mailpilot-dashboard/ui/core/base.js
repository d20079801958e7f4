// Where the dashboard lives: the prefix its addresses begin with. Knows nothing of routes.

/** The prefix of every address: empty, or such as `/mail`. */
export const base = document.documentElement.dataset.base ?? "";

/**
 * The address of a path of the dashboard or the API.
 *
 * @param {string} path such as `/activity`
 * @param {Record<string, string | number | boolean | null | undefined>} [query] empty values are left out
 */
export function url(path, query = {}) {
  const text = queryText(query);
  return base + path + (text === "" ? "" : `?${text}`);
}

/** @param {Record<string, string | number | boolean | null | undefined>} query */
function queryText(query) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  return search.toString();
}

/** The address as another machine would write it, for snippets that are copied. */
export function absolute(/** @type {string} */ path) {
  return location.origin + base + path;
}
