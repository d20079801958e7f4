//! Whole numbers: JSON does not tell `226` from `226.0`, and some languages write the latter.

use serde::{Deserialize, Deserializer, de};

/// Up to here every whole number is exact in a JSON number.
const MAX: f64 = 9_007_199_254_740_991.0;

/// A whole number that is not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Whole;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number that is not negative")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Whole, E> {
                whole(number)
                    .map(Whole)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// For members of a plain type.
pub(crate) fn maybe<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    let Some(Whole(number)) = Option::deserialize(deserializer)? else {
        return Ok(None);
    };
    let unfit = || de::Error::invalid_value(de::Unexpected::Unsigned(number), &"a smaller number");
    T::try_from(number).map(Some).map_err(|_| unfit())
}

/// `number` without its fraction of nothing.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
pub(crate) fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..=MAX).contains(&number)).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: Option<u64>) {
        assert_eq!(
            serde_json::from_str::<Whole>(json)
                .ok()
                .map(|whole| whole.0),
            expected,
            "{json}"
        );
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_fraction_of_nothing() {
        check("226", Some(226));
        check("226.0", Some(226));
        check("2.26e2", Some(226));
        check("18446744073709551615", Some(u64::MAX));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for json in [
            "226.5", "-1", "-1.0", "1e300", "\"226\"", "true", "null", "[226]",
        ] {
            check(json, None);
        }
    }
}
