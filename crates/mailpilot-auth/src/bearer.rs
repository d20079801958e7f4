//! Reads the value of an `Authorization` header. Must not judge whether the credential is right.

/// Why the value of an `Authorization` header holds no bearer credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// Another scheme, or the bare key.
    #[error(
        "the Authorization header lacks the `Bearer ` prefix: write `Authorization: Bearer <key>`"
    )]
    MissingPrefix,
    /// The prefix with nothing behind it.
    #[error("no key follows `Bearer`: write `Authorization: Bearer <key>`")]
    Empty,
    /// Several words, control characters, or bytes that are not UTF-8.
    #[error(
        "what follows `Bearer ` is not one key without spaces: write `Authorization: Bearer <key>`"
    )]
    Malformed,
}

/// The credential in the value of an `Authorization` header.
///
/// The scheme's name is read in any case ([RFC 9110, 11.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.1)).
/// The credential may hold more than the `token68` of RFC 6750, because an operator chooses its characters;
/// white space and control characters it may not hold.
///
/// # Errors
/// [`BearerError`] says what to write instead.
///
/// ```
/// # use mailpilot_auth::{BearerError, bearer};
/// assert_eq!(bearer(b"Bearer mp_key"), Ok("mp_key"));
/// assert_eq!(bearer(b"mp_key"), Err(BearerError::MissingPrefix));
/// ```
pub fn bearer(header: &[u8]) -> Result<&str, BearerError> {
    const SCHEME: &[u8] = b"bearer";
    let header = header.trim_ascii();
    let (scheme, rest) = header
        .split_at_checked(SCHEME.len())
        .ok_or(BearerError::MissingPrefix)?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Err(BearerError::MissingPrefix);
    }
    if rest.is_empty() {
        return Err(BearerError::Empty);
    }
    let token = rest.trim_ascii_start();
    if token.len() == rest.len() {
        return Err(BearerError::MissingPrefix);
    }
    let token = str::from_utf8(token).map_err(|_| BearerError::Malformed)?;
    if token.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(BearerError::Malformed);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(header: &[u8], expected: Result<&str, BearerError>) {
        assert_eq!(bearer(header), expected, "{}", header.escape_ascii());
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_extra_spaces_are_skipped() {
        check(b"Bearer mp_key", Ok("mp_key"));
        check(b"bearer mp_key", Ok("mp_key"));
        check(b"BEARER   mp_key ", Ok("mp_key"));
        check("Bearer pässwort!".as_bytes(), Ok("pässwort!"));
    }

    #[test]
    fn a_missing_prefix_is_told_apart_from_a_missing_key() {
        check(b"mp_key", Err(BearerError::MissingPrefix));
        check(b"Basic dXNlcjpwYXNz", Err(BearerError::MissingPrefix));
        check(b"Bearer: mp_key", Err(BearerError::MissingPrefix));
        check(b"Bearermp_key", Err(BearerError::MissingPrefix));
        check(b"", Err(BearerError::MissingPrefix));
        check(b"Bearer", Err(BearerError::Empty));
        check(b"Bearer  ", Err(BearerError::Empty));
    }

    #[test]
    fn several_words_control_characters_and_foreign_bytes_are_malformed() {
        check(b"Bearer two words", Err(BearerError::Malformed));
        check(b"Bearer Bearer mp_key", Err(BearerError::Malformed));
        check(b"Bearer mp\x07key", Err(BearerError::Malformed));
        check(b"Bearer mp\tkey", Err(BearerError::Malformed));
        check(b"Bearer mp_\xff", Err(BearerError::Malformed));
        check("Bearer mp\u{a0}key".as_bytes(), Err(BearerError::Malformed));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(header: Vec<u8>) {
            if let Ok(token) = bearer(&header) {
                prop_assert!(!token.is_empty());
                prop_assert!(!token.contains(char::is_whitespace));
            }
        }

        #[test]
        fn every_key_of_visible_characters_is_found(key in "[!-~]{1,80}") {
            let header = format!("Bearer {key}");
            prop_assert_eq!(bearer(header.as_bytes()), Ok(key.as_str()));
        }
    }
}
