//! systemd: sockets it hands over, and what it wants to be told (sd_notify(3)).

use std::{net::TcpListener, time::Duration};

use sd_notify::NotifyState;

/// The first socket of `LISTEN_FDS`, if any was given.
pub(crate) fn handed_over() -> std::io::Result<Option<TcpListener>> {
    listenfd::ListenFd::from_env().take_tcp_listener(0)
}

/// Tells systemd, if it asked to be told.
pub(crate) fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(error = %error, "systemd could not be told of the server's state");
    }
}

/// Pats the watchdog twice per interval, for as long as the runtime turns.
///
/// # Cancel safety
/// Dropping the future ends it; systemd then restarts the service.
pub(crate) async fn pat_watchdog() {
    let Some(interval) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut pace = tokio::time::interval((interval / 2).max(Duration::from_millis(100)));
    loop {
        pace.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}
