//! `docs/CONFIGURATION.md`, generated from the documented keys.

/// The whole text of `docs/CONFIGURATION.md`.
#[must_use]
pub fn configuration_md() -> String {
    String::new()
}
