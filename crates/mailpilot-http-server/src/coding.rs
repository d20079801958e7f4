//! Answers in the coding their client takes (RFC 9110, 12.5.3).
//!
//! A handler asks for it; answers are not compressed by themselves. Most answers of the API may hold
//! something secret (names, subjects, keys) beside something that somebody else chose, and then the length
//! of the compressed answer tells about the secret (BREACH, <https://www.breachattack.com>). Series and
//! timeline hold times, counts and states, nothing that is worth such a guess.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, header};

use crate::answer::{AnswerBody, Response};

/// Shorter bodies fit into one packet anyway.
const WORTH_IT: usize = 1_024;
/// The usual one: higher levels take much longer for little.
const LEVEL: Compression = Compression::new(6);

/// Whether the client takes answers in `coding`.
pub(crate) fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let entries = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut any = false;
    for entry in entries {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|q| q.parse::<f32>().ok())
            == Some(0.0);
        match name.trim() {
            name if name.eq_ignore_ascii_case(coding) => return !refused,
            "*" => any = !refused,
            _ => {}
        }
    }
    any
}

/// The answer as gzip, if its client takes that and it is long enough.
///
/// # Cancel safety
/// Dropping the future lets a thread finish the work in vain.
pub(crate) async fn gzip(headers: &HeaderMap, mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let plain = match response.body() {
        AnswerBody::Whole(Some(plain)) if plain.len() > WORTH_IT => plain.clone(),
        _ => return response,
    };
    if !takes(headers, "gzip") {
        return response;
    }
    // Milliseconds for a long one: other requests must not wait for it.
    let packed = match tokio::task::spawn_blocking(move || pack(&plain)).await {
        Ok(Ok(packed)) => packed,
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "an answer could not be compressed and goes out as it is");
            return response;
        }
        // The panic hook has told why.
        Err(_) => return response,
    };
    *response.body_mut() = packed.into();
    response
        .headers_mut()
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

fn pack(plain: &[u8]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), LEVEL);
    encoder.write_all(plain)?;
    Ok(encoder.finish()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_taken_only_when_it_is_asked_for() {
        for (accepted, brotli, gzip) in [
            ("br, gzip", true, true),
            ("gzip", false, true),
            ("br;q=0, gzip", false, true),
            ("*", true, true),
            ("identity", false, false),
            ("*;q=0, br", true, false),
            ("", false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(
                (takes(&headers, "br"), takes(&headers, "gzip")),
                (brotli, gzip),
                "{accepted}"
            );
        }
    }
}
