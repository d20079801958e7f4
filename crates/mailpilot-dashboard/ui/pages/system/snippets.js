// The texts of the snippets. They follow docs/PROXIES.md; whoever changes one changes both.

/** Kubernetes: restart what is dead, send nothing to what is not ready. */
export function probe(/** @type {string} */ base, /** @type {number} */ port) {
  return `livenessProbe:
  httpGet: { path: ${base}/health/live, port: ${port} }
readinessProbe:
  httpGet: { path: ${base}/health/ready, port: ${port} }`;
}

/**
 * A job for Prometheus.
 *
 * @param {{ host: string, protocol: string, base: string, guarded: boolean }} where
 */
export function scrape({ host, protocol, base, guarded }) {
  const credential = guarded
    ? "\n    authorization: { credentials_file: /etc/prometheus/mailpilot.key }"
    : "";
  return `scrape_configs:
  - job_name: mailpilot
    scheme: ${protocol.replace(":", "")}
    metrics_path: ${base}/metrics
    static_configs: [{ targets: ["${host}"] }]${credential}`;
}

/** @param {string} name @param {string} base @param {number} port */
export function nginx(name, base, port) {
  return `server {
    listen 80;
    server_name ${name};

    location ${base}/ {
        proxy_pass http://localhost:${port};
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }
}`;
}

/** @param {string} name @param {string} base @param {number} port */
export function apache(name, base, port) {
  return `<VirtualHost *:80>
    ServerName ${name}
    ProxyPreserveHost On
    ProxyPass ${base}/ http://localhost:${port}${base}/
    ProxyPassReverse ${base}/ http://localhost:${port}${base}/
</VirtualHost>`;
}

/** @param {string} name @param {string} base @param {number} port */
export function caddy(name, base, port) {
  const only = base === "" ? "" : ` ${base}/*`;
  return `${name} {
    reverse_proxy${only} localhost:${port}
}`;
}
