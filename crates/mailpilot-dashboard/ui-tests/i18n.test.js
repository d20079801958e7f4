// Both languages say the same: the same texts, filled in with the same values.

import "./browser.js";

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import { addTranslation, catalogue } from "../ui/i18n/catalogue.js";
import { german } from "../ui/i18n/de/index.js";
import { language } from "../ui/core/preferences.js";

const names = readdirSync(new URL("../ui/i18n/en", import.meta.url)).map((file) => file.replace(".js", ""));

/** What is filled in, for each form of the text. */
function holes(/** @type {string | Record<string, string>} */ text) {
  const forms = typeof text === "string" ? [text] : Object.values(text);
  return new Set(forms.flatMap((form) => form.match(/\{\w+\}/g) ?? []));
}

for (const name of names) {
  test(`German has every text of ${name}`, async () => {
    const { words } = await import(`../ui/i18n/en/${name}.js`);
    const translated = german[name];
    assert.ok(translated, `de/index.js lacks ${name}`);
    assert.deepEqual(Object.keys(translated).sort(), Object.keys(words).sort());
    for (const [key, text] of Object.entries(words)) {
      assert.deepEqual(holes(translated[key]), holes(text), key);
      assert.equal(typeof translated[key], typeof text, key);
    }
  });
}

test("a text is filled in, takes its plural form and falls back to English", () => {
  const t = catalogue("sample", {
    mails: { one: "{count} mail of {name}", other: "{count} mails of {name}" },
    only: "English",
  });
  assert.equal(t("mails", { count: 1, name: "<b>" }), "1 mail of <b>");
  assert.equal(t("mails", { count: 1200, name: "work" }), "1,200 mails of work");
  addTranslation("de", { sample: { mails: { one: "{count} Mail", other: "{count} Mails" } } });
  language.value = "de";
  assert.equal(t("mails", { count: 1200 }), "1.200 Mails");
  assert.equal(t("only"), "English");
  language.value = "en";
});
