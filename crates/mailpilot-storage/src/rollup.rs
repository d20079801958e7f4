//! Sums by minute, hour and day, and since the last reset: how entries become counts.
//!
//! What is read from them over a range of time is the business of series.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, Activity, Report};
use mailpilot_metrics::LATENCY_BOUNDS;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};

use crate::{
    error::{Fault, StorageError},
    live::Effect,
    model::{AccountTotals, LATENCY_BUCKETS, LatencyCounts, Totals},
    names::Names,
    store::Storage,
    writer::Tx,
};

/// The most a column can hold.
const MAX_COUNT: u64 = i64::MAX.unsigned_abs();
/// Where actions count whose kind has no count of its own.
const OTHER: &str = "other";
pub(crate) const MINUTE_MS: i64 = 60_000;
/// Minutes in an hour and in a day.
pub(crate) const HOUR: i64 = 60;
pub(crate) const DAY: i64 = 1_440;
/// Widths of roll-ups in minutes, widest first.
pub(crate) const SPANS: [i64; 3] = [DAY, HOUR, 1];
/// How long roll-ups by the minute and by the hour are kept, in minutes; those by the day stay.
const MINUTES_KEPT: i64 = 90 * DAY;
const HOURS_KEPT: i64 = 2 * 366 * DAY;
const LATENCY_COLUMNS: &str =
    "l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15";

impl LatencyCounts {
    /// Counts one duration.
    pub fn observe(&mut self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = LATENCY_BOUNDS.iter().position(|bound| seconds <= *bound);
        let bucket = bucket.unwrap_or(LATENCY_BUCKETS - 1);
        add(&mut self.0[bucket], 1);
    }

    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Self) {
        for (mine, more) in self.0.iter_mut().zip(other.0) {
            add(mine, more);
        }
    }
}

/// Adds to a count, which stays at the most that its column can hold.
pub(crate) fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more).min(MAX_COUNT);
}

/// Where an entry counts, and which of its actions have no count of their own.
#[derive(Debug)]
pub(crate) struct Counting {
    pub(crate) series: i64,
    /// Kinds that count as [`OTHER`].
    pub(crate) folded: Vec<String>,
}

/// What an activity entry counts: one mail; an error, or else its actions; a duration.
pub(crate) fn count_activity(
    totals: &mut AccountTotals,
    entry: &Activity,
    counting: &Counting,
    at: Timestamp,
) {
    add(&mut totals.emails, 1);
    if let Some(error) = &entry.error {
        add(&mut totals.errors, 1);
        totals.last_error = Some(error.clone());
    } else {
        for action in &entry.actions {
            let folded = counting.folded.contains(&action.kind);
            let kind = if folded { OTHER } else { &action.kind };
            add_action(&mut totals.actions, kind, 1);
        }
    }
    if let Some(duration) = entry.duration {
        totals.latency.observe(duration);
    }
    totals.last_activity = totals.last_activity.max(Some(at));
}

/// What a report counts.
pub(crate) fn count_report(totals: &mut AccountTotals, report: &Report, at: Timestamp) {
    add(&mut totals.emails, report.emails);
    add(&mut totals.errors, report.errors);
    for duration in &report.classification {
        totals.latency.observe(*duration);
    }
    if let Some(error) = &report.last_error {
        totals.last_error = Some(error.clone());
    }
    totals.last_activity = totals.last_activity.max(Some(at));
}

/// Counts that a transaction has gathered and will add to the tables right before its commit.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// By series and minute since 1970.
    minutes: HashMap<(i64, i64), AccountTotals>,
    /// By series, in the order of arrival, which tells the latest error.
    totals: BTreeMap<i64, AccountTotals>,
}

impl Pending {
    /// Lets `count` count in a series and in one of its minutes.
    pub(crate) fn count(
        &mut self,
        series: i64,
        time: Timestamp,
        count: impl Fn(&mut AccountTotals),
    ) {
        count(self.totals.entry(series).or_default());
        let minute = time.as_millis() / MINUTE_MS;
        count(self.minutes.entry((series, minute)).or_default());
    }

    /// Adds everything to the tables.
    pub(crate) fn flush(self, conn: &Connection, names: &mut Names) -> rusqlite::Result<()> {
        for span in SPANS {
            let mut rows: BTreeMap<(i64, i64), AccountTotals> = BTreeMap::new();
            for ((series, minute), counts) in &self.minutes {
                let at = minute - minute % span;
                merge(rows.entry((*series, at)).or_default(), counts);
            }
            for ((series, at), counts) in &rows {
                add_rollup(conn, names, (*series, span, *at), counts)?;
            }
        }
        for (series, counts) in &self.totals {
            add_total(conn, names, *series, counts)?;
        }
        Ok(())
    }
}

/// Adds the counts of one minute to those of a wider roll-up, which holds no more than counts.
fn merge(into: &mut AccountTotals, more: &AccountTotals) {
    add(&mut into.emails, more.emails);
    add(&mut into.errors, more.errors);
    for (kind, count) in &more.actions {
        add_action(&mut into.actions, kind, *count);
    }
    into.latency.add(&more.latency);
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn counts_of(counts: &AccountTotals) -> impl Iterator<Item = i64> {
    [counts.emails, counts.errors]
        .into_iter()
        .chain(counts.latency.0)
        .map(integer)
}

/// Adds to a column, which stays at the most it can hold: a sum beyond that would be no integer.
macro_rules! sum {
    ($column:literal) => {
        concat!(
            $column,
            " = CAST(min(",
            $column,
            " + excluded.",
            $column,
            ", 9223372036854775807) AS INTEGER)"
        )
    };
    ($($column:literal),+; $last:literal) => {
        concat!($(sum!($column), ", ",)+ sum!($last))
    };
}

/// Adds to every column of counts.
macro_rules! sums {
    () => {
        sum!(
            "emails", "errors", "l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10",
            "l11", "l12", "l13", "l14"; "l15"
        )
    };
}

fn add_rollup(
    conn: &Connection,
    names: &mut Names,
    (series, span, at): (i64, i64, i64),
    counts: &AccountTotals,
) -> rusqlite::Result<()> {
    const ADD: &str = concat!(
        "INSERT INTO rollup (series, span, at, emails, errors, \
        l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) \
        ON CONFLICT DO UPDATE SET ",
        sums!()
    );
    const ADD_ACTION: &str = concat!(
        "INSERT INTO rollup_action (series, span, at, kind, count) \
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET ",
        sum!("count")
    );
    let row = [series, span, at].into_iter().chain(counts_of(counts));
    conn.prepare_cached(ADD)?.execute(params_from_iter(row))?;
    for (kind, count) in &counts.actions {
        let kind = names.kind(conn, kind)?;
        conn.prepare_cached(ADD_ACTION)?
            .execute([series, span, at, kind, integer(*count)])?;
    }
    Ok(())
}

fn add_total(
    conn: &Connection,
    names: &mut Names,
    series: i64,
    counts: &AccountTotals,
) -> rusqlite::Result<()> {
    const ADD: &str = concat!(
        "INSERT INTO total (series, last_activity, last_error, emails, errors, \
        l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) \
        ON CONFLICT DO UPDATE SET \
        last_activity = max(ifnull(last_activity, 0), ifnull(excluded.last_activity, 0)), \
        last_error = ifnull(excluded.last_error, last_error), ",
        sums!()
    );
    const ADD_ACTION: &str = concat!(
        "INSERT INTO total_action (series, kind, count) VALUES (?1, ?2, ?3) \
        ON CONFLICT DO UPDATE SET ",
        sum!("count")
    );
    let last_activity = counts.last_activity.map(Timestamp::as_millis);
    let head = [
        Value::from(series),
        Value::from(last_activity),
        Value::from(counts.last_error.clone()),
    ];
    let row = head.into_iter().chain(counts_of(counts).map(Value::from));
    conn.prepare_cached(ADD)?.execute(params_from_iter(row))?;
    for (kind, count) in &counts.actions {
        let kind = names.kind(conn, kind)?;
        conn.prepare_cached(ADD_ACTION)?
            .execute([series, kind, integer(*count)])?;
    }
    Ok(())
}

pub(crate) fn latency(row: &Row<'_>, first: usize) -> rusqlite::Result<LatencyCounts> {
    let mut counts = LatencyCounts::default();
    for (i, count) in counts.0.iter_mut().enumerate() {
        *count = unsigned(row.get(first + i)?);
    }
    Ok(counts)
}

/// The totals as they stand in the tables; reads as many rows as there are accounts.
pub(crate) fn load_totals(conn: &Connection) -> Result<Totals, Fault> {
    let mut all = Totals::new();
    let sql = format!(
        "SELECT a.name, emails, errors, last_activity, last_error, {LATENCY_COLUMNS} \
         FROM account a JOIN total t USING (series)"
    );
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let totals = AccountTotals {
            emails: unsigned(row.get(1)?),
            errors: unsigned(row.get(2)?),
            actions: BTreeMap::new(),
            latency: latency(row, 5)?,
            last_activity: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis),
            last_error: row.get(4)?,
        };
        all.insert(account_name(row, 0)?, totals);
    }
    let sql = "SELECT a.name, k.name, t.count FROM account a JOIN total_action t USING (series) \
               JOIN action_type k ON k.id = t.kind";
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(totals) = all.get_mut(&account_name(row, 0)?) {
            totals.actions.insert(row.get(1)?, unsigned(row.get(2)?));
        }
    }
    Ok(all)
}

/// An account's name from a column; only names that were valid when stored are in there.
pub(crate) fn account_name(row: &Row<'_>, column: usize) -> rusqlite::Result<AccountName> {
    let text: String = row.get(column)?;
    text.parse().map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}

/// Every account, or the one asked for, with its series.
pub(crate) fn series_of(
    conn: &Connection,
    account: Option<&AccountName>,
) -> rusqlite::Result<Vec<(AccountName, i64)>> {
    conn.prepare_cached("SELECT name, series FROM account WHERE ?1 IS NULL OR name = ?1")?
        .query_map([account.map(AccountName::as_str)], |row| {
            Ok((account_name(row, 0)?, row.get(1)?))
        })?
        .collect()
}

pub(crate) fn add_action(actions: &mut BTreeMap<String, u64>, kind: &str, count: u64) {
    match actions.get_mut(kind) {
        Some(sum) => add(sum, count),
        None => {
            actions.insert(kind.into(), count);
        }
    }
}

/// Removes some of the minutes and hours that are too old; whether there were any. Their days stay.
pub(crate) fn remove_old(tx: &mut Tx<'_>, rows: i64) -> rusqlite::Result<bool> {
    for (span, kept) in [(1, MINUTES_KEPT), (HOUR, HOURS_KEPT)] {
        let old = tx.now.as_millis() / MINUTE_MS - kept;
        let found: Option<i64> = tx
            .conn
            .prepare_cached(
                "SELECT series FROM account a WHERE EXISTS (SELECT 1 FROM rollup r \
                 WHERE r.series = a.series AND r.span = ?1 AND r.at < ?2) LIMIT 1",
            )?
            .query_row([span, old], |row| row.get(0))
            .optional()?;
        let Some(series) = found else {
            continue;
        };
        let last: Option<i64> = tx
            .conn
            .prepare_cached(
                "SELECT max(at) FROM (SELECT at FROM rollup \
                 WHERE series = ?1 AND span = ?2 AND at < ?3 ORDER BY at LIMIT ?4)",
            )?
            .query_row([series, span, old, rows], |row| row.get(0))?;
        for sql in [
            "DELETE FROM rollup WHERE series = ?1 AND span = ?2 AND at <= ?3",
            "DELETE FROM rollup_action WHERE series = ?1 AND span = ?2 AND at <= ?3",
        ] {
            tx.conn
                .prepare_cached(sql)?
                .execute(params![series, span, last])?;
        }
        return Ok(true);
    }
    Ok(false)
}

fn reset(tx: &mut Tx<'_>, account: Option<&AccountName>) -> Result<(), Fault> {
    for (name, _) in series_of(tx.conn, account)? {
        tx.names.renew_series(tx.conn, &name)?;
    }
    Ok(())
}

impl Storage {
    /// What has been counted since the last reset, from memory.
    ///
    /// Holding the result for long makes the next write copy it.
    #[must_use]
    pub fn totals(&self) -> Arc<Totals> {
        self.live().totals()
    }

    /// Lets totals and series of one account, or of all, start again from zero; entries stay.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn reset_stats(&self, account: Option<AccountName>) -> Result<(), StorageError> {
        self.write("reset the totals", move |tx| {
            reset(tx, account.as_ref())?;
            tx.effects.push(Effect::Reset(account));
            Ok(())
        })
        .await
    }

    /// Counts what outside workers report, all or nothing.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn record_reports(&self, reports: Vec<Report>) -> Result<(), StorageError> {
        self.write("store a report", move |tx| {
            for report in reports {
                let series = tx.names.account(tx.conn, &report.account)?.series;
                let at = tx.now;
                tx.effects.push(Effect::Report { report, series, at });
            }
            Ok(())
        })
        .await
    }
}
