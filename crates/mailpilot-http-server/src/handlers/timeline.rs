//! States and counts of accounts over time, as columns.

use std::time::Duration;

use mailpilot_clock::Timestamp;
use mailpilot_engine::AccountName;
use mailpilot_storage::{AccountTimeline, Timeline, TimelineQuery};

use crate::{
    answer::{self, Response},
    coding,
    error::ApiError,
    handlers::{
        accounts::require_known,
        stats::{finest_step, step},
    },
    service::Call,
    wire::{Rfc3339, StripView, TimelineView},
};

/// Most slices of an account.
const MAX_SLICES: u64 = 400;
const USUAL_STEP: Duration = Duration::from_secs(15 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn timeline(call: Call) -> Result<Response, ApiError> {
    let mut query = call.query();
    let to = query.time("to")?.unwrap_or_else(|| call.app.clock.now());
    let from = query
        .time("from")?
        .unwrap_or_else(|| to.saturating_sub(DAY));
    let step = match query.text("step")? {
        Some(text) => step(&text)?,
        None => USUAL_STEP,
    };
    let step = step.max(finest_step(from, to, MAX_SLICES));
    let account = query.account("account")?;
    query.finish()?;
    let accounts = match account {
        Some(account) => {
            require_known(&call, &account, "account").await?;
            vec![account]
        }
        None => call
            .app
            .book()
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
    };
    let timeline = if from >= to {
        empty(from, accounts)
    } else {
        let live = call.app.watched();
        let query = TimelineQuery {
            from,
            to,
            step,
            accounts,
            live,
        };
        call.app.storage.timeline(query).await?
    };
    let view = TimelineView {
        from: Rfc3339(timeline.from),
        to: Rfc3339(to),
        step: step.as_secs(),
        accounts: timeline.accounts.iter().map(StripView::from).collect(),
    };
    Ok(coding::gzip(&call.parts.headers, answer::ok(&view)).await)
}

/// A range that ends before it begins has no slices.
fn empty(from: Timestamp, accounts: Vec<AccountName>) -> Timeline {
    let accounts = accounts.into_iter().map(|name| AccountTimeline {
        name,
        statuses: Vec::new(),
        emails: Vec::new(),
        errors: Vec::new(),
    });
    Timeline {
        from,
        accounts: accounts.collect(),
    }
}
