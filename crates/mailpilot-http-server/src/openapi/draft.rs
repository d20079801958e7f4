//! One operation while it is being written: what its endpoint has to say itself. What follows from the
//! table of endpoints (security, bounds of the body, common errors) is added at the end.

use utoipa::{
    ToSchema,
    openapi::{
        Content, ContentBuilder, HeaderBuilder, Ref, RefOr, Required, ResponseBuilder, Schema,
        extensions::ExtensionsBuilder,
        path::{Operation, OperationBuilder, Parameter},
        request_body::{RequestBody, RequestBodyBuilder},
        schema::{ArrayBuilder, OneOfBuilder},
        security::SecurityRequirement,
    },
};

use super::{responses, schemas};
use crate::{
    endpoint::{BodyBound, Endpoint, Need, Surface},
    settings::Limits,
};

/// An operation being written.
pub(super) struct Draft {
    operation: OperationBuilder,
    body: Option<RequestBodyBuilder>,
    schemas: Vec<(String, RefOr<Schema>)>,
    has_query: bool,
}

impl Draft {
    pub(super) fn new(tag: &str, id: &str, summary: &str) -> Self {
        Self {
            operation: OperationBuilder::new()
                .tag(tag)
                .operation_id(Some(id))
                .summary(Some(summary)),
            body: None,
            schemas: Vec::new(),
            has_query: false,
        }
    }

    pub(super) fn about(mut self, text: &str) -> Self {
        self.operation = self.operation.description(Some(text));
        self
    }

    pub(super) fn path(mut self, parameter: Parameter) -> Self {
        self.operation = self.operation.parameter(parameter);
        self
    }

    pub(super) fn query(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        for parameter in parameters {
            self.operation = self.operation.parameter(parameter);
            self.has_query = true;
        }
        self
    }

    /// Takes one `T`.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        let schema = self.reference::<T>();
        self.body = Some(body(schema));
        self
    }

    /// Takes one `T` or a list of them.
    pub(super) fn takes_batch<T: ToSchema>(mut self, most: usize) -> Self {
        let one = self.reference::<T>();
        let many = ArrayBuilder::new()
            .items(one.clone())
            .min_items(Some(1))
            .max_items(Some(most));
        self.body = Some(body(Schema::from(
            OneOfBuilder::new().item(one).item(many).build(),
        )));
        self
    }

    /// Answers `T` as JSON.
    pub(super) fn answers<T: ToSchema>(self, status: &str, about: &str) -> Self {
        self.answers_with::<T>(status, about, &[])
    }

    /// Answers `T` as JSON with these headers.
    pub(super) fn answers_with<T: ToSchema>(
        mut self,
        status: &str,
        about: &str,
        headers: &[(&str, &str)],
    ) -> Self {
        let schema = self.reference::<T>();
        let content = ContentBuilder::new().schema(Some(schema)).build();
        self.response(status, about, [("application/json", content)], headers)
    }

    /// Answers without a body.
    pub(super) fn answers_nothing(self, about: &str) -> Self {
        self.response("204", about, [], &[])
    }

    /// Answers something other than a wire type.
    pub(super) fn response<const N: usize>(
        mut self,
        status: &str,
        about: &str,
        contents: [(&str, Content); N],
        headers: &[(&str, &str)],
    ) -> Self {
        let mut response = responses::with_request_id(ResponseBuilder::new().description(about));
        for (kind, content) in contents {
            response = response.content(kind, content);
        }
        for (name, about) in headers {
            let header = HeaderBuilder::new()
                .schema(Some(schemas::any_text()))
                .description(Some(*about))
                .build();
            response = response.header(*name, header);
        }
        self.operation = self.operation.response(status, response.build());
        self
    }

    /// May answer these errors besides those that follow from the table.
    pub(super) fn fails<const N: usize>(mut self, statuses: [&str; N]) -> Self {
        for status in statuses {
            self.operation = self.operation.response(status, responses::error(status));
        }
        self
    }

    /// The schema of `T` by name, and the name given its schema.
    pub(super) fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(&mut self.schemas);
        self.schemas.push((T::name().into_owned(), T::schema()));
        Ref::from_schema_name(T::name()).into()
    }

    /// Adds what the table of endpoints says.
    pub(super) fn finish(self, endpoint: Endpoint) -> (Operation, Vec<(String, RefOr<Schema>)>) {
        let Self {
            operation,
            body,
            schemas,
            has_query,
        } = self;
        let row = endpoint.route();
        let mut statuses = vec!["400", "414", "431", "500", "503"];
        match row.need {
            Need::Nobody => {}
            Need::Session | Need::Permission(_) | Need::MetricsPolicy | Need::EventTypes => {
                statuses.extend(["401", "403", "429"]);
            }
        }
        if row.body != BodyBound::None {
            statuses.extend(["408", "413", "415", "422"]);
        }
        if has_query {
            statuses.push("422");
        }
        if row.surface == Surface::Dashboard {
            statuses.push("404");
        }
        if endpoint.method() != "GET" {
            statuses.push("507");
        }
        let mut extensions = ExtensionsBuilder::new();
        if let Some(permission) = permission(row.need) {
            extensions = extensions.add("x-permission", permission);
        }
        let mut operation = operation
            .request_body(body.map(|body| sized(body, row.body)))
            .securities(Some(security(row.need)))
            .build();
        operation.extensions = Some(extensions.build()).filter(|extensions| !extensions.is_empty());
        for status in statuses {
            operation
                .responses
                .responses
                .entry(status.to_owned())
                .or_insert_with(|| responses::error(status).into());
        }
        (operation, schemas)
    }
}

fn body(schema: impl Into<RefOr<Schema>>) -> RequestBodyBuilder {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    RequestBodyBuilder::new()
        .content("application/json", content)
        .required(Some(Required::True))
}

fn sized(body: RequestBodyBuilder, bound: BodyBound) -> RequestBody {
    let limits = Limits::default();
    let text = match bound {
        BodyBound::None => return body.build(),
        BodyBound::Credential => format!("At most {} bytes.", limits.max_credential_body),
        BodyBound::Single => format!("At most {} bytes.", limits.max_body),
        BodyBound::Batch => format!(
            "At most {} bytes, a list at most {}.",
            limits.max_body, limits.max_batch_body
        ),
    };
    body.description(Some(text)).build()
}

/// What `x-permission` says; nothing where nothing is needed.
pub(super) fn permission(need: Need) -> Option<&'static str> {
    match need {
        Need::Nobody => None,
        Need::Session => Some("session"),
        Need::Permission(permission) => Some(permission.name()),
        Need::MetricsPolicy => Some("read:stats, where server.metrics_auth is required"),
        Need::EventTypes => Some("read:<type> of each type asked for"),
    }
}

fn security(need: Need) -> Vec<SecurityRequirement> {
    let by = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    match need {
        Need::Nobody => Vec::new(),
        Need::Session => vec![by("session")],
        Need::MetricsPolicy => vec![SecurityRequirement::default(), by("bearer"), by("session")],
        Need::Permission(_) | Need::EventTypes => vec![by("bearer"), by("session")],
    }
}
