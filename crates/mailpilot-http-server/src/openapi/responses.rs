//! Answers that many operations share: the errors.

use utoipa::openapi::{ComponentsBuilder, ContentBuilder, HeaderBuilder, Ref, ResponseBuilder};

use super::schemas;
use crate::error::ErrorBody;

/// Status, name of the component, what it means, and the header it carries besides.
const ERRORS: [(&str, &str, &str, Option<(&str, &str)>); 17] = [
    (
        "400",
        "BadRequest",
        "The request cannot be read: no JSON, or a missing or double Host.",
        None,
    ),
    (
        "401",
        "Unauthenticated",
        "No valid credential.",
        Some(("WWW-Authenticate", "How to authenticate.")),
    ),
    (
        "403",
        "Forbidden",
        "The credential lacks the permission, or the request comes from another site.",
        None,
    ),
    ("404", "NotFound", "There is no such thing.", None),
    (
        "408",
        "BodyTimeout",
        "The body did not arrive in time.",
        None,
    ),
    ("409", "Conflict", "It contradicts what is there.", None),
    (
        "413",
        "TooLarge",
        "The body is longer than its bound.",
        None,
    ),
    (
        "414",
        "UriTooLong",
        "The path with its query is longer than 8192 bytes.",
        None,
    ),
    (
        "415",
        "UnsupportedMediaType",
        "The body is not sent as application/json, or with a Content-Encoding.",
        None,
    ),
    (
        "421",
        "WrongHost",
        "Without a credential the server answers to localhost only.",
        None,
    ),
    (
        "422",
        "InvalidValue",
        "A member or parameter does not fit; `field` names it.",
        None,
    ),
    (
        "429",
        "TooMany",
        "Too many attempts or streams.",
        Some(("Retry-After", "Seconds to wait.")),
    ),
    (
        "431",
        "HeadTooLarge",
        "More than 64 headers or 16384 bytes of head.",
        None,
    ),
    (
        "500",
        "Internal",
        "Something failed inside the server; its log has the cause.",
        None,
    ),
    (
        "502",
        "EngineFailed",
        "The mail engine could not do it.",
        None,
    ),
    (
        "503",
        "Unavailable",
        "Busy, stopping, or the database fails.",
        Some(("Retry-After", "Seconds to wait.")),
    ),
    (
        "507",
        "DiskFull",
        "The server's disk is full: nothing was stored.",
        None,
    ),
];

/// A reference to the shared answer of this status.
pub(super) fn error(status: &str) -> Ref {
    let name = ERRORS
        .iter()
        .find(|(known, ..)| *known == status)
        .map_or("Internal", |(_, name, ..)| name);
    Ref::from_response_name(name)
}

/// The shared answers, and the schema and header they use.
pub(super) fn add_shared(components: ComponentsBuilder) -> ComponentsBuilder {
    let mut components = components.schema_from::<ErrorBody<'_>>().header(
        "RequestId",
        HeaderBuilder::new()
            .schema(Some(schemas::any_text().pattern(Some("^[0-9a-f]{16}$"))))
            .description(Some("Names this request in the server's log."))
            .build(),
    );
    for (status, name, about, header) in ERRORS {
        let mut response = ResponseBuilder::new().description(about);
        if status != "431" {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Error")))
                .build();
            response = with_request_id(response).content("application/json", content);
        }
        if let Some((name, about)) = header {
            let header = HeaderBuilder::new()
                .schema(Some(schemas::any_text()))
                .description(Some(about))
                .build();
            response = response.header(name, header);
        }
        components = components.response(name, response.build());
    }
    components
}

pub(super) fn with_request_id(response: ResponseBuilder) -> ResponseBuilder {
    response.header_ref("X-Request-Id", Ref::new("#/components/headers/RequestId"))
}
