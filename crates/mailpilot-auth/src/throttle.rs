//! Slows down guessing: so many failures per client in so much time, then refusal until the oldest is
//! old enough. A sliding window, because a rule about failures must be able to give back an attempt that
//! succeeded. Must not look at any clock: the caller passes monotonic time.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Clients remembered at most; past it, those that have been quiet longest are forgotten.
const MAX_CLIENTS: usize = 10_000;
/// Forgetting is done for this many at once, so that a flood of addresses does not pay for it each time.
const FORGET_AT_ONCE: usize = MAX_CLIENTS / 8;

/// Too many failures from this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many failed attempts: try again in {} s", .0.as_secs())]
pub struct RetryAfter(Duration);

impl RetryAfter {
    /// Whole seconds to wait, at least 1, for the header `Retry-After`.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.as_secs()
    }

    fn rounded_up(wait: Duration) -> Self {
        let part = u64::from(wait.subsec_nanos() > 0);
        Self(Duration::from_secs((wait.as_secs() + part).max(1)))
    }
}

/// Counts failures per client address, IPv6 by /64, in bounded memory. Clones share the count.
///
/// ```
/// # use std::{net::Ipv4Addr, time::Instant};
/// # use mailpilot_auth::Throttle;
/// let (throttle, client, now) = (Throttle::login(), Ipv4Addr::LOCALHOST.into(), Instant::now());
/// for _ in 0..5 {
///     // Dropped without `give_back`: counts as failed.
///     drop(throttle.reserve(client, now)?);
/// }
/// assert_eq!(throttle.reserve(client, now).map(drop).unwrap_err().seconds(), 15 * 60);
/// # Ok::<(), mailpilot_auth::RetryAfter>(())
/// ```
#[derive(Clone, Debug)]
pub struct Throttle(Arc<Shared>);

struct Shared {
    limit: usize,
    window: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next_ticket: u64,
    clients: HashMap<IpAddr, Vec<Attempt>>,
}

#[derive(Clone, Copy)]
struct Attempt {
    ticket: u64,
    at: Instant,
}

impl Throttle {
    /// For logins: 5 failures in 15 minutes.
    #[must_use]
    pub fn login() -> Self {
        Self::new(5, Duration::from_secs(15 * 60))
    }

    /// For setup codes: 5 wrong ones in a minute.
    #[must_use]
    pub fn setup_code() -> Self {
        Self::new(5, Duration::from_secs(60))
    }

    /// For bearer credentials: 60 bad ones in a minute. Use [`Self::failed`] after a rejection, so that
    /// good credentials from the same address are never refused.
    #[must_use]
    pub fn bearer() -> Self {
        Self::new(60, Duration::from_secs(60))
    }

    fn new(limit: usize, window: Duration) -> Self {
        Self(Arc::new(Shared {
            limit,
            window,
            state: Mutex::default(),
        }))
    }

    /// Counts an attempt as failed before it is made, so that attempts in parallel cannot pass together.
    ///
    /// The attempt stays counted unless [`Reservation::give_back`] is called.
    ///
    /// # Errors
    /// [`RetryAfter`] if the client has used up its failures; the attempt must not be made. A refusal
    /// does not count, so it does not lengthen the wait.
    pub fn reserve(&self, client: IpAddr, now: Instant) -> Result<Reservation, RetryAfter> {
        let client = client_key(client);
        let ticket = self
            .0
            .state()
            .count(client, now, self.0.limit, self.0.window)?;
        Ok(Reservation {
            shared: Arc::clone(&self.0),
            client,
            ticket,
        })
    }

    /// Counts a failure that has happened.
    ///
    /// # Errors
    /// [`RetryAfter`] if it is one too many.
    pub fn failed(&self, client: IpAddr, now: Instant) -> Result<(), RetryAfter> {
        self.reserve(client, now).map(drop)
    }

    /// Forgets clients whose failures are all too old to matter. Call it every minute or so.
    pub fn sweep(&self, now: Instant) {
        self.0.state().forget_old(now, self.0.window);
    }
}

impl Shared {
    /// A panic elsewhere cannot leave the counts half changed, so a poisoned lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(
        &mut self,
        client: IpAddr,
        now: Instant,
        limit: usize,
        window: Duration,
    ) -> Result<u64, RetryAfter> {
        if self.clients.len() >= MAX_CLIENTS && !self.clients.contains_key(&client) {
            self.make_room(now, window);
        }
        let attempts = self.clients.entry(client).or_default();
        attempts.retain(|attempt| attempt.age(now) < window);
        if attempts.len() >= limit {
            let oldest = attempts
                .iter()
                .map(|attempt| attempt.age(now))
                .max()
                .unwrap_or_default();
            return Err(RetryAfter::rounded_up(window.saturating_sub(oldest)));
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        attempts.push(Attempt { ticket, at: now });
        Ok(ticket)
    }

    fn give_back(&mut self, client: IpAddr, ticket: u64) {
        if let Some(attempts) = self.clients.get_mut(&client) {
            attempts.retain(|attempt| attempt.ticket != ticket);
            if attempts.is_empty() {
                self.clients.remove(&client);
            }
        }
    }

    fn forget_old(&mut self, now: Instant, window: Duration) {
        self.clients
            .retain(|_, attempts| attempts.iter().any(|a| a.age(now) < window));
    }

    fn make_room(&mut self, now: Instant, window: Duration) {
        self.forget_old(now, window);
        if self.clients.len() < MAX_CLIENTS {
            return;
        }
        let latest = |attempts: &[Attempt]| attempts.iter().map(|a| a.ticket).max();
        let mut by_age: Vec<_> = self.clients.values().map(|a| latest(a)).collect();
        let (_, last_forgotten, _) = by_age.select_nth_unstable(FORGET_AT_ONCE);
        let last_forgotten = *last_forgotten;
        self.clients
            .retain(|_, attempts| latest(attempts) > last_forgotten);
    }
}

impl Attempt {
    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.at)
    }
}

/// An attempt that was let through. Dropping it leaves the attempt counted as failed.
#[must_use = "call `give_back` after a success, or the attempt counts as failed"]
#[derive(Debug)]
pub struct Reservation {
    shared: Arc<Shared>,
    client: IpAddr,
    ticket: u64,
}

impl Reservation {
    /// The attempt succeeded, or was never judged: it does not count. Earlier failures stay counted.
    pub fn give_back(self) {
        self.shared.state().give_back(self.client, self.ticket);
    }
}

/// One customer holds a whole /64, and an IPv4 client may arrive in IPv6 clothes.
fn client_key(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle")
            .field("limit", &self.limit)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, thread};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn refused_for(throttle: &Throttle, client: &str, now: Instant) -> Option<u64> {
        throttle
            .failed(ip(client), now)
            .err()
            .map(RetryAfter::seconds)
    }

    #[test]
    fn the_sixth_failure_in_fifteen_minutes_is_refused_until_the_first_is_old() {
        let (throttle, start) = (Throttle::login(), Instant::now());
        for minute in 0..5 {
            assert_eq!(
                refused_for(&throttle, "192.0.2.1", start + minute * MINUTE),
                None
            );
        }
        assert_eq!(
            refused_for(&throttle, "192.0.2.1", start + 5 * MINUTE),
            Some(10 * 60)
        );
        let almost = start + 15 * MINUTE - Duration::from_millis(1);
        assert_eq!(refused_for(&throttle, "192.0.2.1", almost), Some(1));
        assert_eq!(
            refused_for(&throttle, "192.0.2.1", start + 15 * MINUTE),
            None
        );
        assert_eq!(
            refused_for(&throttle, "192.0.2.1", start + 15 * MINUTE),
            Some(60)
        );
    }

    #[test]
    fn an_attempt_that_succeeds_is_given_back_and_earlier_failures_stay() {
        let (throttle, now) = (Throttle::login(), Instant::now());
        for _ in 0..4 {
            throttle.failed(ip("192.0.2.1"), now).unwrap();
        }
        for _ in 0..20 {
            throttle.reserve(ip("192.0.2.1"), now).unwrap().give_back();
        }
        assert_eq!(refused_for(&throttle, "192.0.2.1", now), None);
        assert_eq!(refused_for(&throttle, "192.0.2.1", now), Some(15 * 60));
    }

    #[test]
    fn thirty_attempts_at_once_get_five_reservations() {
        let (throttle, now) = (Throttle::login(), Instant::now());
        let attempts: Vec<_> = (0..30)
            .map(|_| {
                let throttle = throttle.clone();
                thread::spawn(move || throttle.reserve(ip("192.0.2.1"), now).ok())
            })
            .collect();
        let held: Vec<_> = attempts
            .into_iter()
            .filter_map(|t| t.join().unwrap())
            .collect();
        assert_eq!(held.len(), 5);
    }

    #[test]
    fn other_clients_are_unaffected() {
        let (throttle, now) = (Throttle::login(), Instant::now());
        for _ in 0..5 {
            throttle.failed(ip("192.0.2.1"), now).unwrap();
        }
        assert!(refused_for(&throttle, "192.0.2.1", now).is_some());
        assert_eq!(refused_for(&throttle, "192.0.2.2", now), None);
    }

    #[test]
    fn a_whole_ipv6_customer_and_a_mapped_ipv4_address_are_one_client() {
        for (first, second, same) in [
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ] {
            assert_eq!(
                client_key(ip(first)) == client_key(ip(second)),
                same,
                "{first} {second}"
            );
        }
    }

    #[test]
    fn setup_codes_and_bearers_have_limits_per_minute() {
        for (throttle, limit) in [(Throttle::setup_code(), 5), (Throttle::bearer(), 60)] {
            let now = Instant::now();
            for _ in 0..limit {
                assert_eq!(refused_for(&throttle, "192.0.2.1", now), None);
            }
            assert_eq!(refused_for(&throttle, "192.0.2.1", now), Some(60));
            assert_eq!(refused_for(&throttle, "192.0.2.1", now + MINUTE), None);
        }
    }

    #[test]
    fn time_that_seems_to_run_backwards_lets_nobody_through() {
        let (throttle, now) = (Throttle::login(), Instant::now() + MINUTE);
        for _ in 0..5 {
            throttle.failed(ip("192.0.2.1"), now).unwrap();
        }
        assert_eq!(
            refused_for(&throttle, "192.0.2.1", now - MINUTE),
            Some(15 * 60)
        );
    }

    #[test]
    fn sweeping_forgets_old_failures_only() {
        let (throttle, start) = (Throttle::login(), Instant::now());
        throttle.failed(ip("192.0.2.1"), start).unwrap();
        throttle
            .failed(ip("192.0.2.2"), start + 10 * MINUTE)
            .unwrap();
        throttle.sweep(start + 15 * MINUTE);
        let clients: Vec<_> = throttle.0.state().clients.keys().copied().collect();
        assert_eq!(clients, [ip("192.0.2.2")]);
    }

    #[test]
    fn a_flood_of_addresses_forgets_the_quietest_and_keeps_memory_bounded() {
        let (throttle, now) = (Throttle::login(), Instant::now());
        let address = |n: usize| Ipv4Addr::from_bits(u32::try_from(n).unwrap()).into();
        for n in 0..MAX_CLIENTS {
            throttle.failed(address(n), now).unwrap();
        }
        throttle.failed(address(0), now).unwrap();
        let oldest_reservation = throttle.reserve(address(1), now).unwrap();
        for n in MAX_CLIENTS..2 * MAX_CLIENTS {
            throttle.failed(address(n), now).unwrap();
            assert!(throttle.0.state().clients.len() <= MAX_CLIENTS);
            if n == MAX_CLIENTS {
                let state = throttle.0.state();
                assert!(
                    state.clients.contains_key(&address(0)),
                    "was heard of lately"
                );
                assert!(
                    !state.clients.contains_key(&address(2)),
                    "was quiet longest"
                );
            }
        }
        oldest_reservation.give_back();
    }
}
