//! The text forms of keys: making a new one, and the hash that configuration and store keep of it.

use base64ct::{Base64UrlUnpadded, Encoding};
use mailpilot_secret::Secret;
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};

use crate::AuthError;

const KEY_BYTES: usize = 32;
const KEY_PREFIX: &str = "mp_";
const HASH_PREFIX: &str = "sha256:";

/// The text is not the hash of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `sha256:` and the 64 hexadecimal digits of the key's SHA-256")]
pub struct KeyHashError;

/// Makes a key and its SHA-256: `mp_` and 43 characters of base64url, 256 random bits.
///
/// The key is shown once and then forgotten; the hash is what is kept.
///
/// # Errors
/// [`AuthError::Random`] if the operating system gives no random bytes.
///
/// ```
/// # fn main() -> Result<(), mailpilot_auth::AuthError> {
/// let (key, sha256) = mailpilot_auth::generate_key()?;
/// assert!(key.expose().starts_with("mp_"));
/// assert_eq!(sha256, mailpilot_auth::key_sha256(key.expose()));
/// # Ok(())
/// # }
/// ```
pub fn generate_key() -> Result<(Secret, [u8; 32]), AuthError> {
    let mut bytes = [0; KEY_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(AuthError::Random)?;
    let text = Secret::new(Base64UrlUnpadded::encode_string(&bytes));
    let key = Secret::new([KEY_PREFIX, text.expose()].concat());
    let sha256 = key_sha256(key.expose());
    Ok((key, sha256))
}

/// The SHA-256 of a key's UTF-8 bytes. Keys are random and long, so a slow hash would gain nothing.
#[must_use]
pub fn key_sha256(key: &str) -> [u8; 32] {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
    sha256
}

/// A key's hash as configuration writes it: `sha256:<64 hex>`.
#[must_use]
pub fn format_key_hash(sha256: &[u8; 32]) -> String {
    use std::fmt::Write;

    sha256
        .iter()
        .fold(String::from(HASH_PREFIX), |mut text, byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        })
}

/// Reads `sha256:<64 hex>`, digits in either case.
///
/// # Errors
/// [`KeyHashError`] says what is expected; it does not repeat the text, which may be a key.
pub fn parse_key_hash(text: &str) -> Result<[u8; 32], KeyHashError> {
    let hex = text
        .strip_prefix(HASH_PREFIX)
        .ok_or(KeyHashError)?
        .as_bytes();
    let mut sha256 = [0; 32];
    if hex.len() != 2 * sha256.len() {
        return Err(KeyHashError);
    }
    for (byte, pair) in sha256.iter_mut().zip(hex.chunks_exact(2)) {
        *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
    }
    Ok(sha256)
}

fn hex_digit(digit: u8) -> Result<u8, KeyHashError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(KeyHashError),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_made_key_has_the_documented_form_and_is_never_the_same_twice() {
        let (first, first_hash) = generate_key().unwrap();
        let (second, second_hash) = generate_key().unwrap();
        let body = first.expose().strip_prefix("mp_").unwrap();
        assert_eq!(body.len(), 43);
        assert!(
            body.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        );
        assert_eq!(first_hash, key_sha256(first.expose()));
        assert_ne!(first.expose(), second.expose());
        assert_ne!(first_hash, second_hash);
    }

    #[test]
    fn the_hash_is_the_one_sha256sum_prints() {
        // printf mp_1234567890abcdef | sha256sum
        let expected = "sha256:19475435b5b4002851ea87e05c803d5322fddf51a180d84d656921940f4f16ef";
        assert_eq!(
            format_key_hash(&key_sha256("mp_1234567890abcdef")),
            expected
        );
    }

    #[test]
    fn what_is_not_a_hash_is_refused_without_being_repeated() {
        let digits = "ab".repeat(32);
        for text in [
            String::new(),
            digits.clone(),
            format!("sha512:{digits}"),
            format!("sha256:{}", &digits[1..]),
            format!("sha256:{digits}0"),
            format!("sha256:g{}", &digits[1..]),
            format!("sha256:é{}", &digits[2..]),
            format!("sha256:+{}", &digits[1..]),
        ] {
            assert_eq!(parse_key_hash(&text), Err(KeyHashError), "{text}");
        }
        assert!(!KeyHashError.to_string().contains("ab"));
    }

    proptest! {
        #[test]
        fn a_printed_hash_reads_back_in_either_case(sha256: [u8; 32]) {
            let text = format_key_hash(&sha256);
            prop_assert_eq!(parse_key_hash(&text), Ok(sha256));
            let upper = text.to_uppercase().replace("SHA256", "sha256");
            prop_assert_eq!(parse_key_hash(&upper), Ok(sha256));
        }
    }
}
