// Ways on from one mail: to others like it, and to what was logged at the time.

import { html } from "../../vendor/preact.js";
import { url } from "../../core/base.js";
import { may } from "../../core/session.js";
import { Panel } from "../../parts/page.js";
import { t } from "./texts.js";

/** Log lines from so many milliseconds before to after it. */
const AROUND = 60_000;
/** The API searches for 3 to 200 characters. */
const SHORTEST = 3;
const LONGEST = 200;

/** @param {{ entry: import("../activity/entries.js").Entry }} props */
export function Related({ entry }) {
  const { accountName, createdAt, from = "", messageId } = entry;
  const sender = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
  const at = Date.parse(createdAt);
  const around = {
    accountName,
    startDate: new Date(at - AROUND).toISOString(),
    endDate: new Date(at + AROUND).toISOString(),
  };
  const ways = [
    { text: t("sameAccount", { account: accountName }), href: url("/activity", { accountName }) },
    ...(entry.error == null
      ? []
      : [
          {
            text: t("sameFailed", { account: accountName }),
            href: url("/activity", { accountName, outcome: "failed" }),
          },
        ]),
    ...search(sender).map((href) => ({ text: t("sameSender", { sender }), href })),
    ...search(messageId).map((href) => ({ text: t("sameId"), href })),
    ...(may("read:logs") ? [{ text: t("logs"), href: url("/logs", around) }] : []),
  ];
  return html`<${Panel} title=${t("related")}>
    <ul class="ways">
      ${ways.map(({ text, href }) => html`<li key=${href}><a href=${href}>${text}</a></li>`)}
    </ul>
  <//>`;
}

/** The list of mails with this text, where it can be searched for. @param {string} text */
function search(text) {
  const characters = [...text];
  if (characters.length < SHORTEST) return [];
  return [url("/activity", { search: characters.slice(0, LONGEST).join("") })];
}
