//! One account as JSON: what the API takes in, by the rules of the file, and what the store keeps.

use figment::value::Value as FigmentValue;
use humantime::format_duration;
use mailpilot_engine::{AccountName, AccountSettings};
use serde_json::{Map, Value, json};

use crate::{
    layer::{Layer, LayerKind},
    reader::Reading,
    sections,
};

/// Something wrong with an account sent through the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The member, such as `imap.host`; empty for the body as a whole.
    pub field: String,
    /// What was found and what is allowed, in words.
    pub message: String,
}

/// Members that answers have and settings do not: what was read may be changed and sent back.
const ANSWERED: [&str; 6] = [
    "source",
    "status",
    "connected",
    "controls",
    "lastError",
    "lastActivityAt",
];

/// Members as the API names them, and as the file does.
const RENAMED: [(&str, &str); 1] = [("expectedInterval", "expected_interval")];

/// Reads the account `name` from a request or from the store, by the rules of the file.
///
/// The body replaces the account, but what an answer never shows keeps its value when it is left
/// out: the password (also when it is `{"configured": true}`, as answers show it), and the members
/// of a mail engine. `null` takes either away.
///
/// # Errors
/// Everything wrong with the body, each with the member it is about. Never shows a secret.
pub fn account_from_json(
    name: &AccountName,
    body: &Value,
    previous: Option<&AccountSettings>,
) -> Result<AccountSettings, Vec<FieldProblem>> {
    let Value::Object(body) = body else {
        return Err(vec![problem("", "expected an object")]);
    };
    let mut body = body.clone();
    let mut problems = prepare(&mut body, name);
    let keeps_password = take_kept_password(&mut body);
    let (account, found) = read(&body);
    problems.extend(found);
    let Some(mut account) = account.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    account.extra.retain(|_, value| !value.is_null());
    if let Some(previous) = previous {
        for (member, value) in &previous.extra {
            if !body.contains_key(member) {
                account.extra.insert(member.clone(), value.clone());
            }
        }
    }
    let before = previous.and_then(|previous| previous.imap.as_ref()?.password.clone());
    if let Some(imap) = account.imap.as_mut().filter(|_| keeps_password) {
        imap.password = before;
    }
    Ok(account)
}

/// Takes the names of the API to those of the file, and puts in the name from the path.
fn prepare(body: &mut Map<String, Value>, name: &AccountName) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    for (api, file) in RENAMED {
        let moved = body
            .remove(api)
            .and_then(|value| body.insert(file.to_owned(), value));
        if moved.is_some() {
            let message = format!("`{api}` and `{file}` are the same member");
            problems.push(problem(api, &message));
        }
    }
    let own = body.insert("name".to_owned(), json!(name.as_str()));
    if own.is_some_and(|own| own != json!(name.as_str())) {
        problems.push(problem(
            "name",
            "an account cannot be renamed; the name has to be the one in the path",
        ));
    }
    for answered in ANSWERED {
        body.remove(answered);
    }
    let none: Vec<_> = ["imap", "expected_interval"]
        .into_iter()
        .filter(|name| body.get(*name) == Some(&Value::Null))
        .collect();
    for name in none {
        body.remove(name);
    }
    problems
}

/// Whether the password is to keep its value; takes away what stands in its place.
fn take_kept_password(body: &mut Map<String, Value>) -> bool {
    let Some(Value::Object(imap)) = body.get_mut("imap") else {
        return false;
    };
    match imap.get("password") {
        None => true,
        Some(Value::Null) => {
            imap.remove("password");
            false
        }
        Some(Value::Object(shown)) if shown.len() == 1 && shown.contains_key("configured") => {
            imap.remove("password");
            true
        }
        Some(_) => false,
    }
}

fn read(body: &Map<String, Value>) -> (Option<AccountSettings>, Vec<FieldProblem>) {
    let mut layer = Layer::new(LayerKind::Request, "");
    match FigmentValue::serialize(body) {
        Ok(FigmentValue::Dict(_, values)) => layer.values = values,
        _ => {
            return (
                None,
                vec![problem(
                    "",
                    "expected an object with members this server can read",
                )],
            );
        }
    }
    let layers = [layer];
    let reading = Reading::new(&layers);
    let account = sections::account(&reading.root("accounts[]"));
    let problems = reading.into_findings().problems.into_iter().map(|found| {
        let renamed = RENAMED.iter().find(|(_, file)| *file == found.key);
        let field = renamed.map_or(found.key.as_str(), |(api, _)| *api);
        match &found.help {
            Some(help) => problem(field, &format!("{}; {help}", found.message)),
            None => problem(field, &found.message),
        }
    });
    (account, problems.collect())
}

fn problem(field: &str, message: &str) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

/// The account as [`account_from_json`] reads it back, **with its password in clear** and all that
/// a mail engine keeps in it. For the store alone: never for an answer, a log or a view.
#[must_use]
pub fn account_to_json_with_secrets(account: &AccountSettings) -> Value {
    let mut object = account.extra.clone();
    object.insert("name".to_owned(), json!(account.name.as_str()));
    object.insert("paused".to_owned(), json!(account.paused));
    if let Some(imap) = &account.imap {
        let mut member = json!({
            "host": imap.host,
            "port": imap.port,
            "tls": imap.tls.name(),
            "username": imap.username,
        });
        if let Some(password) = &imap.password {
            member["password"] = json!(password.expose());
        }
        object.insert("imap".to_owned(), member);
    }
    if let Some(interval) = account.expected_interval {
        object.insert(
            "expected_interval".to_owned(),
            json!(format_duration(interval).to_string()),
        );
    }
    Value::Object(object)
}
