//! A cursor over merged values that notes every problem instead of stopping at the first. Decides
//! what a message may show: never the value of a secret key, nor what came out of a variable, nor what
//! looks like a secret that stands in the wrong place.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use figment::{
    Figment, Profile, Provider,
    value::{Dict, Value},
};
use mailpilot_secret::Secret;

use crate::{
    layer::{Layer, Place, element_path, may_be_secret, may_show, member_path},
    problem::{Excerpt, Origin, Problem, Warning},
    reference::{self, Kind},
};

/// Longest value a message repeats, in characters.
const MAX_SHOWN: usize = 60;

/// The merged sources, and what reading them brought to light.
pub(crate) struct Reading<'a> {
    layers: &'a [Layer],
    figment: Figment,
    values: Value,
    findings: RefCell<Findings>,
}

/// What reading brought to light.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    /// Where each value that was read comes from, by path.
    pub(crate) origins: BTreeMap<String, Origin>,
}

impl<'a> Reading<'a> {
    /// Merges `layers`, later ones over earlier ones.
    pub(crate) fn new(layers: &'a [Layer]) -> Self {
        let figment = layers
            .iter()
            .fold(Figment::new(), |figment, layer| figment.merge(layer));
        // A layer's data cannot fail, so neither can the merged data.
        let values = figment
            .data()
            .ok()
            .and_then(|mut data| data.remove(&Profile::Default))
            .unwrap_or_default();
        Self {
            layers,
            figment,
            values: Value::from(values),
            findings: RefCell::default(),
        }
    }

    /// The whole, read as what `pattern` documents.
    pub(crate) fn root(&self, pattern: &str) -> Node<'_> {
        Node {
            reading: self,
            value: Some(&self.values),
            path: String::new(),
            pattern: pattern.to_owned(),
        }
    }

    pub(crate) fn into_findings(self) -> Findings {
        self.findings.into_inner()
    }

    fn layer(&self, value: &Value) -> Option<&Layer> {
        let metadata = self.figment.get_metadata(value.tag())?;
        self.layers.iter().find(|layer| layer.is(metadata))
    }

    /// The place of `path`: in the source its value comes from, else in the last that has it.
    fn place(&self, path: &str, value: Option<&Value>) -> Option<(&Layer, &Place)> {
        let own = value.and_then(|value| self.layer(value));
        own.into_iter()
            .chain(self.layers.iter().rev())
            .find_map(|layer| layer.places.get(path).map(|place| (layer, place)))
    }
}

/// A value, or the place where one is missing.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    reading: &'a Reading<'a>,
    value: Option<&'a Value>,
    path: String,
    pattern: String,
}

impl<'a> Node<'a> {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.value.is_none()
    }

    /// Whether something is said about this value already.
    pub(crate) fn is_broken(&self) -> bool {
        self.place().is_some_and(|(_, place)| place.broken)
    }

    fn place(&self) -> Option<(&'a Layer, &'a Place)> {
        self.reading.place(&self.path, self.value)
    }

    /// Where this value stands; for a missing one, where it would have to be.
    pub(crate) fn origin(&self) -> Origin {
        if let Some((_, place)) = self.place() {
            return place.origin.clone();
        }
        let parents = self
            .path
            .char_indices()
            .rev()
            .filter(|(_, c)| matches!(c, '.' | '['));
        parents
            .map(|(end, _)| &self.path[..end])
            .chain([""])
            .find_map(|parent| self.reading.place(parent, None))
            .map_or(Origin::Api, |(_, place)| place.origin.clone())
    }

    /// The line the value stands on, where it stands in a file.
    pub(crate) fn line(&self) -> Option<usize> {
        match self.origin() {
            Origin::File { position, .. } => position.map(|at| at.line),
            _ => None,
        }
    }

    /// Whether what belongs here is documented as a single value that is no secret. In place of a
    /// section or a list anything may stand by mistake.
    fn is_word(&self) -> bool {
        let kind = |pattern: &str| reference::find(pattern).map(|doc| doc.kind);
        match self.pattern.strip_suffix("[]") {
            Some(list) => kind(list) == Some(Kind::Words),
            None => kind(&self.pattern).is_some_and(|kind| {
                !matches!(kind, Kind::Secret | Kind::List | Kind::Words | Kind::Map)
            }),
        }
    }

    /// Whether the value itself gives no reason to hide it.
    fn is_harmless(&self) -> bool {
        self.is_word() && !self.scalar().is_some_and(|text| may_be_secret(&text))
    }

    /// Whether a message may repeat the value.
    fn is_open(&self) -> bool {
        self.is_harmless() && !self.place().is_some_and(|(_, place)| place.from_variable)
    }

    /// Whether the value stands in the file itself, not in a variable.
    pub(crate) fn is_inline(&self) -> bool {
        self.place().is_some_and(|(_, place)| {
            !place.from_variable && matches!(place.origin, Origin::File { .. })
        })
    }

    /// The text in backticks after a space, if a message may repeat it.
    pub(crate) fn quoted(&self) -> String {
        match self.scalar().filter(|_| self.is_open()) {
            Some(text) => format!(" `{text}`"),
            None => String::new(),
        }
    }

    // What is wrong.

    pub(crate) fn problem(&self, message: impl Into<String>) {
        self.report(message, None);
    }

    pub(crate) fn problem_with_help(&self, message: impl Into<String>, help: impl Into<String>) {
        self.report(message, Some(help.into()));
    }

    fn report(&self, message: impl Into<String>, help: Option<String>) {
        let problem = Problem::new(self.origin(), self.path.as_str(), message);
        self.note(Problem {
            help,
            excerpt: self.excerpt(),
            ..problem
        });
    }

    fn note(&self, problem: Problem) {
        self.reading.findings.borrow_mut().problems.push(problem);
    }

    pub(crate) fn warning(&self, message: impl Into<String>) {
        let (origin, key) = (self.origin(), self.path.clone());
        self.reading.findings.borrow_mut().warnings.push(Warning {
            origin,
            key,
            message: message.into(),
        });
    }

    fn excerpt(&self) -> Option<Excerpt> {
        let scalar = !matches!(self.value?, Value::Dict(..) | Value::Array(..));
        let (layer, place) = self.place()?;
        let Origin::File {
            position: Some(at), ..
        } = place.origin
        else {
            return None;
        };
        let key = self
            .path
            .rsplit('.')
            .next()
            .filter(|last| !last.ends_with(']'));
        (scalar && self.is_harmless())
            .then(|| layer.excerpt(at, key, place.width))
            .flatten()
    }

    /// The value as a message may show it.
    fn found(&self) -> String {
        self.described(self.is_open())
    }

    /// The value, or if it is not `open` what sort of value it is.
    fn described(&self, open: bool) -> String {
        match self.value {
            None | Some(Value::Empty(..)) => "nothing".to_owned(),
            Some(Value::Dict(..)) => "a map".to_owned(),
            Some(Value::Array(..)) => "a list".to_owned(),
            Some(Value::Bool(_, flag)) if open => flag.to_string(),
            Some(Value::Num(..)) if open => self.scalar().unwrap_or_default(),
            Some(_) => match self.scalar() {
                Some(text) if text.is_empty() => "an empty text".to_owned(),
                Some(text) if open && text.chars().count() <= MAX_SHOWN => format!("{text:?}"),
                text => format!(
                    "a text of {} characters",
                    text.unwrap_or_default().chars().count()
                ),
            },
        }
    }

    fn expected(&self, what: &str) {
        self.problem(format!("expected {what}, found {}", self.found()));
    }

    // Scalars. Each gives None for what is absent, and for what is wrong, which it notes.

    /// The value as text, a number as it was written.
    fn scalar(&self) -> Option<String> {
        match self.value? {
            Value::String(_, text) => Some(text.clone()),
            Value::Char(_, c) => Some(c.to_string()),
            Value::Bool(_, flag) => Some(flag.to_string()),
            number @ Value::Num(..) => {
                let spelled = self.place().and_then(|(_, place)| place.spelled.clone());
                spelled.or_else(|| {
                    serde_json::to_value(number)
                        .ok()
                        .map(|number| number.to_string())
                })
            }
            Value::Empty(..) | Value::Dict(..) | Value::Array(..) => None,
        }
    }

    /// The text, if there is one; says nothing about what is wrong.
    pub(crate) fn known_text(&self) -> Option<String> {
        if self.is_broken() {
            None
        } else {
            self.scalar()
        }
    }

    fn seen(&self) {
        self.reading
            .findings
            .borrow_mut()
            .origins
            .insert(self.path.clone(), self.origin());
    }

    /// The value as what `read` makes of its text. `what` says what is expected.
    pub(crate) fn parse<T>(&self, what: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        if self.is_absent() || self.is_broken() {
            return None;
        }
        let parsed = self.scalar().and_then(|text| read(&text));
        match parsed {
            Some(_) => self.seen(),
            None => self.expected(what),
        }
        parsed
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, all: &[T], name: impl Fn(T) -> &'static str) -> Option<T> {
        if self.is_absent() || self.is_broken() {
            return None;
        }
        let text = self.scalar();
        let chosen = text
            .as_deref()
            .and_then(|text| all.iter().copied().find(|value| name(*value) == text));
        if chosen.is_some() {
            self.seen();
            return chosen;
        }
        let names: Vec<_> = all.iter().map(|value| name(*value)).collect();
        let text = text.unwrap_or_default();
        let near = nearest(&text, names.iter().copied());
        // What resembles none of the words and is no word itself may be anything, also a key.
        let open = self.is_open() && (near.is_some() || may_show(&text.replace([':', '*'], "")));
        let problem = Problem::new(
            self.origin(),
            self.path.as_str(),
            format!(
                "expected one of {}, found {}",
                names.join(", "),
                self.described(open)
            ),
        );
        self.note(Problem {
            help: near
                .filter(|_| open)
                .map(|near| format!("did you mean `{near}`?")),
            excerpt: if open { self.excerpt() } else { None },
            ..problem
        });
        None
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        self.parse("true or false", |text| match text {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        })
    }

    /// A text that is not blank.
    pub(crate) fn text(&self) -> Option<String> {
        if let Some(Value::Bool(..)) = self.value {
            self.problem_with_help(
                format!("expected a text, found {}", self.found()),
                "put it in quotes",
            );
            return None;
        }
        self.parse("a text that is not empty", |text| {
            (!text.trim().is_empty()).then(|| text.to_owned())
        })
    }

    pub(crate) fn secret(&self) -> Option<Secret> {
        self.text().map(Secret::new)
    }

    /// A duration of humantime, longer than nothing.
    pub(crate) fn duration(&self) -> Option<Duration> {
        self.parse(
            "a duration longer than zero, such as 30m, 24h or 7d",
            |text| {
                humantime::parse_duration(text.trim())
                    .ok()
                    .filter(|duration| !duration.is_zero())
            },
        )
    }

    // Maps and lists.

    /// The members, if this is a map. Nothing at all counts as a map without members.
    pub(crate) fn map(&self) -> Option<&'a Dict> {
        match self.value? {
            Value::Dict(_, dict) => Some(dict),
            Value::Empty(..) => None,
            _ => {
                self.expected("a map of keys and values");
                None
            }
        }
    }

    pub(crate) fn member(&self, name: &str) -> Self {
        let value = match self.value {
            Some(Value::Dict(_, dict)) => dict.get(name),
            _ => None,
        };
        Self {
            reading: self.reading,
            value,
            path: member_path(&self.path, name),
            pattern: member_path(&self.pattern, name),
        }
    }

    /// The elements, if this is a list.
    pub(crate) fn list(&self) -> Option<Vec<Self>> {
        if self.is_broken() {
            return None;
        }
        match self.value? {
            Value::Array(..) => {
                self.seen();
                Some(self.elements())
            }
            Value::Empty(..) => {
                self.problem_with_help(
                    "expected a list, found nothing",
                    "write [] for an empty list",
                );
                None
            }
            _ => {
                let message = format!("expected a list, found {}", self.found());
                self.problem_with_help(
                    message,
                    "write it like [a, b], or each element on its own line after `- `",
                );
                None
            }
        }
    }

    /// The elements, if there are any; says nothing about what is wrong.
    pub(crate) fn elements(&self) -> Vec<Self> {
        match self.value {
            Some(Value::Array(_, items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.element(index, item))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn element(&self, index: usize, value: &'a Value) -> Self {
        Self {
            reading: self.reading,
            value: Some(value),
            path: element_path(&self.path, index),
            pattern: format!("{}[]", self.pattern),
        }
    }

    /// A member that has to be there.
    pub(crate) fn required(&self, name: &str) -> Self {
        let member = self.member(name);
        if member.is_absent() && matches!(self.value, Some(Value::Dict(..))) {
            member.problem(format!("`{name}` is missing"));
        }
        member
    }

    /// The members that are not documented.
    pub(crate) fn unknown_members(&self) -> Vec<String> {
        let Some(Value::Dict(_, dict)) = self.value else {
            return Vec::new();
        };
        let known: Vec<_> = reference::members(&self.pattern).collect();
        dict.keys()
            .filter(|name| !known.contains(&name.as_str()))
            .cloned()
            .collect()
    }

    /// Notes every member that is neither documented nor in `also`.
    pub(crate) fn refuse_unknown(&self, also: &[&'static str]) {
        for name in self.unknown_members() {
            if !also.contains(&name.as_str()) {
                self.refuse(&name, also);
            }
        }
    }

    fn refuse(&self, name: &str, also: &[&'static str]) {
        let known: Vec<_> = reference::members(&self.pattern)
            .chain(also.iter().copied())
            .collect();
        let near = nearest(name, known.iter().copied());
        let shown = near.is_some() || may_show(name);
        let member = self.member(name);
        let place = member.place();
        let origin = match place {
            Some((
                _,
                Place {
                    origin: Origin::File { file, .. },
                    key_at: Some(at),
                    ..
                },
            )) => Origin::File {
                file: file.clone(),
                position: Some(*at),
            },
            _ => member.origin(),
        };
        let excerpt = place
            .filter(|_| shown)
            .and_then(|(layer, place)| layer.excerpt(place.key_at?, None, name.chars().count()));
        let (key, message) = if shown {
            (member.path, format!("unknown key `{name}`"))
        } else {
            (
                self.path.clone(),
                format!("unknown key of {} characters", name.chars().count()),
            )
        };
        let allowed = known.join(", ");
        let help = match near.or_else(|| reference::elsewhere(name)) {
            Some(near) => format!("did you mean `{near}`? (allowed: {allowed})"),
            None => format!("allowed: {allowed}"),
        };
        self.note(Problem {
            excerpt,
            ..Problem::new(origin, key, message).help(help)
        });
    }

    /// The value as JSON, kept for a mail engine.
    pub(crate) fn kept(&self) -> Option<serde_json::Value> {
        let value = self.json()?;
        self.seen();
        Some(value)
    }

    /// The value as JSON.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::to_value(self.value?).ok()
    }
}

/// The most similar of `candidates`, if it is similar enough to be meant.
pub(crate) fn nearest<'n>(
    name: &str,
    candidates: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let name = snake_case(name);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_lowercase()
        });
    }
    out
}
