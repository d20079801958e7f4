//! Points in time: out as RFC 3339 in UTC, in as RFC 3339 or milliseconds since 1970.

use mailpilot_clock::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::number;

/// A point in time, outgoing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rfc3339(pub(crate) Timestamp);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A point in time, incoming.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeIn(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for TimeIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = TimeIn;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a date such as 2026-11-22T10:00:00Z or milliseconds since 1970")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TimeIn, E> {
                text.parse()
                    .map(TimeIn)
                    .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }

            fn visit_u64<E: de::Error>(self, millis: u64) -> Result<TimeIn, E> {
                i64::try_from(millis)
                    .ok()
                    .filter(|m| *m <= Timestamp::MAX.as_millis())
                    .map(|m| TimeIn(Timestamp::from_millis(m)))
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(millis), &self))
            }

            fn visit_f64<E: de::Error>(self, millis: f64) -> Result<TimeIn, E> {
                match number::whole(millis) {
                    Some(millis) => self.visit_u64(millis),
                    None => Err(E::invalid_value(de::Unexpected::Float(millis), &self)),
                }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
