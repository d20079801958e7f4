// Calls of the API: what is sent, what an error tells, and that an ended session loses nothing.

import "./browser.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ApiError, call, get, whenSessionEnds } from "../ui/core/api.js";

/** @type {[string, RequestInit][]} */
let asked = [];
/** @type {(Response | Error)[]} */
let answers = [];

globalThis.fetch = async (address, init) => {
  asked.push([String(address), init ?? {}]);
  const answer = answers.shift();
  assert.ok(answer, `${address} was not expected`);
  if (answer instanceof Error) throw answer;
  return answer;
};

beforeEach(() => {
  asked = [];
  answers = [];
  whenSessionEnds(async () => false);
});

test("a body goes as JSON, an empty answer is null", async () => {
  answers = [new Response(null, { status: 204 })];
  assert.equal(await call("POST", "/api/keys", { body: { name: "a" } }), null);
  const [address, init] = asked[0];
  assert.equal(address, "/mail/api/keys");
  assert.deepEqual([init.method, init.body], ["POST", '{"name":"a"}']);
  assert.equal(new Headers(init.headers).get("Content-Type"), "application/json");
});

test("an error tells status, code, field and when to come again", async () => {
  const body = JSON.stringify({ error: "too many attempts", code: "rate_limited", field: "password" });
  answers = [new Response(body, { status: 429, headers: { "Retry-After": "7" } })];
  const { message, status, code, field, retryAfter } = await get("/api/x").catch((error) => error);
  assert.deepEqual(
    { message, status, code, field, retryAfter },
    { message: "too many attempts", status: 429, code: "rate_limited", field: "password", retryAfter: 7 },
  );
});

test("a proxy's own page is told by its status, no answer by status 0", async () => {
  answers = [new Response("<h1>Bad Gateway</h1>", { status: 502 }), new TypeError("failed")];
  const [proxy, silence] = [await get("/api/x").catch((e) => e), await get("/api/x").catch((e) => e)];
  assert.ok(proxy instanceof ApiError && silence instanceof ApiError);
  assert.deepEqual([proxy.status, silence.status, silence.code], [502, 0, "no_answer"]);
});

test("an answer that breaks off or is no JSON is none", async () => {
  const broken = new ReadableStream({ start: (body) => body.error(new TypeError("network error")) });
  answers = [new Response(broken), new Response("<h1>Log in to the proxy</h1>")];
  await assert.rejects(get("/api/x"), { name: "ApiError", code: "no_answer" });
  await assert.rejects(get("/api/x"), { name: "ApiError", code: "no_answer" });
});

test("after the session ended the call waits for another and is repeated", async () => {
  let logins = 0;
  whenSessionEnds(async () => ++logins === 1);
  answers = [new Response("{}", { status: 401 }), new Response('{"a":1}')];
  assert.deepEqual(await call("PUT", "/api/accounts/x", { body: { b: 2 } }), { a: 1 });
  assert.deepEqual(
    asked.map(([, init]) => init.body),
    ['{"b":2}', '{"b":2}'],
  );
  answers = [new Response("{}", { status: 401 })];
  await assert.rejects(call("POST", "/api/login", { body: {} }), { status: 401 });
  assert.equal(logins, 1);
});
