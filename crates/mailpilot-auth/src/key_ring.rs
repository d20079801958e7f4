//! Finds out whose key is presented. Keeps digests under a pepper that never leaves the process, so that
//! neither a memory dump nor the time an answer takes says anything about a key.

use std::{collections::HashMap, fmt};

use mailpilot_clock::Timestamp;
use mailpilot_permissions::{Identity, PermissionSet, Principal};
use ring::{hmac, rand::SystemRandom};

use crate::{AuthError, CredentialSettings, KeyCredential, key_sha256};

/// A key made through the API.
#[derive(Clone)]
pub struct MadeKey {
    /// Its name, unique.
    pub name: String,
    /// The SHA-256 of the key's UTF-8 bytes.
    pub sha256: [u8; 32],
    /// What its holder may do.
    pub permissions: PermissionSet,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// Without the digest: what proves a key has no place in a log.
impl fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeKey")
            .field("name", &self.name)
            .field("permissions", &self.permissions)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The configuration.
    Config,
    /// Made through the API.
    Api,
}

/// Whose credential was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The auth token: may do everything.
    Token,
    /// A key.
    Key {
        /// Its name.
        name: String,
        /// What its holder may do.
        permissions: PermissionSet,
        /// Where it comes from.
        source: KeySource,
    },
}

impl From<Match> for Principal {
    fn from(found: Match) -> Self {
        match found {
            Match::Token => Self {
                identity: Identity::Token,
                permissions: PermissionSet::FULL,
            },
            Match::Key {
                name, permissions, ..
            } => Self {
                identity: Identity::Key { name },
                permissions,
            },
        }
    }
}

/// Why a presented credential is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Nobody has it.
    #[error("the key is not known here: check it for typing mistakes, or make a new one")]
    Unknown,
    /// It was valid once. Only its holder gets to read this.
    #[error("the key `{name}` has expired: make a new one")]
    Expired {
        /// The key's name.
        name: String,
    },
}

struct Holder {
    found: Match,
    expires_at: Option<Timestamp>,
}

/// Every token and key that is accepted.
///
/// Rebuilt whole when a key is made or deleted and when the configuration changes. Looking one up takes
/// as long with ten keys as with ten thousand: a map is asked for HMAC-SHA-256(pepper, SHA-256(key)), and
/// what it finds is compared in constant time.
pub struct KeyRing {
    pepper: hmac::Key,
    holders: HashMap<[u8; 32], Holder>,
    /// Sorted by name.
    names: Vec<(String, KeySource)>,
    shadowed: Vec<String>,
}

impl KeyRing {
    /// A ring of the configured credentials and the keys made through the API.
    ///
    /// A made key whose name is also a configured one is left out, so that a name in a log or a list means
    /// one key; [`Self::shadowed`] tells which.
    ///
    /// # Errors
    /// [`AuthError::Random`] if the operating system gives no random bytes for the pepper.
    pub fn new(
        configured: &CredentialSettings,
        made: impl Iterator<Item = MadeKey>,
    ) -> Result<Self, AuthError> {
        let pepper = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(AuthError::Random)?;
        let mut ring = Self {
            pepper,
            holders: HashMap::new(),
            names: Vec::new(),
            shadowed: Vec::new(),
        };
        if let Some(token) = &configured.auth_token {
            let holder = Holder {
                found: Match::Token,
                expires_at: None,
            };
            ring.insert(&key_sha256(token.expose()), holder);
        }
        for key in &configured.keys {
            let sha256 = match &key.credential {
                KeyCredential::Plain(key) => key_sha256(key.expose()),
                KeyCredential::Sha256(sha256) => *sha256,
            };
            ring.insert_key(
                &sha256,
                &key.name,
                key.permissions,
                key.expires_at,
                KeySource::Config,
            );
        }
        for key in made {
            if configured.keys.iter().any(|c| c.name == key.name) {
                ring.shadowed.push(key.name);
            } else {
                ring.insert_key(
                    &key.sha256,
                    &key.name,
                    key.permissions,
                    key.expires_at,
                    KeySource::Api,
                );
            }
        }
        ring.names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(ring)
    }

    fn insert_key(
        &mut self,
        sha256: &[u8; 32],
        name: &str,
        permissions: PermissionSet,
        expires_at: Option<Timestamp>,
        source: KeySource,
    ) {
        let found = Match::Key {
            name: name.to_owned(),
            permissions,
            source,
        };
        self.names.push((name.to_owned(), source));
        self.insert(sha256, Holder { found, expires_at });
    }

    /// The first holder of a credential keeps it; configuration refuses doubled ones before this.
    fn insert(&mut self, sha256: &[u8; 32], holder: Holder) {
        let digest = self.digest(sha256);
        self.holders.entry(digest).or_insert(holder);
    }

    fn digest(&self, sha256: &[u8; 32]) -> [u8; 32] {
        let mut digest = [0; 32];
        digest.copy_from_slice(hmac::sign(&self.pepper, sha256).as_ref());
        digest
    }

    /// Whose credential `presented` is.
    ///
    /// # Errors
    /// [`Rejected`] if nobody's, or if it has expired by `now`.
    pub fn identify(&self, presented: &str, now: Timestamp) -> Result<Match, Rejected> {
        let sha256 = key_sha256(presented);
        let (digest, holder) = self
            .holders
            .get_key_value(&self.digest(&sha256))
            .ok_or(Rejected::Unknown)?;
        hmac::verify(&self.pepper, &sha256, digest).map_err(|_| Rejected::Unknown)?;
        match (&holder.found, holder.expires_at) {
            (Match::Key { name, .. }, Some(end)) if now >= end => {
                Err(Rejected::Expired { name: name.clone() })
            }
            (found, _) => Ok(found.clone()),
        }
    }

    /// Whether there is neither a token nor a key, expired ones included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holders.is_empty()
    }

    /// The names of all keys, sorted, with their source. Those left out are not among them.
    pub fn key_names(&self) -> impl Iterator<Item = (&str, KeySource)> {
        self.names
            .iter()
            .map(|(name, source)| (name.as_str(), *source))
    }

    /// Which key has this name; a new one may have it only if none has.
    #[must_use]
    pub fn source_of(&self, name: &str) -> Option<KeySource> {
        let at = self
            .names
            .binary_search_by(|(n, _)| n.as_str().cmp(name))
            .ok()?;
        self.names.get(at).map(|(_, source)| *source)
    }

    /// Names of made keys that are refused because the configuration has a key of the same name.
    #[must_use]
    pub fn shadowed(&self) -> &[String] {
        &self.shadowed
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("names", &self.names)
            .field("shadowed", &self.shadowed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mailpilot_permissions::{Access, Area, Permission};
    use mailpilot_secret::Secret;

    use super::*;
    use crate::KeySettings;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const TOKEN: &str = "the-auth-token-canary";
    const PLAIN: &str = "mp_configured-in-plain-canary";
    const HASHED: &str = "mp_configured-as-hash-canary";
    const MADE: &str = "mp_made-through-the-api-canary";

    fn reads_logs() -> PermissionSet {
        PermissionSet::from_iter([Permission::On(Access::Read, Area::Logs)])
    }

    fn configured(
        name: &str,
        credential: KeyCredential,
        expires_at: Option<Timestamp>,
    ) -> KeySettings {
        let permissions = PermissionSet::default_for_keys();
        KeySettings {
            name: name.to_owned(),
            credential,
            permissions,
            expires_at,
        }
    }

    fn made(name: &str, key: &str, expires_at: Option<Timestamp>) -> MadeKey {
        let sha256 = key_sha256(key);
        MadeKey {
            name: name.to_owned(),
            sha256,
            permissions: reads_logs(),
            expires_at,
        }
    }

    fn settings() -> CredentialSettings {
        CredentialSettings {
            auth_token: Some(Secret::new(TOKEN)),
            keys: vec![
                configured("plain", KeyCredential::Plain(Secret::new(PLAIN)), None),
                configured("hashed", KeyCredential::Sha256(key_sha256(HASHED)), None),
            ],
        }
    }

    fn ring(settings: &CredentialSettings, made: impl IntoIterator<Item = MadeKey>) -> KeyRing {
        KeyRing::new(settings, made.into_iter()).unwrap()
    }

    fn key(name: &str, permissions: PermissionSet, source: KeySource) -> Result<Match, Rejected> {
        Ok(Match::Key {
            name: name.to_owned(),
            permissions,
            source,
        })
    }

    #[test]
    fn every_kind_of_credential_is_recognised() {
        let ring = ring(&settings(), [made("script", MADE, None)]);
        let default = PermissionSet::default_for_keys();
        assert_eq!(ring.identify(TOKEN, NOW), Ok(Match::Token));
        assert_eq!(
            ring.identify(PLAIN, NOW),
            key("plain", default, KeySource::Config)
        );
        assert_eq!(
            ring.identify(HASHED, NOW),
            key("hashed", default, KeySource::Config)
        );
        assert_eq!(
            ring.identify(MADE, NOW),
            key("script", reads_logs(), KeySource::Api)
        );
    }

    #[test]
    fn nothing_but_the_exact_credential_is_recognised() {
        let ring = ring(&settings(), [made("script", MADE, None)]);
        let hash = crate::format_key_hash(&key_sha256(HASHED));
        for presented in [
            "",
            "mp_",
            &PLAIN[1..],
            &TOKEN.to_uppercase(),
            &format!("{MADE} "),
            &hash,
        ] {
            assert_eq!(
                ring.identify(presented, NOW),
                Err(Rejected::Unknown),
                "{presented}"
            );
        }
    }

    #[test]
    fn an_expired_key_is_refused_by_name_from_its_very_end_on() {
        let mut settings = settings();
        settings.keys[0].expires_at = Some(NOW);
        let ring = ring(&settings, [made("script", MADE, Some(NOW))]);
        let before = NOW.saturating_sub(Duration::from_millis(1));
        for (presented, name) in [(PLAIN, "plain"), (MADE, "script")] {
            assert!(ring.identify(presented, before).is_ok());
            let expired = Rejected::Expired {
                name: name.to_owned(),
            };
            assert_eq!(ring.identify(presented, NOW), Err(expired));
        }
    }

    #[test]
    fn a_made_key_with_a_configured_name_is_left_out_and_reported() {
        let ring = ring(
            &settings(),
            [made("plain", MADE, None), made("script", "mp_other", None)],
        );
        assert_eq!(ring.identify(MADE, NOW), Err(Rejected::Unknown));
        assert_eq!(ring.shadowed(), ["plain"]);
        let names: Vec<_> = ring.key_names().collect();
        use KeySource::{Api, Config};
        assert_eq!(
            names,
            [("hashed", Config), ("plain", Config), ("script", Api)]
        );
        assert_eq!(ring.source_of("plain"), Some(Config));
        assert_eq!(ring.source_of("script"), Some(Api));
        assert_eq!(ring.source_of("new"), None);
    }

    #[test]
    fn a_credential_listed_twice_belongs_to_the_first() {
        let mut settings = settings();
        settings.keys.push(configured(
            "again",
            KeyCredential::Plain(Secret::new(TOKEN)),
            None,
        ));
        assert_eq!(
            ring(&settings, [made("script", TOKEN, None)]).identify(TOKEN, NOW),
            Ok(Match::Token)
        );
    }

    #[test]
    fn only_a_ring_without_any_credential_is_empty() {
        let none = CredentialSettings::default();
        assert!(ring(&none, []).is_empty());
        assert!(!ring(&none, [made("script", MADE, Some(Timestamp::MIN))]).is_empty());
        let token = CredentialSettings {
            auth_token: Some(Secret::new(TOKEN)),
            keys: Vec::new(),
        };
        assert!(!ring(&token, []).is_empty());
    }

    #[test]
    fn debug_output_shows_neither_keys_nor_digests() {
        let shown = format!("{:?} {:?}", settings(), made("script", MADE, None));
        assert!(
            shown.contains("Sha256(..)") && shown.contains("script"),
            "{shown}"
        );
        for key in [PLAIN, HASHED, MADE] {
            let digest = format!("{:?}", key_sha256(key));
            assert!(!shown.contains(&digest) && !shown.contains(key), "{shown}");
        }
    }

    #[test]
    fn debug_output_and_refusals_hold_names_only() {
        let ring = ring(&settings(), [made("script", MADE, Some(Timestamp::MIN))]);
        let shown = format!(
            "{ring:?} {} {:?}",
            Rejected::Unknown,
            ring.identify(MADE, NOW)
        );
        assert!(
            shown.contains("script") && !shown.contains("canary"),
            "{shown}"
        );
    }

    #[test]
    fn a_match_becomes_the_principal_it_names() {
        let token = Principal::from(Match::Token);
        assert_eq!(
            (token.identity, token.permissions),
            (Identity::Token, PermissionSet::FULL)
        );
        let script = ring(&settings(), [made("script", MADE, None)])
            .identify(MADE, NOW)
            .unwrap();
        let script = Principal::from(script);
        assert_eq!(
            script.identity,
            Identity::Key {
                name: "script".to_owned()
            }
        );
        assert_eq!(script.permissions, reads_logs());
    }
}
