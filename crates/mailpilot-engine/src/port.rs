//! The port a mail program implements so that the dashboard can steer it.

use std::{fmt, future::Future, pin::Pin};

use crate::AccountName;

/// What an operator can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Stop fetching and acting until resumed.
    Pause,
    /// Go on.
    Resume,
    /// Drop the connection and connect anew.
    Reconnect,
    /// Look for mail now.
    Process,
}

impl Command {
    /// All commands.
    pub const ALL: [Self; 4] = [Self::Pause, Self::Resume, Self::Reconnect, Self::Process];

    /// The name in paths and events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Reconnect => "reconnect",
            Self::Process => "process",
        }
    }
}

/// Which commands an engine carries out for an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    /// [`Command::Pause`] and [`Command::Resume`].
    pub pause: bool,
    /// [`Command::Reconnect`].
    pub reconnect: bool,
    /// [`Command::Process`].
    pub process: bool,
}

impl Controls {
    /// Everything.
    pub const ALL: Self = Self {
        pause: true,
        reconnect: true,
        process: true,
    };
    /// Nothing.
    pub const NONE: Self = Self {
        pause: false,
        reconnect: false,
        process: false,
    };

    /// Whether `command` is carried out.
    #[must_use]
    pub const fn allows(self, command: Command) -> bool {
        match command {
            Command::Pause | Command::Resume => self.pause,
            Command::Reconnect => self.reconnect,
            Command::Process => self.process,
        }
    }
}

/// Why an engine did not carry out a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The engine does not control this account or cannot do this.
    #[error("nothing that is running can do this for the account")]
    NotControlled,
    /// It tried and failed; the text is shown to the operator and must hold no secret.
    #[error("the mail engine answered: {0}")]
    Failed(String),
}

/// The future an [`Engine`] answers with.
pub type EngineFuture<'a> = Pin<Box<dyn Future<Output = Result<(), EngineError>> + Send + 'a>>;

/// A mail program, as far as the dashboard steers it.
pub trait Engine: Send + Sync + fmt::Debug {
    /// What it can do for `account` now. Asked on each request: must be quick and must not block.
    fn controls(&self, account: &AccountName) -> Controls;

    /// Carries out `command`.
    ///
    /// # Errors
    /// [`EngineError`], whose text the operator sees.
    ///
    /// # Cancel safety
    /// The future may be dropped when the client goes away; the engine then finishes or gives up by itself.
    fn command<'a>(&'a self, account: &'a AccountName, command: Command) -> EngineFuture<'a>;
}

/// No engine: nothing is controlled.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEngine;

impl Engine for NoEngine {
    fn controls(&self, _: &AccountName) -> Controls {
        Controls::NONE
    }

    fn command<'a>(&'a self, _: &'a AccountName, _: Command) -> EngineFuture<'a> {
        Box::pin(std::future::ready(Err(EngineError::NotControlled)))
    }
}
