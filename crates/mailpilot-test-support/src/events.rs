//! Reads an event stream, event by event.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use crate::Call;

/// How long a test waits for something that must come. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `id:`.
    pub id: Option<u64>,
    /// `event:`.
    pub kind: String,
    /// `data:`.
    pub data: Value,
}

/// An open stream.
#[derive(Debug)]
pub struct Events {
    body: Incoming,
    text: String,
}

impl Events {
    /// Opens the stream; it must answer 200.
    pub async fn open(call: Call) -> Self {
        let response = call.open().await;
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// The next event of any kind; none when the stream has ended.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(PATIENCE, self.read())
            .await
            .expect("an event should have come")
    }

    /// The next event of one kind.
    pub async fn next_of(&mut self, kind: &str) -> Event {
        loop {
            let event = self.next().await.expect("the stream ended");
            if event.kind == kind {
                return event;
            }
        }
    }

    /// Waits until the server ends the stream.
    pub async fn ended(mut self) {
        while self.next().await.is_some() {}
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                if let Some(event) = parse(&block) {
                    return Some(event);
                }
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    let bytes = frame.into_data().expect("an event stream has no trailers");
                    self.text
                        .push_str(std::str::from_utf8(&bytes).expect("an event stream is UTF-8"));
                }
                Some(Err(_)) | None => return None,
            }
        }
    }
}

/// Heartbeats, comments and bare `retry:` or `id:` blocks tell nothing.
fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let kind = field("event:").filter(|kind| *kind != "heartbeat")?;
    Some(Event {
        id: field("id:").and_then(|id| id.parse().ok()),
        kind: kind.to_owned(),
        data: serde_json::from_str(field("data:")?).expect("event data is JSON"),
    })
}
