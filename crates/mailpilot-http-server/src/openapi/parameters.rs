//! Parameters of paths and queries, with the bounds their handlers check.

use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr, Required, Schema,
        path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle},
        schema::ArrayBuilder,
    },
};

use super::schemas;

/// Hex milliseconds up to the end of the year 9983, and a hex number, both without zeros before them.
const CURSOR: &str = "^(?:0|[1-9a-d][0-9a-f]{0,11}|e(?:[0-9a-f]{0,10}|[0-5][0-9a-f]{10}))-(?:0|[1-9a-f][0-9a-f]{0,14})$";

/// A parameter in the path.
pub(super) fn in_path(name: &str, schema: impl Into<RefOr<Schema>>, about: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .description(Some(about))
        .build()
}

/// A parameter of the query that may be left out.
pub(super) fn optional(name: &str, schema: impl Into<RefOr<Schema>>, about: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .schema(Some(schema))
        .description(Some(about))
        .build()
}

/// A list with commas between, that may be left out.
pub(super) fn list<T: ToSchema>(name: &str, most: usize, about: &str) -> Parameter {
    let items = ArrayBuilder::new()
        .items(T::schema())
        .min_items(Some(1))
        .max_items(Some(most));
    ParameterBuilder::from(optional(name, items, about))
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .build()
}

/// Columns of an export, with commas between.
pub(super) fn columns(about: &str) -> Parameter {
    ParameterBuilder::from(optional("columns", schemas::export_columns(), about))
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .build()
}

/// A date.
pub(super) fn time(name: &str, about: &str) -> Parameter {
    optional(name, schemas::time_text(), about)
}

/// An account by name.
pub(super) fn account(name: &str, about: &str) -> Parameter {
    optional(name, schemas::AccountName::schema(), about)
}

/// `page`, `pageSize`, `cursor`.
pub(super) fn paging() -> [Parameter; 3] {
    [
        optional(
            "page",
            schemas::whole(1, 10_000).default(Some(json!(1))),
            "Number of the page. `cursor` goes before it.",
        ),
        optional(
            "pageSize",
            schemas::whole(1, 200).default(Some(json!(50))),
            "Entries on a page.",
        ),
        optional(
            "cursor",
            schemas::any_text().pattern(Some(CURSOR)),
            "`nextCursor` of the page before: costs the same at any depth, and misses nothing while entries arrive.",
        ),
    ]
}

/// The filters that the list of activity and its export share.
pub(super) fn activity_filter() -> [Parameter; 7] {
    [
        account("accountName", "Entries of this account."),
        optional(
            "actionType",
            schemas::ActionType::schema(),
            "Entries with this action.",
        ),
        list::<schemas::ActionType>("actionTypes", 32, "Entries with any of these actions."),
        optional(
            "outcome",
            schemas::words(["ok", "failed"]),
            "`failed`: entries with an error.",
        ),
        optional(
            "search",
            schemas::text(3, 200),
            "Part of the subject, sender or message id, in any case.",
        ),
        time("startDate", "Entries from then on."),
        time("endDate", "Entries up to then."),
    ]
}

/// The name of an account in the path.
pub(super) fn account_in_path() -> Parameter {
    in_path(
        "name",
        Ref::from_schema_name(schemas::AccountName::name()),
        "The name of the account.",
    )
}

/// The number of an entry in the path.
pub(super) fn entry_in_path() -> Parameter {
    in_path(
        "id",
        schemas::whole(1, i64::MAX.unsigned_abs()),
        "The number of the entry.",
    )
}
