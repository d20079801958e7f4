//! Settings of the HTTP server, parsed.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    time::Duration,
};

use ipnet::IpNet;

/// Settings of the HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// The prefix the dashboard and the API live below.
    pub base_path: BasePath,
    /// Peers whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether `/metrics` wants a credential.
    pub metrics_auth: MetricsAuth,
    /// Whether `/health` names accounts to callers without a credential.
    pub health_accounts: HealthAccounts,
    /// Pages, login and sessions.
    pub dashboard: DashboardSettings,
    /// Bounds on what a client may ask for.
    pub limits: Limits,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            bind: IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            port: 8080,
            base_path: BasePath::default(),
            trusted_proxies: loopback_networks(),
            metrics_auth: MetricsAuth::default(),
            health_accounts: HealthAccounts::default(),
            dashboard: DashboardSettings::default(),
            limits: Limits::default(),
        }
    }
}

/// `127.0.0.0/8` and `::1/128`.
#[must_use]
pub fn loopback_networks() -> Vec<IpNet> {
    [
        (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
        (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    ]
    .into_iter()
    .filter_map(|(address, prefix)| IpNet::new(address, prefix).ok())
    .collect()
}

/// `server.metrics_auth`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsAuth {
    /// Anybody may read `/metrics`.
    #[default]
    Open,
    /// A credential with `read:stats` is needed.
    Required,
}

/// `server.health_accounts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HealthAccounts {
    /// `/health` names accounts to everybody.
    #[default]
    Show,
    /// `/health` names accounts only to callers with a credential.
    Hide,
}

/// Where the session secret comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKept {
    /// From the configuration.
    Configured,
    /// From a file beside the database.
    Persisted,
    /// From nowhere: it was made at start and ends with the process.
    NotPersisted,
}

/// `dashboard`, as far as HTTP is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DashboardSettings {
    /// Whether there are pages, setup, login and sessions at all.
    pub enabled: bool,
    /// Whether development mode is off.
    pub require_login: bool,
}

impl Default for DashboardSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            require_login: false,
        }
    }
}

/// A path prefix: `/` or `/mail`, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(String);

/// The text is no path prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `/` or a path such as /mail out of letters, digits and - . _ ~ between slashes")]
pub struct InvalidBasePath;

impl BasePath {
    /// The prefix to put before an absolute path: empty for `/`, else `/mail`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0
    }

    /// `path` without the prefix. A proxy may have stripped it already, then `path` is taken as it is.
    #[must_use]
    pub fn strip<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(self.0.as_str()) {
            Some("") if !self.0.is_empty() => "/",
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }
}

impl FromStr for BasePath {
    type Err = InvalidBasePath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = text.strip_prefix('/').ok_or(InvalidBasePath)?;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.is_empty() {
            return Ok(Self::default());
        }
        let clean = |segment: &str| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        };
        if inner.split('/').all(clean) {
            Ok(Self(format!("/{inner}")))
        } else {
            Err(InvalidBasePath)
        }
    }
}

/// Bounds on what a client may ask for. `docs/API.md` names those a client meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// First byte after accept, and a complete head after its first byte.
    pub head_timeout: Duration,
    /// A complete body after the head.
    pub body_timeout: Duration,
    /// Silence between two requests; longer than the proxies' own, else their reuse races.
    pub idle_timeout: Duration,
    /// A client that takes no bytes for this long is closed.
    pub write_stall: Duration,
    /// A handler that takes longer is answered for with 503.
    pub handler_timeout: Duration,
    /// Headers of a request.
    pub max_headers: usize,
    /// Bytes of a head.
    pub max_head: usize,
    /// Bytes of a request target.
    pub max_uri: usize,
    /// Bytes of a body.
    pub max_body: usize,
    /// Bytes of the body of a list.
    pub max_batch_body: usize,
    /// Bytes of the body of login, setup and password.
    pub max_credential_body: usize,
    /// Open connections.
    pub max_connections: usize,
    /// Open connections of one address that is not loopback.
    pub max_connections_per_address: usize,
    /// Event streams of one principal.
    pub max_streams_per_principal: usize,
    /// Event streams in all.
    pub max_streams: usize,
    /// How long running requests may go on once the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(130),
            write_stall: Duration::from_secs(30),
            handler_timeout: Duration::from_secs(30),
            max_headers: 64,
            max_head: 16 * 1024,
            max_uri: 8 * 1024,
            max_body: 1024 * 1024,
            max_batch_body: 8 * 1024 * 1024,
            max_credential_body: 4 * 1024,
            max_connections: 12_000,
            max_connections_per_address: 256,
            max_streams_per_principal: 64,
            max_streams: 1024,
            drain: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_stripped_only_at_a_slash() {
        let base: BasePath = "/mail/".parse().unwrap();
        assert_eq!(base.prefix(), "/mail");
        assert_eq!(base.strip("/mail"), "/");
        assert_eq!(base.strip("/mail/api/stats"), "/api/stats");
        assert_eq!(base.strip("/mailbox"), "/mailbox");
        assert_eq!(base.strip("/api/stats"), "/api/stats");
        assert_eq!("/".parse::<BasePath>().unwrap().strip("/api"), "/api");
    }

    #[test]
    fn a_base_path_that_could_break_out_is_refused() {
        for bad in ["", "mail", "/a//b", "/../x", "/a b", "/a\"b", "//host"] {
            assert!(bad.parse::<BasePath>().is_err(), "{bad}");
        }
    }
}
