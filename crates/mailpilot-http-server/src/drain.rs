//! The table of open connections: who may come, who has to go, and how the last ones leave.
//!
//! Must not touch sockets: it only asks connections to end.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;
use tokio::time;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Limits,
    connection::{Connection, Peer},
};

/// How the connections ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were cut because they were not done in time.
    pub cut: usize,
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There are too many in all, and none of them idle.
    Full,
    /// There are too many of that address.
    TooManyOfAddress,
}

/// Told the number of open connections whenever it changes. Must not block.
pub(crate) type Gauge = Box<dyn Fn(usize) + Send + Sync>;

/// All open connections of a listener.
pub(crate) struct Connections {
    most: usize,
    most_per_address: usize,
    /// Networks whose addresses stand for many clients.
    exempt: Vec<IpNet>,
    gauge: Gauge,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last_key: u64,
    by_key: BTreeMap<u64, Arc<Connection>>,
    by_address: HashMap<IpAddr, usize>,
    /// Those of `by_key` that were asked to make room and are about to go.
    leaving: usize,
}

impl Connections {
    pub(crate) fn new(limits: &Limits, exempt: Vec<IpNet>, gauge: Gauge) -> Arc<Self> {
        Arc::new(Self {
            most: limits.max_connections.max(1),
            most_per_address: limits.max_connections_per_address.max(1),
            exempt,
            gauge,
            open: Mutex::default(),
        })
    }

    /// Enters a new connection. Near the limit those that have been idle longest make room.
    pub(crate) fn admit(self: &Arc<Self>, peer: Peer) -> Result<Place, Refused> {
        let counted = self.is_counted(peer.address.ip());
        let mut open = self.open();
        if counted && open.of_address(peer.address.ip()) >= self.most_per_address {
            return Err(Refused::TooManyOfAddress);
        }
        if open.staying() >= self.most - self.most / 10 {
            open.make_room(self.batch());
        }
        if open.staying() >= self.most {
            return Err(Refused::Full);
        }
        let connection = Arc::new(Connection::new(peer));
        open.last_key += 1;
        let key = open.last_key;
        open.by_key.insert(key, Arc::clone(&connection));
        if counted {
            *open.by_address.entry(peer.address.ip()).or_insert(0) += 1;
        }
        (self.gauge)(open.by_key.len());
        Ok(Place {
            connections: Arc::clone(self),
            key,
            counted,
            connection,
        })
    }

    /// Asks those that have been idle longest to go, for the sake of their descriptors.
    pub(crate) fn make_room(&self) {
        self.open().make_room(self.batch());
    }

    /// How many are asked to go at once, so that the table is not searched for each newcomer.
    fn batch(&self) -> usize {
        (self.most / 100).max(1)
    }

    fn is_counted(&self, address: IpAddr) -> bool {
        !address.is_loopback() && !self.exempt.iter().any(|network| network.contains(&address))
    }

    fn each(&self, ask: impl Fn(&Connection)) {
        for connection in self.open().by_key.values() {
            ask(connection);
        }
    }

    fn leave(&self, place: &Place) {
        let mut open = self.open();
        if open
            .by_key
            .remove(&place.key)
            .is_some_and(|connection| connection.is_ending())
        {
            // Those that are asked by `drain` were never counted; then nobody is admitted any more.
            open.leaving = open.leaving.saturating_sub(1);
        }
        if place.counted {
            open.forget_address(place.connection.peer().address.ip());
        }
        (self.gauge)(open.by_key.len());
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // Only a panicking gauge could poison it, and the table is whole when the gauge is told.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("open", &self.open().by_key.len())
            .finish_non_exhaustive()
    }
}

impl Open {
    /// Connections that are not about to go.
    fn staying(&self) -> usize {
        self.by_key.len() - self.leaving
    }

    fn of_address(&self, address: IpAddr) -> usize {
        self.by_address.get(&address).copied().unwrap_or(0)
    }

    fn forget_address(&mut self, address: IpAddr) {
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }

    fn make_room(&mut self, count: usize) {
        let mut idle: Vec<_> = self
            .by_key
            .values()
            .filter(|connection| !connection.is_ending())
            .filter_map(|connection| Some((connection.waiting_since()?, connection)))
            .collect();
        idle.sort_unstable_by_key(|(since, _)| *since);
        for (_, connection) in idle.into_iter().take(count) {
            connection.finish();
            self.leaving += 1;
        }
    }
}

/// An open connection's entry in the table; it leaves when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    key: u64,
    counted: bool,
    connection: Arc<Connection>,
}

impl Place {
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.leave(self);
    }
}

/// Asks every connection to finish, waits for `limits.drain` or `force`, then cuts the rest.
pub(crate) async fn drain(
    connections: &Connections,
    tasks: &TaskTracker,
    limits: &Limits,
    force: &CancellationToken,
) -> Drained {
    tasks.close();
    connections.each(Connection::finish);
    tokio::select! {
        () = tasks.wait() => {}
        () = time::sleep(limits.drain) => {}
        () = force.cancelled() => {}
    }
    let cut = tasks.len();
    connections.each(Connection::cut);
    tasks.wait().await;
    Drained { cut }
}
