//! The mail program of the demo: does as it is told, takes its time, and has mail coming in.

use std::{future::ready, sync::Arc, time::Duration};

use mailpilot_server::{AccountName, Clock, Command, Controls, Engine, EngineFuture, SystemClock};
use mailpilot_test_support::TestServer;
use serde_json::json;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{interval, sleep},
};

use super::{
    mails::Mail,
    random::Random,
    story::{entry, post},
};

/// Commands on their way.
pub(crate) type Commands = UnboundedReceiver<(AccountName, Command)>;

/// Passes commands on.
#[derive(Debug)]
pub(crate) struct DemoEngine(UnboundedSender<(AccountName, Command)>);

impl DemoEngine {
    pub(crate) fn new() -> (Self, Commands) {
        let (sender, commands) = unbounded_channel();
        (Self(sender), commands)
    }
}

impl Engine for DemoEngine {
    fn controls(&self, _: &AccountName) -> Controls {
        Controls::ALL
    }

    fn command<'a>(&'a self, account: &'a AccountName, command: Command) -> EngineFuture<'a> {
        // Nobody listens while the server ends.
        drop(self.0.send((account.clone(), command)));
        Box::pin(ready(Ok(())))
    }
}

/// Does what comes, and, with mails, files one every few seconds. Never ends by itself.
pub(crate) async fn live(
    server: Arc<TestServer>,
    mut commands: Commands,
    mails: Option<Vec<Mail>>,
) {
    const BETWEEN_MAILS: Duration = Duration::from_secs(4);
    let mut pace = interval(BETWEEN_MAILS);
    let mut random = Random::new(u64::from(std::process::id()));
    loop {
        tokio::select! {
            command = commands.recv() => {
                let Some((account, command)) = command else { return };
                tokio::spawn(obey(Arc::clone(&server), account, command));
            }
            _ = pace.tick(), if mails.is_some() => {
                let mail = random.pick(mails.as_deref().unwrap_or_default()).clone();
                let account = *random.pick(&["personal", "work", "work", "lists"]);
                let mail = Mail { message_id: format!("{}.{}", random.below(1 << 40), mail.message_id), ..mail };
                let at = SystemClock.now().to_string();
                post(&server, "/api/activity", &json!([entry(&mail, account, &at)]), 201).await;
            }
        }
    }
}

async fn obey(server: Arc<TestServer>, account: AccountName, command: Command) {
    const CONNECTING: Duration = Duration::from_millis(1_500);
    let report = |status: &str| json!({"account": account.as_str(), "status": status});
    if matches!(command, Command::Reconnect | Command::Resume) {
        post(&server, "/api/stats", &report("connecting"), 204).await;
        sleep(CONNECTING).await;
        post(&server, "/api/stats", &report("connected"), 204).await;
    }
}
