//! The server's Prometheus metrics: names, help texts, buckets, handles, and the text `/metrics` answers.
//!
//! Each server holds a [`Metrics`] of its own; this crate never installs a global recorder. It must
//! not know HTTP, storage or accounts: callers pass numbers and names.

mod account;
mod gauge;
mod http;
mod label;
mod logins;
mod process;
mod registry;
mod series;
mod server;

pub use account::AccountMetrics;
pub use gauge::GaugeGuard;
pub use http::HttpMetrics;
pub use logins::LoginMetrics;
pub use metrics::{Counter, Gauge, Histogram, Unit};
pub use registry::{
    HTTP_BOUNDS, LATENCY_BOUNDS, MetricDoc, MetricKind, STORE_WRITE_BOUNDS, registry,
};
pub use server::Metrics;
