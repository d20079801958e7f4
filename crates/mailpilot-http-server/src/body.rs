//! Reads request bodies: counted while they arrive, timed, JSON only.

use std::{fmt, marker::PhantomData, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body::Body;
use http_body_util::BodyExt;
use serde::{
    Deserializer as _,
    de::{self, DeserializeOwned, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::error::ApiError;

/// A body that is not longer than `limit` bytes and arrives within `timeout`.
///
/// # Errors
/// 408, 413 or 415; 400 when the client goes away or breaks the framing.
///
/// # Cancel safety
/// Dropping the future drops what was read; nothing has been done with it.
pub(crate) async fn read<B>(
    body: B,
    headers: &HeaderMap,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, ApiError>
where
    B: Body<Data = Bytes>,
{
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity")
    {
        return Err(ApiError::unsupported_media_type(
            "send the body without a Content-Encoding",
        ));
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(ApiError::too_large(limit));
    }
    tokio::time::timeout(timeout, collect(body, limit))
        .await
        .map_err(|_| ApiError::timeout())?
}

async fn collect<B>(body: B, limit: usize) -> Result<Bytes, ApiError>
where
    B: Body<Data = Bytes>,
{
    let mut body = std::pin::pin!(body);
    let mut whole = Bytes::new();
    let mut joined: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::bad_request("the body did not arrive whole"))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if whole.len() + joined.as_ref().map_or(0, BytesMut::len) + data.len() > limit {
            return Err(ApiError::too_large(limit));
        }
        match (&mut joined, whole.is_empty()) {
            (Some(joined), _) => joined.extend_from_slice(&data),
            (None, true) => whole = data,
            (None, false) => {
                let mut both = BytesMut::from(std::mem::take(&mut whole));
                both.extend_from_slice(&data);
                joined = Some(both);
            }
        }
    }
    Ok(joined.map_or(whole, BytesMut::freeze))
}

/// Demands `Content-Type: application/json`, so that no form of another site can speak to us.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    if essence.is_some_and(|e| e.eq_ignore_ascii_case("application/json")) {
        Ok(())
    } else {
        Err(ApiError::unsupported_media_type(
            "send JSON, with the header Content-Type: application/json",
        ))
    }
}

/// Reads one value.
///
/// # Errors
/// 400 when it is not JSON, 422 naming the member when a member does not fit.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    parse_with(bytes, true)
}

/// Reads one value whose members must not be repeated in an error, because one is a password.
pub(crate) fn parse_confidential<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    parse_with(bytes, false)
}

fn parse_with<T: DeserializeOwned>(bytes: &[u8], may_quote: bool) -> Result<T, ApiError> {
    if first(bytes) == Some(b'[') {
        // serde would take a list for an object, member by member.
        return Err(ApiError::invalid_json_shape(
            "expected an object, found a list",
        ));
    }
    parse_any(bytes, may_quote)
}

/// The first byte of the value.
fn first(bytes: &[u8]) -> Option<u8> {
    bytes.iter().copied().find(|b| !b.is_ascii_whitespace())
}

fn parse_any<T: DeserializeOwned>(bytes: &[u8], may_quote: bool) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        refuse(path, error.inner(), may_quote)
    })?;
    reader
        .end()
        .map_err(|error| refuse(".".to_owned(), &error, may_quote))?;
    Ok(value)
}

fn refuse(path: String, error: &serde_json::Error, may_quote: bool) -> ApiError {
    let place = format!("line {} column {}", error.line(), error.column());
    if error.is_data() {
        let message = error.to_string();
        let path = match missing(&message) {
            Some(name) if path == "." => name,
            Some(name) => format!("{path}.{name}"),
            // The name of an unknown member is the client's text, which may be anything.
            None if message.starts_with("unknown field") && !may_quote => ".".to_owned(),
            None => path,
        };
        let said = if may_quote {
            message
        } else {
            format!("a member is missing or does not fit at {place}")
        };
        return if path == "." || path == "?" {
            ApiError::invalid_json_shape(said)
        } else {
            ApiError::invalid(path, said)
        };
    }
    ApiError::invalid_json(format!("the body is not JSON: look at {place}"))
}

/// The member that is missing, of which serde tells in its message alone.
fn missing(message: &str) -> Option<String> {
    let rest = message.strip_prefix("missing field `")?;
    rest.split_once('`').map(|(name, _)| name.to_owned())
}

/// A batch: one value or a list of them.
///
/// # Errors
/// As [`parse`], and 422 when the list is empty or longer than `most`.
pub(crate) fn parse_one_or_list<T: DeserializeOwned>(
    bytes: &[u8],
    most: usize,
) -> Result<Vec<T>, ApiError> {
    if first(bytes) != Some(b'[') {
        return parse(bytes).map(|one| vec![one]);
    }
    let mut refused = None;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let visitor = Entries {
        most,
        refused: &mut refused,
        entry: PhantomData,
    };
    let list = reader.deserialize_seq(visitor).and_then(|list| {
        reader.end()?;
        Ok(list)
    });
    match (refused, list) {
        (Some(refused), _) => Err(refused),
        (None, Ok(list)) if list.is_empty() => Err(too_many(most)),
        (None, Ok(list)) => Ok(list),
        (None, Err(error)) => Err(refuse(".".to_owned(), &error, true)),
    }
}

fn too_many(most: usize) -> ApiError {
    ApiError::invalid_json_shape(format!("a list here has 1 to {most} entries"))
}

/// Reads a list entry by entry and stops at the first that does not fit: a body full of trifles must not
/// become a large list in memory.
struct Entries<'a, T> {
    most: usize,
    refused: &'a mut Option<ApiError>,
    entry: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Entries<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element::<&RawValue>()? {
            let read = if list.len() < self.most {
                parse(entry.get().as_bytes()).map_err(|error| error.within(list.len()))
            } else {
                Err(too_many(self.most))
            };
            match read {
                Ok(read) => list.push(read),
                Err(error) => {
                    *self.refused = Some(error);
                    return Err(de::Error::custom("an entry was refused"));
                }
            }
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[allow(dead_code, reason = "only its type matters")]
        password: String,
    }

    #[test]
    fn a_confidential_body_is_never_quoted() {
        for body in [
            r#"{"password":12345678}"#,
            r#"{"password":"a","hunter2":1}"#,
            r#"["hunter2"]"#,
            r#"{"password":"#,
        ] {
            let said = format!(
                "{:?}",
                parse_confidential::<Sample>(body.as_bytes()).unwrap_err()
            );
            assert!(
                !said.contains("12345678") && !said.contains("hunter2"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_misfit_names_its_member() {
        let said = format!("{:?}", parse::<Sample>(br#"{"password":7}"#).unwrap_err());
        assert!(said.contains("field: Some(\"password\")"), "{said}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_longer_than_its_bound_is_a_413() {
        let body = Full::new(Bytes::from(vec![b' '; 11]));
        let error = read(body, &HeaderMap::new(), 10, Duration::from_secs(1))
            .await
            .unwrap_err();
        assert_eq!(error.status.as_u16(), 413);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_is_a_408() {
        let (_sender, body) =
            http_body_util::channel::Channel::<Bytes, std::convert::Infallible>::new(1);
        let error = read(body, &HeaderMap::new(), 10, Duration::from_secs(15))
            .await
            .unwrap_err();
        assert_eq!(error.status.as_u16(), 408);
    }
}
