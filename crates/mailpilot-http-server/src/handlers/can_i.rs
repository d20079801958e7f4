//! Whether a key opens a path, and what decides. Asks the table and the gate's own rules; opens nothing
//! itself.

use http::Method;
use mailpilot_permissions::{Permission, PermissionSet};
use serde::Serialize;
use utoipa::ToSchema;

use super::events;
use crate::{
    answer::{self, Response},
    endpoint::{Endpoint, Found, Need, Surface},
    error::ApiError,
    gate,
    openapi::schemas,
    query::Query,
    service::Call,
};

/// The methods that can be asked about.
pub(crate) const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/// What stands among permissions for "the administrator's session".
const SESSION: &str = "session";

/// `GET /api/can-i`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Access)]
pub(crate) struct CanIView<'a> {
    key: &'a str,
    #[schema(schema_with = schemas::asked_method)]
    method: &'a str,
    /// Without base path and query.
    path: &'a str,
    /// The path of the table; null where there is none.
    #[schema(required)]
    endpoint: Option<&'static str>,
    allowed: bool,
    /// All of these are needed; `session` is the logged-in administrator.
    required: Vec<&'static str>,
    /// The grants that decided, with commas between; null where the answer is no or nothing is needed.
    #[schema(required)]
    granted_by: Option<String>,
    missing: Vec<&'static str>,
    /// 200 where the key is let through; what comes of the request then is another matter.
    #[schema(schema_with = schemas::asked_status)]
    status: u16,
}

/// A key as the gate sees it.
struct Key {
    granted: PermissionSet,
    expired: bool,
}

/// What the gate makes of a request.
#[derive(Default)]
struct Verdict {
    endpoint: Option<Endpoint>,
    required: Vec<&'static str>,
    missing: Vec<&'static str>,
    granted_by: Option<String>,
    status: u16,
}

pub(super) fn answer(call: &Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let name = query.text("key")?;
    let method = query.one_of("method", &METHODS.map(|name| (name, name)))?;
    let path = query.text("path")?;
    query.finish()?;
    let method = method.unwrap_or("GET");
    let name = name.ok_or_else(|| ApiError::invalid("key", "say `key=<name of the key>`"))?;
    let path = path
        .filter(|path| path.starts_with('/'))
        .ok_or_else(|| ApiError::invalid("path", "say `path=<path>`, such as /api/logs"))?;
    let key = find(call, &name).ok_or_else(unknown_key)?;
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path.as_ref(), None),
    };
    let path = call.settings.base_path.strip(path);
    let verdict = judge(call, &key, (method, path), query)?;
    Ok(answer::ok(&CanIView {
        key: &name,
        method,
        path,
        endpoint: verdict.endpoint.map(Endpoint::path),
        allowed: verdict.status == 200,
        required: verdict.required,
        granted_by: verdict.granted_by,
        missing: verdict.missing,
        status: verdict.status,
    }))
}

fn unknown_key() -> ApiError {
    ApiError::not_found(
        "unknown_key",
        "there is no key of this name; GET /api/keys lists them",
    )
}

/// A key of the configuration goes before a made one of the same name, as in the ring.
fn find(call: &Call, name: &str) -> Option<Key> {
    let credentials = call.app.credentials();
    let configured = credentials.configured.keys.iter();
    let made = credentials.made.iter();
    let (granted, expires_at) = configured
        .map(|key| (&key.name, key.permissions, key.expires_at))
        .chain(made.map(|key| (&key.name, key.permissions, key.expires_at)))
        .find_map(|(known, granted, end)| (known == name).then_some((granted, end)))?;
    let now = call.app.clock.now();
    Some(Key {
        granted,
        expired: expires_at.is_some_and(|end| now >= end),
    })
}

/// In the order in which a request is judged: path, method, credential, permission.
fn judge(
    call: &Call,
    key: &Key,
    (method, path): (&str, &str),
    query: Option<&str>,
) -> Result<Verdict, ApiError> {
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| ApiError::internal())?;
    let of = |endpoint, status| Verdict {
        endpoint,
        status,
        ..Verdict::default()
    };
    let hidden = |endpoint: Endpoint| {
        endpoint.route().surface == Surface::Dashboard && !call.settings.dashboard.enabled
    };
    match call.app.router.find(&method, path) {
        Found::Endpoint(endpoint, _) | Found::OtherMethods(endpoint, _) if hidden(endpoint) => {
            Ok(of(Some(endpoint), 404))
        }
        Found::Endpoint(endpoint, _) => by_need(call, key, endpoint, query),
        Found::OtherMethods(endpoint, _) => Ok(of(Some(endpoint), 405)),
        // Strangers learn nothing about paths below /api.
        Found::NoSuchApi if key.expired => Ok(of(None, 401)),
        Found::NoSuchApi | Found::NoSuchPage => Ok(of(None, 404)),
    }
}

fn by_need(
    call: &Call,
    key: &Key,
    endpoint: Endpoint,
    query: Option<&str>,
) -> Result<Verdict, ApiError> {
    let needs = match endpoint.need() {
        Need::Nobody => Vec::new(),
        Need::Session => {
            return Ok(Verdict {
                endpoint: Some(endpoint),
                required: vec![SESSION],
                missing: vec![SESSION],
                granted_by: None,
                status: if key.expired { 401 } else { 403 },
            });
        }
        Need::Permission(required) => vec![required],
        Need::MetricsPolicy => gate::metrics_need(&call.settings).into_iter().collect(),
        Need::EventTypes => event_needs(key, query)?,
    };
    Ok(by_permissions(key, endpoint, &needs))
}

fn event_needs(key: &Key, query: Option<&str>) -> Result<Vec<Permission>, ApiError> {
    let mut query = Query::new(query);
    let about_path = |error: ApiError| error.field("path");
    let types = query.text("types").map_err(about_path)?;
    let controls = query.text("controls").map_err(about_path)?;
    let asked = events::asked_for(types.as_deref(), controls.is_some(), key.granted);
    asked.map(|(_, needs)| needs).map_err(about_path)
}

fn by_permissions(key: &Key, endpoint: Endpoint, needs: &[Permission]) -> Verdict {
    let missing: Vec<_> = needs
        .iter()
        .filter(|need| !key.granted.allows(**need))
        .map(|need| need.name())
        .collect();
    let status = match (needs.is_empty(), key.expired, missing.is_empty()) {
        (true, _, _) => 200,
        (false, true, _) => 401,
        (false, false, true) => 200,
        (false, false, false) => 403,
    };
    Verdict {
        endpoint: Some(endpoint),
        required: needs.iter().map(|need| need.name()).collect(),
        granted_by: (status == 200)
            .then(|| grants(key.granted, needs))
            .flatten(),
        missing,
        status,
    }
}

/// The narrowest grant for each need, each once.
fn grants(granted: PermissionSet, needs: &[Permission]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for need in needs {
        // A set is ordered: a single permission, then all of its kind, then everything.
        let name = granted.iter().find(|held| held.covers(*need))?.name();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}
