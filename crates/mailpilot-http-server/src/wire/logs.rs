//! Log lines.

use mailpilot_engine::{AccountName, LogLevel, LogRecord};
use mailpilot_storage::{LevelCounts, LogEntry};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Rfc3339, TimeIn};
use crate::{error::ApiError, openapi::schemas};

const MAX_MESSAGE: usize = 8 * 1024;
const MAX_TARGET: usize = 255;
const MAX_FIELDS: usize = 64;
const MAX_FIELDS_BYTES: usize = 8 * 1024;
/// Where lines from outside come from if they do not say.
const DEFAULT_TARGET: &str = "external";

/// One line, as a program sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewLogLine)]
pub(crate) struct LogIn {
    #[schema(value_type = schemas::LogLevel)]
    level: String,
    #[schema(max_length = 8192)]
    message: String,
    /// The part of the program that speaks; `external` if left out.
    #[schema(min_length = 1, max_length = 255)]
    target: Option<String>,
    #[schema(value_type = Option<schemas::AccountName>)]
    account_name: Option<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::log_fields)]
    fields: Map<String, Value>,
    timestamp: Option<TimeIn>,
}

impl LogIn {
    /// Checks every bound. `at` is the line's place in its list.
    pub(crate) fn into_record(self, at: usize) -> Result<LogRecord, ApiError> {
        let wrong = |field: &'static str, expected: &str| {
            ApiError::invalid(
                field,
                format!("line {}: `{field}` must be {expected}", at + 1),
            )
        };
        let level = self
            .level
            .parse()
            .map_err(|_| wrong("level", "one of trace, debug, info, warn, error"))?;
        if self.message.chars().count() > MAX_MESSAGE {
            return Err(wrong("message", "at most 8192 characters long"));
        }
        let target = self.target.unwrap_or_else(|| DEFAULT_TARGET.to_owned());
        if target.is_empty() || target.chars().count() > MAX_TARGET {
            return Err(wrong("target", "1 to 255 characters long"));
        }
        if self.fields.len() > MAX_FIELDS {
            return Err(wrong("fields", "an object with at most 64 members"));
        }
        let fields_fit =
            serde_json::to_vec(&self.fields).is_ok_and(|json| json.len() <= MAX_FIELDS_BYTES);
        if !fields_fit {
            return Err(wrong("fields", "at most 8192 bytes as JSON"));
        }
        let account: Option<AccountName> = self
            .account_name
            .map(|name| name.parse())
            .transpose()
            .map_err(|_| {
            wrong(
                "accountName",
                "1 to 64 characters out of A-Z a-z 0-9 . _ @ -",
            )
        })?;
        Ok(LogRecord {
            timestamp: self.timestamp.map(|t| t.0),
            level,
            target,
            message: self.message,
            account,
            fields: self.fields,
        })
    }
}

/// One stored line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogLine)]
pub(crate) struct LogView<'a> {
    #[schema(minimum = 1)]
    id: i64,
    timestamp: Rfc3339,
    #[schema(value_type = schemas::LogLevel)]
    level: &'static str,
    target: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::AccountName>)]
    account_name: Option<&'a str>,
    #[schema(schema_with = schemas::log_fields)]
    fields: &'a Map<String, Value>,
}

impl<'a> From<&'a LogEntry> for LogView<'a> {
    fn from(entry: &'a LogEntry) -> Self {
        let record = &entry.record;
        Self {
            id: entry.id,
            timestamp: Rfc3339(entry.timestamp),
            level: record.level.name(),
            target: &record.target,
            message: &record.message,
            account_name: record.account.as_ref().map(AccountName::as_str),
            fields: &record.fields,
        }
    }
}

/// A page of log lines.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogPage)]
pub(crate) struct LogsPageView<'a> {
    pub(crate) logs: Vec<LogView<'a>>,
    /// Exact up to 10 000.
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
    /// Only where `counts` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) levels: Option<LevelsView>,
    /// With `levels`: there may be more of each, because a filter by text or account looks at 50 000 lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) levels_cut_short: Option<bool>,
}

/// Lines of exactly each level that match the other filters; 10 000 means that many or more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogLevelCounts)]
pub(crate) struct LevelsView {
    #[schema(minimum = 0, maximum = 10000)]
    trace: u64,
    #[schema(minimum = 0, maximum = 10000)]
    debug: u64,
    #[schema(minimum = 0, maximum = 10000)]
    info: u64,
    #[schema(minimum = 0, maximum = 10000)]
    warn: u64,
    #[schema(minimum = 0, maximum = 10000)]
    error: u64,
}

impl From<&LevelCounts> for LevelsView {
    fn from(counts: &LevelCounts) -> Self {
        Self {
            trace: counts.of(LogLevel::Trace),
            debug: counts.of(LogLevel::Debug),
            info: counts.of(LogLevel::Info),
            warn: counts.of(LogLevel::Warn),
            error: counts.of(LogLevel::Error),
        }
    }
}
