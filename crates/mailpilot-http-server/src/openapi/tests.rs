//! The document against the table it is made from, against itself, and against what the server reads.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{document, draft::permission};
use crate::endpoint::{Endpoint, Need};

const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// Every operation as method, path and what is said of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let of_path = item.as_object().unwrap().iter();
            of_path.map(|(method, operation)| (method.clone(), path.clone(), operation.clone()))
        })
        .collect()
}

fn is_described(endpoint: Endpoint) -> bool {
    let path = endpoint.path();
    path.starts_with("/api/") || path.starts_with("/health") || path == "/metrics"
}

/// Every `$ref` below `value`.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => found.push(target.clone()),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_document_names_exactly_the_routes_of_the_table() {
    let table: BTreeSet<_> = Endpoint::ALL
        .iter()
        .filter(|endpoint| is_described(**endpoint))
        .map(|endpoint| (endpoint.method().to_lowercase(), endpoint.path().to_owned()))
        .collect();
    let described: BTreeSet<_> = operations(&document())
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    assert!(
        described
            .iter()
            .all(|(method, _)| METHODS.contains(&method.as_str()))
    );
    assert_eq!(described, table);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_is() {
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document()) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name), "{method} {path}");
        assert!(
            operation["summary"].is_string() && operation["tags"].is_array(),
            "{method} {path}"
        );
    }
}

#[test]
fn every_operation_can_answer_an_error_in_json() {
    let document = document();
    for (method, path, operation) in operations(&document) {
        let is_error = |(status, response): (&String, &Value)| {
            let name = response["$ref"]
                .as_str()
                .and_then(|target| target.rsplit('/').next())
                .unwrap_or_default();
            let schema =
                &document["components"]["responses"][name]["content"]["application/json"]["schema"];
            status.starts_with('4') && schema["$ref"] == "#/components/schemas/Error"
        };
        assert!(
            operation["responses"]
                .as_object()
                .unwrap()
                .iter()
                .any(is_error),
            "{method} {path}"
        );
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100);
    for target in found {
        assert!(
            document.pointer(target.trim_start_matches('#')).is_some(),
            "{target}"
        );
    }
}

#[test]
fn permissions_and_security_are_those_of_the_table() {
    let document = document();
    for endpoint in Endpoint::ALL
        .iter()
        .filter(|endpoint| is_described(**endpoint))
    {
        let operation = &document["paths"][endpoint.path()][endpoint.method().to_lowercase()];
        assert_eq!(
            operation["x-permission"].as_str(),
            permission(endpoint.need()),
            "{endpoint:?}"
        );
        let schemes: BTreeSet<_> = operation["security"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|one| one.as_object().unwrap().keys().map(String::as_str))
            .collect();
        let expected: &[&str] = match endpoint.need() {
            Need::Nobody => &[],
            Need::Session => &["session"],
            Need::Permission(_) | Need::MetricsPolicy | Need::EventTypes => &["bearer", "session"],
        };
        assert!(schemes.iter().eq(expected), "{endpoint:?}: {schemes:?}");
    }
}

#[test]
fn whoever_reads_bodies_says_so_and_nobody_else() {
    let document = document();
    for endpoint in Endpoint::ALL
        .iter()
        .filter(|endpoint| is_described(**endpoint))
    {
        let operation = &document["paths"][endpoint.path()][endpoint.method().to_lowercase()];
        let reads = endpoint.route().body != crate::endpoint::BodyBound::None;
        assert_eq!(
            operation["requestBody"]["required"] == true,
            reads,
            "{endpoint:?}"
        );
    }
}

#[test]
fn the_pattern_of_dates_and_the_server_agree() {
    let schema = &document()["components"]["schemas"]["TimeInput"];
    let pattern = schema["oneOf"][0]["pattern"].as_str().unwrap().to_owned();
    let dates = regex::Regex::new(&pattern).unwrap();
    for text in [
        "0",
        "253402300799999",
        "253402300800000",
        "2534023008000000",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "2026-02-29T00:00:00Z",
        "2028-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2000-02-29 12:00:00.5+02:00",
        "1990-02-29T00:00:00Z",
        "1996-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z",
        "2026-11-22T10:00:00+24:00",
        "1969-12-31T23:59:59Z",
        "now",
        "",
    ] {
        let accepted = text.parse::<mailpilot_clock::Timestamp>().is_ok();
        assert_eq!(dates.is_match(text), accepted, "{text}");
    }
}

#[test]
fn the_page_for_people_has_every_endpoint() {
    let page = include_str!("../../../../docs/API.md");
    for endpoint in Endpoint::ALL
        .iter()
        .filter(|endpoint| is_described(**endpoint))
    {
        let heading = format!("\n### {} {}\n", endpoint.method(), endpoint.path());
        assert!(
            page.contains(&heading),
            "docs/API.md has no heading{heading}"
        );
    }
}
