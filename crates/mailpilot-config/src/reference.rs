//! The documented keys as data: what parsing accepts, what the documentation lists and what a
//! reload may change are all read from here. The rows stand beside the code that parses them.

use std::fmt;

use crate::{layer::member_path, sections};

/// One documented key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyDoc {
    /// Its path; `[]` stands for each element of a list.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What holds where it is left out, as it would be written. None: nothing.
    pub default: Option<&'static str>,
    /// What it does and what is allowed.
    pub rule: &'static str,
    /// When a reload takes effect.
    pub reload: Reload,
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Flag,
    /// Any text.
    Text,
    /// A text that is never shown.
    Secret,
    /// An IP address.
    Address,
    /// A path of the file system.
    Path,
    /// A duration such as `30m`, `24h` or `7d`.
    Duration,
    /// A point in time such as `2027-01-31T00:00:00Z`.
    Time,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A list of elements with keys of their own.
    List,
    /// A list of single values.
    Words,
    /// A section with keys of its own.
    Map,
}

/// When a changed key takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// As soon as the configuration is read again.
    AtOnce,
    /// When the server starts next.
    Restart,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "whole number",
            Self::Flag => "`true` or `false`",
            Self::Text => "text",
            Self::Secret => "secret text",
            Self::Address => "IP address",
            Self::Path => "path",
            Self::Duration => "duration",
            Self::Time => "date and time",
            Self::List => "list of sections",
            Self::Words => "list",
            Self::Map => "section",
            Self::Choice(words) => return write_words(f, words),
        })
    }
}

fn write_words(f: &mut fmt::Formatter<'_>, words: &[&str]) -> fmt::Result {
    for (index, word) in words.iter().enumerate() {
        let between = match index {
            0 => "",
            _ if index + 1 == words.len() => " or ",
            _ => ", ",
        };
        write!(f, "{between}`{word}`")?;
    }
    Ok(())
}

/// Every documented key, sections in the order of the documentation.
pub fn reference() -> impl Iterator<Item = KeyDoc> {
    sections::KEYS.iter().copied().flatten().copied()
}

/// The row of a path; indices count as `[]`.
pub(crate) fn find(path: &str) -> Option<KeyDoc> {
    let pattern = pattern(path);
    reference().find(|doc| doc.key == pattern)
}

/// Whether `name` is a section of the top level, a mail engine's included.
pub(crate) fn is_section(name: &str) -> bool {
    members("").any(|member| member == name) || sections::engine::SECTIONS.contains(&name)
}

/// The names that may stand directly below `pattern`, in the order of the documentation.
pub(crate) fn members(pattern: &str) -> impl Iterator<Item = &'static str> {
    let mut last = "";
    let prefix = pattern.to_owned();
    reference().filter_map(move |doc| {
        let rest = match prefix.as_str() {
            "" => doc.key,
            prefix => doc.key.strip_prefix(prefix)?.strip_prefix('.')?,
        };
        let name = rest.split(['.', '[']).next()?;
        let new = name != last;
        last = name;
        new.then_some(name)
    })
}

/// Where else in the documentation a name stands: `port` is `server.port`.
pub(crate) fn elsewhere(name: &str) -> Option<&'static str> {
    reference().map(|doc| doc.key).find(|key| {
        let last = key.rsplit('.').next();
        last == Some(name) && !key.contains("[]") && member_path("", name) != *key
    })
}

/// A path with `[]` in place of every index.
pub(crate) fn pattern(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        inside = match c {
            '[' => true,
            ']' => false,
            _ => inside,
        };
        if !inside || c == '[' {
            pattern.push(c);
        }
    }
    pattern
}
