//! `MAILPILOT_SERVER__PORT=3000` to a layer. Never reads the process environment itself.

use std::{collections::HashMap, ffi::OsString};

use figment::value::Value;

use crate::{
    interpolate::{Variables, is_reference},
    layer::{Layer, LayerKind, Place, member_path},
    problem::{Origin, Problem},
    reference::{Kind, find, is_section},
    tree::Planter,
    yaml,
};

const PREFIX: &str = "MAILPILOT_";

/// Variables that are text, and the names of those of ours that are not.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) variables: Variables,
    pub(crate) unreadable: Vec<String>,
}

/// Sorts variables by whether they are text.
pub(crate) fn read(
    variables: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>,
) -> Read {
    let mut read = Read::default();
    for (name, value) in variables {
        match (name.into().into_string(), value.into().into_string()) {
            (Ok(name), Ok(value)) => {
                read.variables.insert(name, value);
            }
            (name, _) => {
                let name = name.unwrap_or_else(|name| name.to_string_lossy().into_owned());
                if name.starts_with(PREFIX) {
                    read.unreadable.push(name);
                }
            }
        }
    }
    read
}

/// A problem for each of these names; what the variables hold stays unseen.
pub(crate) fn unreadable(names: &[String]) -> impl Iterator<Item = Problem> {
    names.iter().map(|name| {
        let origin = Origin::Environment { name: name.clone() };
        Problem::new(origin, "", "the variable is not UTF-8 text").help("set it anew, or unset it")
    })
}

/// Every variable that is a key: those with `__`, and those named like a top-level section. Others,
/// such as `MAILPILOT_CONFIG` or what an orchestrator sets for a service of this name, are left alone.
pub(crate) fn layer(variables: &Variables) -> (Layer, Vec<Problem>) {
    let mut layer = Layer::new(LayerKind::Environment, "");
    let mut problems = Vec::new();
    for (name, value) in variables {
        let Some(path) = key_path(name) else { continue };
        add(&mut layer, &mut problems, name, &path, value);
    }
    (layer, problems)
}

fn key_path(name: &str) -> Option<Vec<String>> {
    let key = name.strip_prefix(PREFIX)?.to_ascii_lowercase();
    let counts = key.contains("__") || is_section(&key);
    counts.then(|| key.split("__").map(str::to_owned).collect())
}

fn add(layer: &mut Layer, problems: &mut Vec<Problem>, name: &str, path: &[String], text: &str) {
    let origin = Origin::Environment {
        name: name.to_owned(),
    };
    let key = path
        .iter()
        .fold(String::new(), |parent, member| member_path(&parent, member));
    if path
        .iter()
        .any(|member| member.bytes().all(|b| b.is_ascii_digit()))
    {
        let message = "an element of a list, or an empty name, cannot be set alone";
        problems.push(
            Problem::new(origin, key, message)
                .help("set the whole list in the form [{name: a}, {name: b}]"),
        );
        return;
    }
    if is_reference(text) {
        let message =
            "the value is a reference that nobody filled in; variables are taken literally";
        problems.push(
            Problem::new(origin, key, message).help("let the shell or the unit file fill it in"),
        );
        return;
    }
    let Some(value) = value(layer, problems, &origin, &key, text) else {
        return;
    };
    if let Err(taken) = layer.set(path, value) {
        problems.push(Problem::new(
            origin,
            key,
            format!("another variable sets `{taken}` already"),
        ));
        return;
    }
    for depth in 1..path.len() {
        let parent = path[..depth]
            .iter()
            .fold(String::new(), |parent, member| member_path(&parent, member));
        layer
            .places
            .entry(parent)
            .or_insert_with(|| Place::new(origin.clone()));
    }
}

/// The value as text, or as YAML where the key holds a list or a map and the text begins one.
fn value(
    layer: &mut Layer,
    problems: &mut Vec<Problem>,
    origin: &Origin,
    key: &str,
    text: &str,
) -> Option<Value> {
    let structured =
        find(key).is_none_or(|doc| matches!(doc.kind, Kind::List | Kind::Words | Kind::Map));
    if !structured || !text.trim_start().starts_with(['[', '{']) {
        let place = Place {
            from_variable: true,
            ..Place::new(origin.clone())
        };
        layer.places.insert(key.to_owned(), place);
        return Some(Value::from(text));
    }
    let Ok(node) = yaml::parse(text) else {
        let message = "the value begins like a list or a map, but is none in YAML";
        problems.push(
            Problem::new(origin.clone(), key, message)
                .help("write it like [a, b] or {name: value}"),
        );
        return None;
    };
    let mut planter = Planter {
        origin: |_| origin.clone(),
        variables: None,
        from_variable: true,
        places: HashMap::new(),
        problems: Vec::new(),
    };
    let value = planter.plant(key, key, node, None);
    layer.places.extend(planter.places);
    problems.extend(planter.problems);
    Some(value)
}
