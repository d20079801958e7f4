//! Totals, series and reports.

use std::{collections::BTreeMap, time::Duration};

use mailpilot_engine::{AccountName, AccountStatus, Report};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Rfc3339, number::Whole};
use crate::{error::ApiError, openapi::schemas};

/// More than this in one report is a mistake, and would overflow sums.
const MAX_COUNT: u64 = 1_000_000_000;
const MAX_OBSERVATIONS: usize = 10_000;
const MAX_SECONDS: f64 = 86_400.0;
const MAX_ERROR: usize = 16 * 1024;

/// Sums from a worker.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Report)]
pub(crate) struct ReportIn {
    #[schema(value_type = schemas::AccountName)]
    account: String,
    /// Since the last report.
    #[serde(default)]
    #[schema(value_type = u64, minimum = 0, maximum = 1000000000)]
    emails_processed: Whole,
    /// Since the last report.
    #[serde(default)]
    #[schema(value_type = u64, minimum = 0, maximum = 1000000000)]
    errors: Whole,
    #[serde(default)]
    #[schema(schema_with = schemas::observations)]
    classification_seconds: OneOrMany,
    /// The state from now on.
    #[schema(value_type = Option<schemas::AccountStatus>)]
    status: Option<String>,
    #[schema(max_length = 16384)]
    last_error: Option<String>,
}

#[derive(Debug, Default)]
struct OneOrMany(Vec<f64>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number of seconds or a list of them")
            }

            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![seconds]))
            }

            #[allow(
                clippy::cast_precision_loss,
                reason = "seconds are bounded far below 2^53 right after"
            )]
            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<OneOrMany, E> {
                self.visit_f64(seconds as f64)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<OneOrMany, A::Error> {
                let mut many = Vec::new();
                while let Some(seconds) = list.next_element()? {
                    many.push(seconds);
                }
                Ok(OneOrMany(many))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl ReportIn {
    /// Checks every bound. `at` is the report's place in its list.
    pub(crate) fn into_report(self, at: usize) -> Result<Report, ApiError> {
        let wrong = |field: &'static str, expected: &str| {
            ApiError::invalid(
                field,
                format!("report {}: `{field}` must be {expected}", at + 1),
            )
        };
        let account: AccountName = self
            .account
            .parse()
            .map_err(|_| wrong("account", "1 to 64 characters out of A-Z a-z 0-9 . _ @ -"))?;
        if self.emails_processed.0 > MAX_COUNT {
            return Err(wrong("emailsProcessed", "at most 1000000000"));
        }
        if self.errors.0 > MAX_COUNT {
            return Err(wrong("errors", "at most 1000000000"));
        }
        let observations = self.classification_seconds.0;
        if observations.len() > MAX_OBSERVATIONS
            || !observations.iter().all(|s| (0.0..=MAX_SECONDS).contains(s))
        {
            return Err(wrong(
                "classificationSeconds",
                "at most 10000 numbers of seconds from 0 to 86400",
            ));
        }
        let status: Option<AccountStatus> =
            self.status.map(|s| s.parse()).transpose().map_err(|_| {
                wrong(
                    "status",
                    "one of connected, connecting, disconnected, error, paused, stalled, unknown",
                )
            })?;
        if self
            .last_error
            .as_ref()
            .is_some_and(|e| e.chars().count() > MAX_ERROR)
        {
            return Err(wrong("lastError", "at most 16384 characters long"));
        }
        Ok(Report {
            account,
            emails: self.emails_processed.0,
            errors: self.errors.0,
            classification: observations
                .into_iter()
                .map(Duration::from_secs_f64)
                .collect(),
            status,
            last_error: self.last_error,
        })
    }
}

/// `GET /api/stats`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Stats)]
pub(crate) struct StatsView<'a> {
    pub(crate) version: &'a str,
    /// Seconds.
    #[schema(minimum = 0)]
    pub(crate) uptime: u64,
    pub(crate) totals: TotalsView,
    pub(crate) accounts: Vec<AccountStatsView<'a>>,
    pub(crate) action_breakdown: Vec<ActionCountView<'a>>,
    pub(crate) classification: ClassificationView,
}

#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Totals)]
pub(crate) struct TotalsView {
    #[schema(minimum = 0)]
    pub(crate) emails_processed: u64,
    #[schema(minimum = 0)]
    pub(crate) actions_taken: u64,
    #[schema(minimum = 0)]
    pub(crate) errors: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AccountStats)]
pub(crate) struct AccountStatsView<'a> {
    pub(crate) name: &'a str,
    #[schema(value_type = schemas::AccountStatus)]
    pub(crate) status: &'static str,
    pub(crate) connected: bool,
    pub(crate) paused: bool,
    #[schema(required)]
    pub(crate) last_error: Option<&'a str>,
    #[schema(required)]
    pub(crate) last_activity_at: Option<Rfc3339>,
    #[serde(flatten)]
    pub(crate) totals: TotalsView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActionCount)]
pub(crate) struct ActionCountView<'a> {
    #[schema(value_type = schemas::ActionType)]
    pub(crate) r#type: &'a str,
    #[schema(minimum = 0)]
    pub(crate) count: u64,
}

/// Quantiles in seconds; none while nothing was classified.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Classification)]
pub(crate) struct ClassificationView {
    #[schema(minimum = 0)]
    pub(crate) count: u64,
    #[schema(required)]
    pub(crate) p50: Option<f64>,
    #[schema(required)]
    pub(crate) p90: Option<f64>,
    #[schema(required)]
    pub(crate) p99: Option<f64>,
}

/// `GET /api/stats/series`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Series)]
pub(crate) struct SeriesView<'a> {
    /// Seconds.
    #[schema(minimum = 60, multiple_of = 60)]
    pub(crate) step: u64,
    pub(crate) points: Vec<PointView<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Point)]
pub(crate) struct PointView<'a> {
    pub(crate) t: Rfc3339,
    #[schema(minimum = 0)]
    pub(crate) emails: u64,
    #[schema(schema_with = schemas::counts)]
    pub(crate) actions: &'a BTreeMap<String, u64>,
    #[schema(minimum = 0)]
    pub(crate) errors: u64,
    pub(crate) latency: LatencyView<'a>,
}

/// Counts by bucket; `counts` has one more than `le`, for everything above.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Latency)]
pub(crate) struct LatencyView<'a> {
    #[schema(value_type = Vec<f64>)]
    pub(crate) le: &'static [f64],
    #[schema(value_type = Vec<u64>)]
    pub(crate) counts: &'a [u64],
}
