//! Health, readiness, metrics.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::{self, Response},
    error::ApiError,
    openapi::schemas,
    service::Call,
    settings::HealthAccounts,
};

/// `GET /health`, as `docs/API.md` prints it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView<'a> {
    #[schema(value_type = schemas::HealthStatus)]
    status: &'static str,
    /// Seconds.
    #[schema(minimum = 0)]
    uptime: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schemas::account_states)]
    accounts: Option<BTreeMap<&'a str, &'static str>>,
    #[schema(value_type = schemas::DatabaseStatus)]
    database: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct StatusView {
    #[schema(value_type = schemas::OkStatus)]
    status: &'static str,
}

pub(super) async fn health(call: Call) -> Result<Response, ApiError> {
    let database = call.app.pulse.beats(&call.app.storage).await;
    let now = call.app.clock.now();
    let book = call.app.book();
    let shown =
        call.settings.health_accounts == HealthAccounts::Show || call.caller.principal.is_some();
    let accounts = shown.then(|| {
        book.iter()
            .map(|(name, state)| (name.as_str(), state.status(now).name()))
            .collect()
    });
    let (code, status) = match (database && !call.app.is_stopping(), book.all_well(now)) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unhealthy"),
        (true, false) => (StatusCode::OK, "degraded"),
        (true, true) => (StatusCode::OK, "healthy"),
    };
    let view = HealthView {
        status,
        uptime: call.app.uptime().as_secs(),
        accounts,
        database: if database { "ok" } else { "error" },
    };
    Ok(answer::json(code, &view))
}

pub(super) fn live() -> Response {
    answer::ok(&StatusView { status: "ok" })
}

pub(super) async fn ready(call: Call) -> Result<Response, ApiError> {
    if call.app.is_stopping() {
        return Err(ApiError::unavailable(
            "stopping",
            "the server is shutting down",
        ));
    }
    if call.app.pulse.beats(&call.app.storage).await {
        Ok(answer::ok(&StatusView { status: "ok" }))
    } else {
        Err(ApiError::unavailable(
            "database",
            "the database does not answer",
        ))
    }
}

pub(super) async fn metrics(call: Call) -> Result<Response, ApiError> {
    let metrics = call.app.metrics.clone();
    // Rendering reads /proc and may take milliseconds.
    let text = tokio::task::spawn_blocking(move || metrics.render())
        .await
        .map_err(|_| ApiError::internal())?;
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(answer::typed(
        StatusCode::OK,
        content_type,
        Bytes::from(text),
    ))
}
