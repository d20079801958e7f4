//! The timeline: for each account, slice by slice, its gravest state and what it counted.

use std::{collections::HashMap, time::Duration};

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, AccountStatus};
use rusqlite::params;

use crate::{
    error::{Fault, StorageError},
    readers::Reader,
    rollup::{MINUTE_MS, add, series_of, unsigned},
    series::{MAX_POINTS, Plan},
    store::Storage,
    watch::{Statuses, Watch, WatchedMinute},
};

/// Which timeline.
#[derive(Clone, Debug)]
pub struct TimelineQuery {
    /// From here, inclusive.
    pub from: Timestamp,
    /// To here, exclusive.
    pub to: Timestamp,
    /// Width of a slice; a whole number of minutes.
    pub step: Duration,
    /// Of these accounts, in this order.
    pub accounts: Vec<AccountName>,
    /// What was watched and may not be stored yet. What is stored besides does no harm.
    pub live: Vec<Watch>,
}

/// Columns of slices; slice `i` begins at `from + i * step`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Where the first slice begins.
    pub from: Timestamp,
    /// The accounts as asked for.
    pub accounts: Vec<AccountTimeline>,
}

/// One account's slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTimeline {
    /// Which account.
    pub name: AccountName,
    /// The gravest state it was in; none where nothing is known.
    pub statuses: Vec<Option<AccountStatus>>,
    /// Mails processed.
    pub emails: Vec<u64>,
    /// Errors.
    pub errors: Vec<u64>,
}

/// The states of one account, slice by slice, while they are being gathered.
#[derive(Clone)]
struct Strip(Vec<Statuses>);

impl Plan {
    fn slices(&self) -> usize {
        usize::try_from(self.points).unwrap_or(0)
    }

    /// The slice this minute is in; none before the first and behind the last.
    fn slice(&self, minute: i64) -> Option<usize> {
        let slice = usize::try_from((minute - self.from).div_euclid(self.step)).ok()?;
        (slice < self.slices()).then_some(slice)
    }

    fn end(&self) -> i64 {
        self.from + self.points * self.step
    }

    /// Lets `held` hold in the minutes from `from` on, before `to`.
    fn mark(&self, strip: &mut Strip, (from, to): (i64, i64), held: Statuses) {
        let (from, to) = (from.max(self.from), to.min(self.end()));
        if from >= to {
            return;
        }
        if let (Some(first), Some(last)) = (self.slice(from), self.slice(to - 1)) {
            for slice in &mut strip.0[first..=last] {
                *slice = slice.and(held);
            }
        }
    }
}

/// Goes through the minutes of watches, account by account, and marks what held in and between them.
struct Marking<'a> {
    plan: &'a Plan,
    places: HashMap<AccountName, usize>,
    strips: Vec<Strip>,
    /// The watch, account and minute it is at, and the first minute that the watch knows nothing of.
    at: Option<(Timestamp, WatchedMinute, i64)>,
}

impl<'a> Marking<'a> {
    fn new(plan: &'a Plan, accounts: &[AccountName]) -> Self {
        Self {
            plan,
            places: accounts.iter().cloned().zip(0..).collect(),
            strips: vec![Strip(vec![Statuses::NONE; plan.slices()]); accounts.len()],
            at: None,
        }
    }

    /// The next minute, of the same account and watch or of others.
    fn step(&mut self, (began, seen): (Timestamp, Timestamp), minute: WatchedMinute) {
        let continues = |(watch, before, _): &(Timestamp, WatchedMinute, i64)| {
            *watch == began && before.account == minute.account
        };
        match self.at.take() {
            Some(at) if continues(&at) => self.carry(&at.1, minute.minute),
            at => self.carry_on(at),
        }
        self.mark(&minute, (minute.minute, minute.minute + 1), minute.held);
        let known = (seen.as_millis() - 1).div_euclid(MINUTE_MS) + 1;
        self.at = Some((began, minute, known));
    }

    /// No further minute comes.
    fn finish(mut self) -> Vec<Strip> {
        let at = self.at.take();
        self.carry_on(at);
        self.strips
    }

    fn carry_on(&mut self, at: Option<(Timestamp, WatchedMinute, i64)>) {
        if let Some((_, minute, known)) = at {
            self.carry(&minute, known);
        }
    }

    /// What holds at the end of a minute holds until another one.
    fn carry(&mut self, minute: &WatchedMinute, until: i64) {
        self.mark(minute, (minute.minute + 1, until), minute.last);
    }

    fn mark(&mut self, minute: &WatchedMinute, range: (i64, i64), held: Statuses) {
        let place = self.places.get(&minute.account);
        if let Some(strip) = place.and_then(|place| self.strips.get_mut(*place)) {
            self.plan.mark(strip, range, held);
        }
    }
}

/// Minutes of every watch that reaches into a range. `CROSS` has SQLite look for the watches first: left to
/// itself it reads every minute there is.
macro_rules! stored {
    ($which:literal) => {
        concat!(
            "SELECT w.began, w.seen, m.account, m.minute, m.held, m.last \
             FROM watch w CROSS JOIN watched_minute m ON m.watch = w.began \
             WHERE w.seen >= ?1 AND w.began < ?2 AND m.minute < ?3 AND ",
            $which,
            " ORDER BY w.began, m.account, m.minute"
        )
    };
}

const STORED: &str = stored!("?4 IS NULL");
const STORED_OF_ONE: &str = stored!("m.account = ?4");

fn mark_stored(
    reader: &Reader,
    marking: &mut Marking<'_>,
    only: Option<&AccountName>,
) -> Result<(), Fault> {
    let (from, to) = (marking.plan.from, marking.plan.end());
    let mut statement = reader.conn.prepare_cached(match only {
        Some(_) => STORED_OF_ONE,
        None => STORED,
    })?;
    let mut rows = statement.query(params![
        from.saturating_mul(MINUTE_MS),
        to.saturating_mul(MINUTE_MS),
        to,
        only.map(AccountName::as_str)
    ])?;
    while let Some(row) = rows.next()? {
        reader.check()?;
        let watch = (
            Timestamp::from_millis(row.get(0)?),
            Timestamp::from_millis(row.get(1)?),
        );
        let minute = WatchedMinute {
            account: crate::rollup::account_name(row, 2)?,
            minute: row.get(3)?,
            held: Statuses::from_column(row.get(4)?),
            last: Statuses::from_column(row.get(5)?),
        };
        marking.step(watch, minute);
    }
    Ok(())
}

fn strips(reader: &Reader, plan: &Plan, query: TimelineQuery) -> Result<Vec<Strip>, Fault> {
    let mut marking = Marking::new(plan, &query.accounts);
    let only = match query.accounts.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    mark_stored(reader, &mut marking, only)?;
    for watch in query.live {
        for minute in watch.minutes {
            marking.step((watch.began, watch.seen), minute);
        }
    }
    Ok(marking.finish())
}

/// Mails and errors of each slice.
fn counts(reader: &Reader, plan: &Plan, series: i64) -> Result<(Vec<u64>, Vec<u64>), Fault> {
    let (mut emails, mut errors) = (vec![0; plan.slices()], vec![0; plan.slices()]);
    let mut statement = reader.conn.prepare_cached(
        "SELECT at, emails, errors FROM rollup WHERE series = ?1 AND span = ?2 AND at >= ?3 AND at < ?4",
    )?;
    for (span, from, to) in plan.ranges() {
        reader.check()?;
        let mut rows = statement.query([series, span, from, to])?;
        while let Some(row) = rows.next()? {
            if let Some(slice) = plan.slice(row.get(0)?) {
                add(&mut emails[slice], unsigned(row.get(1)?));
                add(&mut errors[slice], unsigned(row.get(2)?));
            }
        }
    }
    Ok((emails, errors))
}

fn read(reader: &Reader, plan: &Plan, query: TimelineQuery) -> Result<Timeline, Fault> {
    let names = query.accounts.clone();
    let strips = strips(reader, plan, query)?;
    let series: HashMap<AccountName, i64> = series_of(&reader.conn, None)?.into_iter().collect();
    let mut accounts = Vec::with_capacity(names.len());
    for (name, strip) in names.into_iter().zip(strips) {
        let (emails, errors) = match series.get(&name) {
            Some(series) => counts(reader, plan, *series)?,
            None => (vec![0; plan.slices()], vec![0; plan.slices()]),
        };
        accounts.push(AccountTimeline {
            name,
            statuses: strip.0.into_iter().map(Statuses::gravest).collect(),
            emails,
            errors,
        });
    }
    Ok(Timeline {
        from: Timestamp::from_millis(plan.from.saturating_mul(MINUTE_MS)),
        accounts,
    })
}

impl Storage {
    /// States and counts of accounts, slice by slice. `from` is rounded down to its minute.
    ///
    /// Counts reach as far back as those of a series, states as far as activity is kept.
    ///
    /// # Errors
    /// [`StorageError::BadSeries`] if the step is not whole minutes, the range is empty, or there
    /// would be more than 1 500 slices; any error of a read.
    pub async fn timeline(&self, query: TimelineQuery) -> Result<Timeline, StorageError> {
        let plan = Plan::of(query.from, query.to, query.step)
            .ok_or(StorageError::BadSeries { max: MAX_POINTS })?;
        self.read("read a timeline", move |reader| read(reader, &plan, query))
            .await
    }
}
