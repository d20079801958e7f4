//! One handler per endpoint: from a call that was let through to an answer. A handler validates, asks
//! the store or the engine, and answers; it decides nothing about who may call it.

mod accounts;
mod activity;
mod admin;
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
pub(crate) async fn handle(endpoint: Endpoint, call: Call) -> Result<Response, ApiError> {
    match endpoint {
        Endpoint::Health => health::health(call).await,
        Endpoint::HealthLive => Ok(health::live()),
        Endpoint::HealthReady => health::ready(call).await,
        Endpoint::Metrics => health::metrics(call).await,
        Endpoint::AuthState => Ok(admin::state(&call)),
        Endpoint::Setup => admin::setup(call).await,
        Endpoint::Login => admin::login(call).await,
        Endpoint::Logout => admin::logout(call).await,
        Endpoint::ChangePassword => admin::change_password(call).await,
        Endpoint::Sessions => sessions::list(&call),
        Endpoint::RevokeSession => sessions::revoke(call).await,
        Endpoint::RevokeOtherSessions => sessions::revoke_others(call).await,
        Endpoint::Keys => keys::list(call).await,
        Endpoint::MakeKey => keys::make(call).await,
        Endpoint::RevokeKey => keys::revoke(call).await,
        Endpoint::Stats => stats::totals(call).await,
        Endpoint::Series => stats::series(call).await,
        Endpoint::Report => stats::report(call).await,
        Endpoint::ResetStats => stats::reset(call).await,
        Endpoint::ActivityList => activity::list(call).await,
        Endpoint::ActivityEntry => activity::one(call).await,
        Endpoint::AppendActivity => activity::append(call).await,
        Endpoint::DeleteActivityEntry => activity::delete(call).await,
        Endpoint::PruneActivity => activity::prune(call).await,
        Endpoint::Logs => logs::list(call).await,
        Endpoint::AppendLogs => logs::append(call).await,
        Endpoint::DeleteLogs => logs::delete(call).await,
        Endpoint::Export => export::export(call).await,
        Endpoint::ExportSettings => export::settings(call).await,
        Endpoint::PutExportSettings => export::put_settings(call).await,
        Endpoint::Accounts => accounts::list(&call),
        Endpoint::Account => accounts::one(&call),
        Endpoint::PutAccount => accounts::put(call).await,
        Endpoint::DeleteAccount => accounts::delete(call).await,
        Endpoint::PauseAccount => accounts::command(call, Command::Pause).await,
        Endpoint::ResumeAccount => accounts::command(call, Command::Resume).await,
        Endpoint::ReconnectAccount => accounts::command(call, Command::Reconnect).await,
        Endpoint::ProcessAccount => accounts::command(call, Command::Process).await,
        Endpoint::Config => Ok(config::view(&call)),
        Endpoint::ReloadConfig => config::reload(call).await,
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
