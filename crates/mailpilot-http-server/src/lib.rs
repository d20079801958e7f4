//! HTTP to calls and back.

mod accept;
mod connection;
mod drain;
mod event_stream;
mod events;
mod listen;
mod settings;
mod timed_io;

pub use accept::{Serving, serve_connections};
pub use connection::{Connection, Peer, serve_connection};
pub use drain::Drained;
pub use event_stream::EventStream;
pub use events::{EventHub, EventKind, EventKinds, Subscription};
pub use listen::{BindError, bind};
pub use settings::{
    BasePath, DashboardSettings, HealthAccounts, HttpSettings, InvalidBasePath, Limits, MetricsAuth,
    loopback_networks,
};
