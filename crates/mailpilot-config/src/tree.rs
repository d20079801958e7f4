//! A YAML tree to figment values with places: variables filled in, doubled keys found. Must not
//! know what any key means.

use std::collections::HashMap;

use figment::value::{Dict, Empty, Value};

use crate::{
    interpolate::{Fault, Variables, interpolate},
    layer::{Place, element_path, member_path, shown_path},
    problem::{Origin, Position, Problem},
    yaml::{Content, Node, Number},
};

/// Turns nodes into values, keeping what it learns on the way.
pub(crate) struct Planter<'a, O: Fn(Position) -> Origin> {
    /// Where a position of the text is, to somebody who reads a message.
    pub(crate) origin: O,
    /// What references are filled in from; None where the text is taken literally.
    pub(crate) variables: Option<&'a Variables>,
    /// Whether the whole text came out of a variable.
    pub(crate) from_variable: bool,
    pub(crate) places: HashMap<String, Place>,
    pub(crate) problems: Vec<Problem>,
}

impl<O: Fn(Position) -> Origin> Planter<'_, O> {
    /// The value of `node`, which stands at `path`, called `shown` in messages.
    pub(crate) fn plant(
        &mut self,
        path: &str,
        shown: &str,
        node: Node,
        key_at: Option<Position>,
    ) -> Value {
        let mut place = Place {
            key_at,
            width: node.width,
            from_variable: self.from_variable,
            ..Place::new((self.origin)(node.at))
        };
        let value = match node.content {
            Content::Null => empty(),
            Content::Bool(flag) => Value::from(flag),
            Content::Number { value, source } => {
                let value = number(value, source.as_deref());
                place.spelled = source;
                value
            }
            Content::Text(text) => self.text(shown, text, &mut place),
            Content::List(items) => {
                let items = items.into_iter().enumerate();
                let plant = |(i, item)| {
                    self.plant(&element_path(path, i), &element_path(shown, i), item, None)
                };
                Value::from(items.map(plant).collect::<Vec<_>>())
            }
            Content::Map(entries) => {
                let mut dict = Dict::new();
                for (key, value) in entries {
                    let (path, shown) =
                        (member_path(path, &key.name), shown_path(shown, &key.name));
                    if let Some(first) = self
                        .places
                        .get(&path)
                        .filter(|_| dict.contains_key(&key.name))
                    {
                        let first = first
                            .key_at
                            .map(|at| format!("it stands on line {} already", at.line));
                        let problem =
                            Problem::new((self.origin)(key.at), shown, "the key stands here twice");
                        self.problems.push(Problem {
                            help: first,
                            ..problem
                        });
                        continue;
                    }
                    let value = self.plant(&path, &shown, value, Some(key.at));
                    dict.insert(key.name, value);
                }
                Value::from(dict)
            }
        };
        self.places.insert(path.to_owned(), place);
        value
    }

    fn text(&mut self, shown: &str, text: String, place: &mut Place) -> Value {
        let Some(variables) = self.variables else {
            return Value::from(text);
        };
        match interpolate(&text, variables) {
            Ok(filled) => {
                place.from_variable |= filled.from_variable;
                Value::from(filled.text)
            }
            Err(faults) => {
                place.broken = true;
                self.problems.extend(
                    faults
                        .into_iter()
                        .map(|fault| faulty(place.origin.clone(), shown, fault)),
                );
                empty()
            }
        }
    }
}

pub(crate) fn empty() -> Value {
    Value::from(Empty::None)
}

fn number(value: Number, source: Option<&str>) -> Value {
    match value {
        Number::Signed(number) => Value::from(number),
        Number::Unsigned(number) => Value::from(number),
        // JSON, which the values of a mail engine become, has no such number: keep what was written.
        Number::Float(number) if !number.is_finite() => Value::from(source.unwrap_or_default()),
        Number::Float(number) => Value::from(number),
    }
}

fn faulty(origin: Origin, path: &str, fault: Fault) -> Problem {
    let problem = |message: String| Problem::new(origin, path, message);
    match fault {
        Fault::Unset(name) => problem(format!("environment variable {name} is not set"))
            .help("set it, or write ${NAME:-default}; write $${ for a literal ${"),
        Fault::Empty(name) => problem(format!("environment variable {name} is empty"))
            .help("give it a value, or write ${NAME:-default}"),
        Fault::Leftover => {
            problem("`${` begins no reference; expected ${NAME} or ${NAME:-default}".to_owned())
                .help("write $${ for a literal ${")
        }
    }
}
