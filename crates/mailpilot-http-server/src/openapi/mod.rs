//! The description of the API, as OpenAPI 3.1, made from the table of endpoints and the wire types.
//!
//! Pages and assets are left out: they are for people.

mod draft;
mod operations;
mod parameters;
mod responses;
pub(crate) mod schemas;

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use utoipa::openapi::{
    ComponentsBuilder, HttpMethod, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use crate::{
    answer::{self, Response},
    endpoint::Endpoint,
    settings::BasePath,
};

const ABOUT: &str = "\
Everything the dashboard shows and does, for scripts and workers.

Send `Authorization: Bearer <key>`; `x-permission` says what the key has to be granted. Every answer carries \
`X-Request-Id`. Errors are JSON with a sentence in `error` and a stable word in `code`. A query parameter \
that the path does not know is refused, and so is an empty one. GET answers HEAD too; a method that a path does \
not know is a 405 with `Allow`. Dates are RFC 3339 or milliseconds since 1970.";

const TAGS: [(&str, &str); 9] = [
    ("health", "For probes and Prometheus."),
    (
        "session",
        "The administrator: first visit, login, sessions.",
    ),
    ("keys", "API keys."),
    ("stats", "Totals, points over time, reports of workers."),
    ("activity", "What was done to which mail."),
    ("logs", "Log lines."),
    ("export", "Activity as a file."),
    (
        "accounts",
        "Mail accounts: look, change, steer; and the configuration.",
    ),
    ("events", "Live events."),
];

/// The description of the API as JSON.
///
/// It is the same for every server of this version, apart from the time zones that its machine knows.
#[must_use]
pub fn document() -> Value {
    serde_json::to_value(describe()).unwrap_or_else(|error| {
        tracing::error!(error = %error, "the description of the API could not be written as JSON");
        Value::Null
    })
}

/// `GET /api/openapi.json` of a server below `base`. Written once where there is no prefix.
pub(crate) fn answer(base: &BasePath) -> Response {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
    let text = match base.prefix() {
        "" => TEXT.clone(),
        prefix => {
            let mut document = document();
            document["servers"] = json!([{ "url": prefix }]);
            document.to_string().into()
        }
    };
    answer::typed(
        StatusCode::OK,
        HeaderValue::from_static("application/json"),
        text,
    )
}

fn describe() -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = responses::add_shared(ComponentsBuilder::new());
    for endpoint in Endpoint::ALL {
        let Some(draft) = operations::draft(*endpoint) else {
            continue;
        };
        let (operation, schemas) = draft.finish(*endpoint);
        components = components.schemas_from_iter(schemas);
        paths = paths.path(endpoint.path(), PathItem::new(method(*endpoint), operation));
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Mailpilot")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build())),
        )
        .tags(Some(TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build())))
        .paths(paths)
        .components(Some(
            components
                .security_scheme("bearer", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()))
                .security_scheme(
                    "session",
                    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                        "mailpilot_session",
                        "Set by `POST /api/login`; behind TLS it is called `__Host-mailpilot_session`. A request that \
                         changes something needs `Sec-Fetch-Site: same-origin` or a fitting `Origin` too.",
                    ))),
                )
                .build(),
        ))
        .build()
}

fn method(endpoint: Endpoint) -> HttpMethod {
    match endpoint.method() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

#[cfg(test)]
mod tests;
