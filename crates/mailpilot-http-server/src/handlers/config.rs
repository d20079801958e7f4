//! The effective configuration, and reading it again.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    answer::{self, Response},
    app::ReloadError,
    configuration::ConfigurationView,
    error::{ApiError, Detail},
    service::Call,
    wire::Rfc3339,
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Config)]
pub(crate) struct ConfigView<'a> {
    #[schema(required)]
    file: Option<String>,
    values: Vec<ValueView<'a>>,
    #[schema(value_type = Vec<String>)]
    warnings: &'a [String],
    /// Key paths that changed and wait for a restart.
    #[schema(value_type = Vec<String>)]
    restart_required: &'a [String],
    #[schema(required)]
    last_reload: Option<ReloadView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigValue)]
struct ValueView<'a> {
    key: &'a str,
    #[schema(value_type = Value)]
    value: &'a Value,
    origin: &'a str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastReload)]
struct ReloadView {
    at: Rfc3339,
    success: bool,
    errors: Vec<Detail>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reloaded)]
pub(crate) struct ReloadedView {
    success: bool,
    changed: Vec<String>,
    restart_required: Vec<String>,
}

pub(super) fn view(call: &Call) -> Response {
    let ConfigurationView {
        values,
        file,
        warnings,
        last_reload,
        restart_required,
    } = call.app.configuration.view();
    answer::ok(&ConfigView {
        file: file.map(|path| path.display().to_string()),
        values: values
            .iter()
            .map(|v| ValueView {
                key: &v.key,
                value: &v.value,
                origin: &v.origin,
            })
            .collect(),
        warnings: &warnings,
        restart_required: &restart_required,
        last_reload: last_reload.map(|last| ReloadView {
            at: Rfc3339(last.at),
            success: last.problems.is_empty(),
            errors: last.problems.into_iter().map(Detail::from).collect(),
        }),
    })
}

pub(super) async fn reload(call: Call) -> Result<Response, ApiError> {
    match call.app.reload().await {
        Ok(done) => Ok(answer::ok(&ReloadedView {
            success: true,
            changed: done.changed,
            restart_required: done.restart_required,
        })),
        Err(ReloadError::Invalid(problems)) => Err(ApiError::invalid_all(
            "invalid_configuration",
            problems.into_iter().map(Detail::from).collect(),
        )),
        Err(ReloadError::Storage(error)) => Err(error.into()),
        Err(ReloadError::Auth(_) | ReloadError::Panicked) => Err(ApiError::internal()),
    }
}
