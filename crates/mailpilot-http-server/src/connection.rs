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
use http::{HeaderValue, Request, Response, header::CONNECTION};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::{self, Instant, Sleep},
};

use crate::{
    Limits,
    timed_io::{Phase, TimedIo},
};

/// hyper takes no smaller buffer.
const LEAST_BUFFER: usize = 8 * 1024;
/// How long an idle connection that is to end still takes a request: clients cannot know, and what
/// they have sent by then would be lost.
const GRACE: Duration = Duration::from_millis(100);

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

    /// Asks it to end once the request that is being answered is done, or soon if there is none.
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

    fn begin_answer(self: &Arc<Self>, has_body: bool) -> Answering {
        self.phase.begin_answer(has_body);
        Answering(Arc::clone(self))
    }
}

/// Lives as long as a request is answered: in the service, then in the body of the answer.
#[derive(Debug)]
struct Answering(Arc<Connection>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.phase.end_answer();
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
            // `TimedIo` has these limits. hyper's would run while a slow client still takes the last
            // answer, and costs an allocation and a timer per request.
            .header_read_timeout(None);
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
            let mut answer = answer.await?;
            if answering.0.is_ending() {
                answer
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer.map(|body| Tracked {
                body,
                _answering: answering,
            }))
        }
    });
    let io = TimedIo::new(io, Arc::clone(&connection.phase), &protocol.limits);
    let mut http = pin!(protocol.http1.serve_connection(TokioIo::new(io), tracked));
    let mut asked = pin!(connection.ask.notified());
    let mut ending = Ending::default();
    let outcome = std::future::poll_fn(|cx| {
        loop {
            // hyper before the ask: a request that has arrived is still answered.
            if let Poll::Ready(outcome) = http.as_mut().poll(cx) {
                return Poll::Ready(outcome);
            }
            match connection.asked() {
                Asked::Cut => return Poll::Ready(Ok(())),
                Asked::Finish if ending.is_due(&connection, cx) => {
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

/// How far a connection that was asked to finish has come.
#[derive(Default)]
struct Ending {
    grace: Option<Pin<Box<Sleep>>>,
    told: bool,
}

impl Ending {
    /// Whether hyper is to be told now, which is to happen once. A busy connection ends with its
    /// answer; an idle one waits a little for a request that may be on its way.
    fn is_due(&mut self, connection: &Connection, cx: &mut Context<'_>) -> bool {
        if self.told {
            return false;
        }
        let idle = connection.waiting_since().is_some();
        let grace = self
            .grace
            .get_or_insert_with(|| Box::pin(time::sleep(GRACE)));
        self.told = !idle || grace.as_mut().poll(cx).is_ready();
        self.told
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

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
        sync::oneshot,
        task::JoinHandle,
    };

    use super::*;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    struct Client {
        io: DuplexStream,
        connection: Arc<Connection>,
        server: JoinHandle<()>,
    }

    /// Connects to a service that answers `ok` to `/`, after two minutes to `/slow`, never to
    /// `/never`, with a mebibyte to `/big`, and to `/early` without reading the body.
    fn connect() -> Client {
        let (io, socket) = tokio::io::duplex(4096);
        let connection = Arc::new(Connection::new(Peer::new(
            "192.0.2.7:4711".parse().unwrap(),
        )));
        let service = service_fn(|request: Request<Incoming>| async move {
            let path = request.uri().path().to_owned();
            match path.as_str() {
                "/slow" => time::sleep(Duration::from_secs(120)).await,
                "/never" => std::future::pending().await,
                "/early" => {}
                _ => drop(request.into_body().collect().await),
            }
            let body = if path == "/big" {
                vec![b'x'; 1 << 20]
            } else {
                b"ok".to_vec()
            };
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(body)))
        });
        let served = Arc::clone(&connection);
        let server = tokio::spawn(async move {
            serve_connection(socket, served, service, &Limits::default()).await;
        });
        Client {
            io,
            connection,
            server,
        }
    }

    impl Client {
        async fn send(&mut self, bytes: &[u8]) {
            self.io.write_all(bytes).await.unwrap();
        }

        /// Reads one answer with a body of two bytes.
        async fn answer(&mut self) -> String {
            let mut text = String::new();
            while !text.ends_with("\r\n\r\nok") {
                text.push(char::from(self.io.read_u8().await.unwrap()));
            }
            text
        }

        /// Whole seconds until the server has closed, without a word.
        async fn closed_after(mut self) -> u64 {
            let start = Instant::now();
            let mut rest = Vec::new();
            self.io.read_to_end(&mut rest).await.unwrap();
            assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
            self.server.await.unwrap();
            start.elapsed().as_secs()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_client_is_closed_after_the_head_timeout() {
        assert_eq!(connect().closed_after().await, 15);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_must_be_complete_in_time_however_often_bytes_come() {
        let mut client = connect();
        for byte in &GET[..12] {
            time::sleep(Duration::from_secs(1)).await;
            client.send(&[*byte]).await;
        }
        assert_eq!(client.closed_after().await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_beginning_of_http_2_is_closed_not_held() {
        let mut whole = connect();
        whole.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        let mut rest = Vec::new();
        whole.io.read_to_end(&mut rest).await.unwrap();
        whole.server.await.unwrap();
        let mut part = connect();
        part.send(b"PRI * HT").await;
        assert_eq!(part.closed_after().await, 15);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_client_may_wait_longer_than_a_head_may_take() {
        let mut client = connect();
        for _ in 0..3 {
            client.send(GET).await;
            client.answer().await;
            time::sleep(Duration::from_secs(129)).await;
        }
        client.send(GET).await;
        client.answer().await;
        assert_eq!(client.closed_after().await, 130);
    }

    #[tokio::test(start_paused = true)]
    async fn the_head_timeout_holds_for_later_requests_too() {
        let mut client = connect();
        client.send(GET).await;
        client.answer().await;
        time::sleep(Duration::from_secs(60)).await;
        client.send(&GET[..9]).await;
        assert_eq!(client.closed_after().await, 15);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_answer_is_not_cut() {
        let mut client = connect();
        client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let start = Instant::now();
        client.answer().await;
        assert_eq!(start.elapsed().as_secs(), 120);
        assert_eq!(client.closed_after().await, 130);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_closed() {
        let mut client = connect();
        client.send(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let start = Instant::now();
        (&mut client.server).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_little_at_a_time_gets_everything() {
        let mut client = connect();
        client
            .send(b"GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await;
        let mut taken = 0;
        let mut some = vec![0; 64 * 1024];
        loop {
            time::sleep(Duration::from_secs(20)).await;
            match client.io.read(&mut some).await.unwrap() {
                0 => break,
                read => taken += read,
            }
        }
        assert!(taken > 1 << 20, "{taken}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_survives_a_body_that_is_still_being_sent() {
        let mut client = connect();
        client
            .send(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            .await;
        client.answer().await;
        for _ in 0..4 {
            time::sleep(Duration::from_secs(1)).await;
            client.send(&[b'x'; 8192]).await;
        }
        client.io.shutdown().await.unwrap();
        assert_eq!(client.closed_after().await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_nobody_reads_is_not_taken_for_ever() {
        let mut client = connect();
        client
            .send(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            .await;
        client.answer().await;
        let start = Instant::now();
        while client.io.write_all(b"x").await.is_ok() {
            time::sleep(Duration::from_millis(500)).await;
        }
        assert_eq!(start.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_request_is_answered_before_the_end() {
        let mut client = connect();
        client.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
        time::sleep(Duration::from_secs(1)).await;
        assert_eq!(client.connection.waiting_since(), None);
        client.connection.finish();
        assert!(client.answer().await.contains("connection: close"));
        assert_eq!(client.closed_after().await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends_soon_but_answers_what_was_on_its_way() {
        let mut idle = connect();
        idle.send(GET).await;
        idle.answer().await;
        idle.connection.finish();
        assert_eq!(idle.closed_after().await, 0);

        let mut late = connect();
        late.connection.finish();
        time::sleep(GRACE / 2).await;
        late.send(GET).await;
        assert!(late.answer().await.contains("connection: close"));
        assert_eq!(late.closed_after().await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cut_connection_drops_its_request() {
        let mut client = connect();
        client.send(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let (told, asked) = oneshot::channel();
        let connection = Arc::clone(&client.connection);
        tokio::spawn(async move {
            connection.finish();
            time::sleep(Duration::from_secs(7)).await;
            connection.cut();
            told.send(()).unwrap();
        });
        assert_eq!(client.closed_after().await, 7);
        asked.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_or_too_long_headers_are_told_apart_from_nonsense() {
        let many = "A: b\r\n".repeat(65);
        let long = format!("A: {}\r\n", "b".repeat(17 * 1024));
        for (headers, status) in [(many, "431"), (long, "431"), ("no colon\r\n".into(), "400")] {
            let client = connect();
            let (mut reader, mut writer) = tokio::io::split(client.io);
            let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
            // The server may close before it has taken everything.
            let send = tokio::spawn(async move { writer.write_all(head.as_bytes()).await });
            let mut text = String::new();
            reader.read_to_string(&mut text).await.unwrap();
            assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
            send.abort();
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        let peer = Peer::new("[::ffff:192.0.2.7]:80".parse().unwrap());
        assert_eq!(peer.address, "192.0.2.7:80".parse().unwrap());
    }
}
