//! Answers and the body they carry. Must not know any endpoint.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::channel::Channel;
use serde::Serialize;

use crate::event_stream::EventStream;

/// What every handler gives back.
pub(crate) type Response = http::Response<AnswerBody>;

/// An answer could not be finished. The connection is cut, so that the client does not take half for whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer was interrupted; the server's log has the cause")]
pub struct Interrupted;

/// The body of an answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum AnswerBody {
    /// All of it, at once. None when it has been taken or there is none.
    Whole(Option<Bytes>),
    /// Piece by piece, from a handler that goes on working.
    Pieces(Channel<Bytes, Interrupted>),
    /// Live events.
    Events(Box<EventStream>),
}

impl AnswerBody {
    /// No body.
    #[must_use]
    pub const fn empty() -> Self {
        Self::Whole(None)
    }
}

impl From<Bytes> for AnswerBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole((!bytes.is_empty()).then_some(bytes))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Interrupted;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Interrupted>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Self::Pieces(channel) => Pin::new(channel).poll_frame(context),
            Self::Events(stream) => Pin::new(stream.as_mut())
                .poll_frame(context)
                .map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Pieces(_) | Self::Events(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            Self::Pieces(_) | Self::Events(_) => SizeHint::default(),
        }
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => typed(status, JSON, bytes.into()),
        Err(error) => {
            tracing::error!(error = %error, "an answer could not be written as JSON");
            typed(
                StatusCode::INTERNAL_SERVER_ERROR,
                JSON,
                Bytes::from_static(
                    b"{\"error\":\"the answer could not be written\",\"code\":\"internal\"}",
                ),
            )
        }
    }
}

/// 200 with JSON.
pub(crate) fn ok(value: &impl Serialize) -> Response {
    json(StatusCode::OK, value)
}

/// An answer of any type.
pub(crate) fn typed(status: StatusCode, content_type: HeaderValue, bytes: Bytes) -> Response {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// 204.
pub(crate) fn no_content() -> Response {
    let mut response = Response::new(AnswerBody::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 303 to a path of this server.
pub(crate) fn see_other(location: &str) -> Response {
    let mut response = Response::new(AnswerBody::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}
