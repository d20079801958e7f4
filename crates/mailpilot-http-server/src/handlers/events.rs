//! Live events: server-sent events by type, resumed by `Last-Event-ID` or `lastEventId`.

use http::{HeaderName, HeaderValue, StatusCode, header};
use mailpilot_engine::AccountName;
use mailpilot_permissions::{Access, Area, Permission, PermissionSet};

use crate::{
    answer::{AnswerBody, Response},
    error::ApiError,
    event_stream::{EventStream, Heartbeat},
    events::{EventKind, EventKinds},
    service::Call,
    streams::Held,
};

const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(super) fn open(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let types = query.text("types")?;
    let controlled = query.text("controls")?;
    let asked = query.text("lastEventId")?.map(|text| parse_id(&text));
    let asked = asked.transpose()?;
    let heartbeat = query.text("heartbeat")?.map(|name| parse_heartbeat(&name));
    let heartbeat = heartbeat.transpose()?.unwrap_or_default();
    query.finish()?;
    let principal = call.caller.principal()?;
    let (kinds, needs) = asked_for(
        types.as_deref(),
        controlled.is_some(),
        principal.permissions,
    )?;
    let accounts = match &controlled {
        Some(names) => parse_accounts(&call, names)?,
        None => Vec::new(),
    };
    for need in &needs {
        principal.require(*need)?;
    }
    if !accounts.is_empty() && !kinds.contains(EventKind::Accounts) {
        return Err(ApiError::invalid(
            "controls",
            "commands come as `accounts` events; add that to `types`",
        ));
    }
    let credential = call.caller.held().ok_or_else(ApiError::internal)?;
    let limits = &call.settings.limits;
    let guard = call
        .app
        .streams
        .register(
            Held { credential, needs },
            &principal.identity,
            limits.max_streams,
            limits.max_streams_per_principal,
        )
        .map_err(|_| {
            ApiError::too_many(
                "too_many_streams",
                "too many event streams are open; close some",
                std::time::Duration::from_secs(5),
            )
        })?;
    // Checked between the gate and the registration, a revocation could have slipped by.
    call.app.recheck_streams();
    let revoked = guard.end();
    let worker = call.app.workers.register(accounts);
    let counted = call.app.metrics.http.event_stream_opened();
    let subscription = call
        .app
        .hub
        .subscribe(kinds, last_event_id(&call).or(asked));
    let stream = EventStream::new(
        subscription,
        call.app.stop.clone(),
        revoked,
        Box::new((guard, worker, counted)),
    )
    .with_heartbeat(heartbeat);
    let mut response = Response::new(AnswerBody::Events(Box::new(stream)));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// The types that a caller gets, and what they have to be granted for that. Without `types` it is all they
/// may read.
pub(super) fn asked_for(
    types: Option<&str>,
    controls: bool,
    granted: PermissionSet,
) -> Result<(EventKinds, Vec<Permission>), ApiError> {
    let kinds = match types {
        Some(names) => parse_kinds(names)?,
        None => EventKind::ALL
            .into_iter()
            .filter(|kind| granted.allows(permission(*kind)))
            .collect(),
    };
    let mut needs: Vec<Permission> = kinds.iter().map(permission).collect();
    if kinds.is_empty() {
        // Without a type to hear of, the first read permission is what is missing.
        needs.push(permission(EventKind::Stats));
    }
    if controls {
        // Who carries out commands is a worker, and those report.
        needs.push(Permission::On(Access::Write, Area::Stats));
    }
    Ok((kinds, needs))
}

fn parse_kinds(names: &str) -> Result<EventKinds, ApiError> {
    names
        .split(',')
        .map(|name| EventKind::from_name(name.trim()))
        .collect::<Option<EventKinds>>()
        .ok_or_else(|| {
            ApiError::invalid(
                "types",
                "`types` is a list of stats, activity, logs, accounts, with commas between",
            )
        })
}

fn parse_accounts(call: &Call, names: &str) -> Result<Vec<AccountName>, ApiError> {
    names
        .split(',')
        .map(|name| {
            name.trim()
                .parse()
                .ok()
                .filter(|name| call.app.is_account(name))
                .ok_or_else(|| ApiError::unconfigured_account("controls", name))
        })
        .collect()
}

const fn permission(kind: EventKind) -> Permission {
    let area = match kind {
        EventKind::Stats => Area::Stats,
        EventKind::Activity => Area::Activity,
        EventKind::Logs => Area::Logs,
        EventKind::Accounts => Area::Accounts,
    };
    Permission::On(Access::Read, area)
}

/// `lastEventId`: for whoever cannot set headers, such as an `EventSource` that is opened anew.
fn parse_id(text: &str) -> Result<u64, ApiError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        ApiError::invalid(
            "lastEventId",
            "`lastEventId` is the `id` of an event: a whole number",
        )
    })
}

fn parse_heartbeat(name: &str) -> Result<Heartbeat, ApiError> {
    let known = Heartbeat::ALL.into_iter().find(|beat| beat.name() == name);
    known.ok_or_else(|| ApiError::invalid("heartbeat", "`heartbeat` is comment or event"))
}

/// What the browser sends when it comes back; goes before `lastEventId`, which is older then. Anything else
/// than a number of ours is as good as none.
fn last_event_id(call: &Call) -> Option<u64> {
    call.parts
        .headers
        .get("last-event-id")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}
