// Speaks to the server's API. The browser sends the session cookie by itself.

/** The prefix the dashboard lives below: empty, or such as `/mail`. */
export const base = document.documentElement.dataset.base ?? "";

/** The server said no, or could not be reached. */
export class ApiError extends Error {
  /**
   * @param {number} status the HTTP status, 0 when there was no answer
   * @param {string} message
   * @param {string} [code]
   * @param {string} [field] the field of the request that is to blame
   */
  constructor(status, message, code, field) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/**
 * @param {string} method
 * @param {string} path below the base path, such as `/api/stats`
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<any>} the answer's JSON, `null` when it has no body
 * @throws {ApiError}
 */
export async function call(method, path, body) {
  const init = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    Object.assign(init.headers, { "Content-Type": "application/json" });
    Object.assign(init, { body: JSON.stringify(body) });
  }
  let response;
  try {
    response = await fetch(base + path, init);
  } catch {
    throw new ApiError(0, "The server does not answer. Is it running, and is the network up?");
  }
  const text = await response.text();
  const answer = parse(text);
  if (response.ok) return answer;
  const message = answer?.error ?? `The server answered ${response.status}.`;
  throw new ApiError(response.status, message, answer?.code, answer?.field);
}

/** @param {string} text */
function parse(text) {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    // A proxy's own error page; the status says enough.
    return null;
  }
}
