//! One handler per endpoint: from a call that was let through to an answer. A handler validates, asks
//! the store or the engine, and answers; it decides nothing about who may call it.

mod accounts;
mod activity;
mod admin;
mod can_i;
mod check;
mod config;
mod events;
mod export;
mod health;
mod keys;
mod logs;
pub(crate) mod pages;
mod paging;
pub(crate) mod sessions;
pub(crate) mod stats;
mod timeline;

pub(crate) use can_i::{CanIView, METHODS as ASKED_METHODS};
pub(crate) use check::ChecksView;
pub(crate) use config::{ConfigView, ReloadedView};
pub(crate) use export::{
    COLUMNS as EXPORT_COLUMNS, MAX_ROWS as MAX_EXPORT_ROWS, Settings as ExportSettings,
};
pub(crate) use health::{HealthView, StatusView};
use mailpilot_engine::Command;

use crate::{answer::Response, endpoint::Endpoint, error::ApiError, openapi, service::Call};

/// Handles `call`.
///
/// # Cancel safety
/// Reads may be dropped. What changes something must be driven to its end, as `service` does: between the
/// store and what is kept in memory nothing may stop it.
///
/// Each handler's future lies in a box of its own: as one value, the future of all of them would be as large as
/// the largest, and every request would copy it about.
pub(crate) async fn handle(endpoint: Endpoint, call: Call) -> Result<Response, ApiError> {
    match endpoint {
        Endpoint::Health => Box::pin(health::health(call)).await,
        Endpoint::HealthLive => Ok(health::live()),
        Endpoint::HealthReady => Box::pin(health::ready(call)).await,
        Endpoint::Metrics => Box::pin(health::metrics(call)).await,
        Endpoint::AuthState => Ok(admin::state(&call)),
        Endpoint::Setup => Box::pin(admin::setup(call)).await,
        Endpoint::Login => Box::pin(admin::login(call)).await,
        Endpoint::Logout => Box::pin(admin::logout(call)).await,
        Endpoint::ChangePassword => Box::pin(admin::change_password(call)).await,
        Endpoint::Sessions => sessions::list(&call),
        Endpoint::RevokeSession => Box::pin(sessions::revoke(call)).await,
        Endpoint::RevokeOtherSessions => Box::pin(sessions::revoke_others(call)).await,
        Endpoint::Keys => Box::pin(keys::list(call)).await,
        Endpoint::MakeKey => Box::pin(keys::make(call)).await,
        Endpoint::RevokeKey => Box::pin(keys::revoke(call)).await,
        Endpoint::CanI => can_i::answer(&call),
        Endpoint::Stats => Box::pin(stats::totals(call)).await,
        Endpoint::Series => Box::pin(stats::series(call)).await,
        Endpoint::Timeline => Box::pin(timeline::timeline(call)).await,
        Endpoint::Report => Box::pin(stats::report(call)).await,
        Endpoint::ResetStats => Box::pin(stats::reset(call)).await,
        Endpoint::ActivityList => Box::pin(activity::list(call)).await,
        Endpoint::ActivityEntry => Box::pin(activity::one(call)).await,
        Endpoint::AppendActivity => Box::pin(activity::append(call)).await,
        Endpoint::DeleteActivityEntry => Box::pin(activity::delete(call)).await,
        Endpoint::PruneActivity => Box::pin(activity::prune(call)).await,
        Endpoint::Logs => Box::pin(logs::list(call)).await,
        Endpoint::LogLine => Box::pin(logs::one(call)).await,
        Endpoint::AppendLogs => Box::pin(logs::append(call)).await,
        Endpoint::DeleteLogs => Box::pin(logs::delete(call)).await,
        Endpoint::Export => Box::pin(export::export(call)).await,
        Endpoint::ExportSettings => Box::pin(export::settings(call)).await,
        Endpoint::PutExportSettings => Box::pin(export::put_settings(call)).await,
        Endpoint::Accounts => accounts::list(&call),
        Endpoint::Account => accounts::one(&call),
        Endpoint::PutAccount => Box::pin(accounts::put(call)).await,
        Endpoint::DeleteAccount => Box::pin(accounts::delete(call)).await,
        Endpoint::PauseAccount => Box::pin(accounts::command(call, Command::Pause)).await,
        Endpoint::ResumeAccount => Box::pin(accounts::command(call, Command::Resume)).await,
        Endpoint::ReconnectAccount => Box::pin(accounts::command(call, Command::Reconnect)).await,
        Endpoint::ProcessAccount => Box::pin(accounts::command(call, Command::Process)).await,
        Endpoint::Check => Box::pin(check::answer(call)).await,
        Endpoint::Config => Ok(config::view(&call)),
        Endpoint::ReloadConfig => Box::pin(config::reload(call)).await,
        Endpoint::Events => events::open(call),
        Endpoint::OpenApi => Ok(openapi::answer(&call.settings.base_path)),
        Endpoint::PageNow => Ok(pages::now(&call)),
        Endpoint::PageActivity
        | Endpoint::PageActivityEntry
        | Endpoint::PageAccounts
        | Endpoint::PageAccount
        | Endpoint::PageLogs
        | Endpoint::PageSystem
        | Endpoint::PageLogin
        | Endpoint::PageSetup => Ok(pages::page(&call)),
        Endpoint::Asset => Ok(pages::asset(&call)),
    }
}
