//! The code that lets somebody who is not at the machine create the administrator.
//! Must not print or store it: that is the caller's, once.

use std::{
    fmt,
    time::{Duration, Instant},
};

use mailpilot_clock::Timestamp;
use mailpilot_secret::Secret;
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};

use crate::AuthError;

/// Crockford's Base32: no I, L, O, U, which are misread (<https://www.crockford.com/base32.html>).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS: usize = 7;
const GROUP_CHARS: usize = 4;
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a presented code is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupCodeError {
    /// Another code, or none.
    #[error("the setup code is wrong: use the one the server printed when it last started")]
    Wrong,
    /// The code is older than 24 hours, whatever was presented.
    #[error("the setup code has expired: restart the server, which prints a new one")]
    Expired,
}

/// What is kept of a setup code: a digest under a random key, and when it ends.
pub struct SetupCode {
    key: hmac::Key,
    tag: hmac::Tag,
    expires_at: Timestamp,
    /// The same by the monotonic clock, so that a backward step of the wall clock does not prolong it.
    deadline: Option<Instant>,
}

impl SetupCode {
    /// Makes a code that lives 24 hours by either clock, `now` and `monotonic`: 140 random bits as seven groups of four, `4K7Q-…`.
    ///
    /// The text is for the operator and exists nowhere else.
    ///
    /// # Errors
    /// [`AuthError::Random`] if the operating system gives no random bytes.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::time::Instant;
    /// # use {mailpilot_auth::SetupCode, mailpilot_clock::Timestamp};
    /// # let (now, monotonic) = (Timestamp::from_millis(0), Instant::now());
    /// let (code, text) = SetupCode::generate(now, monotonic)?;
    /// code.verify(&text.expose().to_lowercase().replace('-', " "), now, monotonic)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn generate(now: Timestamp, monotonic: Instant) -> Result<(Self, Secret), AuthError> {
        let random = SystemRandom::new();
        let mut bytes = [0; GROUPS * GROUP_CHARS];
        random.fill(&mut bytes).map_err(AuthError::Random)?;
        let mut text = String::with_capacity(bytes.len() + GROUPS);
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 && at % GROUP_CHARS == 0 {
                text.push('-');
            }
            // 32 divides 256, so every character is equally likely.
            text.push(char::from(ALPHABET[usize::from(byte % 32)]));
        }
        let text = Secret::new(text);
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random).map_err(AuthError::Random)?;
        let tag = hmac::sign(&key, normalised(text.expose()).expose().as_bytes());
        Ok((
            Self {
                key,
                tag,
                expires_at: now.saturating_add(LIFE),
                deadline: monotonic.checked_add(LIFE),
            },
            text,
        ))
    }

    /// Lets `presented` through if it is the code. Case, dashes and white space do not matter, and what
    /// Crockford's Base32 leaves out is read as what it looks like (`O` as `0`, `I` and `L` as `1`).
    ///
    /// # Errors
    /// [`SetupCodeError`], decided in constant time.
    pub fn verify(
        &self,
        presented: &str,
        now: Timestamp,
        monotonic: Instant,
    ) -> Result<(), SetupCodeError> {
        if now >= self.expires_at || self.deadline.is_some_and(|end| monotonic >= end) {
            return Err(SetupCodeError::Expired);
        }
        hmac::verify(
            &self.key,
            normalised(presented).expose().as_bytes(),
            self.tag.as_ref(),
        )
        .map_err(|_| SetupCodeError::Wrong)
    }

    /// From when on it is refused, by the wall clock.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

fn normalised(text: &str) -> Secret {
    let meant = text.chars().filter(|c| *c != '-' && !c.is_whitespace());
    Secret::new(
        meant
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect::<String>(),
    )
}

impl fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetupCode")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_code_is_seven_groups_of_four_and_never_the_same_twice() {
        let (_, text) = SetupCode::generate(START, Instant::now()).unwrap();
        let groups: Vec<&str> = text.expose().split('-').collect();
        assert_eq!(groups.len(), GROUPS);
        for group in groups {
            assert_eq!(group.len(), GROUP_CHARS);
            assert!(group.bytes().all(|b| ALPHABET.contains(&b)));
        }
        let (_, other) = SetupCode::generate(START, Instant::now()).unwrap();
        assert_ne!(text.expose(), other.expose());
    }

    #[test]
    fn case_dashes_spaces_and_lookalikes_do_not_matter() {
        let (code, text) = SetupCode::generate(START, Instant::now()).unwrap();
        let text = text.expose();
        for typed in [
            text.to_owned(),
            text.to_lowercase(),
            text.replace('-', ""),
            format!("  {}\t", text.replace('-', " ")),
            text.replace('0', "O").replace('1', "l"),
            text.replace('0', "o").replace('1', "I"),
        ] {
            assert_eq!(
                code.verify(&typed, START, Instant::now()),
                Ok(()),
                "{typed}"
            );
        }
    }

    #[test]
    fn any_other_text_is_wrong() {
        let (code, text) = SetupCode::generate(START, Instant::now()).unwrap();
        let text = text.expose();
        let swapped = if text.starts_with('2') { "3" } else { "2" };
        for typed in [
            String::new(),
            text[1..].to_owned(),
            format!("{text}2"),
            format!("{swapped}{}", &text[1..]),
        ] {
            assert_eq!(
                code.verify(&typed, START, Instant::now()),
                Err(SetupCodeError::Wrong),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_code_ends_after_24_hours_by_whichever_clock_is_ahead() {
        let begun = Instant::now();
        let (code, text) = SetupCode::generate(START, begun).unwrap();
        let just_before = LIFE - Duration::from_millis(1);
        for (wall, monotonic, verdict) in [
            (just_before, just_before, Ok(())),
            (LIFE, just_before, Err(SetupCodeError::Expired)),
            (just_before, LIFE, Err(SetupCodeError::Expired)),
            // The wall clock was set back.
            (Duration::ZERO, LIFE, Err(SetupCodeError::Expired)),
        ] {
            let (wall, monotonic) = (START.saturating_add(wall), begun + monotonic);
            assert_eq!(code.verify(text.expose(), wall, monotonic), verdict);
            let wrong = verdict.and(Err(SetupCodeError::Wrong));
            assert_eq!(code.verify("wrong", wall, monotonic), wrong);
        }
    }

    #[test]
    fn debug_output_does_not_show_the_code() {
        let (code, text) = SetupCode::generate(START, Instant::now()).unwrap();
        assert!(!format!("{code:?}").contains(&text.expose()[..GROUP_CHARS + 1]));
    }
}
