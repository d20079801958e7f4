//! What is known about a session. Nothing in here lets anybody in.

use std::{fmt, str::FromStr};

use mailpilot_clock::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::SessionError;

const MAX_USER_AGENT_CHARS: usize = 256;
/// Enough for an IPv6 address with a zone.
const MAX_ADDRESS_CHARS: usize = 64;

/// Names a session in lists, answers and logs; random, unrelated to the token. Prints as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u64);

/// The text is not a session's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a session id: 16 lower-case hexadecimal digits")]
pub struct ParseSessionIdError;

impl SessionId {
    pub(crate) fn generate() -> Result<Self, SessionError> {
        let mut bytes = [0; 8];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(SessionError::Random)?;
        Ok(Self(u64::from_be_bytes(bytes)))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for SessionId {
    type Err = ParseSessionIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 16 || !digits {
            return Err(ParseSessionIdError);
        }
        u64::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| ParseSessionIdError)
    }
}

/// One login, as it is stored and listed.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// SHA-256 of its token. Belongs into the store and nowhere else.
    pub token_hash: [u8; 32],
    /// Whose it is.
    pub username: String,
    /// When it was issued.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
    /// Where its login came from.
    pub client_address: String,
    /// What its login said it was: at most 256 characters, none of them a control character.
    pub user_agent: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("created_at", &self.created_at)
            .field("expires_at", &self.expires_at)
            .field("last_used_at", &self.last_used_at)
            .field("client_address", &self.client_address)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

pub(crate) fn clean_user_agent(text: &str) -> String {
    clean(text, MAX_USER_AGENT_CHARS)
}

pub(crate) fn clean_address(text: &str) -> String {
    clean(text, MAX_ADDRESS_CHARS)
}

fn clean(text: &str, max_chars: usize) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(max_chars)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_printed() {
        for id in [
            SessionId(0),
            SessionId(0x1f),
            SessionId(u64::MAX),
            SessionId::generate().unwrap(),
        ] {
            assert_eq!(id.to_string().len(), 16);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "1f",
            "+00000000000001f",
            "000000000000001F",
            "00000000000000001f",
            "é0000000000000f",
        ] {
            assert_eq!(
                text.parse::<SessionId>(),
                Err(ParseSessionIdError),
                "{text}"
            );
        }
    }

    #[test]
    fn a_user_agent_loses_control_characters_and_its_tail() {
        assert_eq!(
            clean_user_agent("curl/8\r\nX: \u{1b}[31m\u{85}y"),
            "curl/8X: [31my"
        );
        assert_eq!(clean_user_agent(&"é".repeat(300)), "é".repeat(256));
    }
}
