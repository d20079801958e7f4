//! One client's connection, from its first byte to its last.
//!
//! Must not accept connections or know how many there are.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::Instant,
};

use crate::{
    Limits,
    timed_io::{Phase, TimedIo},
};

/// hyper takes no smaller buffer.
const LEAST_BUFFER: usize = 8 * 1024;
/// hyper's own timeout starts this much after ours: it should never be the one to close.
const BACKSTOP: Duration = Duration::from_secs(5);

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Address of the socket; IPv4 is given as such on a dual-stack listener too.
    pub address: SocketAddr,
}

impl Peer {
    /// The peer at `address`, `::ffff:a.b.c.d` taken as `a.b.c.d`.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address: SocketAddr::new(address.ip().to_canonical(), address.port()),
        }
    }
}

/// What a connection is asked to do, by rising urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Asked {
    Nothing,
    Finish,
    Cut,
}

/// A handle on one connection: shows whether it is busy, and ends it.
#[derive(Debug)]
pub struct Connection {
    peer: Peer,
    phase: Arc<Phase>,
    asked: AtomicU8,
    ask: Notify,
}

impl Connection {
    /// A connection that waits for its first request.
    #[must_use]
    pub fn new(peer: Peer) -> Self {
        Self {
            peer,
            phase: Arc::new(Phase::new()),
            asked: AtomicU8::new(Asked::Nothing as u8),
            ask: Notify::new(),
        }
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Since when the connection waits for a request; `None` while one is answered.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Instant> {
        self.phase.waiting_since()
    }

    /// Asks it to end once the request that is being answered is done, at once if there is none.
    pub fn finish(&self) {
        self.ask(Asked::Finish);
    }

    /// Asks it to end at once.
    pub fn cut(&self) {
        self.ask(Asked::Cut);
    }

    /// Whether it was asked to end.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.asked() > Asked::Nothing
    }

    fn ask(&self, what: Asked) {
        self.asked.fetch_max(what as u8, Ordering::Release);
        self.ask.notify_one();
    }

    fn asked(&self) -> Asked {
        match self.asked.load(Ordering::Acquire) {
            0 => Asked::Nothing,
            1 => Asked::Finish,
            _ => Asked::Cut,
        }
    }

    fn begin_answer(&self, has_body: bool) -> Answering {
        self.phase.begin_answer(has_body);
        Answering(Arc::clone(&self.phase))
    }
}

/// Lives as long as a request is answered: in the service, then in the body of the answer.
#[derive(Debug)]
struct Answering(Arc<Phase>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.end_answer();
    }
}

/// The body of an answer; the client's turn begins when hyper is done with it.
struct Tracked<B> {
    body: B,
    _answering: Answering,
}

impl<B: Body + Unpin> Body for Tracked<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How hyper is to speak to clients.
#[derive(Clone)]
pub(crate) struct Protocol {
    limits: Limits,
    http1: http1::Builder,
}

impl Protocol {
    pub(crate) fn new(limits: &Limits) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .half_close(false)
            .max_headers(limits.max_headers)
            .max_header_size(limits.max_head)
            .max_buf_size(limits.max_head.max(LEAST_BUFFER))
            .timer(TokioTimer::new())
            .header_read_timeout(limits.idle_timeout.max(limits.head_timeout) + BACKSTOP);
        Self {
            limits: *limits,
            http1,
        }
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protocol")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Serves one connection on any stream of bytes until either side ends it or `connection` is asked
/// to. HTTP/1 only.
///
/// # Cancel safety
/// Dropping the future closes the connection and drops the request that is being answered.
pub async fn serve_connection<T, S, B>(
    io: T,
    connection: Arc<Connection>,
    service: S,
    limits: &Limits,
) where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    drive(io, connection, service, &Protocol::new(limits)).await;
}

/// As [`serve_connection`], with what all connections share made once.
pub(crate) async fn drive<T, S, B>(
    io: T,
    connection: Arc<Connection>,
    service: S,
    protocol: &Protocol,
) where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let own = Arc::clone(&connection);
    let tracked = service_fn(move |request: Request<Incoming>| {
        let answering = own.begin_answer(!request.body().is_end_stream());
        let answer = service.call(request);
        async move {
            let answer = answer.await?;
            Ok::<_, Infallible>(answer.map(|body| Tracked {
                body,
                _answering: answering,
            }))
        }
    });
    let io = TimedIo::new(io, Arc::clone(&connection.phase), &protocol.limits);
    let mut http = pin!(protocol.http1.serve_connection(TokioIo::new(io), tracked));
    let mut asked = pin!(connection.ask.notified());
    let mut finishing = false;
    let outcome = std::future::poll_fn(|cx| {
        loop {
            // hyper before the ask: a request that has arrived is still answered.
            if let Poll::Ready(outcome) = http.as_mut().poll(cx) {
                return Poll::Ready(outcome);
            }
            match connection.asked() {
                Asked::Cut => return Poll::Ready(Ok(())),
                Asked::Finish if !finishing => {
                    finishing = true;
                    connection.phase.stop_lingering();
                    http.as_mut().graceful_shutdown();
                    continue;
                }
                Asked::Finish | Asked::Nothing => {}
            }
            if asked.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            asked.set(connection.ask.notified());
        }
    })
    .await;
    if let Err(error) = outcome {
        trace_end(&connection, &error);
    }
}

/// Clients that vanish, send nonsense or are too slow are everyday life: seen only when asked for.
fn trace_end(connection: &Connection, error: &hyper::Error) {
    tracing::trace!(
        peer.address = %connection.peer.address,
        error = error as &dyn Error,
        "connection ended early"
    );
}
