//! An engine that writes down what it was asked.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use mailpilot_server::{AccountName, Command, Controls, Engine, EngineError, EngineFuture};

/// Carries out everything by noting it, or fails when told to.
#[derive(Debug, Default)]
pub struct RecordingEngine {
    asked: Mutex<Vec<(String, Command)>>,
    failing: AtomicBool,
}

impl RecordingEngine {
    /// What it was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<(String, Command)> {
        self.asked.lock().unwrap().clone()
    }

    /// From now on every command fails.
    pub fn fail(&self) {
        self.failing.store(true, Ordering::SeqCst);
    }
}

impl Engine for RecordingEngine {
    fn controls(&self, _: &AccountName) -> Controls {
        Controls::ALL
    }

    fn command<'a>(&'a self, account: &'a AccountName, command: Command) -> EngineFuture<'a> {
        self.asked
            .lock()
            .unwrap()
            .push((account.to_string(), command));
        let failing = self.failing.load(Ordering::SeqCst);
        let outcome = if failing {
            Err(EngineError::Failed("no route to host".to_owned()))
        } else {
            Ok(())
        };
        Box::pin(std::future::ready(outcome))
    }
}
