//! The Mailpilot server, to be embedded: configuration in, a bound server out, served until it is told to stop.
//!
//! Nothing here touches the process: no environment, no signals, no global recorder or subscriber, no
//! exit. Several servers may live in one process.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use mailpilot_server::{ServerBuilder, Source};
//!
//! let server = ServerBuilder::new(Source::new().file("config.yaml")).build().await?;
//! println!("listening on {}", server.url());
//! let drained = server.serve().await?;
//! println!("stopped, {} connections were cut", drained.cut);
//! # Ok(())
//! # }
//! ```

mod builder;
mod data_dir;
mod error;
mod live;
mod log_layer;
mod maintenance;
mod server;

pub use builder::ServerBuilder;
pub use error::ServerError;
pub use log_layer::{LogLayer, LogLines, log_channel};
pub use mailpilot_auth::{format_key_hash, generate_key};
pub use mailpilot_clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use mailpilot_config::{
    ConfigError, Loaded, LogFormat, LoggingSettings, Overrides, Settings, Source,
};
pub use mailpilot_engine::{
    AccountName, AccountSettings, AccountStatus, Action, Activity, Command, Controls, Engine,
    EngineError, EngineFuture, LogLevel, NoEngine, Report,
};
pub use mailpilot_http_server::{
    BindError, Drained, Limits, Mailpilot, Peer, Problem, ReloadError, Reloaded, openapi_document,
};
pub use mailpilot_secret::Secret;
pub use mailpilot_storage::StorageError;
pub use maintenance::{backup, reset_password};
pub use server::{BoundServer, ServerHandle};
