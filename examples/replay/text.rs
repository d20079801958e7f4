//! Makes text out of mail fit for an API and a terminal. Must not fail, whatever a header holds.

use std::borrow::Cow;

use mail_parser::{Message, MessageParser, MimeHeaders, decoders::charsets::map::charset_decoder};

/// A mail's headers as UTF-8, the body left off.
///
/// Headers should be ASCII; of those that are not, most are in the charset the mail names for its text, or else
/// in what Windows used in the West.
pub(crate) fn head(mail: &[u8]) -> Cow<'_, [u8]> {
    let head = &mail[..head_length(mail)];
    if std::str::from_utf8(head).is_ok() {
        return Cow::Borrowed(head);
    }
    let charset = MessageParser::default()
        .parse_headers(head)
        .and_then(|parsed| {
            parsed
                .content_type()?
                .attribute("charset")
                .map(str::to_owned)
        });
    let lines = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    let decoded = [charset.as_deref(), Some("windows-1252")]
        .into_iter()
        .flatten()
        .filter_map(|charset| charset_decoder(charset.as_bytes()))
        .map(|decode| decode(head))
        // A charset such as UTF-16 cannot be that of the headers: it would swallow their line ends.
        .find(|text| lines(text.as_bytes()) == lines(head))
        .unwrap_or_else(|| String::from_utf8_lossy(head).into_owned());
    Cow::Owned(decoded.into_bytes())
}

/// Up to the first empty line, with it.
fn head_length(mail: &[u8]) -> usize {
    let mut length = 0;
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        length += line.len();
        if length > line.len() && line.trim_ascii().is_empty() && line.ends_with(b"\n") {
            break;
        }
    }
    length
}

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
    use super::*;

    #[track_caller]
    fn check_head(mail: &[u8], expected: &str) {
        assert_eq!(
            String::from_utf8(head(mail).into_owned()).unwrap(),
            expected
        );
    }

    #[test]
    fn the_head_ends_at_the_first_empty_line() {
        check_head(b"A: 1\nB: 2\n\nbody\n\nmore\n", "A: 1\nB: 2\n\n");
        check_head(b"A: 1\r\n\r\nbody\xff", "A: 1\r\n\r\n");
        check_head(b"A: 1\nB: 2", "A: 1\nB: 2");
        check_head(b"", "");
    }

    #[test]
    fn bare_bytes_are_read_in_the_charset_the_mail_names() {
        let named = |charset: &str, subject: &[u8]| {
            [
                format!("Content-Type: text/plain; charset={charset}\nSubject: ").as_bytes(),
                subject,
                b"\n\n",
            ]
            .concat()
        };
        for (charset, bytes, expected) in [
            ("euc-kr", &b"\xb1\xa4\xb0\xed"[..], "광고"),
            ("iso-8859-9", b"T\xdcRK\xddYE", "TÜRKİYE"),
            ("utf-16", b"\xa37,000", "£7,000"),
            ("no-such", b"\xa37,000", "£7,000"),
            ("utf-8", "é".as_bytes(), "é"),
        ] {
            let mail = named(charset, bytes);
            let head = String::from_utf8(head(&mail).into_owned()).unwrap();
            assert!(
                head.ends_with(&format!("Subject: {expected}\n\n")),
                "{head}"
            );
        }
        check_head(b"Subject: caf\xe9\n\n", "Subject: café\n\n");
    }

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
