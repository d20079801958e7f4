//! Whether a state-changing request comes from our own pages (CSRF). Source: OWASP CSRF cheat sheet,
//! Fetch Metadata; the same decision as Go's `net/http` `CrossOriginProtection`.
//!
//! `same-site` is refused: other ports of localhost share the site.

use http::{HeaderMap, header};

use crate::{client::Client, error::ApiError};

/// What the browser says about where a request was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// One of our pages, or the user's own doing.
    Same,
    /// Another site.
    Foreign,
    /// No browser, or one that says nothing.
    Unstated,
}

impl Origin {
    pub(crate) fn of(headers: &HeaderMap, client: &Client) -> Self {
        if let Some(site) = headers.get("sec-fetch-site") {
            let ours = site == "same-origin" || site == "none";
            return if ours { Self::Same } else { Self::Foreign };
        }
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Self::Unstated;
        };
        let own = |scheme: &str| {
            origin.to_str().is_ok_and(|o| {
                o.strip_prefix(scheme)
                    .and_then(|rest| rest.strip_prefix("://"))
                    .is_some_and(|host| same_host(host, &client.host, scheme))
            })
        };
        // A proxy that ends TLS without saying so leaves the scheme open; the host decides then.
        if own(client.scheme.as_str()) || own("https") {
            Self::Same
        } else {
            Self::Foreign
        }
    }

    /// Lets a request through that brings a cookie, or could only have been made by a browser.
    pub(crate) fn require_same(self) -> Result<(), ApiError> {
        match self {
            Self::Same => Ok(()),
            Self::Foreign => Err(refused("this request comes from another site")),
            Self::Unstated => Err(refused(
                "a request with a session cookie needs Sec-Fetch-Site or Origin; scripts use an API key",
            )),
        }
    }

    /// Lets a request through unless a browser says that another site made it.
    pub(crate) fn refuse_foreign(self) -> Result<(), ApiError> {
        match self {
            Self::Same | Self::Unstated => Ok(()),
            Self::Foreign => self.require_same(),
        }
    }
}

fn refused(message: &'static str) -> ApiError {
    ApiError::forbidden("cross_origin", message)
}

fn same_host(origin: &str, host: &str, scheme: &str) -> bool {
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let bare = |text: &str| {
        text.strip_suffix(default_port)
            .unwrap_or(text)
            .to_ascii_lowercase()
    };
    bare(origin) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Proxy, Scheme};

    fn check(headers: &[(&'static str, &str)], expected: Origin) {
        let client = Client {
            peer: None,
            proxy: Proxy::None,
            address: [127, 0, 0, 1].into(),
            scheme: Scheme::Http,
            host: "mail.example:8080".to_owned(),
            direct_local: true,
        };
        let map = headers
            .iter()
            .map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()))
            .collect();
        assert_eq!(Origin::of(&map, &client), expected, "{headers:?}");
    }

    #[test]
    fn fetch_metadata_decides_before_origin() {
        check(&[("sec-fetch-site", "same-origin")], Origin::Same);
        check(&[("sec-fetch-site", "none")], Origin::Same);
        check(&[("sec-fetch-site", "same-site")], Origin::Foreign);
        check(
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://mail.example:8080"),
            ],
            Origin::Foreign,
        );
    }

    #[test]
    fn without_fetch_metadata_the_origin_must_be_the_host() {
        check(&[("origin", "http://mail.example:8080")], Origin::Same);
        check(&[("origin", "http://MAIL.example:8080")], Origin::Same);
        check(&[("origin", "http://mail.example")], Origin::Foreign);
        check(
            &[("origin", "http://mail.example:8080.evil.example")],
            Origin::Foreign,
        );
        check(&[("origin", "null")], Origin::Foreign);
        check(&[], Origin::Unstated);
    }
}
