//! `logging`: what is written to standard error.

use mailpilot_engine::LogLevel;

use crate::{
    reader::Node,
    reference::{KeyDoc, Kind, Reload},
    settings::{LogFormat, LoggingSettings},
};

pub(super) const KEYS: &[KeyDoc] = &[
    KeyDoc {
        key: "logging.level",
        kind: Kind::Choice(&["trace", "debug", "info", "warn", "error"]),
        default: Some("info"),
        rule: "Lines below this level are dropped.",
        reload: Reload::AtOnce,
    },
    KeyDoc {
        key: "logging.format",
        kind: Kind::Choice(&["text", "json"]),
        default: Some("text"),
        rule: "The form of a line on standard error.",
        reload: Reload::Restart,
    },
];

pub(super) fn read(node: &Node<'_>, logging: &mut LoggingSettings) {
    if node.map().is_none() {
        return;
    }
    node.refuse_unknown(&[]);
    let level = node.member("level").choice(&LogLevel::ALL, LogLevel::name);
    let format = node
        .member("format")
        .choice(&LogFormat::ALL, LogFormat::name);
    logging.level = level.unwrap_or(logging.level);
    logging.format = format.unwrap_or(logging.format);
}
