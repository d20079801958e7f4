//! Makes a text fit to be the value of a label. Must not decide which values are allowed.

use std::borrow::Cow;

/// Longest value in characters: that of the longest account name.
const MAX_CHARS: usize = 64;

/// `text` with everything the exporter would mangle or a terminal would obey replaced by `_`, cut to
/// 64 characters.
///
/// The exporter (0.18) takes a backslash for the start of an escape and prints another value than it
/// was given, so backslashes cannot be allowed.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let end = text
        .char_indices()
        .nth(MAX_CHARS)
        .map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let harmful = |c: char| c == '\\' || c == '"' || c.is_control();
    if text.contains(harmful) {
        Cow::Owned(text.replace(harmful, "_"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_exporter_would_mangle_is_replaced_and_the_rest_kept() {
        for (text, expected) in [
            ("move", "move"),
            ("Löschen_2", "Löschen_2"),
            ("a\\b\"c\nd", "a_b_c_d"),
            ("{a=1}", "{a=1}"),
        ] {
            assert_eq!(clean(text), expected);
        }
        assert_eq!(clean(&"ä".repeat(70)), "ä".repeat(64));
    }
}
