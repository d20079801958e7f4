// Speaks to the server's API. The browser sends the session cookie by itself.

import { url } from "./base.js";

/** The server said no, or could not be reached. */
export class ApiError extends Error {
  /**
   * @param {number} status the HTTP status, 0 when there was no answer
   * @param {string} message the server's sentence
   * @param {{ code?: string, field?: string, errors?: { field?: string, message: string }[], retryAfter?: number }} [more]
   *   `errors` are all that is wrong where there are several, `retryAfter` is in seconds
   */
  constructor(status, message, { code, field, errors, retryAfter } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code ?? (status === 0 ? "no_answer" : "");
    this.field = field;
    this.errors = errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/**
 * @typedef {object} Options
 * @property {Record<string, string | number | boolean | null | undefined>} [query]
 * @property {unknown} [body] sent as JSON
 * @property {AbortSignal} [signal]
 */

/** @type {() => Promise<boolean>} */
let onSessionEnd = async () => false;

/**
 * Says what to do when the server no longer knows the caller.
 *
 * @param {() => Promise<boolean>} handler resolves to true when there is a session again
 */
export function whenSessionEnds(handler) {
  onSessionEnd = handler;
}

/** Paths for which 401 is an answer, not the end of a session. */
const ENTRY = ["/api/auth", "/api/login", "/api/logout", "/api/setup"];

/**
 * One call. When the session has ended it waits until there is one again and then repeats the call, so
 * that nothing typed is lost.
 *
 * @param {string} method
 * @param {string} path such as `/api/stats`
 * @param {Options} [options]
 * @returns {Promise<any>} the answer's JSON, null when it has no body
 * @throws {ApiError}
 */
export async function call(method, path, options = {}) {
  let { response, text } = await ask(method, path, options);
  if (response.status === 401 && !ENTRY.includes(path) && (await onSessionEnd())) {
    ({ response, text } = await ask(method, path, options));
  }
  const answer = parse(text);
  // What is no JSON comes from somebody in between, such as the login page of a proxy.
  if (response.ok && (answer !== null || text === "")) return answer;
  if (response.ok) throw new ApiError(0, "the server does not answer");
  const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
  throw new ApiError(response.status, answer?.error ?? `HTTP ${response.status}`, { ...answer, retryAfter });
}

/**
 * @param {string} path
 * @param {Options["query"]} [query]
 * @param {AbortSignal} [signal]
 */
export function get(path, query, signal) {
  return call("GET", path, { query, signal });
}

/**
 * The answer with its whole body: a connection can break in the middle of it too.
 *
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 */
async function ask(method, path, { query, body, signal }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(url(path, query), {
      method,
      headers,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { response, text: await response.text() };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "the server does not answer");
  }
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
