//! `serve`: puts the server together, tells where it listens, and obeys signals.

use std::{io::Write, sync::Arc};

use mailpilot_server::{
    BoundServer, LoggingSettings, ReloadError, ServerBuilder, ServerError, ServerHandle,
    SystemClock, log_channel,
};
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::Options,
    commands::{Done, chain, print, runtime},
    logging::{self, Level},
    supervisor,
};

/// Descriptors the server needs for itself: store, log, sockets of others.
const RESERVED_FILES: u64 = 512;

pub(crate) fn run(options: &Options) -> Done {
    let source = options.source();
    // Read once before anything is logged, so that the first line has its level and form.
    let logging = source.load().map_err(ServerError::Config)?.settings.logging;
    let (layer, lines) = log_channel(Arc::new(SystemClock));
    let level = logging::init(&logging, layer)?;
    let listener = supervisor::handed_over()?;
    runtime()?.block_on(async {
        let mut builder = ServerBuilder::new(source)
            .logs(lines)
            .on_reload(follow(level))
            .revision(option_env!("MAILPILOT_REVISION").unwrap_or("unknown"));
        if let Some(listener) = listener {
            builder = builder.listener(listener);
        }
        if let Some(most) = most_connections() {
            builder = builder.max_connections(most);
        }
        serve(builder.build().await?).await
    })
}

fn follow(level: Level) -> impl Fn(&LoggingSettings) + Send + Sync + 'static {
    move |logging| level.set(logging.level)
}

async fn serve(server: BoundServer) -> Done {
    // The host's own `metrics` calls appear in `/metrics`; this program is the host.
    if metrics::set_global_recorder(server.metrics().recorder()).is_err() {
        tracing::warn!(
            "another metrics recorder is installed; its series do not appear in /metrics"
        );
    }
    let handle = server.handle();
    // Whoever reads the line that says where it listens may send a signal at once.
    let signals = tokio::spawn(obey_signals(handle.clone())?);
    announce(&server, &handle)?;
    let watchdog = tokio::spawn(supervisor::pat_watchdog());
    supervisor::tell(&[NotifyState::Ready]);
    let drained = server.serve().await?;
    signals.abort();
    watchdog.abort();
    tracing::info!(cut = drained.cut, "stopped");
    Ok(())
}

fn announce(server: &BoundServer, handle: &ServerHandle) -> Done {
    print(format_args!("Mailpilot listens on {}\n", server.url()))?;
    if handle.development_possible() {
        tracing::warn!(
            "development mode: until an administrator, a token or a key exists, programs on this machine need no credential"
        );
    }
    let Some(code) = server.setup_code() else {
        return Ok(());
    };
    let mut terminal = std::io::stderr().lock();
    // Not a log line: those are kept and can be read through the API.
    if server.dashboard_enabled() {
        writeln!(
            terminal,
            "No administrator yet. On this machine open {}setup; from elsewhere open this server's address with \
             setup#code={code}, or type the setup code {code}.",
            server.url(),
            code = code.expose(),
        )?;
    } else {
        writeln!(
            terminal,
            "The dashboard is disabled, so nobody can log in. Programs need server.auth_token or dashboard.api_keys of \
             the configuration."
        )?;
    }
    Ok(())
}

/// SIGTERM and SIGINT stop in order, a second one at once; SIGHUP reads the configuration again, which
/// holds up neither of them. Hangups during a reading lead to one more.
fn obey_signals(handle: ServerHandle) -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let to_reload = handle.clone();
    let reloads = async move {
        while hangup.recv().await.is_some() {
            reload(&to_reload).await;
        }
    };
    let stops = async move {
        let mut stopping = false;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stopping {
                tracing::warn!("told to stop twice: running requests are cut");
                handle.force_shutdown();
            } else {
                tracing::info!("stopping");
                supervisor::tell(&[NotifyState::Stopping]);
                handle.shutdown();
                stopping = true;
            }
        }
    };
    Ok(async move {
        tokio::join!(reloads, stops);
    })
}

async fn reload(handle: &ServerHandle) {
    match handle.reload().await {
        Ok(_) => {}
        Err(ReloadError::Invalid(problems)) => {
            for problem in problems {
                tracing::error!(problem = %problem.message, "configuration");
            }
        }
        Err(error) => tracing::error!(error = %chain(&error), "configuration"),
    }
}

/// Raises the soft limit on open files to the hard one, and leaves some for the server itself.
fn most_connections() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: now.maximum,
        maximum: now.maximum,
    };
    let files = match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => now.maximum,
        Err(_) => now.current,
    };
    // No limit at all leaves the server's own.
    files.map(|files| {
        usize::try_from(files.saturating_sub(RESERVED_FILES).max(64)).unwrap_or(usize::MAX)
    })
}
