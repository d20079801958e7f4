//! The query of a request, read parameter by parameter, so that every error names the parameter and
//! what it may be. A parameter nobody asked for is an error too: a misspelt filter would else show everything.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use mailpilot_clock::Timestamp;
use mailpilot_engine::AccountName;

use crate::error::ApiError;

/// The parameters not taken yet.
#[derive(Debug)]
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub(crate) fn new(query: Option<&'a str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect())
    }

    /// The value of `name`. Given twice is an error; so is an empty one, because a script whose variable
    /// is empty would else see, or delete, everything.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, ApiError> {
        let Some(at) = self.0.iter().position(|(n, _)| n == name) else {
            return Ok(None);
        };
        let (_, value) = self.0.swap_remove(at);
        if self.0.iter().any(|(n, _)| n == name) {
            return Err(ApiError::invalid(
                name,
                format!("`{name}` is given more than once"),
            ));
        }
        if value.is_empty() {
            return Err(ApiError::invalid(
                name,
                format!("`{name}` is empty; leave it out or give it a value"),
            ));
        }
        Ok(Some(value))
    }

    /// The value of `name`, parsed; `expected` tells what it may be.
    pub(crate) fn parsed<T: FromStr>(
        &mut self,
        name: &'static str,
        expected: impl Display,
    ) -> Result<Option<T>, ApiError> {
        match self.text(name)? {
            None => Ok(None),
            Some(value) => match value.parse() {
                Ok(parsed) => Ok(Some(parsed)),
                Err(_) => Err(unfit(name, &value, &expected)),
            },
        }
    }

    /// One of a few words.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.text(name)? else {
            return Ok(None);
        };
        match words.iter().find(|(word, _)| *word == value) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let list: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                Err(unfit(
                    name,
                    &value,
                    &format_args!("one of {}", list.join(", ")),
                ))
            }
        }
    }

    /// A whole number within bounds.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        from: u32,
        to: u32,
    ) -> Result<Option<u32>, ApiError> {
        let Some(value) = self.text(name)? else {
            return Ok(None);
        };
        match value.parse::<u32>() {
            Ok(number) if (from..=to).contains(&number) && !value.starts_with('+') => {
                Ok(Some(number))
            }
            _ => Err(unfit(
                name,
                &value,
                &format_args!("a whole number from {from} to {to}"),
            )),
        }
    }

    /// A point in time: RFC 3339 or milliseconds since 1970.
    pub(crate) fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, ApiError> {
        self.parsed(
            name,
            "a date such as 2026-11-22T10:00:00Z or milliseconds since 1970",
        )
    }

    /// The name of an account.
    pub(crate) fn account(&mut self, name: &'static str) -> Result<Option<AccountName>, ApiError> {
        self.parsed(
            name,
            "an account name: 1 to 64 characters out of A-Z a-z 0-9 . _ @ -",
        )
    }

    /// Nothing may be left over.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                let shown: String = name.chars().take(40).collect();
                Err(ApiError::invalid(
                    shown.clone(),
                    format!("this path knows no parameter `{}`", shown.escape_debug()),
                ))
            }
        }
    }
}

fn unfit(name: &'static str, value: &str, expected: &dyn Display) -> ApiError {
    let shown: String = value.chars().take(60).collect();
    ApiError::invalid(
        name,
        format!(
            "`{name}` is `{}`; expected {expected}",
            shown.escape_debug()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_repeated_and_misfitting_parameters_are_refused_by_name() {
        let refused = |query: &str| {
            let mut query = Query::new(Some(query));
            let first = query.number("page", 1, 100).err();
            first
                .or_else(|| query.finish().err())
                .map(|e| format!("{e:?}"))
                .unwrap_or_default()
        };
        assert!(refused("page=-1").contains("a whole number from 1 to 100"));
        assert!(refused("page=abc").contains("abc"));
        assert!(refused("page=1&page=2").contains("more than once"));
        assert!(refused("pag=1").contains("knows no parameter `pag`"));
        assert_eq!(refused("page=7"), "");
        assert!(refused("page=").contains("`page` is empty"));
    }
}
