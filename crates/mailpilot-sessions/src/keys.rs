//! Seals tokens into cookies and opens them. Must not know which sessions exist.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use mailpilot_secret::Secret;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

use crate::{SessionError, SessionToken};

/// Separates this use of the session secret from any other; changing one voids every cookie.
const SALT: &[u8] = b"mailpilot session secret";
const COOKIE_LABEL: &[u8] = b"mailpilot session cookie, AES-256-GCM, v1";
const FINGERPRINT_LABEL: &[u8] = b"mailpilot session secret, fingerprint, v1";
const SEALED_LEN: usize = NONCE_LEN + SessionToken::LEN + MAX_TAG_LEN;

/// The key that seals cookies, derived from the session secret.
///
/// ```
/// # fn main() -> Result<(), mailpilot_sessions::SessionError> {
/// # use mailpilot_secret::Secret;
/// # use mailpilot_sessions::{SessionKeys, SessionToken};
/// let keys = SessionKeys::derive(&Secret::new("0123456789abcdef"))?;
/// let token = SessionToken::generate()?;
/// let cookie = keys.seal(&token)?;
/// assert_eq!(keys.open(&cookie).map(|t| t.hash()), Some(token.hash()));
/// let others = SessionKeys::derive(&Secret::new("another secret.."))?;
/// assert!(others.open(&cookie).is_none());
/// # Ok(())
/// # }
/// ```
pub struct SessionKeys {
    cookie: LessSafeKey,
    fingerprint: [u8; 8],
}

impl SessionKeys {
    /// Derives the key with HKDF-SHA256 ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869)). The same
    /// secret gives the same key, so that cookies outlive a restart.
    ///
    /// # Errors
    /// [`SessionError::Seal`] if the cipher is not available, which does not happen in a sound build.
    pub fn derive(secret: &Secret) -> Result<Self, SessionError> {
        let derived = Salt::new(HKDF_SHA256, SALT).extract(secret.expose().as_bytes());
        let mut bytes = Zeroizing::new([0; 32]);
        let mut fingerprint = [0; 8];
        expand(&derived, COOKIE_LABEL, bytes.as_mut_slice())
            .and_then(|()| expand(&derived, FINGERPRINT_LABEL, &mut fingerprint))
            .and_then(|()| UnboundKey::new(&AES_256_GCM, bytes.as_slice()))
            .map(|key| Self {
                cookie: LessSafeKey::new(key),
                fingerprint,
            })
            .map_err(SessionError::Seal)
    }

    /// Tells one session secret from another without giving it away: 16 hex digits, to be stored beside
    /// the sessions. If it differs at start, no cookie of a stored session opens any more, and the rows
    /// are to be deleted, lest they be listed as if they lived.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.fingerprint))
    }

    /// The value of a cookie that holds `token`: 80 characters of base64url. Each call gives another one.
    ///
    /// # Errors
    /// [`SessionError`] without random bytes for the nonce.
    pub fn seal(&self, token: &SessionToken) -> Result<String, SessionError> {
        // 96 random bits: far fewer than the 2^32 seals NIST SP 800-38D allows happen under one secret.
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(SessionError::Random)?;
        let mut sealed = Vec::with_capacity(SEALED_LEN);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(token.bytes());
        let tag = self
            .cookie
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut sealed[NONCE_LEN..],
            )
            .map_err(SessionError::Seal)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(Base64UrlUnpadded::encode_string(&sealed))
    }

    /// The token in a cookie's value, if it was sealed under the same secret and nobody touched it.
    #[must_use]
    pub fn open(&self, cookie: &str) -> Option<SessionToken> {
        let mut buffer = Zeroizing::new([0; SEALED_LEN]);
        if Base64UrlUnpadded::decode(cookie, buffer.as_mut_slice())
            .ok()?
            .len()
            != SEALED_LEN
        {
            return None;
        }
        let (nonce, sealed) = buffer.split_first_chunk_mut::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let token = self
            .cookie
            .open_in_place(nonce, Aad::empty(), sealed)
            .ok()?;
        Some(SessionToken::from_bytes((&*token).try_into().ok()?))
    }
}

/// How many bytes are wanted, in the form ring's HKDF asks for it.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(derived: &Prk, label: &[u8], out: &mut [u8]) -> Result<(), Unspecified> {
    derived.expand(&[label], Length(out.len()))?.fill(out)
}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(secret: &str) -> SessionKeys {
        SessionKeys::derive(&Secret::new(secret)).unwrap()
    }

    fn token(bytes: [u8; 32]) -> SessionToken {
        SessionToken::from_bytes(bytes)
    }

    #[test]
    fn the_cookie_value_needs_no_quoting_and_hides_the_token() {
        let cookie = keys("0123456789abcdef").seal(&token([7; 32])).unwrap();
        assert_eq!(cookie.len(), 80);
        assert!(
            cookie
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        );
        assert!(!cookie.contains(&Base64UrlUnpadded::encode_string(&[7; 30])));
    }

    #[test]
    fn sealing_twice_gives_two_values() {
        let keys = keys("0123456789abcdef");
        assert_ne!(
            keys.seal(&token([7; 32])).unwrap(),
            keys.seal(&token([7; 32])).unwrap()
        );
    }

    #[test]
    fn another_secret_does_not_open() {
        let cookie = keys("0123456789abcdef").seal(&token([7; 32])).unwrap();
        assert!(keys("0123456789abcdef").open(&cookie).is_some());
        assert!(keys("0123456789abcdeg").open(&cookie).is_none());
    }

    #[test]
    fn cookies_and_fingerprints_of_earlier_releases_stay_valid() {
        // Computed with another implementation of HKDF-SHA256 and AES-256-GCM.
        let keys = keys("0123456789abcdef");
        let cookie =
            "AAECAwQFBgcICQoLl5bjDWvilZNHvI5cXDv7n0WmNFPhYpE8LuJnIsQ5mM20IPqgj_N44V7kmeXljlvY";
        assert_eq!(keys.open(cookie).unwrap().bytes(), [7; 32]);
        assert_eq!(keys.fingerprint(), "cbcc2b1749f5e385");
    }

    #[test]
    fn another_secret_has_another_fingerprint() {
        let fingerprint = |secret| keys(secret).fingerprint();
        assert_ne!(
            fingerprint("0123456789abcdef"),
            fingerprint("0123456789abcdeg")
        );
    }

    #[test]
    fn text_of_another_length_or_alphabet_does_not_open() {
        let keys = keys("0123456789abcdef");
        let cookie = keys.seal(&token([7; 32])).unwrap();
        for text in [
            String::new(),
            cookie[..79].to_owned(),
            cookie[..76].to_owned(),
            format!("{cookie}A"),
            format!("{cookie}AAAA"),
            format!("{cookie}="),
            format!(" {}", &cookie[1..]),
            format!("é{}", &cookie[2..]),
            "A".repeat(100_000),
        ] {
            assert!(keys.open(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_output_shows_neither_key_nor_token() {
        assert_eq!(
            format!("{:?}", keys("0123456789abcdef")),
            "SessionKeys([redacted])"
        );
        assert_eq!(format!("{:?}", token([7; 32])), "[redacted]");
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(secret in ".{16,80}", bytes: [u8; 32]) {
            let keys = keys(&secret);
            let opened = keys.open(&keys.seal(&token(bytes)).unwrap()).unwrap();
            prop_assert_eq!(opened.bytes(), bytes);
        }

        #[test]
        fn a_value_changed_in_any_bit_does_not_open(bytes: [u8; 32], at in 0..SEALED_LEN, bit in 0..8u8) {
            let keys = keys("0123456789abcdef");
            let mut sealed = Base64UrlUnpadded::decode_vec(&keys.seal(&token(bytes)).unwrap()).unwrap();
            sealed[at] ^= 1_u8 << bit;
            prop_assert!(keys.open(&Base64UrlUnpadded::encode_string(&sealed)).is_none());
        }

        #[test]
        fn any_text_is_looked_at_without_a_panic(text: String) {
            prop_assert!(keys("0123456789abcdef").open(&text).is_none());
        }
    }
}
