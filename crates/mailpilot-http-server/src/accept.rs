//! Accepts connections and serves each in a task of its own, until told to stop.
//!
//! Must not know what is served: the service is made by the caller, once per connection.

use std::{convert::Infallible, error::Error, fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::{body::Incoming, service::Service};
use ipnet::IpNet;
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{self, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Limits,
    connection::{Peer, Protocol, drive},
    drain::{Connections, Drained, Refused, drain},
};

/// The first and the longest pause after a failed accept.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(500));
/// After this long without a failed accept the next one is news again.
const CALM: Duration = Duration::from_secs(60);
/// What a client hears that is not let in.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 41\r\n\
    Retry-After: 5\r\n\
    Connection: close\r\n\r\n\
    Too many connections; try again in 5 s.\r\n";

/// What the accept loop obeys.
pub struct Serving {
    /// Bounds on connections, heads and times. `max_connections` is to be lowered by the caller to
    /// what the process may open, less what it needs itself.
    pub limits: Limits,
    /// Peers that stand for many clients; as loopback, they may open more than
    /// `max_connections_per_address`.
    pub trusted_proxies: Vec<IpNet>,
    /// Stops accepting, and ends each connection after its running request.
    pub stop: CancellationToken,
    /// Once stopping: cuts what is left without waiting for `limits.drain`.
    pub force: CancellationToken,
    /// Told the number of open connections whenever it changes. Must not block.
    pub gauge: Box<dyn Fn(usize) + Send + Sync>,
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Serves HTTP/1 on `listener` until `serving.stop`, then waits at most `limits.drain` for running
/// requests. `make` is called once per connection.
///
/// # Cancel safety
/// Dropping the future stops accepting; connections that are open go on by themselves.
pub async fn serve_connections<M, S, B>(listener: TcpListener, serving: Serving, make: M) -> Drained
where
    M: Fn(Peer) -> S,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let Serving {
        limits,
        trusted_proxies,
        stop,
        force,
        gauge,
    } = serving;
    let connections = Connections::new(&limits, trusted_proxies, gauge);
    let protocol = Arc::new(Protocol::new(&limits));
    let tasks = TaskTracker::new();
    let welcome = |stream: TcpStream, address: SocketAddr| {
        let peer = Peer::new(address);
        prepare(&stream, &limits);
        match connections.admit(peer) {
            Ok(place) => {
                let (service, protocol) = (make(peer), Arc::clone(&protocol));
                tasks.spawn(async move {
                    drive(stream, Arc::clone(place.connection()), service, &protocol).await;
                });
            }
            Err(reason) => refuse(&stream, peer, reason),
        }
    };
    let mut pauses = Pauses::default();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, address)) => welcome(stream, address),
            Err(error) if concerns_one_client(&error) => {}
            Err(error) => {
                connections.make_room();
                let pause = pauses.after(&error);
                stop.run_until_cancelled(time::sleep(pause)).await;
            }
        }
    }
    // Clients that are connected as far as they can tell, but not yet accepted.
    while let Ok(Ok((stream, address))) = time::timeout(Duration::ZERO, listener.accept()).await {
        welcome(stream, address);
    }
    drop(listener);
    drain(&connections, &tasks, &limits, &force).await
}

/// Errors of a connection that was gone before it was accepted, which Linux hands out here too.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted
            | Kind::ConnectionReset
            | Kind::ConnectionRefused
            | Kind::NetworkDown
            | Kind::NetworkUnreachable
            | Kind::HostUnreachable
            | Kind::Interrupted
    )
}

/// How long to wait after accepts that failed for want of descriptors or memory. A loop without
/// pauses would spin, as the connection that could not be accepted stays ready.
#[derive(Debug, Default)]
struct Pauses {
    last: Option<(Instant, Duration)>,
}

impl Pauses {
    fn after(&mut self, error: &io::Error) -> Duration {
        let now = Instant::now();
        let (shortest, longest) = PAUSES;
        let pause = match self.last {
            Some((at, pause)) if now < at + 2 * longest => (2 * pause).min(longest),
            _ => shortest,
        };
        if self.last.is_none_or(|(at, _)| now >= at + CALM) {
            tracing::warn!(
                error = error as &dyn Error,
                "cannot accept connections; raise the limit of open files or lower the load"
            );
        }
        self.last = Some((now, pause));
        pause
    }
}

/// Small answers leave at once, and a client that vanished without a word is noticed as soon as one
/// that stalls. A socket that refuses an option works without it.
fn prepare(stream: &TcpStream, limits: &Limits) {
    let nodelay = stream.set_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let nodelay = nodelay.and(SockRef::from(stream).set_tcp_user_timeout(Some(limits.write_stall)));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _unused = limits;
    if let Err(error) = nodelay {
        tracing::trace!(error = &error as &dyn Error, "socket option refused");
    }
}

/// Tells the client why it is closed. One attempt without waiting: a crowd must not cost more than
/// that.
fn refuse(stream: &TcpStream, peer: Peer, reason: Refused) {
    let told = SockRef::from(stream).send(REFUSAL);
    tracing::debug!(
        peer.address = %peer.address,
        ?reason,
        told = told.is_ok(),
        "connection refused"
    );
}
