//! Accounts: look, change, steer.

use std::time::Duration;

use http::StatusCode;
use mailpilot_engine::{AccountName, AccountState, Command, Controls, EngineError};
use serde_json::Value;

use crate::{
    answer::{self, Response},
    app::App,
    body,
    configuration::{AccountSource, ConfiguredAccount, Problem},
    error::{ApiError, Detail},
    feed::Feed,
    service::Call,
    wire::{AccountEvent, AccountIn, AccountView, AccountsView, ControlView, GoneAccountEvent},
};

/// Longest account sent through the API, in bytes of JSON.
const MAX_ACCOUNT: usize = 64 * 1024;
/// Accounts that can be added through the API, those of the configuration included.
const MAX_ACCOUNTS: usize = 200;

/// 404 unless `account` is configured or has left something in the store.
pub(super) async fn require_known(
    call: &Call,
    account: &AccountName,
    field: &'static str,
) -> Result<(), ApiError> {
    if call.app.is_account(account) || call.app.storage.known_accounts().await?.contains(account) {
        Ok(())
    } else {
        Err(ApiError::unconfigured_account(field, account.as_str()))
    }
}

pub(super) fn list(call: &Call) -> Result<Response, ApiError> {
    let accounts = call.app.accounts();
    // Asked before the book is taken: a host's code must not run while the store waits for it.
    let controls: Vec<Controls> = accounts
        .iter()
        .map(|account| controls(&call.app, &account.settings.name))
        .collect();
    let (book, now) = (call.app.book(), call.app.clock.now());
    let unknown = AccountState::default();
    let views = accounts
        .iter()
        .zip(controls)
        .map(|(account, controls)| {
            let state = book.get(account.settings.name.as_str()).unwrap_or(&unknown);
            AccountView::new(&account.settings, account.source, state, controls, now)
        })
        .collect();
    Ok(answer::ok(&AccountsView { accounts: views }))
}

pub(super) fn one(call: &Call) -> Result<Response, ApiError> {
    view(call, call.parameter(), StatusCode::OK)
}

fn view(call: &Call, name: &str, status: StatusCode) -> Result<Response, ApiError> {
    let accounts = call.app.accounts();
    let account = find(&accounts, name).ok_or_else(|| ApiError::unknown_account(name))?;
    let controls = controls(&call.app, &account.settings.name);
    let (book, now) = (call.app.book(), call.app.clock.now());
    let unknown = AccountState::default();
    let state = book.get(name).unwrap_or(&unknown);
    Ok(answer::json(
        status,
        &AccountView::new(&account.settings, account.source, state, controls, now),
    ))
}

fn find<'a>(accounts: &'a [ConfiguredAccount], name: &str) -> Option<&'a ConfiguredAccount> {
    accounts
        .iter()
        .find(|account| account.settings.name.as_str() == name)
}

/// What can be asked of an account: what the engine does, and everything while an outside worker listens.
fn controls(app: &App, name: &AccountName) -> Controls {
    if app.workers.control(name) {
        Controls::ALL
    } else {
        app.engine.controls(name)
    }
}

pub(super) async fn put(call: Call) -> Result<Response, ApiError> {
    let name: AccountName =
        call.parameter()
            .parse()
            .map_err(|error: mailpilot_engine::InvalidAccountName| {
                ApiError::invalid("name", error.to_string())
            })?;
    if call.body.len() > MAX_ACCOUNT {
        return Err(ApiError::invalid_json_shape(
            "an account has at most 65536 bytes as JSON",
        ));
    }
    let shape: AccountIn = body::parse_confidential(&call.body)?;
    let mut body: Value = body::parse_confidential(&call.body)?;
    shape.settle(&mut body);
    let one_at_a_time = call.app.changes.lock().await;
    let accounts = call.app.accounts();
    let previous = find(&accounts, name.as_str());
    if previous.is_none() && accounts.len() >= MAX_ACCOUNTS {
        return Err(ApiError::conflict(
            "too_many_accounts",
            "there are 200 accounts already; each brings series into /metrics",
        ));
    }
    let overlay = call
        .app
        .configuration
        .overlay(&name, &body, previous.map(|account| &account.settings))
        .map_err(|problems| {
            ApiError::invalid_all(
                "invalid_account",
                problems.into_iter().map(Detail::from).collect(),
            )
        })?;
    call.app.storage.put_overlay(overlay).await?;
    if let Some(paused) = shape.paused {
        call.app.storage.set_paused(name.clone(), paused).await?;
    }
    let was_paused = is_paused(&call.app, &name);
    call.app.refresh_accounts().await?;
    drop(one_at_a_time);
    tracing::info!(account = %name, principal = %call.caller.label(), "account changed through the API");
    follow_pause(&call.app, &name, was_paused).await?;
    let status = if previous.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    view(&call, name.as_str(), status)
}

pub(super) async fn delete(call: Call) -> Result<Response, ApiError> {
    let one_at_a_time = call.app.changes.lock().await;
    let accounts = call.app.accounts();
    let account = find(&accounts, call.parameter())
        .ok_or_else(|| ApiError::unknown_account(call.parameter()))?;
    let name = account.settings.name.clone();
    if account.source == AccountSource::File {
        return Err(ApiError::conflict(
            "account_configured",
            "this account stands in the configuration and was not changed here; take it out there and reload",
        ));
    }
    call.app.storage.delete_overlay(name.clone()).await?;
    let was_paused = is_paused(&call.app, &name);
    call.app.storage.forget_pause(name.clone()).await?;
    call.app.refresh_accounts().await?;
    drop(one_at_a_time);
    tracing::info!(account = %name, principal = %call.caller.label(), "account change or account removed through the API");
    follow_pause(&call.app, &name, was_paused).await?;
    Ok(answer::no_content())
}

/// Carries out what an operator asks. A pause is on disk before anybody hears of it.
pub(super) async fn command(call: Call, command: Command) -> Result<Response, ApiError> {
    let name: AccountName = call
        .parameter()
        .parse()
        .map_err(|_| ApiError::unknown_account(call.parameter()))?;
    if !call.app.is_account(&name) {
        return Err(ApiError::unknown_account(name.as_str()));
    }
    let by_engine = call.app.engine.controls(&name).allows(command);
    if !by_engine && !call.app.workers.control(&name) {
        return Err(ApiError::conflict(
            "not_controlled",
            format!(
                "nothing that is running can {} `{name}`; start its mail program, or let its worker listen for commands",
                command.name()
            ),
        ));
    }
    match command {
        Command::Pause => set_paused(&call.app, &name, true, by_engine).await?,
        Command::Resume => set_paused(&call.app, &name, false, by_engine).await?,
        Command::Reconnect | Command::Process if by_engine => {
            ask_engine(&call.app, &name, command).await?;
        }
        Command::Reconnect | Command::Process => {}
    }
    announce(&call.app, &name, Some(command));
    tracing::info!(account = %name, command = command.name(), principal = %call.caller.label(), "command carried out");
    Ok(answer::ok(&ControlView {
        success: true,
        paused: is_paused(&call.app, &name),
    }))
}

fn is_paused(app: &App, name: &AccountName) -> bool {
    app.book()
        .get(name.as_str())
        .is_some_and(|state| state.paused)
}

/// Stores the decision, then has the engine carry it out; if it cannot, everything is as it was.
async fn set_paused(
    app: &App,
    name: &AccountName,
    paused: bool,
    by_engine: bool,
) -> Result<(), ApiError> {
    let _one_at_a_time = app.pauses.lock().await;
    let (decided, was) = (
        app.storage.paused().await?.get(name).copied(),
        is_paused(app, name),
    );
    decide_pause(app, name, Some(paused), paused).await?;
    let command = if paused {
        Command::Pause
    } else {
        Command::Resume
    };
    if by_engine && let Err(refused) = ask_engine(app, name, command).await {
        decide_pause(app, name, decided, was).await?;
        return Err(refused);
    }
    Ok(())
}

/// Stores the decision about a pause and shows it, as one step. An account that has gone meanwhile is left
/// alone.
async fn decide_pause(
    app: &App,
    name: &AccountName,
    decided: Option<bool>,
    paused: bool,
) -> Result<(), ApiError> {
    let _one_at_a_time = app.changes.lock().await;
    if !app.is_account(name) {
        return Err(ApiError::unknown_account(name.as_str()));
    }
    match decided {
        Some(decided) => app.storage.set_paused(name.clone(), decided).await?,
        None => app.storage.forget_pause(name.clone()).await?,
    }
    if let Some(state) = app.book_mut().get_mut(name.as_str()) {
        state.paused = paused;
    }
    app.note_states();
    Ok(())
}

/// Tells streams how an account is after a change of settings, and engine and workers of a pause that the
/// change brought or took away. If the engine cannot
/// follow, the account is shown as it was.
async fn follow_pause(app: &App, name: &AccountName, was: bool) -> Result<(), ApiError> {
    let now = is_paused(app, name);
    if now == was || !app.is_account(name) {
        announce(app, name, None);
        return Ok(());
    }
    let command = if now { Command::Pause } else { Command::Resume };
    if app.engine.controls(name).allows(command)
        && let Err(refused) = ask_engine(app, name, command).await
    {
        decide_pause(app, name, Some(was), was).await?;
        return Err(refused);
    }
    announce(app, name, Some(command));
    Ok(())
}

/// Has the engine carry out `command`; one that does not answer has failed.
async fn ask_engine(app: &App, name: &AccountName, command: Command) -> Result<(), ApiError> {
    const PATIENCE: Duration = Duration::from_secs(20);
    match tokio::time::timeout(PATIENCE, app.engine.command(name, command)).await {
        Ok(done) => done.map_err(ApiError::from),
        Err(_) => Err(EngineError::Failed("it did not answer within 20 s".to_owned()).into()),
    }
}

/// Tells streams and metrics how an account is now, and what is asked of it.
fn announce(app: &App, name: &AccountName, command: Option<Command>) {
    let state = app.book().get(name.as_str()).cloned();
    match state {
        Some(state) => {
            crate::feed::show(&app.metrics.account(name.as_str()), &state);
            let event =
                AccountEvent::new(name, &state, app.clock.now(), command.map(Command::name));
            Feed::publish_account(&app.hub, &event);
        }
        None => Feed::publish_account(
            &app.hub,
            &GoneAccountEvent {
                name: name.as_str(),
                removed: true,
            },
        ),
    }
}

impl From<Problem> for Detail {
    fn from(problem: Problem) -> Self {
        Self {
            field: problem.field,
            message: problem.message,
        }
    }
}
