//! From a request to somebody known, and from there to yes or no. The one place that decides.
//!
//! Order: no valid credential is 401, a valid one without the permission is 403. An
//! `Authorization` header goes before a cookie, and a wrong one is never rescued by it.

use std::{sync::Arc, time::Instant};

use http::{HeaderMap, header};
use mailpilot_auth::{Match, bearer};
use mailpilot_permissions::{Access, Area, Identity, Permission, PermissionSet, Principal};
use mailpilot_secret::Secret;
use mailpilot_sessions::SessionId;

use crate::{
    app::App,
    client::Client,
    cookies,
    endpoint::{Endpoint, Need},
    error::ApiError,
    origin::Origin,
    settings::{HttpSettings, MetricsAuth},
    streams::HeldCredential,
};

/// Who asks.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Option<Principal>,
    credential: Option<HeldCredential>,
}

impl Caller {
    const NOBODY: Self = Self {
        principal: None,
        credential: None,
    };

    /// The principal; handlers behind a need always have one.
    pub(crate) fn principal(&self) -> Result<&Principal, ApiError> {
        self.principal.as_ref().ok_or_else(no_credential)
    }

    /// The session, where that is what was brought.
    pub(crate) fn session(&self) -> Option<(&str, &SessionId)> {
        match (&self.principal, &self.credential) {
            (
                Some(Principal {
                    identity: Identity::Administrator { username, .. },
                    ..
                }),
                Some(HeldCredential::Session(id)),
            ) => Some((username, id)),
            _ => None,
        }
    }

    /// The administrator's session; a token or key is refused.
    pub(crate) fn require_session(&self) -> Result<(&str, &SessionId), ApiError> {
        self.session().ok_or_else(session_required)
    }

    pub(crate) fn held(&self) -> Option<HeldCredential> {
        self.credential.clone()
    }

    /// A name for the log.
    pub(crate) fn label(&self) -> String {
        self.principal
            .as_ref()
            .map_or_else(|| "-".to_owned(), Principal::label)
    }
}

fn no_credential() -> ApiError {
    ApiError::unauthenticated("log in, or send the header `Authorization: Bearer <key>`")
}

fn session_required() -> ApiError {
    ApiError::forbidden(
        "session_required",
        "this is for the logged-in administrator; tokens and keys cannot do it",
    )
}

/// Who sent this, as far as `endpoint` wants to know.
///
/// # Errors
/// 401 where somebody has to be known, 429 for somebody who guesses.
pub(crate) fn recognise(
    app: &Arc<App>,
    endpoint: Endpoint,
    client: &Client,
    headers: &HeaderMap,
) -> Result<Caller, ApiError> {
    match endpoint.need() {
        Need::Nobody => Ok(match endpoint {
            Endpoint::HealthLive | Endpoint::HealthReady | Endpoint::OpenApi | Endpoint::Asset => {
                Caller::NOBODY
            }
            // Who nobody has to be may still want to know: a wrong credential counts as none here.
            _ => identify(app, client, headers).unwrap_or(Caller::NOBODY),
        }),
        Need::MetricsPolicy if metrics_need(&app.settings()).is_none() => Ok(Caller::NOBODY),
        Need::MetricsPolicy | Need::Session | Need::Permission(_) | Need::EventTypes => {
            identify(app, client, headers)
        }
    }
}

/// Lets `caller` through to `endpoint`, or not.
///
/// # Errors
/// 403 for a request of another site, and for somebody who lacks what is needed.
pub(crate) fn authorise(
    app: &Arc<App>,
    endpoint: Endpoint,
    caller: &Caller,
    client: &Client,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    if !endpoint.is_read() {
        let origin = Origin::of(headers, client);
        match caller.credential {
            Some(HeldCredential::Session(_)) => origin.require_same()?,
            Some(HeldCredential::Bearer(_)) if endpoint.need() != Need::Nobody => {}
            // A foreign page must not log the browser in, set up the server, or speak for this machine.
            _ => origin.refuse_foreign()?,
        }
    }
    match endpoint.need() {
        Need::Permission(required) => caller.principal()?.require(required)?,
        Need::MetricsPolicy => {
            if let Some(required) = metrics_need(&app.settings()) {
                caller.principal()?.require(required)?;
            }
        }
        Need::Session => {
            caller.require_session()?;
        }
        // The handler knows which types are asked for, and asks for each.
        Need::EventTypes | Need::Nobody => {}
    }
    Ok(())
}

/// What `/metrics` needs; nothing where it is open.
pub(crate) fn metrics_need(settings: &HttpSettings) -> Option<Permission> {
    let locked = settings.metrics_auth == MetricsAuth::Required;
    locked.then_some(Permission::On(Access::Read, Area::Stats))
}

/// Who sent this: by `Authorization`, else by the session cookie, else as a local program in development mode.
///
/// # Errors
/// 401, or 429 for somebody who guesses.
pub(crate) fn identify(
    app: &Arc<App>,
    client: &Client,
    headers: &HeaderMap,
) -> Result<Caller, ApiError> {
    let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
    if let Some(value) = authorization.next() {
        if authorization.next().is_some() {
            return Err(ApiError::unauthenticated(
                "send one Authorization header, not several",
            ));
        }
        return by_bearer(app, client, value.as_bytes());
    }
    if let Some(caller) = by_cookie(app, client, headers) {
        return Ok(caller);
    }
    if app.development_possible()
        && client.direct_local
        && Origin::of(headers, client) != Origin::Foreign
    {
        return Ok(Caller {
            principal: Some(Principal {
                identity: Identity::Development,
                permissions: PermissionSet::FULL,
            }),
            credential: Some(HeldCredential::Development),
        });
    }
    Err(no_credential())
}

fn by_bearer(app: &Arc<App>, client: &Client, value: &[u8]) -> Result<Caller, ApiError> {
    let now = app.clock.now();
    let presented = bearer(value).map_err(|error| ApiError::unauthenticated(error.to_string()))?;
    match app.credentials().ring.identify(presented, now) {
        Ok(found) => {
            if let Match::Key { name, .. } = &found {
                app.key_used(name, now);
            }
            Ok(Caller {
                principal: Some(found.into()),
                credential: Some(HeldCredential::Bearer(Secret::new(presented))),
            })
        }
        Err(rejected) => match app.bad_bearers.failed(client.address, Instant::now()) {
            Ok(()) => Err(ApiError::unauthenticated(rejected.to_string())),
            Err(wait) => Err(ApiError::too_many(
                "too_many_attempts",
                "too many wrong credentials from this address; wait and use a valid one",
                std::time::Duration::from_secs(wait.seconds()),
            )),
        },
    }
}

fn by_cookie(app: &Arc<App>, client: &Client, headers: &HeaderMap) -> Option<Caller> {
    if !app.settings().dashboard.enabled {
        return None;
    }
    let candidates = cookies::session(headers, client.scheme);
    let now = app.moment();
    let mut sessions = app.sessions();
    let held = candidates
        .iter()
        .find(|value| sessions.verify(value.expose(), now).is_some())?;
    let session = sessions.verify(held.expose(), now)?;
    Some(Caller {
        principal: Some(Principal {
            identity: Identity::Administrator {
                username: session.username.clone(),
                session: session.id.to_string(),
            },
            permissions: PermissionSet::FULL,
        }),
        credential: Some(HeldCredential::Session(session.id)),
    })
}
