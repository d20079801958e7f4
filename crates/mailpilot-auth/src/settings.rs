//! Credentials as configured.

use std::fmt;

use mailpilot_clock::Timestamp;
use mailpilot_permissions::PermissionSet;
use mailpilot_secret::Secret;

/// Every credential the configuration names.
#[derive(Clone, Debug, Default)]
pub struct CredentialSettings {
    /// `server.auth_token`: permission `*`.
    pub auth_token: Option<Secret>,
    /// `dashboard.api_keys`, names and keys unique.
    pub keys: Vec<KeySettings>,
}

/// One configured API key.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// Its name, unique.
    pub name: String,
    /// The key or its hash.
    pub credential: KeyCredential,
    /// What its holder may do.
    pub permissions: PermissionSet,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A key, or what is left of it after hashing.
#[derive(Clone)]
pub enum KeyCredential {
    /// `key:`, at least 16 characters.
    Plain(Secret),
    /// `key_hash: sha256:<64 hex>`: the SHA-256 of the key's UTF-8 bytes.
    Sha256([u8; 32]),
}

/// Which of the two it is, never what it holds.
impl fmt::Debug for KeyCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(..)",
            Self::Sha256(_) => "Sha256(..)",
        })
    }
}
