//! The YAML file: text to a layer. Must not know what any key means.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use figment::value::{Dict, Value};

use crate::{
    interpolate::Variables,
    layer::{Layer, LayerKind},
    problem::{Origin, Position, Problem, Warning},
    tree::Planter,
    yaml::{self, Content},
};

/// Bytes a file may have; ten thousand keys take one or two MiB.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Why a file was not read.
pub(crate) enum Unreadable {
    /// There is no such file.
    Missing,
    /// Anything else, in words.
    Because(String),
}

/// Reads the text of a file.
pub(crate) fn read(path: &Path) -> Result<String, Unreadable> {
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_BYTES {
        let message = format!("the file has {size} bytes, at most {MAX_BYTES} are read");
        return Err(Unreadable::Because(message));
    }
    fs::read_to_string(path).map_err(unreadable)
}

fn unreadable(error: io::Error) -> Unreadable {
    Unreadable::Because(match error.kind() {
        io::ErrorKind::NotFound => return Unreadable::Missing,
        io::ErrorKind::InvalidData => "the file is not UTF-8 text".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder, not a file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    })
}

/// A problem of the file as a whole.
pub(crate) fn whole(path: &Path, message: impl Into<String>) -> Problem {
    Problem::new(
        Origin::File {
            file: path.to_owned(),
            position: None,
        },
        "",
        message,
    )
}

/// A text to a layer, with everything wrong with it that needs no knowledge of keys.
pub(crate) fn layer(file: &Path, text: &str, variables: &Variables) -> (Layer, Vec<Problem>) {
    let file = PathBuf::from(file);
    let origin = |at: Position| Origin::File {
        file: file.clone(),
        position: Some(at),
    };
    let mut layer = Layer::new(LayerKind::File, text);
    let root = match yaml::parse(text) {
        Ok(root) => root,
        Err(invalid) => {
            let origin = Origin::File {
                file: file.clone(),
                position: invalid.at,
            };
            return (layer, vec![Problem::new(origin, "", invalid.message)]);
        }
    };
    let at = root.at;
    let empty = matches!(root.content, Content::Null);
    let mut planter = Planter {
        origin: &origin,
        variables: Some(variables),
        from_variable: false,
        places: HashMap::new(),
        problems: Vec::new(),
    };
    let value = planter.plant("", "", root, None);
    let mut problems = planter.problems;
    layer.places = planter.places;
    layer.values = match value {
        Value::Dict(_, values) => values,
        _ => {
            if !empty {
                problems.push(not_a_map(origin(at)));
            }
            Dict::new()
        }
    };
    (layer, problems)
}

fn not_a_map(origin: Origin) -> Problem {
    Problem::new(
        origin,
        "",
        "expected sections such as `server:`, each with its keys below",
    )
}

/// A warning if others than owner and group may read a file that holds secrets.
#[cfg(unix)]
pub(crate) fn open_to_others(path: &Path) -> Option<Warning> {
    use std::os::unix::fs::PermissionsExt;

    const OTHERS_READ: u32 = 0o004;
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & OTHERS_READ != 0).then(|| Warning {
        origin: Origin::File {
            file: path.to_owned(),
            position: None,
        },
        key: String::new(),
        message: format!(
            "the file holds secrets and everybody on this machine may read it (mode {:04o}); \
             chmod 640 it, or take the secrets from the environment with ${{NAME}}",
            mode & 0o7777
        ),
    })
}

/// There are no modes to look at here.
#[cfg(not(unix))]
pub(crate) fn open_to_others(_: &Path) -> Option<Warning> {
    None
}
