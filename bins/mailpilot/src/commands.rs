//! What each command does, and the exit status it ends with.

use std::{
    error::Error,
    io::{self, IsTerminal, Read, Write},
    path::Path,
    process::ExitCode,
};

use mailpilot_server::{Secret, ServerError, format_key_hash, generate_key};

use crate::{
    cli::{Cli, Command, Options},
    health, serve,
};

/// Exit status of a configuration that cannot be used.
const CONFIG_ERROR: u8 = 2;

pub(crate) fn run(cli: Cli) -> ExitCode {
    let Cli { options, command } = cli;
    let done = match command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&options),
        Command::CheckConfig => check_config(&options),
        Command::ResetPassword { user } => reset_password(&options, &user),
        Command::HashKey => hash_key(),
        Command::Backup { file } => backup(&options, &file),
        Command::Healthcheck => health::check(&options),
        Command::Openapi => openapi(),
        Command::Version => print(format_args!("mailpilot {}\n", env!("CARGO_PKG_VERSION"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

/// Tells what went wrong, with every cause, and chooses the exit status.
fn fail(error: &(dyn Error + 'static)) -> ExitCode {
    let mut err = io::stderr().lock();
    let config = match error.downcast_ref::<ServerError>() {
        Some(ServerError::Config(config)) => Some(config),
        _ => None,
    };
    // Where standard error is gone, the exit status has to speak alone.
    let told = match config {
        Some(config) => writeln!(err, "{config}"),
        None => writeln!(err, "error: {}", chain(error)),
    };
    drop(told);
    if config.is_some() {
        ExitCode::from(CONFIG_ERROR)
    } else {
        ExitCode::FAILURE
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

pub(crate) type Done = Result<(), Box<dyn Error>>;

/// To standard output. A reader that went away early is no error.
pub(crate) fn print(text: std::fmt::Arguments<'_>) -> Done {
    let mut out = io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn check_config(options: &Options) -> Done {
    let loaded = options.source().load().map_err(ServerError::Config)?;
    for warning in &loaded.warnings {
        print(format_args!("warning: {warning}\n"))?;
    }
    match &loaded.file {
        Some(file) => print(format_args!("{}: ok\n", file.display())),
        None => print(format_args!(
            "no configuration file; the defaults and the environment are ok\n"
        )),
    }
}

fn reset_password(options: &Options, user: &str) -> Done {
    let password = read_password()?;
    runtime()?.block_on(mailpilot_server::reset_password(
        &options.source(),
        user,
        password,
    ))?;
    print(format_args!(
        "The password of `{user}` is changed and all sessions have ended.\n"
    ))
}

/// From the terminal without echo, else the first line of standard input.
fn read_password() -> Result<Secret, Box<dyn Error>> {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        drop(stdin);
        let password = Secret::new(rpassword::prompt_password("New password: ")?);
        let again = Secret::new(rpassword::prompt_password("Once more: ")?);
        return if password.expose() == again.expose() {
            Ok(password)
        } else {
            Err("the two passwords differ".into())
        };
    }
    let mut text = String::new();
    stdin.read_to_string(&mut text)?;
    let all = Secret::new(text);
    Ok(Secret::new(all.expose().lines().next().unwrap_or_default()))
}

fn hash_key() -> Done {
    let (key, sha256) = generate_key()?;
    print(format_args!(
        "key:      {}\nkey_hash: {}\n",
        key.expose(),
        format_key_hash(&sha256)
    ))
}

fn backup(options: &Options, file: &Path) -> Done {
    mailpilot_server::backup(&options.source(), file)?;
    print(format_args!("{}: written\n", file.display()))
}

fn openapi() -> Done {
    let text = serde_json::to_string_pretty(&mailpilot_server::openapi_document())?;
    print(format_args!("{text}\n"))
}

pub(crate) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}
