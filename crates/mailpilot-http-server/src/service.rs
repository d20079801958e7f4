//! The way of a request: find the endpoint, let the caller through, handle, finish. One direction, four hops.
//!
//! Must not know what a handler does. Finishing adds the headers every answer carries, one count and one
//! log line.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header, request::Parts};
use http_body::Body;
use mailpilot_permissions::Principal;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    answer::{AnswerBody, Response},
    app::App,
    body,
    client::{self, Client},
    connection::Peer,
    endpoint::{BodyBound, Found, Surface},
    error::ApiError,
    gate::{self, Caller},
    handlers,
    settings::{HttpSettings, Limits},
};

/// What a handler gets.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) settings: Arc<HttpSettings>,
    pub(crate) parts: Parts,
    pub(crate) client: Client,
    pub(crate) caller: Caller,
    /// The parameter in the path, decoded.
    pub(crate) parameter: Option<String>,
    /// The body, within its bound; empty where none is read.
    pub(crate) body: Bytes,
}

impl Call {
    /// The parameter in the path.
    pub(crate) fn parameter(&self) -> &str {
        self.parameter.as_deref().unwrap_or_default()
    }

    /// The query of the path.
    pub(crate) fn query(&self) -> crate::query::Query<'_> {
        crate::query::Query::new(self.parts.uri.query())
    }
}

/// The whole server as a service: for a connection of our own, or to be mounted in a host's server.
#[derive(Clone, Debug)]
pub struct Mailpilot {
    app: Arc<App>,
    peer: Option<SocketAddr>,
}

impl Mailpilot {
    /// A service for requests whose peer is in their extensions as [`Peer`], or not known.
    #[must_use]
    pub const fn new(app: Arc<App>) -> Self {
        Self { app, peer: None }
    }

    /// A service for the requests of one connection.
    #[must_use]
    ///
    /// Must be called within a tokio runtime: a visitor from elsewhere ends development mode, also one that
    /// never sends a request.
    pub fn of_connection(app: Arc<App>, peer: Peer) -> Self {
        if !peer.address.ip().is_loopback() && app.close_development_now() {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.close_development().await });
        }
        Self {
            app,
            peer: Some(peer.address),
        }
    }

    fn answer<B>(&self, request: Request<B>) -> impl Future<Output = Response> + Send + use<B>
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        let peer = self
            .peer
            .or_else(|| request.extensions().get::<Peer>().map(|peer| peer.address));
        serve(Arc::clone(&self.app), peer, request)
    }
}

impl<B> hyper::service::Service<Request<B>> for Mailpilot
where
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<B>) -> Self::Future {
        let answer = self.answer(request);
        Box::pin(async move { Ok(answer.await) })
    }
}

impl<B> tower_service::Service<Request<B>> for Mailpilot
where
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        hyper::service::Service::call(self, request)
    }
}

/// What the log line and the count need to know of a request.
#[derive(Debug)]
struct Seen {
    method: Method,
    route: &'static str,
    quiet: bool,
    client: Option<IpAddr>,
    principal: Option<Principal>,
    code: Option<&'static str>,
}

async fn serve<B>(app: Arc<App>, peer: Option<SocketAddr>, request: Request<B>) -> Response
where
    B: Body<Data = Bytes> + Send + 'static,
{
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let mut seen = Seen {
        method: parts.method.clone(),
        route: "unmatched",
        quiet: false,
        client: None,
        principal: None,
        code: None,
    };
    let mut response = match caught(route(&app, peer, parts, body, &mut seen))
        .await
        .unwrap_or_else(|Panicked| Err(ApiError::internal()))
    {
        Ok(response) => response,
        Err(error) => {
            seen.code = Some(error.code());
            error.into_response()
        }
    };
    finish(&app, &seen, &mut response, started.elapsed());
    if seen.method == Method::HEAD {
        strip_body(&mut response);
    }
    response
}

/// A handler panicked. The process lives, the client gets a 500, the panic hook has told why.
#[derive(Debug)]
struct Panicked;

/// Runs `future`; a panic in it ends the request alone. What is shared is changed in single steps, so it is
/// whole afterwards.
async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            future.as_mut().poll(context)
        }));
        match polled {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

async fn route<B>(
    app: &Arc<App>,
    peer: Option<SocketAddr>,
    parts: Parts,
    body: B,
    seen: &mut Seen,
) -> Result<Response, ApiError>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    if !app.development_end_stored() && client::shows_outside(peer, &parts.headers) {
        app.close_development().await;
    }
    if parts.method == Method::CONNECT && parts.uri.path().is_empty() {
        return Err(ApiError::method_not_allowed(
            "GET, HEAD, POST, PUT, DELETE, OPTIONS",
        ));
    }
    let settings = app.settings();
    let target = parts
        .uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > settings.limits.max_uri {
        return Err(ApiError::uri_too_long(settings.limits.max_uri));
    }
    let client = Client::of(
        peer,
        parts.version,
        &parts.uri,
        &parts.headers,
        &settings.trusted_proxies,
    )?;
    seen.client = Some(client.address);
    let path = settings.base_path.strip(parts.uri.path());
    let (endpoint, parameter) = match app.router.find(&parts.method, path) {
        Found::Endpoint(endpoint, parameter) => (endpoint, parameter),
        Found::OtherMethods(endpoint, _)
            if endpoint.route().surface == Surface::Dashboard && !settings.dashboard.enabled =>
        {
            return Err(dashboard_disabled());
        }
        Found::OtherMethods(endpoint, allow) => {
            seen.route = endpoint.path();
            return other_method(&parts.method, &allow);
        }
        Found::NoSuchApi => {
            let caller = gate::identify(app, &client, &parts.headers)?;
            seen.principal.clone_from(&caller.principal);
            return Err(ApiError::not_found(
                "unknown_path",
                "there is nothing at this path; see /api/openapi.json",
            ));
        }
        Found::NoSuchPage if settings.dashboard.enabled => {
            return Ok(handlers::pages::not_found(&settings));
        }
        Found::NoSuchPage => {
            return Err(ApiError::not_found(
                "unknown_path",
                "there is nothing at this path",
            ));
        }
    };
    seen.route = endpoint.path();
    seen.quiet = endpoint.is_read();
    let row = endpoint.route();
    if row.surface == Surface::Dashboard && !settings.dashboard.enabled {
        return Err(dashboard_disabled());
    }
    let caller = gate::recognise(app, endpoint, &client, &parts.headers)?;
    seen.principal.clone_from(&caller.principal);
    gate::authorise(app, endpoint, &caller, &client, &parts.headers)?;
    let (body, room) = read_body(app, row.body, body, &parts, &settings.limits).await?;
    let call = Call {
        app: Arc::clone(app),
        settings,
        parts,
        client,
        caller,
        parameter,
        body,
    };
    let limit = call.settings.limits.handler_timeout;
    let handled = async move {
        let answer = handlers::handle(endpoint, call).await;
        drop(room);
        answer
    };
    let answer = if endpoint.is_read() {
        tokio::time::timeout(limit, handled).await
    } else {
        // A client that hangs up must not stop a change half way: it goes on in a task of its own.
        let task = app.under_way.spawn(handled);
        let joined = tokio::time::timeout(limit, task).await;
        joined.map(|done| done.unwrap_or_else(|_| Err(ApiError::internal())))
    };
    answer.unwrap_or_else(|_| {
        Err(ApiError::unavailable(
            "timeout",
            "the server was too busy to answer in time",
        ))
    })
}

fn dashboard_disabled() -> ApiError {
    ApiError::not_found(
        "dashboard_disabled",
        "the dashboard is disabled: dashboard.enabled is false",
    )
}

async fn read_body<B>(
    app: &App,
    bound: BodyBound,
    body: B,
    parts: &Parts,
    limits: &Limits,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), ApiError>
where
    B: Body<Data = Bytes> + Send,
{
    let limit = match bound {
        BodyBound::None => return Ok((Bytes::new(), None)),
        BodyBound::Credential => limits.max_credential_body,
        BodyBound::Single => limits.max_body,
        BodyBound::Batch => limits.max_batch_body,
    };
    body::require_json(&parts.headers)?;
    let announced = body.size_hint();
    if announced.lower() > limit as u64 {
        return Err(ApiError::too_large(limit));
    }
    // Of a body of unknown length most are small.
    let expected = announced
        .upper()
        .map_or(limit / 8, |most| usize::try_from(most).unwrap_or(limit));
    let room = app
        .body_room(expected.min(limit), limits.body_timeout)
        .await?;
    let bytes = body::read(body, &parts.headers, limit, limits.body_timeout).await?;
    let is_single = bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'[');
    if bound == BodyBound::Batch && is_single && bytes.len() > limits.max_body {
        return Err(ApiError::too_large(limits.max_body));
    }
    Ok((bytes, room))
}

fn other_method(method: &Method, allow: &str) -> Result<Response, ApiError> {
    if method != Method::OPTIONS {
        return Err(ApiError::method_not_allowed(allow));
    }
    let mut response = crate::answer::no_content();
    if let Ok(value) = HeaderValue::from_str(allow) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    Ok(response)
}

/// HEAD is GET without the body, its length included.
fn strip_body(response: &mut Response) {
    if let Some(length) = response.body().size_hint().exact() {
        response
            .headers_mut()
            .entry(header::CONTENT_LENGTH)
            .or_insert_with(|| HeaderValue::from(length));
    }
    *response.body_mut() = AnswerBody::empty();
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const DENY: HeaderValue = HeaderValue::from_static("DENY");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Headers that finishing adds.
const ADDED: usize = 8;

fn finish(app: &App, seen: &Seen, response: &mut Response, took: Duration) {
    let id = request_id();
    let status = response.status();
    let headers = response.headers_mut();
    // At once, or the table grows three times on its way.
    headers.reserve(ADDED);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_FRAME_OPTIONS, DENY);
    headers.insert(COOP, SAME_ORIGIN);
    headers.insert(CORP, SAME_ORIGIN);
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    if let Ok(value) = HeaderValue::from_bytes(&id) {
        headers.insert(REQUEST_ID, value);
    }
    app.metrics
        .http
        .record(seen.method.as_str(), seen.route, status.as_u16(), took);
    log(seen, status, &id, took);
}

/// Sixteen hex digits, unique in this process. A name for a request, no secret.
fn request_id() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    /// An odd constant, so that the product takes every value once (Weyl sequence).
    const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;
    let number = NEXT
        .fetch_add(1, Ordering::Relaxed)
        .wrapping_add(*SEED)
        .wrapping_mul(STRIDE);
    let mut text = [0; 16];
    for (at, digit) in text.iter_mut().enumerate() {
        let nibble = (number >> (60 - 4 * at)) & 0xf;
        *digit = b"0123456789abcdef"[usize::try_from(nibble).unwrap_or_default()];
    }
    text
}

/// Where this process begins to count, so that ids of two runs do not meet.
static SEED: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0_u8)
});

/// What is known, or a dash.
struct OrDash<'a, T>(Option<&'a T>);

impl<T: fmt::Display> fmt::Display for OrDash<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(known) => known.fmt(f),
            None => f.write_str("-"),
        }
    }
}

/// One line a request. Reads that succeed are `debug`: a dashboard or a probe that polls would drown the rest.
fn log(seen: &Seen, status: StatusCode, id: &[u8; 16], took: Duration) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: "mailpilot_http_server::request",
                method = %seen.method,
                route = seen.route,
                status = status.as_u16(),
                client = %OrDash(seen.client.as_ref()),
                principal = %OrDash(seen.principal.as_ref().map(Principal::label).as_ref()),
                code = seen.code,
                duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                request_id = std::str::from_utf8(id).unwrap_or_default(),
                "request"
            )
        };
    }
    match status.as_u16() {
        500.. => line!(error),
        401 | 403 | 429 => line!(warn),
        ..=399 if seen.quiet => line!(debug),
        _ => line!(info),
    }
}
