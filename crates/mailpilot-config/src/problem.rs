//! What is wrong with a configuration, and where. Must never hold a secret: whoever makes a
//! [`Problem`] decides what may be shown, this file only prints.

use std::{cmp::Ordering, fmt, path::PathBuf};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The configuration file.
    File {
        /// The file as it was named.
        file: PathBuf,
        /// Where in it; None for what concerns the file as a whole.
        position: Option<Position>,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        name: String,
    },
    /// The command line.
    CommandLine {
        /// The option, with its dashes.
        option: &'static str,
    },
    /// A change made through the API.
    Api,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Origin {
    /// `default`, `file`, `environment`, `command_line` or `api`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Environment { .. } => "environment",
            Self::CommandLine { .. } => "command_line",
            Self::Api => "api",
        }
    }

    pub(crate) fn rank(&self) -> (u8, Option<Position>, &str) {
        match self {
            Self::Default => (0, None, ""),
            Self::File { position, .. } => (1, *position, ""),
            Self::Environment { name } => (2, None, name),
            Self::CommandLine { option } => (3, None, option),
            Self::Api => (4, None, ""),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("built-in default"),
            Self::File {
                file,
                position: Some(at),
            } => {
                write!(f, "{}:{}:{}", file.display(), at.line, at.column)
            }
            Self::File {
                file,
                position: None,
            } => write!(f, "{}", file.display()),
            Self::Environment { name } => write!(f, "environment {name}"),
            Self::CommandLine { option } => write!(f, "command line {option}"),
            Self::Api => f.write_str("API"),
        }
    }
}

/// One thing wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(crate) origin: Origin,
    pub(crate) key: String,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) excerpt: Option<Excerpt>,
}

/// The harmless part of a line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    pub(crate) at: Position,
}

impl Problem {
    pub(crate) fn new(origin: Origin, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            origin,
            key: key.into(),
            message: message.into(),
            help: None,
            excerpt: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Where the value stands.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path of the key, such as `dashboard.api_keys[0].key`; empty for the whole source.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What was found and what is allowed, in words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.help.as_deref()
    }

    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let place = self.origin.rank().cmp(&other.origin.rank());
        place.then_with(|| (&self.key, &self.message).cmp(&(&other.key, &other.message)))
    }
}

/// `file:line:column: key: message`, then the line of the file and the help, each on its own line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        if let Some(Excerpt { text, at }) = &self.excerpt {
            write!(
                f,
                "\n{:>6} | {text}\n{:>6} | {:>column$}",
                at.line,
                "",
                "^",
                column = at.column
            )?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n{:>6} = help: {help}", "")?;
        }
        Ok(())
    }
}

/// Something that works but should be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where the value stands.
    pub origin: Origin,
    /// The path of the key; empty for the whole source.
    pub key: String,
    /// What is the matter and what to do, in words.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything wrong with a configuration, in the order of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    /// Takes at least one problem.
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(Problem::order);
        problems.dedup();
        Self { problems }
    }

    /// Every problem, in the order of the text.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// Every problem, one after the other.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
