// Health as monitoring sees it, and snippets for probes, scraping and proxies made from the real address.

import { html, useEffect } from "../../vendor/preact.js";
import { absolute, base } from "../../core/base.js";
import { listen } from "../../core/live.js";
import { usePaced } from "../../core/paced.js";
import { useResource } from "../../core/resource.js";
import { may } from "../../core/session.js";
import { catalogue } from "../../i18n/catalogue.js";
import { duration } from "../../i18n/format.js";
import { words } from "../../i18n/en/system.js";
import { Snippet } from "../../parts/copy.js";
import { Icon } from "../../parts/icon.js";
import { Loaded } from "../../parts/note.js";
import { Panel } from "../../parts/page.js";
import { gravestFirst, Status } from "../../parts/status.js";
import { caddy, apache, nginx, probe, scrape } from "./snippets.js";

const t = catalogue("system", words);

/**
 * What `/health` answers.
 *
 * @typedef {object} Report
 * @property {"healthy" | "degraded" | "unhealthy"} status
 * @property {number} uptime in seconds
 * @property {"ok" | "error"} database
 * @property {Record<string, string>} [accounts]
 */

/** The part. */
export function Health() {
  const health = useResource("/health");
  const config = useResource(may("read:accounts") ? "/api/config" : null);
  const again = usePaced(health.reload, 2000, 0);
  useEffect(() => listen({ type: "accounts", heard: again, missed: again }), [again]);
  return html`<${Panel} title=${t("healthNow")}>
      <${Loaded} of=${health}>${(/** @type {Report} */ report) => html`<${Facts} of=${report} />`}<//>
    <//>
    <${Snippets} settings=${settings(config.data)} />`;
}

/** @param {{ of: Report }} props */
function Facts({ of }) {
  const verdicts = /** @type {const} */ ({
    healthy: ["good", "check", "healthy"],
    degraded: ["warn", "warning", "degraded"],
    unhealthy: ["bad", "cross", "unhealthy"],
  });
  const [tone, icon, word] = verdicts[of.status];
  const accounts = gravestFirst(
    Object.entries(of.accounts ?? {}).map(([name, status]) => ({ name, status })),
  );
  return html`<dl class="facts">
    <dt>${t("state")}</dt>
    <dd><span class="badge ${tone}"><${Icon} name=${icon} />${t(word)}</span></dd>
    <dt>${t("database")}</dt>
    <dd>
      <span class="badge ${of.database === "ok" ? "good" : "bad"}">
        <${Icon} name=${of.database === "ok" ? "check" : "cross"} />
        ${t(of.database === "ok" ? "databaseOk" : "databaseError")}
      </span>
    </dd>
    <dt>${t("uptime")}</dt>
    <dd>${duration(of.uptime)}</dd>
    ${accounts.map(
      ({ name, status }) =>
        html`<dt key=${`${name}-name`}>${name}</dt>
          <dd key=${name}><${Status} status=${status} /></dd>`,
    )}
  </dl>`;
}

/** What the snippets depend on. */
function settings(/** @type {any} */ config) {
  const value = (/** @type {string} */ key) =>
    config?.values.find((/** @type {{ key: string }} */ each) => each.key === key)?.value;
  // Port 0 lets the system choose; without a proxy, the address has what it chose.
  const port = Number(value("server.port") ?? 8080) || Number(location.port);
  return { port, guarded: value("server.metrics_auth") === "required" };
}

function Snippets(/** @type {{ settings: { port: number, guarded: boolean } }} */ { settings }) {
  const { host, hostname, protocol } = location;
  return html`<${Panel} title=${t("monitoring")}>
      <div class="snippets">
        <${Snippet} label=${t("snippetCurl")} text=${`curl -fsS ${absolute("/health")}`} />
        <${Snippet} label=${t("snippetProbe")} text=${probe(base, settings.port)} />
        <${Snippet} label=${t("snippetScrape")} text=${scrape({ host, protocol, base, guarded: settings.guarded })} />
      </div>
      ${settings.guarded && html`<p class="hint">${t("scrapeKey")}</p>`}
    <//>
    <${Panel} title=${t("proxies")}>
      <p class="lead">${t("proxiesText")}</p>
      <div class="snippets">
        <${Snippet} label="nginx" text=${nginx(hostname, base, settings.port)} />
        <${Snippet} label="Apache" text=${apache(hostname, base, settings.port)} />
        <${Snippet} label="Caddy" text=${caddy(hostname, base, settings.port)} />
      </div>
    <//>`;
}
