//! Tests of the whole way from sources to settings.

mod accounts;
mod documentation;
mod layers;
mod problems;
mod reload;
mod secrets;
mod seed;
mod sources;

use crate::{Loaded, Source};

/// A source of one text and some variables.
fn source(yaml: &str, variables: &[(&str, &str)]) -> Source {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Source::new()
        .text("config.yaml", yaml)
        .environment(variables)
}

fn load(yaml: &str) -> Loaded {
    load_with(yaml, &[])
}

fn load_with(yaml: &str, variables: &[(&str, &str)]) -> Loaded {
    source(yaml, variables).load().unwrap()
}

fn problems(yaml: &str, variables: &[(&str, &str)]) -> String {
    match source(yaml, variables).load() {
        Ok(_) => "no problem".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn warnings(yaml: &str, variables: &[(&str, &str)]) -> String {
    let warnings = load_with(yaml, variables).warnings;
    warnings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}
