//! The JSON of the API: what comes in and what goes out. Domain types never go out by themselves, so a
//! new database column cannot leak by being added.

mod account;
mod activity;
mod auth;
mod logs;
mod number;
mod stats;
mod time;
mod timeline;

pub(crate) use account::{
    AccountEvent, AccountIn, AccountView, AccountsView, ControlView, GoneAccountEvent, is_connected,
};
pub(crate) use activity::{ActivityIn, ActivityView, IdsView, PageView, is_action_type};
pub(crate) use auth::{
    AuthStateView, KeyView, KeysView, LoginIn, MadeKeyView, NewKeyIn, PasswordIn, SessionView,
    SessionsView, SetupIn, SignedInView, SuccessView, UserView,
};
pub(crate) use logs::{LevelsView, LogIn, LogView, LogsPageView};
pub(crate) use number::maybe as maybe_whole;
pub(crate) use stats::{
    AccountStatsView, ActionCountView, ClassificationView, LatencyView, PointView, ReportIn,
    SeriesView, StatsView, TotalsView,
};
pub(crate) use time::{Rfc3339, TimeIn};
pub(crate) use timeline::{StripView, TimelineView};
