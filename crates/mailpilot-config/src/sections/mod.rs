//! The sections of the configuration, each with its documented keys beside its parsing.

mod accounts;
mod dashboard;
pub(crate) mod engine;
mod logging;
mod server;
mod state;

use crate::{reader::Node, reference::KeyDoc, settings::Settings};

pub(crate) use accounts::account;
pub(crate) use server::{health_name, metrics_name};

/// The documented keys of every section.
pub(crate) const KEYS: &[&[KeyDoc]] = &[
    server::KEYS,
    dashboard::KEYS,
    state::KEYS,
    logging::KEYS,
    accounts::KEYS,
];

/// Reads everything below `root`. What is wrong is noted there, and its default stands in for it.
pub(crate) fn read(root: &Node<'_>) -> Settings {
    let settings = read_each(root);
    dashboard::compare_credentials(root);
    settings
}

/// Reads everything below `root` without comparing one section with another: one source alone may
/// hold a value that a later one replaces.
pub(crate) fn read_each(root: &Node<'_>) -> Settings {
    let mut settings = Settings::default();
    root.refuse_unknown(&engine::SECTIONS);
    server::read(&root.member("server"), &mut settings);
    dashboard::read(&root.member("dashboard"), &mut settings);
    state::read(&root.member("state"), &mut settings.storage);
    logging::read(&root.member("logging"), &mut settings.logging);
    settings.accounts = accounts::read(&root.member("accounts"));
    settings.engine = engine::read(root);
    settings
}

/// Whether a credential stands in the file itself, instead of coming out of a variable.
pub(crate) fn holds_inline_secrets(root: &Node<'_>) -> bool {
    let dashboard = root.member("dashboard");
    let keys = dashboard.member("api_keys").elements();
    let accounts = root.member("accounts").elements();
    [
        root.member("server").member("auth_token"),
        dashboard.member("session_secret"),
    ]
    .into_iter()
    .chain(keys.iter().map(|key| key.member("key")))
    .chain(
        accounts
            .iter()
            .map(|account| account.member("imap").member("password")),
    )
    .any(|node| node.is_inline())
}
