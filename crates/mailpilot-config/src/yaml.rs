//! YAML text to a tree with positions. The one file that knows the YAML library; it must not know
//! what any key means, nor put any part of the text into an error.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{
    Error, Location, Spanned,
    options::{AliasLimits, DuplicateKeyPolicy, NonFiniteFloatPolicy},
};

use crate::problem::Position;

/// A value of the text with its place.
pub(crate) struct Node {
    pub(crate) at: Position,
    /// Characters it takes in the source, as far as known.
    pub(crate) width: usize,
    pub(crate) content: Content,
}

/// What a node is.
pub(crate) enum Content {
    Null,
    Bool(bool),
    Number {
        value: Number,
        source: Option<String>,
    },
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A number as the library understood it.
#[derive(Clone, Copy)]
pub(crate) enum Number {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

/// The key of a map's entry. Doubled keys are left to the caller, who reports all of them.
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) at: Position,
}

/// The text is no YAML this server reads.
pub(crate) struct InvalidYaml {
    pub(crate) at: Option<Position>,
    pub(crate) message: &'static str,
}

/// Replayed nodes of aliases: plenty for people, too few for a bomb.
const MAX_REPLAYED: usize = 100_000;

/// Reads one document. An empty one is `Null`.
pub(crate) fn parse(text: &str) -> Result<Node, InvalidYaml> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut options = serde_saphyr::Options::default();
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    options.non_finite_float_policy = NonFiniteFloatPolicy::PassThrough;
    options.leading_zero_numbers_as_strings = true;
    options.underscored_numbers_as_strings = true;
    options.strict_booleans = true;
    options.with_snippet = false;
    let mut limits = AliasLimits::default();
    limits.max_total_replayed_events = MAX_REPLAYED;
    options.alias_limits = limits;
    let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options).map_err(refused)?;
    Ok(placed(raw, text))
}

fn refused(error: Error) -> InvalidYaml {
    let error = error.without_snippet();
    InvalidYaml {
        at: error.location().and_then(position),
        message: describe(error),
    }
}

/// A sentence without a word of the text: the library's own may repeat a tag, a key or a scalar.
fn describe(error: &Error) -> &'static str {
    match error {
        Error::UnknownAnchor { .. } => {
            "unknown alias; a value that begins with * or & has to stand in quotes"
        }
        Error::MultipleDocuments { .. } => "more than one document; only one is read",
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::RecursiveReferencesRequireWeakTypes { .. } => {
            "the text expands to more than a configuration may hold"
        }
        Error::AliasError { error, .. } => describe(error),
        Error::NullIntoString { .. } => "a key must not be empty",
        Error::Eof { .. } => "the text ends in the middle of a value",
        _ => {
            "not valid YAML here; look at the indentation, and put a value with special characters in quotes"
        }
    }
}

fn position(location: Location) -> Option<Position> {
    let line = usize::try_from(location.line())
        .ok()
        .filter(|line| *line > 0)?;
    Some(Position {
        line,
        column: usize::try_from(location.column()).unwrap_or(1).max(1),
    })
}

/// A node as the library hands it out, before places are settled.
enum Raw {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

/// Settles the places of a node and of all below it.
fn placed(raw: Spanned<Raw>, text: &str) -> Node {
    let at = position(raw.referenced).unwrap_or(Position { line: 1, column: 1 });
    let width = usize::try_from(raw.referenced.span().len()).unwrap_or(0);
    let content = match raw.value {
        Raw::Null => Content::Null,
        Raw::Bool(flag) => Content::Bool(flag),
        Raw::Number(value) => Content::Number {
            value,
            source: spelled(text, raw.defined),
        },
        Raw::Text(text) => Content::Text(text),
        Raw::List(items) => {
            Content::List(items.into_iter().map(|item| placed(item, text)).collect())
        }
        Raw::Map(entries) => Content::Map(
            entries
                .into_iter()
                .map(|(key, value)| (named(key), placed(value, text)))
                .collect(),
        ),
    };
    Node { at, width, content }
}

fn named(key: Spanned<String>) -> Key {
    let at = position(key.referenced).unwrap_or(Position { line: 1, column: 1 });
    Key {
        name: key.value,
        at,
    }
}

/// A number as it was written, so that a token of digits stays the token it is.
fn spelled(text: &str, location: Location) -> Option<String> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let len = usize::try_from(span.byte_len()?).ok()?;
    let source = text.get(start..start.checked_add(len)?)?.trim();
    let plain = !source.is_empty()
        && source
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b));
    plain.then(|| source.to_owned())
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(Number::Signed(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(Number::Unsigned(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(Number::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}
