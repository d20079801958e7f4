//! Activity entries.

use std::time::Duration;

use mailpilot_engine::{AccountName, Action, Activity};
use mailpilot_storage::ActivityEntry;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Rfc3339, TimeIn};
use crate::{error::ApiError, openapi::schemas};

/// Longest text of one member, in characters. A subject or a model's reasoning fits many times over.
const MAX_TEXT: usize = 16 * 1024;
/// All texts of one entry together, in bytes.
const MAX_ENTRY: usize = 128 * 1024;
const MAX_MESSAGE_ID: usize = 1_000;
const MAX_KEY: usize = 255;
const MAX_ACTIONS: usize = 64;
const MAX_FLAGS: usize = 64;
const MAX_KIND: usize = 64;
const MAX_FLAG: usize = 255;
const MAX_FOLDER: usize = 1_000;
const MAX_REASON: usize = 4_096;
const MAX_NAME: usize = 255;
/// A day: no classification takes longer.
const MAX_DURATION_MS: f64 = 86_400_000.0;

/// One processed mail, as a worker reports it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewActivity)]
pub(crate) struct ActivityIn {
    /// The mail's `Message-ID`.
    #[schema(min_length = 1, max_length = 1000)]
    message_id: String,
    #[schema(value_type = schemas::AccountName)]
    account_name: String,
    /// What was done, in order; they do not count when `error` is set.
    #[schema(max_items = 64)]
    actions: Vec<ActionIn>,
    /// Dropped unless `state.audit_subjects` is on.
    #[schema(max_length = 16384)]
    subject: Option<String>,
    /// The sender; dropped unless `state.audit_subjects` is on.
    #[schema(max_length = 16384)]
    from: Option<String>,
    #[schema(max_length = 255)]
    llm_provider: Option<String>,
    #[schema(max_length = 255)]
    llm_model: Option<String>,
    #[schema(minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    #[schema(max_length = 16384)]
    reasoning: Option<String>,
    /// How long classification took, in milliseconds.
    #[schema(minimum = 0, maximum = 86400000)]
    duration_ms: Option<f64>,
    /// Why it failed; an empty text counts as a failure too.
    #[schema(max_length = 16384)]
    error: Option<String>,
    /// When it was processed; now if left out.
    created_at: Option<TimeIn>,
    /// A repeat for the same account answers the first entry's id and stores nothing.
    #[schema(min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewAction)]
struct ActionIn {
    #[schema(value_type = schemas::ActionType)]
    r#type: String,
    #[schema(max_length = 1000)]
    folder: Option<String>,
    #[serde(default)]
    #[schema(max_items = 64, value_type = Vec<schemas::Flag>)]
    flags: Vec<String>,
    #[schema(max_length = 4096)]
    reason: Option<String>,
}

impl ActivityIn {
    /// Bytes of all texts: what a page or an export of many entries has to hold in memory.
    fn bytes(&self) -> usize {
        let own = [
            &self.subject,
            &self.from,
            &self.llm_provider,
            &self.llm_model,
            &self.reasoning,
            &self.error,
        ];
        let of_actions = self.actions.iter().map(|action| {
            let texts = [&action.folder, &action.reason];
            action.flags.iter().map(String::len).sum::<usize>()
                + texts.into_iter().flatten().map(String::len).sum::<usize>()
        });
        self.message_id.len()
            + own.into_iter().flatten().map(String::len).sum::<usize>()
            + of_actions.sum::<usize>()
    }

    /// Checks every bound. `at` is the entry's place in its list.
    pub(crate) fn into_activity(self, at: usize) -> Result<Activity, ApiError> {
        let check = Check { at };
        if self.bytes() > MAX_ENTRY {
            return Err(ApiError::invalid_json_shape(format!(
                "entry {}: all its texts together have at most {MAX_ENTRY} bytes",
                at + 1
            )));
        }
        check.length("messageId", &self.message_id, 1, MAX_MESSAGE_ID)?;
        for (name, text, most) in [
            ("subject", &self.subject, MAX_TEXT),
            ("from", &self.from, MAX_TEXT),
            ("llmProvider", &self.llm_provider, MAX_NAME),
            ("llmModel", &self.llm_model, MAX_NAME),
            ("reasoning", &self.reasoning, MAX_TEXT),
            ("error", &self.error, MAX_TEXT),
        ] {
            check.length(name, text.as_deref().unwrap_or_default(), 0, most)?;
        }
        if let Some(key) = &self.idempotency_key {
            check.length("idempotencyKey", key, 1, MAX_KEY)?;
        }
        if self.confidence.is_some_and(|c| !(0.0..=1.0).contains(&c)) {
            return Err(check.wrong("confidence", "a number from 0 to 1"));
        }
        let duration = match self.duration_ms {
            None => None,
            Some(ms) if (0.0..=MAX_DURATION_MS).contains(&ms) => {
                Some(Duration::from_secs_f64(ms / 1_000.0))
            }
            Some(_) => return Err(check.wrong("durationMs", "milliseconds from 0 to 86400000")),
        };
        if self.actions.len() > MAX_ACTIONS {
            return Err(check.wrong("actions", "at most 64 actions"));
        }
        let account: AccountName = self.account_name.parse().map_err(|_| {
            check.wrong(
                "accountName",
                "1 to 64 characters out of A-Z a-z 0-9 . _ @ -",
            )
        })?;
        let actions = self
            .actions
            .into_iter()
            .map(|a| a.into_action(&check))
            .collect::<Result<_, _>>()?;
        Ok(Activity {
            message_id: self.message_id,
            account,
            actions,
            subject: self.subject,
            from: self.from,
            llm_provider: self.llm_provider,
            llm_model: self.llm_model,
            confidence: self.confidence,
            reasoning: self.reasoning,
            duration,
            error: self.error,
            created_at: self.created_at.map(|t| t.0),
            idempotency_key: self.idempotency_key,
        })
    }
}

impl ActionIn {
    fn into_action(self, check: &Check) -> Result<Action, ApiError> {
        if !is_action_type(&self.r#type) {
            return Err(check.wrong(
                "actions.type",
                "1 to 64 characters out of A-Z a-z 0-9 . _ : -",
            ));
        }
        if self.flags.len() > MAX_FLAGS {
            return Err(check.wrong("actions.flags", "at most 64 flags"));
        }
        for flag in &self.flags {
            check.length("actions.flags", flag, 0, MAX_FLAG)?;
        }
        for (name, text, most) in [
            ("actions.folder", &self.folder, MAX_FOLDER),
            ("actions.reason", &self.reason, MAX_REASON),
        ] {
            check.length(name, text.as_deref().unwrap_or_default(), 0, most)?;
        }
        Ok(Action {
            kind: self.r#type,
            folder: self.folder,
            flags: self.flags,
            reason: self.reason,
        })
    }
}

/// Whether `kind` can be the type of an action.
pub(crate) fn is_action_type(kind: &str) -> bool {
    (1..=MAX_KIND).contains(&kind.len())
        && kind
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b))
}

/// Words errors of one entry.
struct Check {
    at: usize,
}

impl Check {
    fn wrong(&self, field: &'static str, expected: &str) -> ApiError {
        ApiError::invalid(
            field,
            format!("entry {}: `{field}` must be {expected}", self.at + 1),
        )
    }

    fn length(
        &self,
        field: &'static str,
        text: &str,
        from: usize,
        to: usize,
    ) -> Result<(), ApiError> {
        let chars = text.chars().count();
        if (from..=to).contains(&chars) {
            Ok(())
        } else {
            Err(self.wrong(
                field,
                &format!("{from} to {to} characters long, this one has {chars}"),
            ))
        }
    }
}

/// One stored mail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Activity)]
pub(crate) struct ActivityView<'a> {
    #[schema(minimum = 1)]
    id: i64,
    created_at: Rfc3339,
    message_id: &'a str,
    #[schema(value_type = schemas::AccountName)]
    account_name: &'a str,
    actions: Vec<ActionView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    llm_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    llm_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Action)]
struct ActionView<'a> {
    #[schema(value_type = schemas::ActionType)]
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<String>)]
    flags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<&'a ActivityEntry> for ActivityView<'a> {
    fn from(entry: &'a ActivityEntry) -> Self {
        let activity = &entry.activity;
        Self {
            id: entry.id,
            created_at: Rfc3339(entry.created_at),
            message_id: &activity.message_id,
            account_name: activity.account.as_str(),
            actions: activity
                .actions
                .iter()
                .map(|a| ActionView {
                    r#type: &a.kind,
                    folder: a.folder.as_deref(),
                    flags: &a.flags,
                    reason: a.reason.as_deref(),
                })
                .collect(),
            subject: activity.subject.as_deref(),
            from: activity.from.as_deref(),
            llm_provider: activity.llm_provider.as_deref(),
            llm_model: activity.llm_model.as_deref(),
            confidence: activity.confidence,
            reasoning: activity.reasoning.as_deref(),
            duration_ms: activity.duration.map(|d| d.as_secs_f64() * 1_000.0),
            error: activity.error.as_deref(),
            idempotency_key: activity.idempotency_key.as_deref(),
        }
    }
}

/// The numbers of new entries, in the order they were sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ids)]
pub(crate) struct IdsView {
    pub(crate) ids: Vec<i64>,
}

/// A page of activity.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActivityPage)]
pub(crate) struct PageView<'a> {
    pub(crate) entries: Vec<ActivityView<'a>>,
    /// Exact up to 10 000, or altogether where `total=exact` asks for it.
    #[schema(minimum = 0)]
    pub(crate) total: u64,
    pub(crate) total_is_lower_bound: bool,
    /// 1 where a cursor was given.
    #[schema(minimum = 1, maximum = 10000)]
    pub(crate) page: u32,
    #[schema(minimum = 1, maximum = 200)]
    pub(crate) page_size: u32,
    #[schema(minimum = 0)]
    pub(crate) total_pages: u64,
    /// For the parameter `cursor`; null on the last page.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
}
