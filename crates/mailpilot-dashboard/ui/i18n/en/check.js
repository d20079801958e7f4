// English: the findings of the check, by name and state as `/api/check` gives them.

export const words = {
  bind_loopback: "The server listens on this machine alone ({address}).",
  bind_public_http:
    "The server listens on every address ({address}) and speaks plain HTTP: passwords can be read on the way. Put a proxy with TLS in front of it, or listen on this machine alone.",
  bind_public: "The server listens on every address ({address}), and you reach it through TLS.",
  proxy_none: "No proxy is between you and the server.",
  proxy_trusted: "A trusted proxy stands in front of the server.",
  proxy_untrusted:
    "A proxy that the server does not trust stands in front of it, so all visitors seem to be one. Name its address.",
  scheme_https: "You are connected through TLS.",
  scheme_http_local: "You are connected without TLS, on the same machine; nobody can listen in.",
  scheme_http_remote:
    "You are connected without TLS over a network: what you type can be read on the way. Put a proxy with TLS in front of the server.",
  cookie_secure: "Your session cookie travels through TLS alone.",
  cookie_plain_local: "Your session cookie is kept; on this machine it needs no TLS.",
  cookie_plain_remote: "Your session cookie travels without TLS and can be stolen on the way.",
  cookie_none: "You came without a session cookie.",
  secret_configured:
    "The session secret is set in the configuration: sessions survive a restart and can be shared by servers.",
  secret_persisted: "The session secret is kept in the data folder: sessions survive a restart.",
  secret_not_persisted:
    "The session secret could not be kept: everybody has to log in again after a restart.",
  metrics_required: "Metrics need a credential.",
  metrics_open_local: "Metrics are open, and only this machine reaches them.",
  metrics_open: "Metrics are open to everybody who reaches the server; they name your accounts.",
  login_administrator: "There is an administrator; everybody else needs a key.",
  login_token_only:
    "There is no administrator yet: whoever is on this machine or has the setup code can become one.",
  login_development:
    "Nobody has to log in on this machine: development mode. Create an administrator before others can reach the server.",
  store_ok: "The database answers.",
  store_error: "The database does not answer; nothing can be stored.",
  keys_none: "There are no API keys.",
  keys_ok: "No API key expires soon.",
  keys_expiring: {
    one: "{expiring} API key expires within 14 days.",
    other: "{expiring} API keys expire within 14 days.",
  },
  keys_expired: {
    one: "{expired} API key has expired: whoever uses it is refused. Make a new one and revoke the old.",
    other: "{expired} API keys have expired: whoever uses one is refused. Make new ones and revoke the old.",
  },
  reload_none: "The configuration has not been read again since the start.",
  reload_ok: "The configuration was read again and is in force.",
  reload_failed: "The configuration was read again and refused; the one before it is still in force.",
  subjects_off: "Subjects and senders are not stored.",
  subjects_on: "Subjects and senders are stored; whoever may read activity sees them.",
  bind_public_warning:
    "The server listens on every address ({address}). You come through TLS, but others can bypass the proxy. It runs on this machine, so let the server listen on this machine alone.",
  login_token_only_ok: "There is no login; only tokens and keys open the API.",
  reload_ok_warning: "The configuration was read again; a restart is needed for {restartRequired}.",
};
