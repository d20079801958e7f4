//! What was done to one mail, and what an outside worker reports in sums.

use std::time::Duration;

use mailpilot_clock::Timestamp;

use crate::{AccountName, AccountStatus};

/// One thing done to a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// What was done, such as `move`, `flag`, `delete`; `[A-Za-z0-9._:-]{1,64}`.
    pub kind: String,
    /// Where the mail went.
    pub folder: Option<String>,
    /// Flags that were set.
    pub flags: Vec<String>,
    /// Why.
    pub reason: Option<String>,
}

/// One processed mail.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// The mail's `Message-ID`.
    pub message_id: String,
    /// Whose mail it was.
    pub account: AccountName,
    /// What was done, in order. Does not count when `error` is set.
    pub actions: Vec<Action>,
    /// Subject, dropped by the store unless it may keep it.
    pub subject: Option<String>,
    /// Sender, dropped by the store unless it may keep it.
    pub from: Option<String>,
    /// Who classified it.
    pub llm_provider: Option<String>,
    /// With which model.
    pub llm_model: Option<String>,
    /// How sure the classifier was, 0 to 1.
    pub confidence: Option<f64>,
    /// What the classifier said.
    pub reasoning: Option<String>,
    /// How long classification took.
    pub duration: Option<Duration>,
    /// Why it failed; set means the mail counts as an error.
    pub error: Option<String>,
    /// When it was processed; the store's clock if not given.
    pub created_at: Option<Timestamp>,
    /// A repeat with the same key for the same account gives the first entry's id.
    pub idempotency_key: Option<String>,
}

/// Sums and a state from a worker that keeps its own records.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Whose.
    pub account: AccountName,
    /// Mails processed since the last report.
    pub emails: u64,
    /// Errors since the last report.
    pub errors: u64,
    /// How long each classification took.
    pub classification: Vec<Duration>,
    /// Connection state from now on.
    pub status: Option<AccountStatus>,
    /// The latest error, in words.
    pub last_error: Option<String>,
}
