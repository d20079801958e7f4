//! A client's socket that gives up on the client in time.
//!
//! hyper has one timeout for a head and for the silence between requests; here they are apart, and
//! stalled writes have one too. Must not parse HTTP: the connection's [`Phase`] says whether a
//! request is being answered. Bodies are timed by whoever reads them.

use std::{
    fmt,
    io::{self, IoSlice},
    mem::MaybeUninit,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{self, Instant, Sleep},
};

use crate::Limits;

/// How long an answered client may go on sending a body that nobody reads.
const LINGER: Duration = Duration::from_secs(5);

/// Whether a connection is answering a request, and since when it waits for one if not. Shared by
/// the socket, the service and the table of connections.
#[derive(Debug)]
pub(crate) struct Phase {
    opened: Instant,
    /// Odd while a request is answered; each request adds two.
    turn: AtomicU64,
    /// Milliseconds after `opened` at which the client's turn began.
    waiting_since: AtomicU64,
    /// Whether the last request had a body, of which some may still be on its way.
    lingers: AtomicBool,
}

impl Phase {
    pub(crate) fn new() -> Self {
        Self {
            opened: Instant::now(),
            turn: AtomicU64::new(0),
            waiting_since: AtomicU64::new(0),
            lingers: AtomicBool::new(false),
        }
    }

    /// The head of a request is complete.
    pub(crate) fn begin_answer(&self, has_body: bool) {
        self.lingers.store(has_body, Ordering::Relaxed);
        self.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// The last byte of the answer was handed over.
    pub(crate) fn end_answer(&self) {
        self.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// The connection is to end: if the client is between two requests, it is sending nothing that
    /// would be worth waiting for.
    pub(crate) fn stop_lingering(&self) {
        if is_waiting(self.turn()) {
            self.lingers.store(false, Ordering::Relaxed);
        }
    }

    /// Since when the client owes the (rest of the) next request; `None` while one is answered.
    pub(crate) fn waiting_since(&self) -> Option<Instant> {
        let since = Duration::from_millis(self.waiting_since.load(Ordering::Relaxed));
        is_waiting(self.turn.load(Ordering::Relaxed)).then(|| self.opened + since)
    }

    fn turn(&self) -> u64 {
        self.turn.load(Ordering::Relaxed)
    }

    fn note_waiting(&self, since: Instant) {
        let millis = since.saturating_duration_since(self.opened).as_millis();
        self.waiting_since
            .store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

const fn is_waiting(turn: u64) -> bool {
    turn.is_multiple_of(2)
}

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
struct Patience {
    head: Duration,
    idle: Duration,
    write: Duration,
}

/// What the client owes while it is its turn.
#[derive(Clone, Copy, Debug)]
struct Owed {
    turn: u64,
    since: Instant,
    head_begun: bool,
}

/// The socket. A limit that passes is an error of kind [`io::ErrorKind::TimedOut`].
pub(crate) struct TimedIo<T> {
    io: T,
    phase: Arc<Phase>,
    patience: Patience,
    owed: Owed,
    /// Since when a write finds no room.
    stalled: Option<Instant>,
    /// One timer for all limits. It may go off early, is then set anew, and so costs nothing per
    /// request.
    timer: Pin<Box<Sleep>>,
    ended_by_client: bool,
    /// Until when a client may go on sending after we have closed our side.
    lingers_until: Option<Instant>,
}

impl<T> TimedIo<T> {
    pub(crate) fn new(io: T, phase: Arc<Phase>, limits: &Limits) -> Self {
        let since = Instant::now();
        Self {
            io,
            phase,
            patience: Patience {
                head: limits.head_timeout,
                idle: limits.idle_timeout,
                write: limits.write_stall,
            },
            owed: Owed {
                turn: 0,
                since,
                head_begun: false,
            },
            stalled: None,
            timer: Box::pin(time::sleep_until(since + limits.head_timeout)),
            ended_by_client: false,
            lingers_until: None,
        }
    }

    fn owe(&mut self, turn: u64, head_begun: bool) {
        self.owed = Owed {
            turn,
            since: Instant::now(),
            head_begun,
        };
        self.phase.note_waiting(self.owed.since);
    }

    /// Bytes came: while it is the client's turn the first of them begin a head.
    fn note_read(&mut self) {
        let turn = self.phase.turn();
        if is_waiting(turn) && (self.owed.turn != turn || !self.owed.head_begun) {
            self.owe(turn, true);
        }
    }

    /// The client takes an answer that has left the service already: its turn begins afterwards.
    fn note_write(&mut self) {
        let Owed {
            turn, head_begun, ..
        } = self.owed;
        if turn == self.phase.turn() {
            self.owe(turn, head_begun);
        }
    }

    /// Until when the next bytes must come; `None` while an answer is made or still to be taken.
    fn read_deadline(&mut self) -> Option<Instant> {
        let turn = self.phase.turn();
        if !is_waiting(turn) || self.stalled.is_some() {
            return None;
        }
        if self.owed.turn != turn {
            self.owe(turn, false);
        }
        let first = turn == 0;
        let patience = if first || self.owed.head_begun {
            self.patience.head
        } else {
            self.patience.idle
        };
        Some(self.owed.since + patience)
    }

    fn poll_stalled_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.read_deadline() {
            Some(deadline) if self.poll_until(deadline, cx).is_ready() => Poll::Ready(Err(
                timed_out("the client sent no complete request head in time"),
            )),
            _ => Poll::Pending,
        }
    }

    fn after_write<R>(
        &mut self,
        outcome: Poll<io::Result<R>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<R>> {
        if outcome.is_ready() {
            self.stalled = None;
            self.note_write();
            return outcome;
        }
        let since = *self.stalled.get_or_insert_with(Instant::now);
        if self.poll_until(since + self.patience.write, cx).is_ready() {
            return Poll::Ready(Err(timed_out("the client took no bytes in time")));
        }
        Poll::Pending
    }

    fn poll_until(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.timer.deadline() > deadline {
                self.timer.as_mut().reset(deadline);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(deadline);
        }
    }
}

impl<T: AsyncRead + Unpin> TimedIo<T> {
    /// Reads on for a while when the client may still be sending a body that nobody wants. Closing
    /// at once would reset the connection and destroy the answer on its way to the client.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.ended_by_client || !self.phase.lingers.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        let until = *self
            .lingers_until
            .get_or_insert_with(|| Instant::now() + LINGER);
        loop {
            if self.poll_until(until, cx).is_ready() {
                return Poll::Ready(());
            }
            let mut waste = [MaybeUninit::uninit(); 8 * 1024];
            let mut waste = ReadBuf::uninit(&mut waste);
            match ready!(Pin::new(&mut self.io).poll_read(cx, &mut waste)) {
                Ok(()) if !waste.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}

fn timed_out(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

impl<T: AsyncRead + Unpin> AsyncRead for TimedIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.io).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                if buffer.filled().len() > before {
                    self.note_read();
                } else if buffer.remaining() > 0 {
                    self.ended_by_client = true;
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => {
                self.ended_by_client = true;
                Poll::Ready(Err(error))
            }
            Poll::Pending => self.poll_stalled_read(cx),
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimedIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.after_write(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.after_write(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_flush(cx))?;
        // After an answer hyper may read no more until bytes come, so the client's turn is timed
        // from here on.
        match self.poll_stalled_read(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingers_until.is_none() {
            ready!(Pin::new(&mut self.io).poll_shutdown(cx))?;
        }
        self.poll_linger(cx).map(Ok)
    }
}

impl<T: fmt::Debug> fmt::Debug for TimedIo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedIo")
            .field("io", &self.io)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
