//! One source of configuration as figment merges it, with the place of every value. Must not know
//! what any key means.

use std::collections::HashMap;

use figment::{
    Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use crate::problem::{Excerpt, Origin, Position};

/// The sources, least weighty first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LayerKind {
    File,
    Environment,
    CommandLine,
    Request,
}

impl LayerKind {
    const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Environment => "environment",
            Self::CommandLine => "command line",
            Self::Request => "request",
        }
    }
}

/// Values of one source, and where each stands.
pub(crate) struct Layer {
    kind: LayerKind,
    pub(crate) values: Dict,
    pub(crate) places: HashMap<String, Place>,
    /// The source's lines, for excerpts.
    lines: Vec<String>,
}

/// Where a value stands and how it came there.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) origin: Origin,
    /// Where its key stands, for what is wrong with the key itself.
    pub(crate) key_at: Option<Position>,
    /// Characters of the value in the source.
    pub(crate) width: usize,
    /// A number as it was written.
    pub(crate) spelled: Option<String>,
    /// The value, or a part of it, must not be shown.
    pub(crate) from_variable: bool,
    /// A problem of this value is reported already.
    pub(crate) broken: bool,
}

impl Place {
    pub(crate) fn new(origin: Origin) -> Self {
        Self {
            origin,
            key_at: None,
            width: 0,
            spelled: None,
            from_variable: false,
            broken: false,
        }
    }
}

impl Layer {
    pub(crate) fn new(kind: LayerKind, source: &str) -> Self {
        let lines = source.lines().map(str::to_owned).collect();
        Self {
            kind,
            values: Dict::new(),
            places: HashMap::new(),
            lines,
        }
    }

    pub(crate) fn is(&self, metadata: &Metadata) -> bool {
        metadata.name == self.kind.name()
    }

    /// The line at `at` up to `width` characters further, if all that stands before is the key
    /// `key` itself: a line may hold more than one value, and comments, and those stay unseen.
    pub(crate) fn excerpt(&self, at: Position, key: Option<&str>, width: usize) -> Option<Excerpt> {
        let line = self.lines.get(at.line.checked_sub(1)?)?;
        let before: String = line.chars().take(at.column.checked_sub(1)?).collect();
        let shown: String = line.chars().skip(at.column - 1).take(width).collect();
        let own = before.trim_start_matches([' ', '\t', '-']).trim_end();
        let alone = match key {
            Some(key) => own.is_empty() || own.strip_suffix(':') == Some(key),
            None => own.is_empty(),
        };
        let visible = !shown.is_empty()
            && !shown.starts_with(['|', '>', '&', '!', '*'])
            && !may_be_secret(&shown);
        (alone && visible && !line.contains(char::is_control)).then(|| Excerpt {
            text: format!("{before}{}", shown.trim_end()),
            at,
        })
    }

    /// Sets the value at a path of members.
    ///
    /// # Errors
    /// The path of the value that is in the way.
    pub(crate) fn set(&mut self, path: &[String], value: Value) -> Result<(), String> {
        let mut dict = &mut self.values;
        for (depth, member) in path.iter().enumerate() {
            if depth + 1 == path.len() {
                return match dict.insert(member.clone(), value) {
                    None => Ok(()),
                    Some(_) => Err(path.join(".")),
                };
            }
            let next = dict
                .entry(member.clone())
                .or_insert_with(|| Value::from(Dict::new()));
            match next {
                Value::Dict(_, inner) => dict = inner,
                _ => return Err(path[..=depth].join(".")),
            }
        }
        Ok(())
    }
}

impl Provider for &Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.kind.name())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// The path of a member of `parent`: `server.port`, or `server["odd name"]` for what is no plain word.
pub(crate) fn member_path(parent: &str, name: &str) -> String {
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    match (plain, parent.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{parent}.{name}"),
        (false, _) => format!("{parent}[{name:?}]"),
    }
}

/// The path of an element of the list `parent`: `accounts[0]`.
pub(crate) fn element_path(parent: &str, index: usize) -> String {
    format!("{parent}[{index}]")
}

/// Whether a message may repeat a name that is not documented. A secret that stands in the place of
/// a name by mistake is longer than a word, or has capitals and digits, or many of either.
pub(crate) fn may_show(name: &str) -> bool {
    let count = |is: fn(&u8) -> bool| name.bytes().filter(is).count();
    let (digits, capitals) = (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase));
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    let word = digits == 0 && capitals <= 3 || digits <= 2 && capitals == 0;
    plain && word && (1..=24).contains(&name.len()) && !name.starts_with("mp_")
}

/// Whether a text looks like an API key, or like an address that may carry a password, whatever key it
/// stands under by mistake.
pub(crate) fn may_be_secret(text: &str) -> bool {
    let begins_a_word = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
    let api_key = text.match_indices("mp_").any(|(at, _)| begins_a_word(at));
    api_key || text.contains("://") || text.contains('@') && text.contains(':')
}

/// The path of a member of `parent` for a message.
pub(crate) fn shown_path(parent: &str, name: &str) -> String {
    if may_show(name) {
        member_path(parent, name)
    } else {
        format!("{parent}[…]")
    }
}
