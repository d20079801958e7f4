//! The dashboard: one HTML document for every page, and its assets. Data comes through `/api` alone.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use mailpilot_dashboard::{Asset, Body};

use crate::{
    answer::{self, AnswerBody, Response},
    coding::takes,
    service::Call,
    settings::HttpSettings,
};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

/// `/`: while there is no administrator it leads to setup.
pub(super) fn now(call: &Call) -> Response {
    if call.app.has_administrator() {
        page(call)
    } else {
        answer::see_other(&format!("{}/setup", call.settings.base_path.prefix()))
    }
}

/// Every other page.
pub(super) fn page(call: &Call) -> Response {
    document(&call.settings, StatusCode::OK)
}

/// A path that is no page: the page says so.
pub(crate) fn not_found(settings: &HttpSettings) -> Response {
    document(settings, StatusCode::NOT_FOUND)
}

fn document(settings: &HttpSettings, status: StatusCode) -> Response {
    let html = mailpilot_dashboard::index_html(settings.base_path.prefix());
    answer::typed(status, HTML, html.into())
}

pub(super) fn asset(call: &Call) -> Response {
    let path = call.settings.base_path.strip(call.parts.uri.path());
    match mailpilot_dashboard::lookup(path) {
        Some(asset) => send(asset, &call.parts.headers),
        None => answer::typed(
            StatusCode::NOT_FOUND,
            HeaderValue::from_static("text/plain; charset=utf-8"),
            Bytes::from_static(b"no such file\n"),
        ),
    }
}

fn send(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let (coding, body) = choose(asset, headers);
    let mut response = if is_fresh(body, headers) {
        let mut response = Response::new(AnswerBody::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        answer::typed(
            StatusCode::OK,
            HeaderValue::from_static(asset.content_type),
            Bytes::from_static(body.bytes),
        )
    };
    let answer = response.headers_mut();
    answer.insert(header::ETAG, HeaderValue::from_static(body.etag));
    answer.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    answer.insert(
        header::CACHE_CONTROL,
        if asset.immutable { FOR_EVER } else { ASK_FIRST },
    );
    if let Some(coding) = coding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// The smallest coding the client takes (RFC 9110, 12.5.3).
fn choose<'a>(asset: &'a Asset, headers: &HeaderMap) -> (Option<&'static str>, &'a Body) {
    for (coding, body) in [("br", &asset.brotli), ("gzip", &asset.gzip)] {
        if let Some(body) = body
            && takes(headers, coding)
        {
            return (Some(coding), body);
        }
    }
    (None, &asset.identity)
}

fn is_fresh(body: &Body, headers: &HeaderMap) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == body.etag)
}
