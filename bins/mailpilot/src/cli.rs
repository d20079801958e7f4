//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use mailpilot_server::{LogLevel, Overrides, Source};

/// HTTP API and web dashboard for mail automation.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "mailpilot", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Configuration file; otherwise ./config.yaml, if it is there.
    #[arg(long, global = true, value_name = "PATH", env = "MAILPILOT_CONFIG")]
    config: Option<PathBuf>,
    /// Port to listen on, over that of the configuration; 0 takes a free one.
    #[arg(long, global = true, value_name = "PORT")]
    port: Option<u16>,
    /// Folder of the database and the secrets beside it, over that of the configuration.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Least grave line that is logged, over that of the configuration: trace, debug, info, warn, error.
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<LogLevel>,
}

impl Options {
    /// Where configuration comes from: the environment is read here, once, and nowhere below.
    pub(crate) fn source(&self) -> Source {
        let source = match &self.config {
            Some(path) => Source::new().file(path),
            None => Source::new().optional_file("./config.yaml"),
        };
        source
            .environment(std::env::vars_os())
            .command_line(Overrides {
                port: self.port,
                data_dir: self.data_dir.clone(),
                log_level: self.log_level,
            })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API and the dashboard (the default).
    Serve,
    /// Check the configuration: exit status 0, or 2 with every error.
    CheckConfig,
    /// Give the administrator a new password, read from the terminal or standard input, and end all sessions.
    ResetPassword {
        /// The administrator's user name.
        user: String,
    },
    /// Print a new API key and the `key_hash` to put into the configuration.
    HashKey,
    /// Copy the store to a file, consistent also while the server runs.
    Backup {
        /// The file to write; must not exist.
        file: PathBuf,
    },
    /// Ask the running server whether it is ready: exit status 0 or 1.
    Healthcheck,
    /// Print the OpenAPI description of the HTTP API.
    Openapi,
    /// Print the version.
    Version,
}
