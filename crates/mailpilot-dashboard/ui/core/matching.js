// How the server compares what is filtered for with what comes: texts in any case, moments. For rows that
// come live, which the server does not filter.

/**
 * A text in any case, as the server has it: each character in capitals, then in small letters. So `ß` is
 * `ss`, and the two forms of `σ` are one.
 *
 * @param {string} text
 */
export function fold(text) {
  return Array.from(text, (char) => char.toUpperCase().toLowerCase()).join("");
}

/**
 * A moment of the address or the API, in milliseconds since 1970; NaN where it is none.
 *
 * @param {string} text such milliseconds, or RFC 3339
 */
export function moment(text) {
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}
