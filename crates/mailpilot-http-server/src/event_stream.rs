//! A subscription as the body of an answer: server-sent events (WHATWG HTML, section 9.2).
//!
//! Must not decide who may read what, and must not buffer: while the connection takes no bytes the
//! body is not asked for frames, so what waits stays in the hub's rings. A client that takes nothing
//! is closed by the connection's own limit on stalled writes.

use std::{
    any::Any,
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::{
    sync::watch,
    time::{self, Instant, Interval, MissedTickBehavior},
};
use tokio_util::sync::{CancellationToken, ReusableBoxFuture};

use crate::events::Subscription;

/// Between two heartbeats, which keep proxies from taking the stream for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream's life. The client comes back by itself, and is then authorised anew.
const LIFE: Duration = Duration::from_secs(60 * 60);
/// Bytes handed to the connection at once.
const ROOM: usize = 16 * 1024;

/// How a stream shows that it lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Heartbeat {
    /// Seen by nobody but proxies.
    #[default]
    Comment,
    /// For an `EventSource` of a browser, which hides comments: it could not tell a silent stream from a
    /// dead one.
    Event,
}

impl Heartbeat {
    pub(crate) const ALL: [Self; 2] = [Self::Comment, Self::Event];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Event => "event",
        }
    }

    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Comment => b": heartbeat\n\n",
            Self::Event => b"event: heartbeat\ndata: {}\n\n",
        }
    }
}

/// The body of an event stream. It ends when the server stops, when its credential is revoked, or
/// after an hour.
pub struct EventStream {
    subscription: Subscription,
    /// Rings when something was published; renewed each time.
    bell: ReusableBoxFuture<'static, watch::Receiver<()>>,
    heartbeat: Interval,
    beat: Heartbeat,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    opened: bool,
    /// `None` once the stream has ended.
    held: Option<Box<dyn Any + Send>>,
}

impl EventStream {
    /// A stream of `subscription` that ends with `stop` or `revoked`. `held` is dropped when it ends
    /// or the client is gone: the place for a gauge and for permits.
    ///
    /// Must be called within a tokio runtime.
    #[must_use]
    pub(crate) fn new(
        subscription: Subscription,
        stop: CancellationToken,
        revoked: CancellationToken,
        held: Box<dyn Any + Send>,
    ) -> Self {
        let bell = ReusableBoxFuture::new(next_ring(subscription.bell()));
        let mut heartbeat = time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = Box::pin(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = revoked.cancelled() => {}
                () = time::sleep(LIFE) => {}
            }
        });
        Self {
            subscription,
            bell,
            heartbeat,
            beat: Heartbeat::default(),
            end,
            opened: false,
            held: Some(held),
        }
    }

    /// The same stream with heartbeats of this kind.
    pub(crate) fn with_heartbeat(self, beat: Heartbeat) -> Self {
        Self { beat, ..self }
    }

    /// The first bytes: how soon to come back, and for a new client where to resume from.
    fn opening(&self) -> Bytes {
        match self.subscription.start() {
            Some(id) => format!("retry: 2000\nid: {id}\n\n").into(),
            None => Bytes::from_static(b"retry: 2000\n\n"),
        }
    }

    /// What waits, or else wakes the task at the next event or heartbeat.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        if !self.opened {
            self.opened = true;
            return Poll::Ready(self.opening());
        }
        // The heartbeat first: a stream that is never silent still owes it.
        if self.heartbeat.poll_tick(cx).is_ready() {
            return Poll::Ready(Bytes::from_static(self.beat.bytes()));
        }
        loop {
            if let Some(frames) = self.subscription.take(ROOM) {
                return Poll::Ready(frames);
            }
            match self.bell.poll(cx) {
                Poll::Ready(bell) => self.bell.set(next_ring(bell)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// Waits until `bell` rings and gives it back. A hub that is gone never rings: then only the
/// stream's other ends are left.
async fn next_ring(mut bell: watch::Receiver<()>) -> watch::Receiver<()> {
    if bell.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    bell
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let stream = &mut *self;
        if stream.held.is_none() {
            return Poll::Ready(None);
        }
        if stream.end.as_mut().poll(cx).is_ready() {
            stream.held = None;
            return Poll::Ready(None);
        }
        stream
            .poll_bytes(cx)
            .map(|bytes| Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none()
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("subscription", &self.subscription)
            .field("ended", &self.held.is_none())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use mailpilot_clock::Timestamp;
    use tokio::sync::oneshot;

    use super::*;
    use crate::events::{EventHub, EventKind, EventKinds};

    struct Opened {
        hub: EventHub,
        stream: EventStream,
        stop: CancellationToken,
        revoked: CancellationToken,
        /// Fails to receive once what the stream held is gone.
        held: oneshot::Receiver<()>,
    }

    async fn open() -> Opened {
        let hub = EventHub::new(Timestamp::from_millis(1));
        let (stop, revoked) = (CancellationToken::new(), CancellationToken::new());
        let (guard, held) = oneshot::channel::<()>();
        let subscription = hub.subscribe(EventKinds::ALL, None);
        let mut stream =
            EventStream::new(subscription, stop.clone(), revoked.clone(), Box::new(guard));
        assert_eq!(
            next(&mut stream).await.unwrap(),
            "retry: 2000\nid: 1024\n\n"
        );
        Opened {
            hub,
            stream,
            stop,
            revoked,
            held,
        }
    }

    async fn next(stream: &mut EventStream) -> Option<String> {
        let bytes = stream.frame().await?.unwrap().into_data().unwrap();
        Some(String::from_utf8(bytes.into()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn events_come_at_once_and_what_waits_comes_together() {
        let mut opened = open().await;
        let hub = opened.hub.clone();
        tokio::spawn(async move {
            time::sleep(Duration::from_secs(1)).await;
            hub.publish(EventKind::Stats, b"{}");
        });
        let start = Instant::now();
        let first = next(&mut opened.stream).await.unwrap();
        assert_eq!(first, "id: 1025\nevent: stats\ndata: {}\n\n");
        assert_eq!(start.elapsed().as_secs(), 1);
        opened.hub.publish(EventKind::Logs, b"1");
        opened.hub.publish(EventKind::Activity, b"2");
        assert_eq!(
            next(&mut opened.stream).await.unwrap(),
            "id: 1026\nevent: logs\ndata: 1\n\nid: 1027\nevent: activity\ndata: 2\n\n"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_comes_every_fifteen_seconds() {
        let kinds = [
            (Heartbeat::Comment, ": heartbeat\n\n"),
            (Heartbeat::Event, "event: heartbeat\ndata: {}\n\n"),
        ];
        for (kind, expected) in kinds {
            let mut stream = open().await.stream.with_heartbeat(kind);
            let start = Instant::now();
            for beat in 1..=3 {
                assert_eq!(next(&mut stream).await.unwrap(), expected);
                assert_eq!(start.elapsed().as_secs(), 15 * beat);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn shutdown_and_revocation_end_it_before_what_waits() {
        for revoke in [false, true] {
            let mut opened = open().await;
            opened.hub.publish(EventKind::Stats, b"{}");
            if revoke {
                opened.revoked.cancel()
            } else {
                opened.stop.cancel()
            }
            assert_eq!(next(&mut opened.stream).await, None);
            assert!(opened.stream.is_end_stream());
            assert!(
                opened.held.try_recv().is_err(),
                "what it held must be let go"
            );
            assert_eq!(next(&mut opened.stream).await, None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn revocation_wakes_a_silent_stream() {
        let mut opened = open().await;
        let revoked = opened.revoked.clone();
        tokio::spawn(async move {
            time::sleep(Duration::from_secs(1)).await;
            revoked.cancel();
        });
        let start = Instant::now();
        assert_eq!(next(&mut opened.stream).await, None);
        assert_eq!(start.elapsed().as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_hour_is_the_end() {
        let mut opened = open().await;
        let start = Instant::now();
        while next(&mut opened.stream).await.is_some() {}
        assert_eq!(start.elapsed(), LIFE);
    }
}
