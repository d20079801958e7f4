//! HTTP to calls and back: accept, limits, endpoints, gate, answers, streams, assets.
//!
//! A request goes one way: accept, [`Endpoint`], gate, handler, store or engine, answer. This crate holds
//! no SQL, reads no file of configuration and never touches the process: no environment, no signals, no exit.

mod accept;
mod answer;
mod app;
mod body;
mod checks;
mod client;
mod coding;
mod configuration;
mod connection;
mod cookies;
mod drain;
mod endpoint;
mod error;
mod event_stream;
mod events;
mod feed;
mod gate;
mod handlers;
mod history;
mod listen;
mod openapi;
mod origin;
mod pulse;
mod query;
mod service;
mod settings;
mod streams;
mod timed_io;
mod wire;

pub use accept::{Serving, serve_connections};
pub use answer::{AnswerBody, Interrupted};
pub use app::{App, AppError, AppParts, ReloadError};
pub use configuration::{
    AccountSource, ConfigValue, Configuration, ConfigurationView, ConfiguredAccount, LastReload,
    Problem, Reloaded,
};
pub use connection::{Connection, Peer, serve_connection};
pub use drain::Drained;
pub use endpoint::{Endpoint, Need};
pub use feed::Feed;
pub use listen::{BindError, bind};
pub use openapi::document as openapi_document;
pub use service::Mailpilot;
pub use settings::{
    BasePath, DashboardSettings, HealthAccounts, HttpSettings, InvalidBasePath, Limits,
    MetricsAuth, SecretKept, loopback_networks,
};
