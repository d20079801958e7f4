//! A point in wall time: milliseconds since the Unix epoch, printed as RFC 3339 in UTC.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A point in wall time, in milliseconds since the Unix epoch.
///
/// The range is 1970 to the year 9999: every value prints as RFC 3339, and no mail is processed before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MIN_MILLIS: i64 = 0;
/// 9999-12-31T23:59:59.999Z
const MAX_MILLIS: i64 = 253_402_300_799_999;

/// The text is not a point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date such as 2026-11-22T10:00:00Z or milliseconds since 1970")]
pub struct ParseTimestampError;

impl Timestamp {
    /// 1970-01-01T00:00:00Z, the earliest value.
    pub const MIN: Self = Self(MIN_MILLIS);
    /// 9999-12-31T23:59:59.999Z, the latest value.
    pub const MAX: Self = Self(MAX_MILLIS);

    /// A timestamp from milliseconds since the epoch, clamped to [`Self::MIN`]..=[`Self::MAX`].
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < MIN_MILLIS {
            Self::MIN
        } else if millis > MAX_MILLIS {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch, with the fraction.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "the range fits into 53 bits")]
        let millis = self.0 as f64;
        millis / 1_000.0
    }

    /// The time from `earlier` to `self`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This point moved forward, at most to [`Self::MAX`].
    #[must_use]
    pub fn saturating_add(self, step: Duration) -> Self {
        let step = i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(step))
    }

    /// This point moved back, at most to [`Self::MIN`].
    #[must_use]
    pub fn saturating_sub(self, step: Duration) -> Self {
        let step = i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_sub(step))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(time.0).unwrap_or(0))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T10:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_millis((*self).into()).fmt(f)
    }
}

/// Reads RFC 3339 (any offset, a space in place of the `T` too) or milliseconds since the epoch. A date
/// without time and offset is refused.
impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            let millis: i64 = text.parse().map_err(|_| ParseTimestampError)?;
            return if millis <= MAX_MILLIS {
                Ok(Self(millis))
            } else {
                Err(ParseTimestampError)
            };
        }
        let (instant, offset) = split_offset(text).ok_or(ParseTimestampError)?;
        let utc =
            Self::from(humantime::parse_rfc3339_weak(instant).map_err(|_| ParseTimestampError)?);
        let moved = utc.0 - offset * 60_000;
        if (MIN_MILLIS..=MAX_MILLIS).contains(&moved) {
            Ok(Self(moved))
        } else {
            Err(ParseTimestampError)
        }
    }
}

/// Splits `…+02:00` into the part humantime reads and the offset in minutes.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if !text.is_ascii() {
        return None;
    }
    if let Some(head) = text.strip_suffix(['Z', 'z']) {
        return Some((head, 0));
    }
    let at = text.len().checked_sub(6)?;
    let (head, tail) = text.split_at(at);
    let sign = match tail.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = tail[1..].split_once(':')?;
    if !(hours.bytes().chain(minutes.bytes())).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some((head, sign * (hours * 60 + minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let got = text.parse::<Timestamp>().ok().map(|t| t.to_string());
        assert_eq!(got.as_deref(), expected, "{text}");
    }

    #[test]
    fn dates_are_read_with_any_offset_and_printed_in_utc() {
        check("2026-11-22T10:00:00Z", Some("2026-11-22T10:00:00.000Z"));
        check(
            "2026-11-22T10:00:00.25+02:00",
            Some("2026-11-22T08:00:00.250Z"),
        );
        check(
            "2026-11-22T23:30:00-05:30",
            Some("2026-11-23T05:00:00.000Z"),
        );
        check("2026-11-22 10:00:00Z", Some("2026-11-22T10:00:00.000Z"));
        check("1700000000000", Some("2023-11-14T22:13:20.000Z"));
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-11-22",
            "2026-11-22Z",
            "2026-11-22+02:00",
            "2026-11-22T10:00:00",
            "-5",
            "99999999999999999999",
            "2026-11-22T10:00:00+25:00",
            "2026-11-22T10:00:00+0é:0",
            "1e9",
            "0001-01-01T00:00:00Z",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn arithmetic_stays_in_range() {
        assert_eq!(Timestamp::MAX.saturating_add(Duration::MAX), Timestamp::MAX);
        assert_eq!(
            Timestamp::MIN.saturating_sub(Duration::from_secs(1)),
            Timestamp::MIN
        );
        assert_eq!(
            Timestamp::from_millis(5).since(Timestamp::from_millis(9)),
            Duration::ZERO
        );
    }
}
