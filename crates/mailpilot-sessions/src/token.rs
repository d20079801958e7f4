//! The secret behind a session. Must not be stored, logged or compared: its digest is.

use std::fmt;

use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

use crate::SessionError;

/// 256 random bits that make their holder the administrator. Leaves the process sealed, in a cookie.
pub struct SessionToken(Zeroizing<[u8; Self::LEN]>);

impl SessionToken {
    pub(crate) const LEN: usize = 32;

    /// Makes a token.
    ///
    /// # Errors
    /// [`SessionError::Random`] if the operating system gives no random bytes.
    pub fn generate() -> Result<Self, SessionError> {
        let mut bytes = Zeroizing::new([0; Self::LEN]);
        SystemRandom::new()
            .fill(bytes.as_mut_slice())
            .map_err(SessionError::Random)?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Its SHA-256, under which the session is kept. 256 random bits need no slower hash.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, self.bytes()).as_ref());
        hash
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
