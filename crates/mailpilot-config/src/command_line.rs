//! What the command line overrides, as a layer.

use std::path::PathBuf;

use figment::value::Value;
use mailpilot_engine::LogLevel;

use crate::{
    layer::{Layer, LayerKind, Place},
    problem::{Origin, Problem},
};

/// Name of the database in a data dir given by `--data-dir`.
const DATABASE: &str = "mailpilot.db";

/// What the command line says about the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--port`: `server.port`.
    pub port: Option<u16>,
    /// `--data-dir`: `state.database_path` becomes `mailpilot.db` in it.
    pub data_dir: Option<PathBuf>,
    /// `--log-level`: `logging.level`.
    pub log_level: Option<LogLevel>,
}

pub(crate) fn layer(overrides: &Overrides) -> (Layer, Vec<Problem>) {
    let mut layer = Layer::new(LayerKind::CommandLine, "");
    let mut problems = Vec::new();
    if let Some(port) = overrides.port {
        set(&mut layer, "--port", "server", "port", Value::from(port));
    }
    if let Some(level) = overrides.log_level {
        set(
            &mut layer,
            "--log-level",
            "logging",
            "level",
            Value::from(level.name()),
        );
    }
    if let Some(dir) = &overrides.data_dir {
        match dir.join(DATABASE).to_str() {
            Some(path) => set(
                &mut layer,
                "--data-dir",
                "state",
                "database_path",
                Value::from(path),
            ),
            None => {
                let origin = Origin::CommandLine {
                    option: "--data-dir",
                };
                problems.push(Problem::new(
                    origin,
                    "state.database_path",
                    "the path is not UTF-8 text",
                ));
            }
        }
    }
    (layer, problems)
}

fn set(layer: &mut Layer, option: &'static str, section: &str, key: &str, value: Value) {
    let origin = Origin::CommandLine { option };
    layer
        .places
        .insert(section.to_owned(), Place::new(origin.clone()));
    layer
        .places
        .insert(format!("{section}.{key}"), Place::new(origin));
    // Each option has a key of its own, so nothing can be in the way.
    let vacant = layer.set(&[section.to_owned(), key.to_owned()], value);
    debug_assert!(vacant.is_ok());
}
