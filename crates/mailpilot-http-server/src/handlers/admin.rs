//! First visit, login, logout, password, and who is asking.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use http::header;
use mailpilot_auth::{RetryAfter, SetupCodeError};
use mailpilot_secret::Secret;
use mailpilot_storage::Created;

use crate::{
    answer::{self, Response},
    app::App,
    body, cookies,
    error::ApiError,
    handlers::sessions,
    service::Call,
    wire::{AuthStateView, LoginIn, PasswordIn, SetupIn, SignedInView, SuccessView, UserView},
};

/// Requests that wait for a hash; one more is told to come back.
const HASH_QUEUE: usize = 8;

pub(super) fn state(call: &Call) -> Response {
    let needs_setup = call.settings.dashboard.enabled && !call.app.has_administrator();
    let user = call
        .caller
        .session()
        .map(|(username, _)| UserView { username });
    let principal = call.caller.principal.as_ref();
    let development = call.app.development_possible() && call.client.direct_local;
    answer::ok(&AuthStateView {
        authenticated: principal.is_some() && !development,
        needs_setup,
        setup_code_required: needs_setup && !call.client.direct_local,
        development_mode: development,
        version: &call.app.version,
        user,
        permissions: principal.map(|p| p.permissions.names()).unwrap_or_default(),
    })
}

/// Creates the administrator: one atomic step, of two visitors exactly one succeeds.
pub(super) async fn setup(call: Call) -> Result<Response, ApiError> {
    let input: SetupIn = body::parse_confidential(&call.body)?;
    if call.app.has_administrator() {
        return Err(already_set_up());
    }
    if !call.client.direct_local {
        check_setup_code(&call, input.setup_code.as_ref())?;
    }
    mailpilot_auth::check_username(&input.username)
        .map_err(|e| ApiError::invalid("username", e.to_string()))?;
    mailpilot_auth::check_password(&input.username, &input.password)
        .map_err(|e| ApiError::weak_password(e.to_string()))?;
    if input.password.expose() != input.confirm.expose() {
        return Err(ApiError::invalid("confirm", "the two passwords differ"));
    }
    // One visitor at a time, so that the others hear who won and not that the server is busy.
    let one_at_a_time = call.app.changes.lock().await;
    if call.app.has_administrator() {
        return Err(already_set_up());
    }
    let hash = hash(&call.app, input.password).await?;
    let created = call
        .app
        .storage
        .create_administrator(input.username.clone(), hash)
        .await?;
    call.app.administrator_created();
    drop(one_at_a_time);
    match created {
        Created::AlreadyThere => Err(already_set_up()),
        Created::Now => {
            remove_setup_code_file(&call.app).await;
            tracing::info!(username = %input.username, client = %call.client.address, "administrator created");
            begin_session(&call, &input.username).await
        }
    }
}

fn already_set_up() -> ApiError {
    ApiError::conflict(
        "already_set_up",
        "there is an administrator already; log in instead",
    )
}

fn check_setup_code(call: &Call, presented: Option<&Secret>) -> Result<(), ApiError> {
    let reservation = call
        .app
        .setups
        .reserve(call.client.address, Instant::now())
        .map_err(|wait| too_many(wait, "too many wrong setup codes"))?;
    let Some(presented) = presented else {
        reservation.give_back();
        return Err(ApiError::forbidden(
            "setup_code_required",
            "from here the setup code is needed; the server printed it when it started",
        )
        .field("setupCode"));
    };
    let verdict = match call.app.setup_code().as_ref() {
        Some(code) => code.verify(presented.expose(), call.app.clock.now(), Instant::now()),
        None => Err(SetupCodeError::Wrong),
    };
    match verdict {
        Ok(()) => {
            reservation.give_back();
            Ok(())
        }
        Err(error) => {
            Err(ApiError::forbidden("wrong_setup_code", error.to_string()).field("setupCode"))
        }
    }
}

async fn remove_setup_code_file(app: &App) {
    let Some(path) = app.setup_code_file.clone() else {
        return;
    };
    let removed = tokio::task::spawn_blocking(move || std::fs::remove_file(path)).await;
    if let Ok(Err(error)) = removed
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(error = %error, "the file with the used setup code could not be removed");
    }
}

pub(super) async fn login(call: Call) -> Result<Response, ApiError> {
    let input: LoginIn = body::parse_confidential(&call.body)?;
    let logins = &call.app.metrics.logins;
    let reservation = call
        .app
        .logins
        .reserve(call.client.address, Instant::now())
        .map_err(|wait| {
            logins.throttled.increment(1);
            too_many(
                wait,
                "too many failed logins from this address; wait, or run `mailpilot reset-password`",
            )
        })?;
    let known = match call.app.storage.administrator().await {
        Ok(known) => known,
        Err(error) => {
            reservation.give_back();
            return Err(error.into());
        }
    };
    let stored = known
        .filter(|admin| admin.username == input.username)
        .map(|admin| admin.password_hash);
    let right = match verify(&call.app, input.password.clone(), stored.clone()).await {
        Ok(right) => right,
        Err(busy) => {
            reservation.give_back();
            return Err(busy);
        }
    };
    if !right {
        logins.failed.increment(1);
        return Err(ApiError::invalid_credentials());
    }
    reservation.give_back();
    let one_at_a_time = call.app.changes.lock().await;
    // While it was verified the password may have been changed, which ended every session: also this one.
    let now = call.app.storage.administrator().await?;
    if now.map(|admin| admin.password_hash) != stored {
        logins.failed.increment(1);
        return Err(ApiError::invalid_credentials());
    }
    let answer = begin_session(&call, &input.username).await?;
    if let Some((_, old)) = call.caller.session() {
        // One browser, one session: what the cookie held before is not needed any more.
        sessions::end(&call.app, vec![*old]).await?;
    }
    drop(one_at_a_time);
    logins.succeeded.increment(1);
    if let Some(old) = stored.filter(|hash| mailpilot_auth::needs_rehash(hash)) {
        renew_hash(&call, input, old).await;
    }
    Ok(answer)
}

/// Hashes anew what was hashed with older parameters. A failure only means that it is tried next time.
async fn renew_hash(call: &Call, input: LoginIn, old: String) {
    let Ok(fresh) = hash(&call.app, input.password).await else {
        return;
    };
    if let Err(error) = call
        .app
        .storage
        .renew_password_hash(input.username, old, fresh)
        .await
    {
        tracing::warn!(error = %error, "a password hash could not be renewed");
    }
}

pub(super) async fn logout(call: Call) -> Result<Response, ApiError> {
    if let Some((_, id)) = call.caller.session() {
        let _one_at_a_time = call.app.changes.lock().await;
        sessions::end(&call.app, vec![*id]).await?;
    }
    let mut response = answer::ok(&SuccessView { success: true });
    if let Some(cookie) = cookies::end(call.client.scheme) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) async fn change_password(call: Call) -> Result<Response, ApiError> {
    let input: PasswordIn = body::parse_confidential(&call.body)?;
    let (username, session) = call.caller.require_session()?;
    let (username, session) = (username.to_owned(), *session);
    let reservation = call
        .app
        .logins
        .reserve(call.client.address, Instant::now())
        .map_err(|wait| too_many(wait, "too many wrong passwords from this address"))?;
    let judged = async {
        let known = call.app.storage.administrator().await?;
        let stored = known.map(|admin| admin.password_hash);
        let right = verify(&call.app, input.current, stored.clone()).await?;
        Ok::<_, ApiError>(stored.filter(|_| right))
    };
    let verified = match judged.await {
        Ok(verified) => verified,
        Err(busy) => {
            reservation.give_back();
            return Err(busy);
        }
    };
    if verified.is_none() {
        return Err(ApiError::invalid(
            "current",
            "this is not the present password",
        ));
    }
    reservation.give_back();
    mailpilot_auth::check_password(&username, &input.new)
        .map_err(|e| ApiError::weak_password(e.to_string()).field("new"))?;
    let hash = hash(&call.app, input.new).await?;
    let _one_at_a_time = call.app.changes.lock().await;
    // Between judgement and lock another change may have won: it ended this session and this password.
    let now = call.app.storage.administrator().await?;
    let is_live = call.app.sessions().is_live(session, call.app.moment());
    if !is_live || now.map(|admin| admin.password_hash) != verified {
        return Err(ApiError::invalid_credentials());
    }
    let changed = call
        .app
        .storage
        .set_password(username.clone(), hash, None)
        .await?;
    if !changed {
        return Err(ApiError::invalid_credentials());
    }
    call.app.sessions().revoke_all_except(&username, None);
    call.app.recheck_streams();
    tracing::info!(username = %username, client = %call.client.address, "password changed, sessions ended");
    // The caller goes on under a new session: the old id dies with the old password.
    match begin_session(&call, &username).await {
        Ok(answer) => Ok(answer),
        // The password is changed all the same; only the caller has to log in anew.
        Err(_) => Ok(answer::ok(&SignedInView {
            success: true,
            user: UserView {
                username: &username,
            },
        })),
    }
}

async fn begin_session(call: &Call, username: &str) -> Result<Response, ApiError> {
    let agent = call
        .parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let address = call.client.address.to_string();
    let issued = call
        .app
        .sessions()
        .issue(username, &address, agent, call.app.moment())
        .map_err(|error| {
            tracing::error!(error = %error, "no session could be issued");
            ApiError::internal()
        })?;
    let ttl = issued.session.expires_at.since(issued.session.created_at);
    if let Err(error) = call.app.storage.save_session(issued.session.clone()).await {
        call.app.sessions().revoke(issued.session.id);
        return Err(error.into());
    }
    sessions::end(&call.app, issued.evicted).await?;
    let mut response = answer::ok(&SignedInView {
        success: true,
        user: UserView { username },
    });
    if let Some(cookie) = cookies::begin(call.client.scheme, &issued.cookie_value, ttl) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn too_many(wait: RetryAfter, message: &'static str) -> ApiError {
    ApiError::too_many(
        "too_many_attempts",
        message,
        Duration::from_secs(wait.seconds()),
    )
}

async fn hash(app: &Arc<App>, password: Secret) -> Result<String, ApiError> {
    let hashed = blocking(app, move || mailpilot_auth::hash_password(&password)).await?;
    hashed.map_err(|error| {
        tracing::error!(error = %error, "a password could not be hashed");
        ApiError::internal()
    })
}

async fn verify(
    app: &Arc<App>,
    password: Secret,
    stored: Option<String>,
) -> Result<bool, ApiError> {
    blocking(app, move || {
        mailpilot_auth::verify_password(&password, stored.as_deref())
    })
    .await
}

/// Runs a hash on the blocking pool, at most two at once.
async fn blocking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let busy = || ApiError::unavailable("busy", "too many logins at once; try again in a second");
    let Some(_waiting) = Waiting::enter(app) else {
        return Err(busy());
    };
    let permit = Arc::clone(&app.hashing)
        .acquire_owned()
        .await
        .map_err(|_| busy())?;
    tokio::task::spawn_blocking(move || {
        let done = work();
        // Held to the end of the work, also when the caller has gone.
        drop(permit);
        done
    })
    .await
    .map_err(|_| ApiError::internal())
}

/// A place in the queue for a hash.
struct Waiting<'a>(&'a App);

impl<'a> Waiting<'a> {
    fn enter(app: &'a App) -> Option<Self> {
        let before = app.hash_queue.fetch_add(1, Ordering::AcqRel);
        let waiting = Self(app);
        // Two of them run.
        (before < HASH_QUEUE + 2).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.hash_queue.fetch_sub(1, Ordering::AcqRel);
    }
}
