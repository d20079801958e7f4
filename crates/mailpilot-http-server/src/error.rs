//! What a client is told when something did not work, and the one place that turns errors into answers.
//!
//! A 5xx never carries the cause: the cause goes to the log, here and nowhere else.

use std::borrow::Cow;

use http::{HeaderValue, StatusCode, header};
use mailpilot_engine::EngineError;
use mailpilot_permissions::Denied;
use mailpilot_storage::StorageError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{self, Response};

/// An answer that says no.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    errors: Vec<Detail>,
    /// Boxed, because an error is handed up by value and few carry one.
    header: Option<Box<(http::HeaderName, HeaderValue)>>,
}

/// One of several things that are wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ErrorDetail)]
pub(crate) struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    pub(crate) message: String,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody<'a> {
    /// What was wrong and what to do, for people.
    error: &'a str,
    /// A stable word, for programs.
    #[schema(pattern = "^[a-z][a-z_]*$")]
    code: &'a str,
    /// The member or parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// All that is wrong, where it is several things.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<Detail>)]
    errors: &'a [Detail],
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            field: None,
            errors: Vec::new(),
            header: None,
        }
    }

    fn with(mut self, name: http::HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// A value that cannot be used.
    pub(crate) fn invalid(
        field: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_value", message);
        error.field = Some(field.into());
        error
    }

    /// Several values that cannot be used; at least one.
    pub(crate) fn invalid_all(code: &'static str, errors: Vec<Detail>) -> Self {
        let message = match errors.as_slice() {
            [only] => only.message.clone(),
            _ => format!("{} things are wrong; see `errors`", errors.len()),
        };
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message);
        error.field = errors.first().and_then(|e| e.field.clone()).map(Cow::Owned);
        error.errors = errors;
        error
    }

    pub(crate) fn weak_password(message: String) -> Self {
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "weak_password", message);
        error.field = Some("password".into());
        error
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(crate) fn invalid_json(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_json", message)
    }

    /// JSON, but not of the shape wanted.
    pub(crate) fn invalid_json_shape(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_value", message)
    }

    /// Nobody known. The message tells how to become known.
    pub(crate) fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", message).with(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"mailpilot\""),
        )
    }

    pub(crate) fn invalid_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "wrong user name or password",
        )
        .with(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"mailpilot\""),
        )
    }

    pub(crate) fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    pub(crate) fn not_found(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(crate) fn unknown_account(name: &str) -> Self {
        let shown: String = name.chars().take(64).collect();
        let mut error = Self::not_found(
            "unknown_account",
            format!(
                "there is no account `{}`; GET /api/accounts lists them",
                shown.escape_debug()
            ),
        );
        error.field = Some("account".into());
        error
    }

    /// An account in a body or a query that is not configured: it must not become a label.
    pub(crate) fn unconfigured_account(field: &'static str, name: &str) -> Self {
        let shown: String = name.chars().take(64).collect();
        let mut error = Self::new(
            StatusCode::NOT_FOUND,
            "unknown_account",
            format!(
                "there is no account `{}`; add it under `accounts` in the configuration or by PUT /api/accounts/<name>",
                shown.escape_debug()
            ),
        );
        error.field = Some(field.into());
        error
    }

    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let value =
            HeaderValue::from_str(allow).unwrap_or_else(|_| HeaderValue::from_static("GET"));
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("this path answers to {allow}"),
        )
        .with(header::ALLOW, value)
    }

    pub(crate) fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("a body here has at most {limit} bytes"),
        )
    }

    pub(crate) fn uri_too_long(limit: usize) -> Self {
        Self::new(
            StatusCode::URI_TOO_LONG,
            "uri_too_long",
            format!("a path with its query has at most {limit} bytes"),
        )
    }

    pub(crate) fn unsupported_media_type(message: &'static str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            message,
        )
    }

    pub(crate) fn timeout() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "the body did not arrive in time",
        )
    }

    pub(crate) fn too_many(
        code: &'static str,
        message: &'static str,
        retry_after: std::time::Duration,
    ) -> Self {
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, message)
            .with(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Out of work for now; `Retry-After: 1`.
    pub(crate) fn unavailable(code: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
            .with(header::RETRY_AFTER, HeaderValue::from(1))
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something failed inside the server; its log names the cause by the X-Request-Id of this answer",
        )
    }

    pub(crate) fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, of the entry at this place of a list.
    pub(crate) fn within(mut self, at: usize) -> Self {
        self.field = Some(match self.field {
            Some(field) => format!("[{at}].{field}").into(),
            None => format!("[{at}]").into(),
        });
        self.message = format!("entry {}: {}", at + 1, self.message).into();
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn into_response(self) -> Response {
        let body = ErrorBody {
            error: &self.message,
            code: self.code,
            field: self.field.as_deref(),
            errors: &self.errors,
        };
        let mut response = answer::json(self.status, &body);
        if let Some(header) = self.header {
            let (name, value) = *header;
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        Self::forbidden(
            "permission_denied",
            format!("{denied}; ask for a key that has it"),
        )
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::SearchTooShort => Self::invalid("search", error.to_string()),
            StorageError::BadSeries { .. } => Self::invalid("step", error.to_string()),
            StorageError::TimedOut => Self::unavailable(
                "query_timeout",
                "the query took too long; narrow it by account or dates",
            ),
            StorageError::Busy => {
                Self::unavailable("busy", "the database is busy; try again in a second")
            }
            StorageError::ShuttingDown => {
                Self::unavailable("stopping", "the server is shutting down")
            }
            StorageError::Full => {
                tracing::error!("the disk of the database is full: nothing was stored");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "disk_full",
                    "the server's disk is full: nothing was stored; try again when there is space",
                )
            }
            other => {
                tracing::error!(error = %chain(&other), "the store failed");
                Self::unavailable(
                    "database",
                    "the database failed: nothing was stored; the server's log has the cause",
                )
            }
        }
    }
}

/// An error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotControlled => Self::conflict("not_controlled", error.to_string()),
            other => Self::new(StatusCode::BAD_GATEWAY, "engine_failed", other.to_string()),
        }
    }
}
