//! The session cookie: its name by scheme, how it is set, read and taken back.
//!
//! Source: OWASP session management cheat sheet; the `__Host-` prefix of RFC 6265bis demands `Secure`,
//! no `Domain` and `Path=/`, which browsers refuse over plain HTTP, hence two names.

use std::time::Duration;

use cookie::{Cookie, SameSite, time};
use http::{HeaderMap, HeaderValue, header};
use mailpilot_secret::Secret;

use crate::client::Scheme;

const PLAIN: &str = "mailpilot_session";
const SECURE: &str = "__Host-mailpilot_session";

/// What the cookie is called.
pub(crate) const fn name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Http => PLAIN,
        Scheme::Https => SECURE,
    }
}

/// More cookies of our name than this are no accident.
const MAX_CANDIDATES: usize = 4;

/// The cookies that belong to `scheme`; those of the other one do not count. There may be several: other
/// ports of the host share its cookies, and theirs must not lock anybody out.
pub(crate) fn session(headers: &HeaderMap, scheme: Scheme) -> Vec<Secret> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter_map(|pair| Cookie::parse(pair).ok())
        .filter(|cookie| cookie.name() == name(scheme))
        .take(MAX_CANDIDATES)
        .map(|cookie| Secret::new(cookie.value()))
        .collect()
}

/// `Set-Cookie` that begins a session of `ttl`.
pub(crate) fn begin(scheme: Scheme, value: &Secret, ttl: Duration) -> Option<HeaderValue> {
    let seconds = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX);
    header_value(scheme, value.expose(), seconds)
}

/// `Set-Cookie` that takes the cookie back.
pub(crate) fn end(scheme: Scheme) -> Option<HeaderValue> {
    header_value(scheme, "", 0)
}

fn header_value(scheme: Scheme, value: &str, max_age: i64) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(scheme), value))
        .path("/")
        .http_only(true)
        .secure(scheme == Scheme::Https)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::seconds(max_age));
    let mut header = HeaderValue::from_str(&cookie.build().to_string()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(scheme: Scheme) -> String {
        let header = begin(scheme, &Secret::new("v"), Duration::from_secs(86_400)).unwrap();
        header.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_cookie_says_what_the_contract_says() {
        let plain = set(Scheme::Http);
        assert!(plain.starts_with("mailpilot_session=v;"), "{plain}");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"] {
            assert!(plain.contains(part), "{plain}");
        }
        assert!(!plain.contains("Secure"), "{plain}");
        let secure = set(Scheme::Https);
        assert!(
            secure.starts_with("__Host-mailpilot_session=v;") && secure.contains("Secure"),
            "{secure}"
        );
    }

    #[test]
    fn only_the_cookie_of_the_scheme_counts() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; mailpilot_session=plain"),
        );
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("__Host-mailpilot_session=secure"),
        );
        let read = |scheme| {
            session(&headers, scheme)
                .first()
                .map(|s| s.expose().to_owned())
        };
        assert_eq!(read(Scheme::Http).as_deref(), Some("plain"));
        assert_eq!(read(Scheme::Https).as_deref(), Some("secure"));
    }
}
