//! The timeline of accounts.

use mailpilot_engine::AccountStatus;
use mailpilot_storage::AccountTimeline;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::Rfc3339;
use crate::openapi::schemas;

/// `GET /api/stats/timeline`. Slice `i` begins at `from` and `i` steps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(crate) struct TimelineView<'a> {
    pub(crate) from: Rfc3339,
    pub(crate) to: Rfc3339,
    /// Seconds.
    #[schema(minimum = 60, multiple_of = 60)]
    pub(crate) step: u64,
    pub(crate) accounts: Vec<StripView<'a>>,
}

/// One account, slice by slice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountTimeline)]
pub(crate) struct StripView<'a> {
    #[schema(value_type = schemas::AccountName)]
    name: &'a str,
    /// The gravest state the account was in; null where nothing is known.
    #[serde(serialize_with = "names")]
    #[schema(schema_with = schemas::maybe_states)]
    status: &'a [Option<AccountStatus>],
    /// Mails processed.
    #[schema(schema_with = schemas::slice_counts)]
    emails: &'a [u64],
    #[schema(schema_with = schemas::slice_counts)]
    errors: &'a [u64],
}

impl<'a> From<&'a AccountTimeline> for StripView<'a> {
    fn from(account: &'a AccountTimeline) -> Self {
        Self {
            name: account.name.as_str(),
            status: &account.statuses,
            emails: &account.emails,
            errors: &account.errors,
        }
    }
}

fn names<S: Serializer>(
    states: &[Option<AccountStatus>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(states.iter().map(|state| state.map(AccountStatus::name)))
}
