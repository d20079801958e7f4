//! `${NAME}`, `${NAME:-default}` and `$$` in a string that is already parsed. Pure, and never looks
//! twice: what a variable holds is put in as it is.

use std::collections::BTreeMap;

/// Environment variables by name.
pub(crate) type Variables = BTreeMap<String, String>;

/// A string with its variables filled in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interpolated {
    pub(crate) text: String,
    /// Whether any of it came out of a variable or its default.
    pub(crate) from_variable: bool,
}

/// A reference that cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no such variable.
    Unset(String),
    /// The variable is there and empty.
    Empty(String),
    /// `${` that begins no reference.
    Leftover,
}

/// Fills in every reference, or says everything that is wrong with them.
pub(crate) fn interpolate(text: &str, variables: &Variables) -> Result<Interpolated, Vec<Fault>> {
    let mut out = Interpolated {
        text: String::with_capacity(text.len()),
        from_variable: false,
    };
    let mut faults = Vec::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.text.push_str(&rest[..dollar]);
        rest = &rest[dollar..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.text.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let Some((reference, after)) = Reference::read(after) else {
                faults.push(Fault::Leftover);
                return Err(faults);
            };
            out.from_variable = true;
            match reference.value(variables) {
                Ok(value) => out.text.push_str(value),
                Err(fault) => faults.push(fault),
            }
            rest = after;
        } else {
            out.text.push('$');
            rest = &rest[1..];
        }
    }
    out.text.push_str(rest);
    if faults.is_empty() {
        Ok(out)
    } else {
        Err(faults)
    }
}

/// Whether a text is nothing but a reference that nobody filled in.
pub(crate) fn is_reference(text: &str) -> bool {
    text.strip_prefix("${")
        .and_then(Reference::read)
        .is_some_and(|(_, rest)| rest.is_empty())
}

struct Reference<'a> {
    name: &'a str,
    default: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Reads what follows `${`, up to and with the `}`.
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        let (inside, rest) = text.split_once('}')?;
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        let valid = is_name(name) && default.is_none_or(|text| !text.contains("${"));
        valid.then_some((Self { name, default }, rest))
    }

    fn value(&self, variables: &'a Variables) -> Result<&'a str, Fault> {
        match (variables.get(self.name), self.default) {
            (Some(value), _) if !value.is_empty() => Ok(value),
            (_, Some(default)) => Ok(default),
            (Some(_), None) => Err(Fault::Empty(self.name.to_owned())),
            (None, None) => Err(Fault::Unset(self.name.to_owned())),
        }
    }
}

fn is_name(text: &str) -> bool {
    let starts = text
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    starts && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &[Fault]>) {
        let variables = [("A", "one"), ("EMPTY", ""), ("TRICKY", "${A} $$ $A")]
            .map(|(n, v)| (n.to_owned(), v.to_owned()));
        let got = interpolate(text, &Variables::from(variables)).map(|filled| filled.text);
        let expected = expected.map(str::to_owned).map_err(<[Fault]>::to_vec);
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn references_are_filled_in_once() {
        check("${A}", Ok("one"));
        check("a ${A}-${A} z", Ok("a one-one z"));
        check("${TRICKY}", Ok("${A} $$ $A"));
        check(
            "no reference, $HOME and 5$",
            Ok("no reference, $HOME and 5$"),
        );
    }

    #[test]
    fn a_default_stands_in_for_an_unset_or_empty_variable() {
        check("${B:-two}", Ok("two"));
        check("${EMPTY:-two}", Ok("two"));
        check("${A:-two}", Ok("one"));
        check("${B:-}", Ok(""));
        check("${B:-a:-b $ c}", Ok("a:-b $ c"));
    }

    #[test]
    fn two_dollars_are_one() {
        check("$$", Ok("$"));
        check("$${A}", Ok("${A}"));
        check("$$$${A}", Ok("$${A}"));
        check("$$${A}", Ok("$one"));
    }

    #[test]
    fn every_unset_and_empty_variable_is_reported() {
        check(
            "${B} ${EMPTY} ${A} ${C}",
            Err(&[
                Fault::Unset("B".to_owned()),
                Fault::Empty("EMPTY".to_owned()),
                Fault::Unset("C".to_owned()),
            ]),
        );
    }

    #[test]
    fn what_only_looks_like_a_reference_is_an_error() {
        for text in [
            "${",
            "${A",
            "${}",
            "${1A}",
            "${A B}",
            "${a-b}",
            "${B:-${A}}",
            "${B:?text}",
        ] {
            check(text, Err(&[Fault::Leftover]));
        }
    }

    #[test]
    fn a_reference_that_nobody_filled_in_is_recognised() {
        for (text, expected) in [
            ("${A}", true),
            ("${A:-b}", true),
            ("x${A}", false),
            ("${A}x", false),
            ("", false),
        ] {
            assert_eq!(is_reference(text), expected, "{text}");
        }
    }
}
