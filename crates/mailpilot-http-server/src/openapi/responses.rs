//! Answers that many operations share: the errors.

use utoipa::openapi::{ComponentsBuilder, ContentBuilder, HeaderBuilder, Ref, ResponseBuilder};

use super::schemas;
use crate::error::ErrorBody;

/// An error that many operations answer.
struct SharedError {
    status: &'static str,
    /// The name of the component.
    name: &'static str,
    about: &'static str,
    /// A header it carries besides, and what that says.
    header: Option<(&'static str, &'static str)>,
}

const fn shared(
    status: &'static str,
    name: &'static str,
    about: &'static str,
    header: Option<(&'static str, &'static str)>,
) -> SharedError {
    SharedError {
        status,
        name,
        about,
        header,
    }
}

const AUTHENTICATE: Option<(&str, &str)> = Some(("WWW-Authenticate", "How to authenticate."));
const WAIT: Option<(&str, &str)> = Some(("Retry-After", "Seconds to wait."));

const ERRORS: [SharedError; 16] = [
    shared(
        "400",
        "BadRequest",
        "The request cannot be read: no JSON, or a missing or double Host.",
        None,
    ),
    shared(
        "401",
        "Unauthenticated",
        "No valid credential.",
        AUTHENTICATE,
    ),
    shared(
        "403",
        "Forbidden",
        "The credential lacks the permission, or the request comes from another site.",
        None,
    ),
    shared("404", "NotFound", "There is no such thing.", None),
    shared(
        "408",
        "BodyTimeout",
        "The body did not arrive in time.",
        None,
    ),
    shared("409", "Conflict", "It contradicts what is there.", None),
    shared(
        "413",
        "TooLarge",
        "The body is longer than its bound.",
        None,
    ),
    shared(
        "414",
        "UriTooLong",
        "The path with its query is longer than 8192 bytes.",
        None,
    ),
    shared(
        "415",
        "UnsupportedMediaType",
        "The body is not sent as application/json, or with a Content-Encoding.",
        None,
    ),
    shared(
        "422",
        "InvalidValue",
        "A member or parameter does not fit; `field` names it.",
        None,
    ),
    shared("429", "TooMany", "Too many attempts or streams.", WAIT),
    shared(
        "431",
        "HeadTooLarge",
        "More than 64 headers or 16384 bytes of head.",
        None,
    ),
    shared(
        "500",
        "Internal",
        "Something failed inside the server; its log has the cause.",
        None,
    ),
    shared(
        "502",
        "EngineFailed",
        "The mail engine could not do it.",
        None,
    ),
    shared(
        "503",
        "Unavailable",
        "Busy, stopping, or the database fails.",
        WAIT,
    ),
    shared(
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
        .find(|error| error.status == status)
        .map_or("Internal", |error| error.name);
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
    for SharedError {
        status,
        name,
        about,
        header,
    } in ERRORS
    {
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
