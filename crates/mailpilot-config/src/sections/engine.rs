//! The sections of a mail engine, kept as they are for the embedding program. May hold secrets, so
//! nothing but their names is ever shown.

use serde_json::{Map, Value};

use crate::reader::Node;

/// Their names.
pub(crate) const SECTIONS: [&str; 13] = [
    "concurrency_limit",
    "dry_run",
    "add_processing_headers",
    "backlog",
    "llm_providers",
    "default_prompt",
    "default_prompt_file",
    "antivirus",
    "attachments",
    "retry",
    "notifications",
    "confidence",
    "shutdown",
];

pub(super) fn read(root: &Node<'_>) -> Map<String, Value> {
    SECTIONS
        .iter()
        .map(|name| root.member(name))
        .filter_map(|section| {
            section
                .kept()
                .map(|value| (section.path().to_owned(), value))
        })
        .collect()
}
