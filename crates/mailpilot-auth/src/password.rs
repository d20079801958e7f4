//! Hashes and verifies passwords with Argon2id. Must not decide which passwords may be chosen.
//!
//! Everything here but [`needs_rehash`] is CPU work of some 30 ms and 19 MiB: call it on a blocking pool,
//! behind a limit of two at a time, and only after the throttle has let the attempt through.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use mailpilot_secret::Secret;
use ring::rand::{SecureRandom, SystemRandom};

use crate::AuthError;

const SALT_BYTES: usize = 16;

/// Stands in for the hash of a user who does not exist: same cost, and no password is known that fits,
/// because the digits of the hash were made up.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gc3VjaCB1c2VyLi4uLg\
    $AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// OWASP's minimum for Argon2id: 19 MiB, two passes, one lane
/// ([Password Storage Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html)).
const PARAMS: Params = match Params::new(19_456, 2, 1, None) {
    Ok(params) => params,
    Err(_) => Params::DEFAULT,
};

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

/// Hashes a password for storing, under a new 16-byte salt, as a PHC string. Every byte counts.
///
/// Blocking: see the module's note on limits.
///
/// # Errors
/// [`AuthError::Random`] without random bytes for the salt, [`AuthError::Hash`] without memory.
///
/// ```
/// # fn main() -> Result<(), mailpilot_auth::AuthError> {
/// # use mailpilot_auth::{hash_password, verify_password};
/// # use mailpilot_secret::Secret;
/// let phc = hash_password(&Secret::new("tea, no sugar"))?;
/// assert!(verify_password(&Secret::new("tea, no sugar"), Some(&phc)));
/// assert!(!verify_password(&Secret::new("tea, no sugar"), None));
/// # Ok(())
/// # }
/// ```
pub fn hash_password(password: &Secret) -> Result<String, AuthError> {
    let mut salt = [0; SALT_BYTES];
    SystemRandom::new()
        .fill(&mut salt)
        .map_err(AuthError::Random)?;
    argon2()
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(AuthError::Hash)
}

/// Whether `password` is the one behind `phc`.
///
/// `None` means there is no such user: it takes the time of a real verification and is false, so that
/// time does not tell which names exist. A PHC string that cannot be read is treated in the same way.
///
/// Blocking: see the module's note on limits.
#[must_use]
pub fn verify_password(password: &Secret, phc: Option<&str>) -> bool {
    let stored = phc.and_then(|phc| PasswordHash::new(phc).ok());
    let known = stored.is_some();
    let Some(hash) = stored.or_else(|| PasswordHash::new(DUMMY).ok()) else {
        return false;
    };
    // The parameters of the stored hash count, not those of the verifier.
    let fits = argon2()
        .verify_password(password.expose().as_bytes(), &hash)
        .is_ok();
    fits & known
}

/// Whether a password that has just been verified should be hashed anew, because `phc` was made with
/// other parameters than those in use.
#[must_use]
pub fn needs_rehash(phc: &str) -> bool {
    let Ok(hash) = PasswordHash::new(phc) else {
        return true;
    };
    let current = Algorithm::Argon2id.ident() == hash.algorithm
        && hash.version == Some(Version::V0x13.into())
        && Params::try_from(&hash).is_ok_and(|p| {
            (p.m_cost(), p.t_cost(), p.p_cost())
                == (PARAMS.m_cost(), PARAMS.t_cost(), PARAMS.p_cost())
        });
    !current
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(password: &str) -> String {
        hash_password(&Secret::new(password)).unwrap()
    }

    fn check(password: &str, phc: Option<&str>, expected: bool) {
        assert_eq!(
            verify_password(&Secret::new(password), phc),
            expected,
            "{password}"
        );
    }

    #[test]
    fn the_hash_is_argon2id_with_owasp_parameters_and_a_salt_of_16_bytes() {
        let phc = hash("correct horse");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert_eq!(
            PasswordHash::new(&phc).unwrap().salt.unwrap().len(),
            SALT_BYTES
        );
        assert_ne!(phc, hash("correct horse"), "every hash has its own salt");
    }

    #[test]
    fn only_the_same_bytes_verify() {
        let phc = hash("correct horse");
        check("correct horse", Some(&phc), true);
        check("correct horsf", Some(&phc), false);
        check("Correct horse", Some(&phc), false);
        check("correct horse ", Some(&phc), false);
    }

    #[test]
    fn bytes_far_behind_count_and_nul_ends_nothing() {
        let head = "x".repeat(127);
        let phc = hash(&format!("{head}a"));
        check(&format!("{head}a"), Some(&phc), true);
        check(&format!("{head}b"), Some(&phc), false);
        let phc = hash("before\0after");
        check("before\0other", Some(&phc), false);
    }

    #[test]
    fn no_user_and_a_damaged_hash_verify_nothing() {
        check("correct horse", None, false);
        check("", None, false);
        check("correct horse", Some("damaged"), false);
        check("correct horse", Some(""), false);
    }

    #[test]
    fn the_stand_in_costs_what_a_real_hash_costs() {
        let (real, dummy) = (hash("correct horse"), DUMMY);
        let (real, dummy) = (
            PasswordHash::new(&real).unwrap(),
            PasswordHash::new(dummy).unwrap(),
        );
        assert_eq!(real.algorithm, dummy.algorithm);
        assert_eq!(real.version, dummy.version);
        assert_eq!(real.params, dummy.params);
        assert_eq!(real.salt.unwrap().len(), dummy.salt.unwrap().len());
        assert_eq!(real.hash.unwrap().len(), dummy.hash.unwrap().len());
    }

    #[test]
    fn only_other_parameters_ask_for_a_new_hash() {
        let phc = hash("correct horse");
        assert!(!needs_rehash(&phc));
        assert!(needs_rehash(&phc.replace("m=19456", "m=4096")));
        assert!(needs_rehash(&phc.replace("t=2", "t=3")));
        assert!(needs_rehash(&phc.replace("argon2id", "argon2i")));
        assert!(needs_rehash(&phc.replace("v=19", "v=16")));
        assert!(needs_rehash("damaged"));
    }
}
