//! Makes text out of mail fit for an API and a terminal. Must not fail, whatever a header holds.

use std::borrow::Cow;

use mail_parser::Message;

/// A header as it stands, unfolded; the last of its name. Bytes that are no UTF-8 are replaced.
pub(crate) fn raw_header(mail: &Message<'_>, name: &str) -> Option<String> {
    let header = mail
        .headers()
        .iter()
        .rev()
        .find(|header| header.name().eq_ignore_ascii_case(name))?;
    let range = header.offset_start() as usize..header.offset_end() as usize;
    let bytes = mail.raw_message().get(range)?;
    Some(
        String::from_utf8_lossy(bytes)
            .replace(['\r', '\n'], "")
            .trim()
            .to_owned(),
    )
}

/// At most so many bytes, and no control characters: the text ends up in terminals and logs.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    const CUT: char = '…';
    let clean: Cow<'_, str> = if text.contains(char::is_control) {
        Cow::Owned(text.replace(char::is_control, " "))
    } else {
        Cow::Borrowed(text)
    };
    if clean.len() <= most {
        return clean.into_owned();
    }
    let end = clean.floor_char_boundary(most.saturating_sub(CUT.len_utf8()));
    format!("{}{CUT}", &clean[..end])
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;

    #[test]
    fn a_header_that_is_not_utf8_is_read_with_replacements() {
        let bytes = b"List-Id: caf\xe9\n <caf\xe9.example>\n\n";
        let mail = MessageParser::default().parse_headers(&bytes[..]).unwrap();
        assert_eq!(
            raw_header(&mail, "list-id").unwrap(),
            "caf\u{fffd} <caf\u{fffd}.example>"
        );
        assert_eq!(raw_header(&mail, "subject"), None);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(shorten("äöü", 6), "äöü");
        assert_eq!(shorten("äöüß", 7), "äö…");
        assert_eq!(shorten("a\u{1b}[31m\nb", 20), "a [31m b");
    }
}
