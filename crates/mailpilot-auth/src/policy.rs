//! Which user names and passwords may be chosen. Must not be asked at login, only when one is set.

use mailpilot_secret::Secret;

/// Where the list comes from stands beside it, in `common-passwords.md`.
const COMMON: &str = include_str!("common-passwords.txt");
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 3..=64;
const PRODUCT: &str = "mailpilot";

/// Why a password may not be chosen. Never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than 8 characters.
    #[error("the password has fewer than 8 characters: choose a longer one")]
    TooShort,
    /// More than 128 characters.
    #[error("the password has more than 128 characters: choose a shorter one")]
    TooLong,
    /// It is the user name.
    #[error("the password is the user name: choose another one")]
    Username,
    /// It is the name of the product.
    #[error("the password is the name of this program: choose another one")]
    Product,
    /// It is among the commonest.
    #[error("the password is one of the 3000 commonest: choose another one")]
    Common,
}

/// Why a user name may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUsername {
    /// Fewer than 3 or more than 64 characters.
    #[error("the user name must have 3 to 64 characters")]
    Length,
    /// A control character.
    #[error("the user name holds a control character such as a line break: leave it out")]
    Control,
    /// White space at either end.
    #[error("the user name begins or ends with a space: leave it out")]
    OuterSpace,
}

/// Whether `password` may be chosen by `username`: 8 to 128 characters (code points), not the user name,
/// not `mailpilot`, not among the 3 000 commonest of 8 characters or more; the three in any case.
///
/// There is no rule about digits or signs, and nothing is trimmed or normalised
/// (OWASP ASVS 5.0, 6.2; NIST SP 800-63B).
///
/// # Errors
/// [`WeakPassword`] names the first rule that is broken.
///
/// ```
/// # use mailpilot_auth::{WeakPassword, check_password};
/// # use mailpilot_secret::Secret;
/// assert_eq!(check_password("ada", &Secret::new("password123")), Err(WeakPassword::Common));
/// assert_eq!(check_password("ada", &Secret::new("tea, no sugar")), Ok(()));
/// ```
pub fn check_password(username: &str, password: &Secret) -> Result<(), WeakPassword> {
    let chars = password.chars();
    if chars < *PASSWORD_CHARS.start() {
        return Err(WeakPassword::TooShort);
    }
    if chars > *PASSWORD_CHARS.end() {
        return Err(WeakPassword::TooLong);
    }
    let lowered = Secret::new(password.expose().to_lowercase());
    if lowered.expose() == username.to_lowercase() {
        return Err(WeakPassword::Username);
    }
    if lowered.expose() == PRODUCT {
        return Err(WeakPassword::Product);
    }
    if COMMON.lines().any(|common| common == lowered.expose()) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

/// Whether `username` may be chosen: 3 to 64 characters (code points), no control character, no white
/// space at either end.
///
/// # Errors
/// [`InvalidUsername`] names the first rule that is broken.
pub fn check_username(username: &str) -> Result<(), InvalidUsername> {
    if !USERNAME_CHARS.contains(&username.chars().count()) {
        return Err(InvalidUsername::Length);
    }
    if username.chars().any(char::is_control) {
        return Err(InvalidUsername::Control);
    }
    if username.trim() != username {
        return Err(InvalidUsername::OuterSpace);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(username: &str, password: &str, expected: Result<(), WeakPassword>) {
        assert_eq!(
            check_password(username, &Secret::new(password)),
            expected,
            "{password}"
        );
    }

    fn check_name(username: &str, expected: Result<(), InvalidUsername>) {
        assert_eq!(check_username(username), expected, "{username:?}");
    }

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        check("ada", "xq7-vzw", Err(WeakPassword::TooShort));
        check("ada", "xq7-vzwk", Ok(()));
        check("ada", "äöüéèàç", Err(WeakPassword::TooShort));
        check("ada", "äöüéèàçñ", Ok(()));
        check("ada", &"é".repeat(128), Ok(()));
        check("ada", &"é".repeat(129), Err(WeakPassword::TooLong));
    }

    #[test]
    fn the_user_name_and_the_product_are_refused_in_any_case() {
        check("Ada Lovelace", "ada lOVELACE", Err(WeakPassword::Username));
        check("JÜRGEN-M", "jürgen-m", Err(WeakPassword::Username));
        check("ada", "MailPilot", Err(WeakPassword::Product));
        check("Ada Lovelace", "ada lovelace 1815", Ok(()));
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for password in [
            "password",
            "PASSWORD1",
            "12345678",
            "iloveyou",
            "Qwertyuiop",
            "admin123",
        ] {
            check("ada", password, Err(WeakPassword::Common));
        }
    }

    #[test]
    fn the_list_is_what_its_note_says() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert_eq!(lines.len(), 3_000);
        assert!(lines.is_sorted_by(|a, b| a < b));
        for line in lines {
            assert!(line.chars().count() >= 8, "{line}");
            assert_eq!(line, line.to_lowercase());
        }
    }

    #[test]
    fn user_names_have_three_to_sixty_four_visible_characters() {
        check_name("ada", Ok(()));
        check_name("Ada Lovelace", Ok(()));
        check_name("ädä", Ok(()));
        check_name(&"é".repeat(64), Ok(()));
        check_name(&"é".repeat(65), Err(InvalidUsername::Length));
        check_name("ad", Err(InvalidUsername::Length));
        check_name("", Err(InvalidUsername::Length));
        check_name(" ada", Err(InvalidUsername::OuterSpace));
        check_name("ada\u{a0}", Err(InvalidUsername::OuterSpace));
        check_name("ada\nroot", Err(InvalidUsername::Control));
        check_name("ada\u{1b}[31m", Err(InvalidUsername::Control));
    }
}
