//! Every route there is. One row gives an endpoint its method, path, need and body bound; a row that
//! leaves one out does not compile, nor does an endpoint without a handler or an OpenAPI entry.
//!
//! Must not know what a handler does.

use http::Method;
use mailpilot_permissions::{Access, Area, Permission};

/// What a caller has to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nobody,
    /// The administrator's session; tokens and keys are refused.
    Session,
    /// A credential with this permission.
    Permission(Permission),
    /// As `server.metrics_auth` says.
    MetricsPolicy,
    /// A credential with the read permission of every type of event asked for.
    EventTypes,
}

/// How long a body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyBound {
    /// None is read.
    None,
    /// User name and password.
    Credential,
    /// One object.
    Single,
    /// One object or a list.
    Batch,
}

/// What kind of thing answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// There whether or not the dashboard is enabled.
    Always,
    /// Part of the dashboard: 404 without it.
    Dashboard,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) need: Need,
    pub(crate) body: BodyBound,
    pub(crate) surface: Surface,
}

const fn read(area: Area) -> Need {
    Need::Permission(Permission::On(Access::Read, area))
}

const fn write(area: Area) -> Need {
    Need::Permission(Permission::On(Access::Write, area))
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $name:ident: $method:ident $path:literal, $need:expr, $body:ident, $surface:ident;)+) => {
        /// What a request is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Endpoint { $($(#[$doc])* $name,)+ }

        impl Endpoint {
            /// Every endpoint, in the order of `docs/API.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            pub(crate) const fn route(self) -> Route {
                match self {
                    $(Self::$name => Route {
                        method: stringify!($method),
                        path: $path,
                        need: $need,
                        body: BodyBound::$body,
                        surface: Surface::$surface,
                    },)+
                }
            }
        }
    };
}

endpoints! {
    /// Health of the accounts and the store.
    Health: GET "/health", Need::Nobody, None, Always;
    /// The process lives.
    HealthLive: GET "/health/live", Need::Nobody, None, Always;
    /// The server may be sent requests.
    HealthReady: GET "/health/ready", Need::Nobody, None, Always;
    /// Prometheus text.
    Metrics: GET "/metrics", Need::MetricsPolicy, None, Always;
    /// Who is asking, and what is open to them.
    AuthState: GET "/api/auth", Need::Nobody, None, Always;
    /// Create the administrator.
    Setup: POST "/api/setup", Need::Nobody, Credential, Dashboard;
    /// Log in.
    Login: POST "/api/login", Need::Nobody, Credential, Dashboard;
    /// Log out.
    Logout: POST "/api/logout", Need::Nobody, None, Dashboard;
    /// Change the password.
    ChangePassword: POST "/api/password", Need::Session, Credential, Dashboard;
    /// List sessions.
    Sessions: GET "/api/sessions", Need::Session, None, Dashboard;
    /// End one session.
    RevokeSession: DELETE "/api/sessions/{id}", Need::Session, None, Dashboard;
    /// End all other sessions.
    RevokeOtherSessions: DELETE "/api/sessions", Need::Session, None, Dashboard;
    /// List API keys.
    Keys: GET "/api/keys", Need::Permission(Permission::Full), None, Always;
    /// Make an API key.
    MakeKey: POST "/api/keys", Need::Permission(Permission::Full), Single, Always;
    /// Revoke an API key.
    RevokeKey: DELETE "/api/keys/{name}", Need::Permission(Permission::Full), None, Always;
    /// Whether a key opens a path.
    CanI: GET "/api/can-i", Need::Permission(Permission::Full), None, Always;
    /// Totals.
    Stats: GET "/api/stats", read(Area::Stats), None, Always;
    /// Points over time.
    Series: GET "/api/stats/series", read(Area::Stats), None, Always;
    /// States and counts of accounts over time.
    Timeline: GET "/api/stats/timeline", read(Area::Stats), None, Always;
    /// Report from an outside worker.
    Report: POST "/api/stats", write(Area::Stats), Batch, Always;
    /// Totals start again.
    ResetStats: DELETE "/api/stats", write(Area::Stats), None, Always;
    /// List activity.
    ActivityList: GET "/api/activity", read(Area::Activity), None, Always;
    /// One activity entry.
    ActivityEntry: GET "/api/activity/{id}", read(Area::Activity), None, Always;
    /// Append activity.
    AppendActivity: POST "/api/activity", write(Area::Activity), Batch, Always;
    /// Delete one entry.
    DeleteActivityEntry: DELETE "/api/activity/{id}", write(Area::Activity), None, Always;
    /// Delete entries before a date.
    PruneActivity: DELETE "/api/activity", write(Area::Activity), None, Always;
    /// List log lines.
    Logs: GET "/api/logs", read(Area::Logs), None, Always;
    /// One log line.
    LogLine: GET "/api/logs/{id}", read(Area::Logs), None, Always;
    /// Append log lines.
    AppendLogs: POST "/api/logs", write(Area::Logs), Batch, Always;
    /// Delete log lines.
    DeleteLogs: DELETE "/api/logs", write(Area::Logs), None, Always;
    /// Export activity.
    Export: GET "/api/export", read(Area::Export), None, Always;
    /// Defaults of the export.
    ExportSettings: GET "/api/export/settings", read(Area::Export), None, Always;
    /// Change the defaults of the export.
    PutExportSettings: PUT "/api/export/settings", write(Area::Export), Single, Always;
    /// List accounts.
    Accounts: GET "/api/accounts", read(Area::Accounts), None, Always;
    /// One account.
    Account: GET "/api/accounts/{name}", read(Area::Accounts), None, Always;
    /// Add or change an account.
    PutAccount: PUT "/api/accounts/{name}", write(Area::Accounts), Single, Always;
    /// Remove an account, or what was changed about it.
    DeleteAccount: DELETE "/api/accounts/{name}", write(Area::Accounts), None, Always;
    /// Pause an account.
    PauseAccount: POST "/api/accounts/{name}/pause", write(Area::Accounts), None, Always;
    /// Resume an account.
    ResumeAccount: POST "/api/accounts/{name}/resume", write(Area::Accounts), None, Always;
    /// Reconnect an account.
    ReconnectAccount: POST "/api/accounts/{name}/reconnect", write(Area::Accounts), None, Always;
    /// Process an account's mail now.
    ProcessAccount: POST "/api/accounts/{name}/process", write(Area::Accounts), None, Always;
    /// Whether the installation is set up wisely.
    Check: GET "/api/check", read(Area::Accounts), None, Always;
    /// Effective configuration.
    Config: GET "/api/config", read(Area::Accounts), None, Always;
    /// Read the configuration again.
    ReloadConfig: POST "/api/reload-config", write(Area::Accounts), None, Always;
    /// Live events.
    Events: GET "/api/events", Need::EventTypes, None, Always;
    /// The description of this API.
    OpenApi: GET "/api/openapi.json", Need::Nobody, None, Always;
    /// Page: Now.
    PageNow: GET "/", Need::Nobody, None, Dashboard;
    /// Page: Activity.
    PageActivity: GET "/activity", Need::Nobody, None, Dashboard;
    /// Page: one mail.
    PageActivityEntry: GET "/activity/{id}", Need::Nobody, None, Dashboard;
    /// Page: Accounts.
    PageAccounts: GET "/accounts", Need::Nobody, None, Dashboard;
    /// Page: one account.
    PageAccount: GET "/accounts/{name}", Need::Nobody, None, Dashboard;
    /// Page: Logs.
    PageLogs: GET "/logs", Need::Nobody, None, Dashboard;
    /// Page: System.
    PageSystem: GET "/system", Need::Nobody, None, Dashboard;
    /// Page: log in.
    PageLogin: GET "/login", Need::Nobody, None, Dashboard;
    /// Page: first visit.
    PageSetup: GET "/setup", Need::Nobody, None, Dashboard;
    /// Scripts, styles and pictures of the pages.
    Asset: GET "/assets/{*path}", Need::Nobody, None, Dashboard;
}

impl Endpoint {
    /// The method it answers to; GET answers HEAD too.
    #[must_use]
    pub const fn method(self) -> &'static str {
        self.route().method
    }

    /// The path with its parameters in braces: the metric label and the OpenAPI path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.route().path
    }

    /// What a caller has to bring.
    #[must_use]
    pub const fn need(self) -> Need {
        self.route().need
    }

    /// Whether it only looks. HEAD and GET are one.
    pub(crate) fn is_read(self) -> bool {
        self.method() == "GET"
    }
}

/// Where a request leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// To an endpoint, with the value of the path's parameter.
    Endpoint(Endpoint, Option<String>),
    /// To a path that answers to these other methods, and one of its endpoints.
    OtherMethods(Endpoint, String),
    /// To nothing below `/api`.
    NoSuchApi,
    /// To nothing.
    NoSuchPage,
}

/// Finds endpoints by path.
pub(crate) struct Router {
    paths: matchit::Router<Vec<Endpoint>>,
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Router").finish_non_exhaustive()
    }
}

impl Router {
    /// All endpoints.
    ///
    /// # Errors
    /// Two paths of the table contradict each other; a test builds the router, so this does not reach users.
    pub(crate) fn new() -> Result<Self, matchit::InsertError> {
        let mut by_path: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
        for endpoint in Endpoint::ALL {
            match by_path
                .iter_mut()
                .find(|(path, _)| *path == endpoint.path())
            {
                Some((_, endpoints)) => endpoints.push(*endpoint),
                None => by_path.push((endpoint.path(), vec![*endpoint])),
            }
        }
        let mut paths = matchit::Router::new();
        for (path, endpoints) in by_path {
            paths.insert(path, endpoints)?;
        }
        Ok(Self { paths })
    }

    pub(crate) fn find(&self, method: &Method, path: &str) -> Found {
        let Ok(matched) = self.paths.at(path) else {
            let api = path == "/api" || path.starts_with("/api/");
            return if api {
                Found::NoSuchApi
            } else {
                Found::NoSuchPage
            };
        };
        let wanted = if method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        let Some(endpoint) = matched.value.iter().find(|e| e.method() == wanted) else {
            return match matched.value.first() {
                Some(other) => Found::OtherMethods(*other, allow(matched.value)),
                None => Found::NoSuchPage,
            };
        };
        let parameter = matched.params.iter().next().map(|(_, value)| {
            percent_encoding::percent_decode_str(value)
                .decode_utf8_lossy()
                .into_owned()
        });
        Found::Endpoint(*endpoint, parameter)
    }
}

/// The value of an `Allow` header.
fn allow(endpoints: &[Endpoint]) -> String {
    let mut methods: Vec<&str> = endpoints.iter().map(|e| e.method()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Found {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Router::new().unwrap().find(&method, path)
    }

    #[test]
    fn every_row_is_found_by_its_own_method_and_path() {
        for endpoint in Endpoint::ALL {
            let path = endpoint
                .path()
                .replace("{*path}", "x/y")
                .replace("{id}", "7")
                .replace("{name}", "a%40b");
            match found(endpoint.method(), &path) {
                Found::Endpoint(found, _) => assert_eq!(found, *endpoint),
                other => panic!("{endpoint:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn parameters_are_decoded_and_unknown_paths_told_apart() {
        assert_eq!(
            found("GET", "/api/accounts/a%40b.c"),
            Found::Endpoint(Endpoint::Account, Some("a@b.c".to_owned()))
        );
        assert_eq!(found("GET", "/api/nothing"), Found::NoSuchApi);
        assert_eq!(found("GET", "/apiary"), Found::NoSuchPage);
        assert_eq!(
            found("HEAD", "/health"),
            Found::Endpoint(Endpoint::Health, None)
        );
        assert_eq!(
            found("PATCH", "/api/stats"),
            Found::OtherMethods(
                Endpoint::Stats,
                "GET, POST, DELETE, HEAD, OPTIONS".to_owned()
            )
        );
    }
}
