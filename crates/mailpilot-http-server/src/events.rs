//! What happened, handed to every event stream that asked for it, and kept for those that come back.
//!
//! Each kind has a ring of its last events and each reader only a place in the rings, so a slow
//! reader costs no memory: what has left the ring before it was read is counted and told as
//! `skipped`. A resuming reader is the same as a slow one. Rings are apart so that a burst of logs
//! does not push the rarer kinds out.
//!
//! Must not know about HTTP or about who may read what: the gate decides that before it subscribes.

use std::{
    collections::VecDeque,
    fmt,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::{Bytes, BytesMut};
use mailpilot_clock::Timestamp;
use tokio::sync::watch;

/// Events each ring keeps.
const RING_EVENTS: usize = 1024;
/// Bytes of frames each ring keeps, the newest frame aside.
const RING_BYTES: usize = 4 * 1024 * 1024;
/// Ids a run may give per millisecond of its life before they could meet the next run's.
const ID_BITS: u32 = 10;
/// The largest whole number that JavaScript keeps exact.
const MAX_ID: u64 = (1 << 53) - 1;

const KINDS: usize = EventKind::ALL.len();

/// What an event is about; also its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EventKind {
    /// Totals changed.
    Stats,
    /// A mail was processed.
    Activity,
    /// A log line was written.
    Logs,
    /// An account changed its state.
    Accounts,
}

impl EventKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 4] = [Self::Stats, Self::Activity, Self::Logs, Self::Accounts];

    /// The name in `event:` and in the query's `types`.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Stats => "stats",
            Self::Activity => "activity",
            Self::Logs => "logs",
            Self::Accounts => "accounts",
        }
    }

    /// The kind with that name, if there is one.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventKinds(u8);

impl EventKinds {
    /// Every kind.
    #[cfg(test)]
    pub(crate) const ALL: Self = Self((1 << KINDS) - 1);

    /// Whether `kind` is in the set.
    #[must_use]
    pub(crate) const fn contains(self, kind: EventKind) -> bool {
        self.0 & (1 << kind.index()) != 0
    }

    /// Whether the set has no kind.
    #[must_use]
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds in the set.
    pub(crate) fn iter(self) -> impl Iterator<Item = EventKind> {
        EventKind::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<EventKind> for EventKinds {
    fn from_iter<I: IntoIterator<Item = EventKind>>(kinds: I) -> Self {
        Self(
            kinds
                .into_iter()
                .fold(0, |set, kind| set | 1 << kind.index()),
        )
    }
}

/// Where events are published and subscribed to. Clones share the same events.
#[derive(Clone)]
pub(crate) struct EventHub {
    shared: Arc<Shared>,
}

struct Shared {
    rings: Mutex<Rings>,
    /// One bell for each set of kinds, so that a reader wakes only for what it asked for.
    bells: [watch::Sender<()>; 1 << KINDS],
}

struct Rings {
    /// The id before this run's first.
    base: u64,
    /// The last id given; `base` if none was.
    last: u64,
    of: [Ring; KINDS],
}

/// The newest events of one kind.
#[derive(Default)]
struct Ring {
    events: VecDeque<Published>,
    bytes: usize,
    /// How many events have left the ring; also the number of its first one.
    gone: u64,
    /// The id of the last one that left; 0 if none did.
    last_gone: u64,
}

struct Published {
    id: u64,
    frame: Bytes,
}

impl EventHub {
    /// A hub whose ids start at `boot`, so that they do not repeat over restarts, unless the clock was set back in between.
    #[must_use]
    pub(crate) fn new(boot: Timestamp) -> Self {
        let millis = u64::try_from(boot.as_millis()).unwrap_or(0);
        let base = millis.saturating_mul(1 << ID_BITS).min(MAX_ID >> 1);
        let rings = Rings {
            base,
            last: base,
            of: Default::default(),
        };
        let bells = std::array::from_fn(|_| watch::Sender::new(()));
        Self {
            shared: Arc::new(Shared {
                rings: Mutex::new(rings),
                bells,
            }),
        }
    }

    /// Publishes one line of JSON. Never blocks on readers and may be called from any thread.
    ///
    /// `data` must not contain a line break: it would end the event early on the wire.
    pub(crate) fn publish(&self, kind: EventKind, data: &[u8]) {
        debug_assert!(
            !data.contains(&b'\n') && !data.contains(&b'\r'),
            "one line of JSON"
        );
        self.shared.rings().push(kind, data);
        for (set, bell) in self.shared.bells.iter().enumerate() {
            if set & (1 << kind.index()) != 0 && bell.receiver_count() > 0 {
                bell.send_replace(());
            }
        }
    }

    /// Reads `kinds` from now on, or from after `last_event_id`.
    ///
    /// If events after `last_event_id` are lost, or may be because it is of another run, the first
    /// frame is `skipped`.
    #[must_use]
    pub(crate) fn subscribe(&self, kinds: EventKinds, last_event_id: Option<u64>) -> Subscription {
        let bell = self.shared.bells[usize::from(kinds.0)].subscribe();
        let rings = self.shared.rings();
        let (next, skipped) = rings.places(kinds, last_event_id);
        let start = last_event_id.is_none().then_some(rings.last);
        drop(rings);
        Subscription {
            shared: Arc::clone(&self.shared),
            kinds,
            next,
            skipped,
            start,
            bell,
        }
    }

    /// How many subscriptions there are.
    #[must_use]
    pub(crate) fn readers(&self) -> usize {
        self.shared
            .bells
            .iter()
            .map(watch::Sender::receiver_count)
            .sum()
    }
}

impl fmt::Debug for EventHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventHub")
            .field("readers", &self.readers())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn rings(&self) -> MutexGuard<'_, Rings> {
        // Nothing that runs under the lock can leave the rings half changed.
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rings {
    fn push(&mut self, kind: EventKind, data: &[u8]) {
        self.last += 1;
        let frame = frame(self.last, kind.name(), data);
        self.of[kind.index()].push(Published {
            id: self.last,
            frame,
        });
    }

    /// Where a new reader starts in each ring, and what it has lost.
    fn places(&self, kinds: EventKinds, last_event_id: Option<u64>) -> ([u64; KINDS], Skipped) {
        let Some(last_id) = last_event_id.filter(|id| *id <= self.last) else {
            // An id from the future is of another server or of a clock since set back: what came
            // after it cannot be told.
            let lost = if last_event_id.is_some() {
                Skipped::Unknown
            } else {
                Skipped::Nothing
            };
            return (std::array::from_fn(|index| self.of[index].end()), lost);
        };
        let lost = last_id < self.base
            || kinds
                .iter()
                .any(|kind| self.of[kind.index()].last_gone > last_id);
        let next = std::array::from_fn(|index| self.of[index].after(last_id));
        (
            next,
            if lost {
                Skipped::Unknown
            } else {
                Skipped::Nothing
            },
        )
    }
}

impl Ring {
    fn push(&mut self, event: Published) {
        self.bytes += event.frame.len();
        self.events.push_back(event);
        while self.events.len() > RING_EVENTS || self.bytes > RING_BYTES && self.events.len() > 1 {
            let Some(oldest) = self.events.pop_front() else {
                return;
            };
            self.bytes -= oldest.frame.len();
            self.gone += 1;
            self.last_gone = oldest.id;
        }
    }

    /// The number of the event that comes next.
    fn end(&self) -> u64 {
        self.gone + self.events.len() as u64
    }

    /// The number of the first kept event after `id`.
    fn after(&self, id: u64) -> u64 {
        self.gone + self.events.partition_point(|event| event.id <= id) as u64
    }

    /// The event with that number, if it was published and is kept.
    fn get(&self, number: u64) -> Option<&Published> {
        self.events
            .get(usize::try_from(number.checked_sub(self.gone)?).ok()?)
    }
}

/// What a reader lost since it was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skipped {
    Nothing,
    Events(u64),
    Unknown,
}

impl Skipped {
    fn add(&mut self, count: u64) {
        *self = match *self {
            Self::Nothing if count == 0 => Self::Nothing,
            Self::Nothing => Self::Events(count),
            Self::Events(before) => Self::Events(before + count),
            Self::Unknown => Self::Unknown,
        };
    }

    fn data(self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Events(count) => Some(format!(r#"{{"count":{count}}}"#)),
            Self::Unknown => Some(r#"{"count":null}"#.to_owned()),
        }
    }
}

/// A reader's place among the events.
pub(crate) struct Subscription {
    shared: Arc<Shared>,
    kinds: EventKinds,
    /// The number of the next event of each ring.
    next: [u64; KINDS],
    skipped: Skipped,
    /// The newest id when the reader came, for one that has none yet.
    start: Option<u64>,
    bell: watch::Receiver<()>,
}

impl Subscription {
    /// The newest id when this reader came without one: it may resume from there.
    #[must_use]
    pub(crate) const fn start(&self) -> Option<u64> {
        self.start
    }

    /// Rings whenever [`Self::take`] may have something new. A ring during `take` is not lost.
    #[must_use]
    pub(crate) fn bell(&self) -> watch::Receiver<()> {
        self.bell.clone()
    }

    /// The frames that wait, as many whole ones as go into `room` bytes but at least one; `None`
    /// when nothing waits. A single frame is shared with all other readers, not copied.
    pub(crate) fn take(&mut self, room: usize) -> Option<Bytes> {
        let shared = Arc::clone(&self.shared);
        let rings = shared.rings();
        self.catch_up(&rings);
        let mut gathered = Gathered {
            first: self.take_skipped(&rings),
            rest: None,
        };
        while let Some((index, event)) = self.next_waiting(&rings) {
            if !gathered.add(&event.frame, room) {
                break;
            }
            self.next[index] += 1;
        }
        gathered.finish()
    }

    /// Moves over what has left the rings and counts it.
    fn catch_up(&mut self, rings: &Rings) {
        for kind in self.kinds.iter() {
            let (next, gone) = (&mut self.next[kind.index()], rings.of[kind.index()].gone);
            self.skipped.add(gone.saturating_sub(*next));
            *next = gone.max(*next);
        }
    }

    /// The `skipped` frame that is due. Its id is the one before the next event's, so that a reader
    /// that resumes from it is not told again.
    fn take_skipped(&mut self, rings: &Rings) -> Option<Bytes> {
        let data = std::mem::replace(&mut self.skipped, Skipped::Nothing).data()?;
        let id = self
            .next_waiting(rings)
            .map_or(rings.last, |(_, event)| event.id - 1);
        Some(frame(id, "skipped", data.as_bytes()))
    }

    /// The waiting event with the smallest id, and its ring.
    fn next_waiting<'a>(&self, rings: &'a Rings) -> Option<(usize, &'a Published)> {
        self.kinds
            .iter()
            .filter_map(|kind| {
                let index = kind.index();
                rings.of[index]
                    .get(self.next[index])
                    .map(|event| (index, event))
            })
            .min_by_key(|(_, event)| event.id)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("kinds", &self.kinds)
            .finish_non_exhaustive()
    }
}

/// Frames on their way to one reader.
struct Gathered {
    first: Option<Bytes>,
    rest: Option<BytesMut>,
}

impl Gathered {
    /// Adds `frame` unless it would go past `room`.
    fn add(&mut self, frame: &Bytes, room: usize) -> bool {
        let Some(first) = &self.first else {
            self.first = Some(frame.clone());
            return true;
        };
        let held = self.rest.as_ref().map_or(first.len(), BytesMut::len);
        if held + frame.len() > room {
            return false;
        }
        let all = self.rest.get_or_insert_with(|| {
            let mut all = BytesMut::with_capacity(first.len() + frame.len());
            all.extend_from_slice(first);
            all
        });
        all.extend_from_slice(frame);
        true
    }

    fn finish(self) -> Option<Bytes> {
        self.rest.map(BytesMut::freeze).or(self.first)
    }
}

/// One event as it goes over the wire (WHATWG HTML, section "Server-sent events").
fn frame(id: u64, name: &str, data: &[u8]) -> Bytes {
    let mut head = String::with_capacity(48);
    // Writing into a `String` cannot fail.
    let written = write!(head, "id: {id}\nevent: {name}\ndata: ");
    debug_assert!(written.is_ok());
    let mut frame = Vec::with_capacity(head.len() + data.len() + 2);
    frame.extend_from_slice(head.as_bytes());
    frame.extend_from_slice(data);
    frame.extend_from_slice(b"\n\n");
    frame.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub() -> EventHub {
        EventHub::new(Timestamp::from_millis(1_000_000))
    }

    fn publish(hub: &EventHub, kind: EventKind, count: usize) {
        for number in 0..count {
            hub.publish(kind, number.to_string().as_bytes());
        }
    }

    /// Everything that waits, as `id event data` with ids counted from the hub's first.
    fn read(subscription: &mut Subscription) -> Vec<String> {
        let mut text = String::new();
        while let Some(frames) = subscription.take(16 * 1024) {
            text.push_str(std::str::from_utf8(&frames).unwrap());
        }
        let event = |frame: &str| {
            let field = |line: &str| line.split_once(": ").map(|(_, value)| value.to_owned());
            let fields: Vec<_> = frame.lines().filter_map(field).collect();
            let id = fields[0].parse::<u64>().unwrap() - (1_000_000 << ID_BITS);
            format!("{id} {} {}", fields[1], fields[2])
        };
        text.split_terminator("\n\n").map(event).collect()
    }

    fn id(number: u64) -> Option<u64> {
        Some((1_000_000 << ID_BITS) + number)
    }

    #[test]
    fn a_new_reader_gets_only_what_comes_after_it() {
        let hub = hub();
        publish(&hub, EventKind::Stats, 3);
        let mut subscription = hub.subscribe(EventKinds::ALL, None);
        assert_eq!(subscription.start(), id(3));
        publish(&hub, EventKind::Logs, 1);
        assert_eq!(read(&mut subscription), ["4 logs 0"]);
        assert_eq!(subscription.take(1), None);
    }

    #[test]
    fn a_reader_gets_its_kinds_in_order_of_publishing() {
        let hub = hub();
        let kinds = [EventKind::Stats, EventKind::Accounts]
            .into_iter()
            .collect();
        let mut subscription = hub.subscribe(kinds, None);
        for kind in [
            EventKind::Accounts,
            EventKind::Logs,
            EventKind::Stats,
            EventKind::Accounts,
        ] {
            hub.publish(kind, b"{}");
        }
        assert_eq!(
            read(&mut subscription),
            ["1 accounts {}", "3 stats {}", "4 accounts {}"]
        );
    }

    #[test]
    fn a_reader_resumes_after_its_last_id() {
        let hub = hub();
        publish(&hub, EventKind::Activity, 5);
        let mut subscription = hub.subscribe(EventKinds::ALL, id(3));
        publish(&hub, EventKind::Activity, 1);
        assert_eq!(
            read(&mut subscription),
            ["4 activity 3", "5 activity 4", "6 activity 0"]
        );
    }

    #[test]
    fn what_has_left_the_ring_is_told_first() {
        let hub = hub();
        publish(&hub, EventKind::Activity, RING_EVENTS + 5);
        let told = read(&mut hub.subscribe(EventKinds::ALL, id(4)));
        assert_eq!(told[..2], [r#"5 skipped {"count":null}"#, "6 activity 5"]);
        assert_eq!(told.len(), RING_EVENTS + 1);
        let told = read(&mut hub.subscribe(EventKinds::ALL, id(5)));
        assert_eq!(told[0], "6 activity 5");
    }

    #[test]
    fn a_burst_of_logs_loses_no_other_kind() {
        let hub = hub();
        publish(&hub, EventKind::Accounts, 1);
        publish(&hub, EventKind::Logs, 2 * RING_EVENTS);
        let kinds = [EventKind::Accounts].into_iter().collect();
        assert_eq!(read(&mut hub.subscribe(kinds, id(0))), ["1 accounts 0"]);
    }

    #[test]
    fn an_id_of_another_run_is_told_as_unknown() {
        let hub = hub();
        publish(&hub, EventKind::Stats, 1);
        let before = read(&mut hub.subscribe(EventKinds::ALL, Some(7)));
        assert_eq!(before, [r#"0 skipped {"count":null}"#, "1 stats 0"]);
        let ahead = read(&mut hub.subscribe(EventKinds::ALL, id(99)));
        assert_eq!(ahead, [r#"1 skipped {"count":null}"#]);
    }

    #[test]
    fn a_slow_reader_is_told_once_how_much_it_missed() {
        let hub = hub();
        let mut subscription = hub.subscribe(EventKinds::ALL, None);
        publish(&hub, EventKind::Stats, RING_EVENTS + 10);
        let told = read(&mut subscription);
        assert_eq!(told[..2], [r#"10 skipped {"count":10}"#, "11 stats 10"]);
        assert_eq!(told.len(), RING_EVENTS + 1);
    }

    #[test]
    fn large_events_do_not_make_the_ring_large() {
        let hub = hub();
        let large = vec![b'x'; RING_BYTES / 4];
        for _ in 0..16 {
            hub.publish(EventKind::Logs, &large);
        }
        let rings = hub.shared.rings();
        let ring = &rings.of[EventKind::Logs.index()];
        assert!(
            ring.bytes <= RING_BYTES && ring.events.len() == 3,
            "{}",
            ring.events.len()
        );
    }

    #[test]
    fn ids_stay_exact_in_javascript() {
        let hub = EventHub::new(Timestamp::MAX);
        assert!(hub.subscribe(EventKinds::ALL, None).start().unwrap() < MAX_ID);
    }

    #[test]
    fn subscribing_while_others_publish_gives_each_event_once() {
        let hub = hub();
        let writers: Vec<_> = (0..2)
            .map(|_| {
                let hub = hub.clone();
                std::thread::spawn(move || publish(&hub, EventKind::Activity, 400))
            })
            .collect();
        let mut subscription = hub.subscribe(EventKinds::ALL, id(0));
        let mut told = Vec::new();
        while writers.iter().any(|writer| !writer.is_finished()) {
            told.extend(read(&mut subscription));
        }
        told.extend(read(&mut subscription));
        let ids: Vec<u64> = told
            .iter()
            .map(|event| event.split(' ').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(ids, (1..=800).collect::<Vec<_>>());
    }
}
