//! The program `mailpilot`: command line, log lines, signals, exit status. Everything else is the library's.

mod cli;
mod commands;
mod health;
mod logging;
mod serve;
mod supervisor;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    commands::run(cli)
}
