//! Schemas of values that several messages share: names, words, dates. Bounds come from the constants
//! and lists that the code checks by, so that the two cannot differ.
//!
//! Patterns are written for every dialect of regular expressions: no classes that depend on Unicode.

use mailpilot_engine::{
    AccountStatus as EngineStatus, Command as EngineCommand, ImapTls as EngineTls,
    LogLevel as Level,
};
use mailpilot_permissions::Permission;
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{
            AdditionalProperties, Array, ArrayBuilder, KnownFormat, Object, ObjectBuilder,
            OneOfBuilder, Schema, SchemaFormat, Type,
        },
    },
};

use crate::{
    checks,
    configuration::AccountSource as Source,
    events::EventKind,
    handlers::{ASKED_METHODS, EXPORT_COLUMNS, MAX_EXPORT_ROWS},
    wire::{Rfc3339, TimeIn},
};

/// Names a schema that stands for a type of its own.
macro_rules! named {
    ($($(#[$doc:meta])* $name:ident = $schema:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

named! {
    /// The name of an account.
    AccountName = text(1, 64).pattern(Some("^[A-Za-z0-9._@-]{1,64}$")).examples(["personal"]);
    /// Something done to a mail.
    ActionType = text(1, 64).pattern(Some("^[A-Za-z0-9._:-]{1,64}$")).examples(["move"]);
    /// A flag of a mail.
    Flag = text(0, 255).examples(["\\Seen"]);
    /// The name of the administrator.
    Username = text(3, 64).pattern(Some(TRIMMED));
    /// The name of an API key.
    KeyName = text(1, 64).pattern(Some(TRIMMED_WITHOUT_SLASH)).examples(["monitoring"]);
    /// What a key may do.
    PermissionName = words(Permission::ALL.map(Permission::name));
    /// Where a key was made.
    KeySource = words(["config", "api"]);
    /// Where the settings of an account come from.
    AccountSource = words([Source::File, Source::Api, Source::FileAndApi].map(Source::name));
    /// How an account is doing.
    AccountStatus = words(EngineStatus::ALL.map(EngineStatus::name));
    /// What an operator asks of an account.
    Command = words(EngineCommand::ALL.map(EngineCommand::name));
    /// How the connection is protected.
    ImapTls = words(EngineTls::ALL.map(EngineTls::name));
    /// A host name or address.
    Host = text(1, 255).pattern(Some(HOST)).examples(["imap.example.com"]);
    /// A text that is not blank.
    NotBlank = any_text().pattern(Some(NOT_BLANK));
    /// A password, or how answers show one.
    NewImapPassword = OneOfBuilder::new().item(NotBlank::schema()).item(
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("configured", Object::with_type(Type::Boolean))
            .required("configured")
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false))),
    );
    /// How many rows an export has at most.
    RowCount = whole(1, MAX_EXPORT_ROWS);
    /// A length of time.
    Interval = any_text().pattern(Some(DURATION)).examples(["15m"]);
    /// How grave a log line is.
    LogLevel = words(Level::ALL.map(Level::name));
    /// A type of event.
    EventType = words(EventKind::ALL.map(EventKind::name));
    /// Health of the whole.
    HealthStatus = words(["healthy", "degraded", "unhealthy"]);
    /// Health of the store.
    DatabaseStatus = words(["ok", "error"]);
    /// What is judged.
    CheckName = words(checks::NAMES);
    /// How much a finding matters.
    Verdict = words(checks::Verdict::ALL.map(checks::Verdict::name));
    /// Fine.
    OkStatus = words(["ok"]);
}

/// No control character, no white space at either end.
const TRIMMED: &str = concat!(
    r"^[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"(?:[^\u0000-\u001f\u007f-\u009f]*",
    r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$"
);

/// As [`TRIMMED`], and no slash.
const TRIMMED_WITHOUT_SLASH: &str = concat!(
    r"^[^\u0000-\u0020/\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"(?:[^\u0000-\u001f/\u007f-\u009f]*",
    r"[^\u0000-\u0020/\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$"
);

/// Milliseconds up to the end of the year 9999, or RFC 3339: a day that exists, a time, and `Z` or an
/// offset. An offset that takes the first or the last day out of the range is refused all the same.
const TIME: &str = concat!(
    r"^(?:0*(?:[0-9]{1,14}|1[0-9]{14}|2[0-4][0-9]{13}|25[0-2][0-9]{12}|253[0-3][0-9]{11}",
    r"|25340[01][0-9]{9}|253402[0-2][0-9]{8}|253402300[0-7][0-9]{5})",
    r"|(?:(?:19[7-9][0-9]|[2-9][0-9]{3})-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))",
    r"|(?:19(?:7[26]|8[048]|9[26])|[2-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[3579][26])00)-02-29)",
    r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?",
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))$"
);

/// Whole minutes in words.
const STEP: &str =
    "^(?:[1-9][0-9]{0,4}m|[1-9][0-9]{0,2}h|(?:[1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-6])d)$";

/// Some character that is no white space.
const NOT_BLANK: &str =
    r"[^\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]";

/// A host name or address: no white space, no control character, none of `/@\"`, and not one colon, which
/// would be a port.
const HOST: &str = concat!(
    r#"^(?:[^\u0000-\u0020"/:@\\\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"#,
    r#"|(?:[^\u0000-\u0020"/:@\\\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*:){2,}"#,
    r#"[^\u0000-\u0020"/:@\\\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*)$"#
);

/// Durations as humantime writes them, at least one unit long.
const DURATION: &str = concat!(
    r"^[1-9][0-9]{0,5}(?:ns|us|ms|s|m|h|d|w|days?|weeks?|months?|years?)",
    r"(?: [1-9][0-9]{0,5}(?:ns|us|ms|s|m|h|d|w|days?|weeks?|months?|years?)){0,7}$"
);

/// Text of so many characters.
pub(crate) fn text(least: usize, most: usize) -> ObjectBuilder {
    let least = (least > 0).then_some(least);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(least)
        .max_length(Some(most))
}

/// One of a few words.
pub(crate) fn words<const N: usize>(words: [&'static str; N]) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
}

/// A whole number.
pub(crate) fn whole(least: u64, most: u64) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(least))
        .maximum(Some(most))
}

/// Texts, numbers, yes or no, by name.
pub(crate) fn scalars() -> Object {
    let scalar = OneOfBuilder::new()
        .item(any_text())
        .item(Object::with_type(Type::Integer))
        .item(Object::with_type(Type::Boolean));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(Schema::from(scalar)))
        .build()
}

/// A method that can be asked about.
pub(crate) fn asked_method() -> Object {
    words(ASKED_METHODS).build()
}

/// What the gate answers.
pub(crate) fn asked_status() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some([200, 401, 403, 404, 405]))
        .build()
}

/// `true` or `false`.
pub(crate) fn yes_or_no() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .default(Some(json!(false)))
}

/// A date in a query.
pub(crate) fn time_text() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(TIME))
        .examples(["2026-11-22T10:00:00Z", "1795341600000"])
}

impl PartialSchema for TimeIn {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .item(time_text())
            .item(whole(
                0,
                mailpilot_clock::Timestamp::MAX.as_millis().unsigned_abs(),
            ))
            .description(Some(
                "RFC 3339, or milliseconds since 1970, from 1970 to 9999.",
            ))
            .into()
    }
}

impl ToSchema for TimeIn {
    fn name() -> std::borrow::Cow<'static, str> {
        "TimeInput".into()
    }
}

impl PartialSchema for Rfc3339 {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339 in UTC with milliseconds."))
            .examples(["2026-11-22T10:00:00.000Z"])
            .into()
    }
}

impl ToSchema for Rfc3339 {
    fn name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
}

/// Structured values of a log line.
pub(crate) fn log_fields() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .max_properties(Some(64))
        .build()
}

/// How long classifications took: one number of seconds or a list of them.
pub(crate) fn observations() -> Schema {
    let seconds = || {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0))
            .maximum(Some(86_400))
    };
    OneOfBuilder::new()
        .item(seconds())
        .item(ArrayBuilder::new().items(seconds()).max_items(Some(10_000)))
        .description(Some("Seconds each classification took."))
        .into()
}

/// Counts by type of action.
pub(crate) fn counts() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(0)),
        ))
        .build()
}

/// States by name of account.
pub(crate) fn account_states() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(Ref::from_schema_name(AccountStatus::name())))
        .description(Some("Left out where `server.health_accounts` is `hide` and the caller brings no credential."))
        .build()
}

/// States slice by slice.
pub(crate) fn maybe_states() -> Array {
    let state = OneOfBuilder::new()
        .item(Ref::from_schema_name(AccountStatus::name()))
        .item(ObjectBuilder::new().schema_type(Type::Null));
    ArrayBuilder::new()
        .items(state)
        .max_items(Some(400))
        .build()
}

/// Counts slice by slice.
pub(crate) fn slice_counts() -> Array {
    let count = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0));
    ArrayBuilder::new()
        .items(count)
        .max_items(Some(400))
        .build()
}

/// The columns of an export, in order.
pub(crate) fn export_columns() -> Array {
    ArrayBuilder::new()
        .items(words(EXPORT_COLUMNS))
        .min_items(Some(1))
        .unique_items(true)
        .default(Some(json!(EXPORT_COLUMNS)))
        .build()
}

/// An IANA time zone that this server knows.
pub(crate) fn time_zone() -> Object {
    let mut names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    names.sort();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names))
        .default(Some(json!("UTC")))
        .description(Some("IANA name of a time zone."))
        .build()
}

/// Text of any length.
pub(crate) fn any_text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// An object whose members are not described.
pub(crate) fn free_object() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}

/// A list of these.
pub(crate) fn list_of(items: impl Into<RefOr<Schema>>) -> Array {
    Array::new(items)
}

/// The step of a series: whole minutes, up to 366 days.
pub(crate) fn step() -> Schema {
    OneOfBuilder::new()
        .item(whole(60, 366 * 24 * 60 * 60).multiple_of(Some(60)))
        .item(any_text().pattern(Some(STEP)).examples(["5m", "1h", "1d"]))
        .into()
}
