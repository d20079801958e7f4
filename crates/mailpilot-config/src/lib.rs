//! Text to settings, and back to a masked view.
//!
//! Layers, later wins: built-in defaults, a YAML file, the environment, the command line. Nothing
//! here reads the process environment, exits or logs: the caller hands in what it has, and gets
//! settings with warnings, or every problem at once. No secret leaves in an error, a view or `Debug`.

mod account;
mod changes;
mod command_line;
mod documentation;
mod environment;
mod facts;
mod file;
mod interpolate;
mod layer;
mod problem;
mod reader;
mod reference;
mod sections;
mod settings;
mod source;
mod tree;
mod view;
mod yaml;

pub use account::{FieldProblem, account_from_json, account_to_json_with_secrets};
pub use changes::{Changes, changes};
pub use command_line::Overrides;
pub use documentation::configuration_md;
pub use problem::{ConfigError, Origin, Position, Problem, Warning};
pub use reference::{KeyDoc, Kind, Reload, reference};
pub use settings::{LogFormat, LoggingSettings, Settings};
pub use source::{Loaded, Source};
pub use view::{EffectiveView, ViewEntry};

#[cfg(test)]
mod tests;
