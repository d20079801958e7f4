//! Sessions of the administrator: list, end.

use std::sync::Arc;

use mailpilot_sessions::{Session, SessionId};

use crate::{
    answer::{self, Response},
    app::App,
    error::ApiError,
    service::Call,
    wire::{Rfc3339, SessionView, SessionsView},
};

pub(super) fn list(call: &Call) -> Result<Response, ApiError> {
    let (username, current) = call.caller.require_session()?;
    let table = call.app.sessions();
    let sessions = table
        .list(username, call.app.moment())
        .into_iter()
        .map(|session| view(session, *current))
        .collect();
    Ok(answer::ok(&SessionsView { sessions }))
}

fn view(session: &Session, current: SessionId) -> SessionView {
    SessionView {
        id: session.id.to_string(),
        current: session.id == current,
        created_at: Rfc3339(session.created_at),
        last_used_at: Rfc3339(session.last_used_at),
        expires_at: Rfc3339(session.expires_at),
        client_address: session.client_address.clone(),
        user_agent: session.user_agent.clone(),
    }
}

pub(super) async fn revoke(call: Call) -> Result<Response, ApiError> {
    let (username, _) = call.caller.require_session()?;
    let unknown = || {
        ApiError::not_found(
            "unknown_session",
            "there is no such session; GET /api/sessions lists them",
        )
    };
    let id: SessionId = call.parameter().parse().map_err(|_| unknown())?;
    let known = call
        .app
        .sessions()
        .list(username, call.app.moment())
        .iter()
        .any(|session| session.id == id);
    if !known {
        return Err(unknown());
    }
    let _one_at_a_time = call.app.changes.lock().await;
    end(&call.app, vec![id]).await?;
    Ok(answer::no_content())
}

pub(super) async fn revoke_others(call: Call) -> Result<Response, ApiError> {
    let (username, current) = call.caller.require_session()?;
    // Not between a login's issuing and its storing.
    let _one_at_a_time = call.app.changes.lock().await;
    let ended = call
        .app
        .sessions()
        .revoke_all_except(username, Some(*current));
    end(&call.app, ended).await?;
    Ok(answer::no_content())
}

/// Ends sessions at once: in memory, their streams, and in the store.
pub(crate) async fn end(app: &Arc<App>, ids: Vec<SessionId>) -> Result<(), ApiError> {
    if ids.is_empty() {
        return Ok(());
    }
    {
        let mut table = app.sessions();
        for id in &ids {
            table.revoke(*id);
        }
    }
    app.recheck_streams();
    app.storage.delete_sessions(ids).await?;
    Ok(())
}
