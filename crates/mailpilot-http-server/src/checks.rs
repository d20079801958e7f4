//! Whether an installation is set up wisely, one finding for each thing that can be set up otherwise, with
//! the line of configuration that cures it.
//!
//! Pure: facts come in. Holds no secret, and must not look at a request or ask the store.

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;
use mailpilot_clock::Timestamp;
use mailpilot_permissions::Identity;
use serde_json::{Map, Value, json};

use crate::{
    client::{Client, Proxy, Scheme},
    cookies,
    settings::{HttpSettings, MetricsAuth, SecretKept},
};

/// The findings, in their order.
pub(crate) const NAMES: [&str; 11] = [
    "bind", "proxy", "scheme", "cookie", "secret", "metrics", "login", "keys", "store", "reload",
    "subjects",
];

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Ok,
    /// Could be better, or will be bad under other circumstances.
    Warning,
    /// Is bad now.
    Problem,
}

impl Verdict {
    pub(crate) const ALL: [Self; 3] = [Self::Ok, Self::Warning, Self::Problem];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What to write into the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cure {
    pub(crate) key: &'static str,
    /// A whole file by itself, or to be merged into one.
    pub(crate) yaml: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) state: &'static str,
    /// Scalars.
    pub(crate) found: Map<String, Value>,
    pub(crate) message: String,
    pub(crate) cure: Option<Cure>,
}

/// API keys by when they end. Names are for those who may list keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyFacts {
    total: usize,
    expiring: usize,
    expired: usize,
}

impl KeyFacts {
    /// How long before its end a key is pointed out.
    const SOON: Duration = Duration::from_secs(14 * 86_400);

    /// Counts keys by their ends; one without an end never ends.
    pub(crate) fn of(ends: impl IntoIterator<Item = Option<Timestamp>>, now: Timestamp) -> Self {
        let mut facts = Self::default();
        for end in ends {
            facts.total += 1;
            match end {
                Some(end) if end <= now => facts.expired += 1,
                Some(end) if end <= now.saturating_add(Self::SOON) => facts.expiring += 1,
                _ => {}
            }
        }
        facts
    }
}

/// The store, as far as it can be seen.
#[derive(Clone, Debug)]
pub(crate) struct StoreFacts {
    pub(crate) works: bool,
    pub(crate) path: String,
    pub(crate) bytes: Option<u64>,
}

/// The last reading of the configuration after the start.
#[derive(Clone, Debug)]
pub(crate) struct ReloadFacts {
    pub(crate) at: Timestamp,
    /// What was wrong, in words; empty if it succeeded.
    pub(crate) problems: Vec<String>,
    /// Keys that wait for a restart.
    pub(crate) waiting: Vec<String>,
}

/// What is known of the server and of the request that asks.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    pub(crate) client: &'a Client,
    pub(crate) settings: &'a HttpSettings,
    /// Who asks.
    pub(crate) identity: &'a Identity,
    pub(crate) secret: SecretKept,
    pub(crate) has_administrator: bool,
    pub(crate) development: bool,
    pub(crate) keys: KeyFacts,
    pub(crate) store: StoreFacts,
    pub(crate) reload: Option<ReloadFacts>,
    pub(crate) subjects: bool,
}

/// A finding without a cure.
fn finding(
    name: &'static str,
    (verdict, state): (Verdict, &'static str),
    found: Value,
    message: impl Into<String>,
) -> Check {
    Check {
        name,
        verdict,
        state,
        found: match found {
            Value::Object(found) => found,
            _ => Map::new(),
        },
        message: message.into(),
        cure: None,
    }
}

impl Check {
    fn with(self, cure: Option<Cure>) -> Self {
        Self { cure, ..self }
    }
}

fn cure(key: &'static str, yaml: &str) -> Option<Cure> {
    Some(Cure {
        key,
        yaml: yaml.to_owned(),
    })
}

fn on_loopback() -> Option<Cure> {
    cure("server.bind", "server:\n  bind: 127.0.0.1")
}

impl Facts<'_> {
    /// Every finding, in the order of [`NAMES`].
    pub(crate) fn checks(&self) -> [Check; 11] {
        [
            self.bind(),
            self.proxy(),
            self.scheme(),
            self.cookie(),
            self.secret(),
            self.metrics(),
            self.login(),
            self.keys(),
            self.store(),
            self.reload(),
            self.subjects(),
        ]
    }

    fn listens_on_loopback(&self) -> bool {
        self.address.ip().to_canonical().is_loopback()
    }

    /// Whether whoever hands requests on, or the client itself, is on this machine.
    fn peer_is_near(&self) -> bool {
        self.client.peer.is_some_and(|peer| peer.is_loopback())
    }

    fn bind(&self) -> Check {
        let found = json!({"address": self.address.to_string()});
        let address = self.address;
        if self.listens_on_loopback() {
            let said = format!("The server listens on this machine alone ({address}).");
            return finding("bind", (Verdict::Ok, "loopback"), found, said);
        }
        if self.client.scheme == Scheme::Http {
            let said = format!(
                "The server listens on {address} and speaks plain HTTP: whoever is on the way can read passwords. Put a \
                 proxy with TLS before it, or listen on this machine alone (in a container, publish the port on \
                 127.0.0.1)."
            );
            // A proxy on another machine could not reach it any more.
            let far = self.client.proxy != Proxy::None && !self.peer_is_near();
            let cure = on_loopback().filter(|_| !far);
            return finding("bind", (Verdict::Warning, "public_http"), found, said).with(cure);
        }
        if self.peer_is_near() {
            let said = format!(
                "The server listens on {address}. You come through TLS, but others can go round the proxy, which is on \
                 this machine: listen to it alone."
            );
            return finding("bind", (Verdict::Warning, "public"), found, said).with(on_loopback());
        }
        let said = format!(
            "The server listens on {address}, for a proxy with TLS on another machine; nobody else should reach it there."
        );
        finding("bind", (Verdict::Ok, "public"), found, said)
    }

    fn peer_name(&self) -> String {
        let peer = self.client.peer.map(|peer| peer.to_string());
        peer.unwrap_or_else(|| "unknown".to_owned())
    }

    fn proxy(&self) -> Check {
        let peer = self.peer_name();
        let found = json!({"peer": peer, "client": self.client.address.to_string()});
        match self.client.proxy {
            Proxy::None => {
                let said = "No proxy shows itself between you and the server.";
                finding("proxy", (Verdict::Ok, "none"), found, said)
            }
            Proxy::Trusted => {
                let said =
                    format!("A proxy hands your requests on from {peer}, and it is trusted.");
                finding("proxy", (Verdict::Ok, "trusted"), found, said)
            }
            Proxy::Untrusted => {
                let said = format!(
                    "Forwarding headers come from {peer}, which is no trusted proxy: all its visitors seem to be one, and \
                     TLS is not seen. If this is your proxy, name its address."
                );
                finding("proxy", (Verdict::Problem, "untrusted"), found, said)
                    .with(self.trust_peer())
            }
        }
    }

    /// The list in force and the peer: a list in the configuration replaces the default.
    fn trust_peer(&self) -> Option<Cure> {
        let peer = self.client.peer.map(IpNet::from);
        let networks = self.settings.trusted_proxies.iter().copied();
        let names: Vec<_> = networks
            .chain(peer)
            .map(|network| format!("{:?}", network.to_string()))
            .collect();
        let yaml = format!("server:\n  trusted_proxies: [{}]", names.join(", "));
        cure("server.trusted_proxies", &yaml).filter(|_| peer.is_some())
    }

    fn scheme(&self) -> Check {
        let found = json!({
            "scheme": self.client.scheme.as_str(),
            "host": self.client.host,
            "client": self.client.address.to_string(),
        });
        if self.client.scheme == Scheme::Https {
            let said = "You are connected through TLS.";
            return finding("scheme", (Verdict::Ok, "https"), found, said);
        }
        if self.client.direct_local {
            let said = "You are connected without TLS, on the same machine: nobody can listen in.";
            return finding("scheme", (Verdict::Ok, "http_local"), found, said);
        }
        let said = match self.client.proxy {
            Proxy::Trusted => {
                "Your proxy does not say that you use TLS. If you do, let it send `X-Forwarded-Proto: https`; else what \
                 you type can be read on the way."
            }
            Proxy::Untrusted => {
                "The server does not believe what is before it, so it sees no TLS. Trust your proxy, if it is yours; \
                 without TLS, what you type can be read on the way."
            }
            Proxy::None => {
                "You are connected without TLS over a network: what you type can be read on the way. Put a proxy with \
                 TLS before the server, and let the server listen to it alone."
            }
        };
        finding("scheme", (Verdict::Problem, "http_remote"), found, said).with(self.encrypt())
    }

    /// What configuration can do about a connection without TLS.
    fn encrypt(&self) -> Option<Cure> {
        match self.client.proxy {
            Proxy::Trusted => None,
            Proxy::Untrusted => self.trust_peer(),
            Proxy::None => on_loopback().filter(|_| !self.listens_on_loopback()),
        }
    }

    fn cookie(&self) -> Check {
        let by = match self.identity {
            Identity::Administrator { .. } => None,
            Identity::Token => Some("token"),
            Identity::Key { .. } => Some("key"),
            Identity::Development => Some("development"),
        };
        if let Some(credential) = by {
            let (found, said) = (
                json!({"credential": credential}),
                "You came without a session cookie.",
            );
            return finding("cookie", (Verdict::Ok, "none"), found, said);
        }
        let scheme = self.client.scheme;
        let found = json!({"name": cookies::name(scheme), "secure": scheme == Scheme::Https});
        if scheme == Scheme::Https {
            let said = "Your session cookie travels through TLS alone.";
            finding("cookie", (Verdict::Ok, "secure"), found, said)
        } else if self.client.direct_local {
            let said = "Your session cookie goes without TLS, on this machine only.";
            finding("cookie", (Verdict::Ok, "plain_local"), found, said)
        } else {
            let said = "Your session cookie travels without TLS: whoever is on the way can take over the session.";
            finding("cookie", (Verdict::Problem, "plain_remote"), found, said).with(self.encrypt())
        }
    }

    fn secret(&self) -> Check {
        let found = json!({"configured": self.secret == SecretKept::Configured});
        match self.secret {
            SecretKept::Configured => {
                let said =
                    "The session secret stands in the configuration: sessions survive a restart.";
                finding("secret", (Verdict::Ok, "configured"), found, said)
            }
            SecretKept::Persisted => {
                let said =
                    "The session secret is kept beside the database: sessions survive a restart.";
                finding("secret", (Verdict::Ok, "persisted"), found, said)
            }
            SecretKept::NotPersisted => {
                let said = "The session secret could not be kept: a restart logs everybody out. Let the server write \
                            its data folder, or set the secret.";
                let yaml = "dashboard:\n  session_secret: ${SESSION_SECRET}";
                finding("secret", (Verdict::Warning, "not_persisted"), found, said)
                    .with(cure("dashboard.session_secret", yaml))
            }
        }
    }

    fn metrics(&self) -> Check {
        if self.settings.metrics_auth == MetricsAuth::Required {
            let said = "/metrics is for those with `read:stats`.";
            let found = json!({"metricsAuth": "required"});
            return finding("metrics", (Verdict::Ok, "required"), found, said);
        }
        let found = json!({"metricsAuth": "open"});
        if self.listens_on_loopback() && self.client.proxy == Proxy::None {
            let said = "/metrics is open, and only this machine reaches it.";
            return finding("metrics", (Verdict::Ok, "open_local"), found, said);
        }
        let said =
            "/metrics is open to everybody who reaches the server, and it names your accounts.";
        finding("metrics", (Verdict::Warning, "open"), found, said).with(cure(
            "server.metrics_auth",
            "server:\n  metrics_auth: required",
        ))
    }

    fn login(&self) -> Check {
        let enabled = self.settings.dashboard.enabled;
        let found = json!({"administrator": self.has_administrator, "dashboard": enabled});
        if self.has_administrator {
            let said = "There is an administrator; everybody else needs a key.";
            return finding("login", (Verdict::Ok, "administrator"), found, said);
        }
        if self.development {
            let said = "Programs on this machine need no credential: development mode. Create an administrator before \
                        others can reach the server.";
            let yaml = "dashboard:\n  require_login: true";
            return finding("login", (Verdict::Warning, "development"), found, said)
                .with(cure("dashboard.require_login", yaml));
        }
        if !enabled {
            let said = "There is no login: only tokens and keys open the API.";
            return finding("login", (Verdict::Ok, "token_only"), found, said);
        }
        let said = "There is no administrator yet: whoever is on this machine or has the setup code can become one. \
                    Create one, or turn the dashboard off if only programs use the API.";
        finding("login", (Verdict::Warning, "token_only"), found, said)
            .with(cure("dashboard.enabled", "dashboard:\n  enabled: false"))
    }

    fn keys(&self) -> Check {
        let KeyFacts {
            total,
            expiring,
            expired,
        } = self.keys;
        let found = json!({"total": total, "expiring": expiring, "expired": expired});
        if expired > 0 {
            let said = format!(
                "API keys that have expired: {expired}. Whoever uses one gets 401; make new ones and remove the old."
            );
            return finding("keys", (Verdict::Warning, "expired"), found, said);
        }
        if expiring > 0 {
            let said = format!("API keys that expire within 14 days: {expiring}.");
            return finding("keys", (Verdict::Warning, "expiring"), found, said);
        }
        if total == 0 {
            return finding(
                "keys",
                (Verdict::Ok, "none"),
                found,
                "There are no API keys.",
            );
        }
        finding(
            "keys",
            (Verdict::Ok, "ok"),
            found,
            "No API key expires soon.",
        )
    }

    fn store(&self) -> Check {
        let StoreFacts { works, path, bytes } = &self.store;
        let mut found = json!({"path": path});
        if let Some(bytes) = bytes {
            found["size"] = json!(bytes);
        }
        if *works {
            finding("store", (Verdict::Ok, "ok"), found, "The database answers.")
        } else {
            let said = format!(
                "The database at {path} fails: nothing can be stored. The server's log has the cause; look at the disk."
            );
            finding("store", (Verdict::Problem, "error"), found, said)
        }
    }

    fn reload(&self) -> Check {
        let Some(last) = &self.reload else {
            let said = "The configuration is that of the start.";
            return finding("reload", (Verdict::Ok, "none"), json!({}), said);
        };
        let at = last.at.to_string();
        if let Some(first) = last.problems.first() {
            let found = json!({"at": at, "problems": last.problems.len()});
            let said = format!(
                "The configuration was read again and refused; the one before it stays in force. {first}"
            );
            return finding("reload", (Verdict::Problem, "failed"), found, said);
        }
        let found = json!({"at": at, "restartRequired": last.waiting.join(", ")});
        if last.waiting.is_empty() {
            let said = "The configuration was read again and is in force.";
            return finding("reload", (Verdict::Ok, "ok"), found, said);
        }
        let said = format!(
            "The configuration was read again; a restart is needed for {}.",
            last.waiting.join(", ")
        );
        finding("reload", (Verdict::Warning, "ok"), found, said)
    }

    fn subjects(&self) -> Check {
        let found = json!({"auditSubjects": self.subjects});
        if self.subjects {
            let said = "Subjects and senders are stored; whoever has `read:activity` sees them.";
            finding("subjects", (Verdict::Ok, "on"), found, said)
        } else {
            let said = "Subjects and senders are not stored.";
            finding("subjects", (Verdict::Ok, "off"), found, said)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMOTE: &str = "203.0.113.9";

    struct Case {
        address: &'static str,
        client: Client,
        settings: HttpSettings,
        session: bool,
    }

    /// A request over the network to a server on all addresses.
    fn case() -> Case {
        Case {
            address: "[::]:8080",
            client: Client {
                peer: Some(REMOTE.parse().unwrap()),
                proxy: Proxy::None,
                address: REMOTE.parse().unwrap(),
                scheme: Scheme::Http,
                host: "mail.example:8080".to_owned(),
                direct_local: false,
            },
            settings: HttpSettings::default(),
            session: true,
        }
    }

    fn checks(case: &Case) -> [Check; 11] {
        let identity = if case.session {
            Identity::Administrator {
                username: "ada".to_owned(),
                session: "1".to_owned(),
            }
        } else {
            Identity::Token
        };
        let facts = Facts {
            address: case.address.parse().unwrap(),
            client: &case.client,
            settings: &case.settings,
            identity: &identity,
            secret: SecretKept::Persisted,
            has_administrator: true,
            development: false,
            keys: KeyFacts::default(),
            store: StoreFacts {
                works: true,
                path: "data/mailpilot.db".to_owned(),
                bytes: Some(1),
            },
            reload: None,
            subjects: false,
        };
        facts.checks()
    }

    /// State, verdict and key of the cure.
    fn of(case: &Case, name: &str) -> (&'static str, Verdict, Option<&'static str>) {
        let check = checks(case).into_iter().find(|c| c.name == name).unwrap();
        (check.state, check.verdict, check.cure.map(|c| c.key))
    }

    #[test]
    fn findings_come_in_their_order_and_say_something() {
        let found = checks(&case());
        assert_eq!(found.each_ref().map(|check| check.name), NAMES);
        for check in found {
            assert!(check.message.ends_with('.'), "{}", check.message);
            assert!(
                check
                    .found
                    .values()
                    .all(|v| !v.is_object() && !v.is_array()),
                "{check:?}"
            );
        }
    }

    #[test]
    fn keys_are_counted_by_when_they_end() {
        let at = |day: i64| Timestamp::from_millis(day * 86_400_000);
        let now = at(100);
        let ends = [None, Some(at(99)), Some(now), Some(at(101)), Some(at(115))];
        let counted = KeyFacts::of(ends, now);
        assert_eq!(
            (counted.total, counted.expiring, counted.expired),
            (5, 1, 2)
        );
    }

    #[test]
    fn a_server_that_speaks_http_to_the_network_is_told_so() {
        let open = case();
        let bind = Some("server.bind");
        assert_eq!(of(&open, "bind"), ("public_http", Verdict::Warning, bind));
        assert_eq!(of(&open, "scheme"), ("http_remote", Verdict::Problem, bind));
        assert_eq!(
            of(&open, "cookie"),
            ("plain_remote", Verdict::Problem, bind)
        );
        assert_eq!(
            of(&open, "metrics"),
            ("open", Verdict::Warning, Some("server.metrics_auth"))
        );
        let by_token = Case {
            session: false,
            ..case()
        };
        assert_eq!(of(&by_token, "cookie"), ("none", Verdict::Ok, None));
    }

    #[test]
    fn behind_a_proxy_with_tls_all_is_well_once_nobody_can_go_round_it() {
        let mut tls = case();
        tls.client.scheme = Scheme::Https;
        tls.client.proxy = Proxy::Trusted;
        assert_eq!(of(&tls, "bind"), ("public", Verdict::Ok, None));
        tls.client.peer = Some([127, 0, 0, 1].into());
        assert_eq!(
            of(&tls, "bind"),
            ("public", Verdict::Warning, Some("server.bind"))
        );
        tls.address = "127.0.0.1:8080";
        assert_eq!(of(&tls, "bind"), ("loopback", Verdict::Ok, None));
        assert_eq!(of(&tls, "proxy"), ("trusted", Verdict::Ok, None));
        assert_eq!(of(&tls, "scheme"), ("https", Verdict::Ok, None));
        assert_eq!(of(&tls, "cookie"), ("secure", Verdict::Ok, None));
        let metrics = Some("server.metrics_auth");
        assert_eq!(of(&tls, "metrics"), ("open", Verdict::Warning, metrics));
        tls.settings.metrics_auth = MetricsAuth::Required;
        assert_eq!(of(&tls, "metrics"), ("required", Verdict::Ok, None));
    }

    #[test]
    fn a_proxy_that_is_not_trusted_is_added_to_those_that_are() {
        let mut distrusted = case();
        distrusted.client.proxy = Proxy::Untrusted;
        let key = Some("server.trusted_proxies");
        for name in ["proxy", "scheme", "cookie"] {
            let (_, verdict, cure) = of(&distrusted, name);
            assert_eq!((verdict, cure), (Verdict::Problem, key), "{name}");
        }
        assert_eq!(
            of(&distrusted, "bind"),
            ("public_http", Verdict::Warning, None)
        );
        let [_, proxy, ..] = checks(&distrusted);
        assert_eq!(
            proxy.cure.unwrap().yaml,
            "server:\n  trusted_proxies: [\"127.0.0.0/8\", \"::1/128\", \"203.0.113.9/32\"]"
        );
        distrusted.client.peer = None;
        assert_eq!(
            of(&distrusted, "proxy"),
            ("untrusted", Verdict::Problem, None)
        );
    }

    #[test]
    fn a_trusted_proxy_that_is_silent_about_tls_is_not_cured_here() {
        let mut silent = case();
        silent.client.proxy = Proxy::Trusted;
        silent.client.peer = Some([127, 0, 0, 1].into());
        assert_eq!(
            of(&silent, "scheme"),
            ("http_remote", Verdict::Problem, None)
        );
        assert_eq!(
            of(&silent, "cookie"),
            ("plain_remote", Verdict::Problem, None)
        );
    }
}
