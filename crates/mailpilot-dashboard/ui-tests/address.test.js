// The address is the state of a page, below whatever prefix it lives.

import "./browser.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { absolute, url } from "../ui/core/base.js";
import { place, safePath, setQuery } from "../ui/core/router.js";

test("addresses begin with the prefix and leave empty values out", () => {
  assert.equal(url("/api/stats"), "/mail/api/stats");
  assert.equal(
    url("/api/logs", { level: "warn", q: "", from: null, limit: 0 }),
    "/mail/api/logs?level=warn&limit=0",
  );
  assert.equal(absolute("/logs"), "https://mail.example.org/mail/logs");
});

test("the place is the address without the prefix", () => {
  assert.equal(place.value.path, "/activity");
  assert.equal(place.value.query.get("outcome"), "failed");
});

test("filters change the address and nothing else of it", () => {
  setQuery({ account: "a&b" });
  assert.equal(location.href, "https://mail.example.org/mail/activity?outcome=failed&account=a%26b");
  setQuery({ outcome: null, account: "" });
  assert.equal(location.href, "https://mail.example.org/mail/activity");
  assert.equal(place.value.query.toString(), "");
});

test("only paths of this dashboard are gone to after a login", () => {
  for (const path of ["/", "/logs?level=warn"]) assert.equal(safePath(path), path);
  assert.equal(safePath("/accounts/../logs"), "/logs");
  const outside = [
    "https://example.org",
    "//example.org",
    "/\\example.org",
    "/\t/example.org",
    "/.//x",
    "/../x",
    "/../mailbox",
  ];
  for (const path of [null, "", "javascript:x", ...outside]) assert.equal(safePath(path), "/");
});
