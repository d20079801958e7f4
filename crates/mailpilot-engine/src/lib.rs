//! The words a mail program and the dashboard share, and the port the program implements.
//!
//! Must not know how anything is stored, sent or shown.

mod account;
mod activity;
mod log;
mod port;
mod settings;

pub use account::{
    AccountBook, AccountName, AccountState, AccountStatus, InvalidAccountName, UnknownStatus,
};
pub use activity::{Action, Activity, Report};
pub use log::{LogLevel, LogRecord, UnknownLogLevel};
pub use port::{Command, Controls, Engine, EngineError, EngineFuture, NoEngine};
pub use settings::{AccountSettings, ImapSettings, ImapTls};
