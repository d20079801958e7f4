//! Sums over a range of time: series, and totals of a period, from roll-ups of every width.
//!
//! Never looks at entries.

use std::{collections::BTreeMap, time::Duration};

use mailpilot_clock::Timestamp;
use mailpilot_engine::AccountName;
use rusqlite::{Connection, ToSql};

use crate::{
    error::{Fault, StorageError},
    model::{AccountTotals, LatencyCounts, SeriesPoint, SeriesQuery, Totals},
    readers::Reader,
    rollup::{DAY, HOUR, MINUTE_MS, SPANS, add, add_action, latency, series_of, unsigned},
    store::Storage,
};

/// Most points a series may have.
pub(crate) const MAX_POINTS: u64 = 1_500;

/// Adds the roll-ups of `span` with `from <= at < to` to what `place` gives for their beginning.
fn add_rows(
    conn: &Connection,
    (series, span): (i64, i64),
    (from, to): (i64, i64),
    mut add: impl FnMut(i64, Found<'_>),
) -> rusqlite::Result<()> {
    let range: [&dyn ToSql; 4] = [&series, &span, &from, &to];
    let mut statement = conn.prepare_cached(
        "SELECT at, emails, errors, l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15 \
         FROM rollup WHERE series = ?1 AND span = ?2 AND at >= ?3 AND at < ?4",
    )?;
    let mut rows = statement.query(range)?;
    while let Some(row) = rows.next()? {
        let found = Found::Counts {
            emails: unsigned(row.get(1)?),
            errors: unsigned(row.get(2)?),
            latency: latency(row, 3)?,
        };
        add(row.get(0)?, found);
    }
    let mut statement = conn.prepare_cached(
        "SELECT r.at, k.name, r.count FROM rollup_action r JOIN action_type k ON k.id = r.kind \
         WHERE r.series = ?1 AND r.span = ?2 AND r.at >= ?3 AND r.at < ?4",
    )?;
    let mut rows = statement.query(range)?;
    while let Some(row) = rows.next()? {
        let kind = row.get_ref(1)?.as_str()?;
        add(row.get(0)?, Found::Action(kind, unsigned(row.get(2)?)));
    }
    Ok(())
}

/// One row of a roll-up.
enum Found<'a> {
    Counts {
        emails: u64,
        errors: u64,
        latency: LatencyCounts,
    },
    Action(&'a str, u64),
}

/// Cuts `from..to` into minutes and hours at its edges and days in its middle, all in minutes.
fn stretches(from: i64, to: i64) -> impl Iterator<Item = (i64, i64, i64)> {
    let down = |minute: i64, width: i64| minute - minute.rem_euclid(width);
    let up = |minute: i64, width: i64| down(minute + width - 1, width);
    let first_hour = up(from, HOUR).min(to);
    let last_hour = down(to, HOUR).max(first_hour);
    let first_day = up(first_hour, DAY).min(last_hour);
    let last_day = down(last_hour, DAY).max(first_day);
    [
        (1, from, first_hour),
        (HOUR, first_hour, first_day),
        (DAY, first_day, last_day),
        (HOUR, last_day, last_hour),
        (1, last_hour, to),
    ]
    .into_iter()
    .filter(|(_, from, to)| from < to)
}

fn period(reader: &mut Reader, since: Timestamp, live: &Totals) -> Result<Totals, Fault> {
    let mut all = Totals::new();
    let from = since.as_millis() / MINUTE_MS;
    for (name, series) in series_of(&reader.conn, None)? {
        reader.check()?;
        let mut totals = AccountTotals::default();
        for (span, from, to) in stretches(from, i64::MAX) {
            add_rows(
                &reader.conn,
                (series, span),
                (from, to),
                |_, found| match found {
                    Found::Counts {
                        emails,
                        errors,
                        latency,
                    } => {
                        add(&mut totals.emails, emails);
                        add(&mut totals.errors, errors);
                        totals.latency.add(&latency);
                    }
                    Found::Action(kind, count) => add_action(&mut totals.actions, kind, count),
                },
            )?;
        }
        if let Some(live) = live.get(&name) {
            totals.last_activity = live.last_activity;
            totals.last_error.clone_from(&live.last_error);
        }
        all.insert(name, totals);
    }
    Ok(all)
}

/// A checked series: everything in minutes.
pub(crate) struct Plan {
    pub(crate) from: i64,
    pub(crate) step: i64,
    pub(crate) points: i64,
    span: i64,
}

impl Plan {
    pub(crate) fn of(from: Timestamp, to: Timestamp, step: Duration) -> Option<Self> {
        let step = i64::try_from(step.as_millis()).ok()?;
        if step == 0 || step % MINUTE_MS != 0 || from >= to {
            return None;
        }
        let step = step / MINUTE_MS;
        let from = from.as_millis() / MINUTE_MS;
        let to = to.as_millis().div_euclid(MINUTE_MS) + i64::from(to.as_millis() % MINUTE_MS != 0);
        let points = (to - from + step - 1) / step;
        let fits = |span: &i64| step % span == 0 && from % span == 0;
        let span = SPANS.into_iter().find(fits)?;
        (unsigned(points) <= MAX_POINTS).then_some(Self {
            from,
            step,
            points,
            span,
        })
    }

    /// The widest roll-ups that tell the points apart, as ranges of one width each.
    pub(crate) fn ranges(&self) -> Vec<(i64, i64, i64)> {
        if self.span > 1 || self.step < 2 * HOUR {
            return vec![(self.span, self.from, self.from + self.points * self.step)];
        }
        // Points that begin within an hour: each has minutes at its edges alone.
        (0..self.points)
            .map(|i| self.from + i * self.step)
            .flat_map(|from| stretches(from, from + self.step))
            .collect()
    }

    fn read(
        &self,
        reader: &mut Reader,
        account: Option<&AccountName>,
    ) -> Result<Vec<SeriesPoint>, Fault> {
        let empty = |i: i64| SeriesPoint {
            at: Timestamp::from_millis((self.from + i * self.step).saturating_mul(MINUTE_MS)),
            emails: 0,
            errors: 0,
            actions: BTreeMap::new(),
            latency: LatencyCounts::default(),
        };
        let mut points: Vec<SeriesPoint> = (0..self.points).map(empty).collect();
        let ranges = self.ranges();
        let all = series_of(&reader.conn, account)?;
        for (series, (span, from, to)) in all
            .iter()
            .flat_map(|(_, series)| ranges.iter().map(move |range| (*series, *range)))
        {
            reader.check()?;
            add_rows(&reader.conn, (series, span), (from, to), |at, found| {
                let place = usize::try_from((at - self.from) / self.step).unwrap_or(usize::MAX);
                let Some(point) = points.get_mut(place) else {
                    return;
                };
                match found {
                    Found::Counts {
                        emails,
                        errors,
                        latency,
                    } => {
                        add(&mut point.emails, emails);
                        add(&mut point.errors, errors);
                        point.latency.add(&latency);
                    }
                    Found::Action(kind, count) => add_action(&mut point.actions, kind, count),
                }
            })?;
        }
        Ok(points)
    }
}

impl Storage {
    /// What has been counted from `since` (rounded down to its minute) on, of every account.
    ///
    /// Where `since` is more than 90 days ago, counting begins with its next whole hour, and more than
    /// two years ago with its next whole day (UTC).
    ///
    /// `last_activity` and `last_error` are those of all time.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn period_totals(&self, since: Timestamp) -> Result<Totals, StorageError> {
        let live = self.totals();
        self.read("sum up a period", move |reader| {
            period(reader, since, &live)
        })
        .await
    }

    /// A series: every point of the range, also the empty ones. `from` is rounded down to its minute.
    ///
    /// Counts by the minute are kept 90 days, by the hour two years. What lies further back is in points
    /// that hold whole hours or whole days (UTC).
    ///
    /// # Errors
    /// [`StorageError::BadSeries`] if the step is not whole minutes, the range is empty, or there
    /// would be more than 1 500 points; any error of a read.
    pub async fn series(&self, query: &SeriesQuery) -> Result<Vec<SeriesPoint>, StorageError> {
        let plan = Plan::of(query.from, query.to, query.step)
            .ok_or(StorageError::BadSeries { max: MAX_POINTS })?;
        let account = query.account.clone();
        self.read("read a series", move |reader| {
            plan.read(reader, account.as_ref())
        })
        .await
    }
}
