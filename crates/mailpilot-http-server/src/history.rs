//! Remembers which state each account is in from moment to moment, until the store has it. A chore tells
//! it of all accounts every second, the feed of one at each report.
//!
//! Must not decide what state an account is in, and must not wait for the store: it is told on the
//! store's own thread.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountBook, AccountName, AccountStatus};
use mailpilot_storage::{Statuses, Watch, WatchedMinute};

use crate::app::lock;

const MINUTE_MS: i64 = 60_000;
/// A stretch is at most this long: old ones can then go away whole, and few minutes are in memory.
const STRETCH_MS: i64 = 60 * MINUTE_MS;
/// How often the store is told that the server still watches. After a crash, what came later is not known.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// Without a word for so long the process was stopped or the machine asleep: nothing is known of that time.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);
/// A clock that is set back by less is waited for.
const SMALL_STEP_BACK: Duration = Duration::from_secs(60);
/// Stretches that wait while the store does not accept writes; beyond, the oldest is given up.
const MAX_WAITING: usize = 48;

/// Which state each account is in from moment to moment.
#[derive(Debug, Default)]
pub(crate) struct History(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The stretch that goes on. None until something is watched.
    current: Option<Stretch>,
    /// Those that have ended and are not stored wholly.
    ended: VecDeque<Stretch>,
    /// Whether the last try to store something failed.
    failing: bool,
}

/// Time without interruption.
#[derive(Debug)]
struct Stretch {
    began: Timestamp,
    seen: Timestamp,
    /// What the store knows of `seen`.
    stored: Option<Timestamp>,
    /// Whether there is a change that the store may not have.
    changed: bool,
    minutes: BTreeMap<AccountName, Vec<WatchedMinute>>,
}

fn minute(at: Timestamp) -> i64 {
    at.as_millis() / MINUTE_MS
}

impl Stretch {
    fn begin(now: Timestamp) -> Self {
        Self {
            began: now,
            seen: now,
            stored: None,
            changed: true,
            minutes: BTreeMap::new(),
        }
    }

    /// The next stretch, which begins in the states that this one ends in.
    fn next(&self, now: Timestamp) -> Self {
        let mut next = Self::begin(now);
        for (account, minutes) in &self.minutes {
            if let Some(end) = minutes.last() {
                next.set(account, end.last);
            }
        }
        next
    }

    /// The account is in this state from `seen` on. Whether that is new.
    fn set(&mut self, account: &AccountName, status: Statuses) -> bool {
        let minutes = match self.minutes.get_mut(account) {
            Some(minutes) => minutes,
            None if status == Statuses::NONE => return false,
            None => self.minutes.entry(account.clone()).or_default(),
        };
        let before = minutes.last().map_or(Statuses::NONE, |minute| minute.last);
        if status == before {
            return false;
        }
        self.changed = true;
        let now = minute(self.seen);
        // At the first instant of a minute the state before was not in it.
        let left = match self.seen.as_millis() % MINUTE_MS {
            0 => Statuses::NONE,
            _ => before,
        };
        match minutes.last_mut() {
            Some(last) if last.minute == now => {
                last.held = last.held.and(status);
                last.last = status;
            }
            _ => minutes.push(WatchedMinute {
                account: account.clone(),
                minute: now,
                held: left.and(status),
                last: status,
            }),
        }
        true
    }

    fn due(&self) -> bool {
        self.changed
            || self
                .stored
                .is_none_or(|stored| self.seen.since(stored) >= HEARTBEAT)
    }

    /// It with all its minutes, or with those alone that the store may not have.
    fn watch(&self, unsaved: bool) -> Watch {
        // Only the minute that `seen` is in can still change.
        let from = match self.stored {
            Some(stored) if unsaved => minute(stored),
            _ => i64::MIN,
        };
        let minutes = self.minutes.values().flatten();
        Watch {
            began: self.began,
            seen: self.seen,
            minutes: minutes
                .filter(|minute| minute.minute >= from)
                .cloned()
                .collect(),
        }
    }
}

impl Inner {
    /// The stretch that `now` is in, moved on to it.
    fn at(&mut self, now: Timestamp) -> &mut Stretch {
        if let Some(stretch) = &mut self.current {
            let back = now < stretch.seen && stretch.seen.since(now) >= SMALL_STEP_BACK;
            let silent = now.since(stretch.seen) >= LONGEST_SILENCE;
            let full = now.as_millis() / STRETCH_MS != stretch.began.as_millis() / STRETCH_MS;
            if !back && !silent {
                stretch.seen = stretch.seen.max(now);
            }
            if back || silent || full {
                let begin = if back { now } else { now.max(stretch.seen) };
                let next = stretch.next(begin);
                self.ended.push_back(std::mem::replace(stretch, next));
            }
        }
        while self.ended.len() > MAX_WAITING {
            self.ended.pop_front();
            tracing::warn!("an hour of account states was given up: the store accepts no writes");
        }
        self.current.get_or_insert_with(|| Stretch::begin(now))
    }
}

impl History {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    /// One account was in state `before` until now, and is in state `after` now.
    pub(crate) fn note(
        &self,
        account: &AccountName,
        (before, after): (AccountStatus, AccountStatus),
        now: Timestamp,
    ) {
        let mut inner = self.inner();
        let stretch = inner.at(now);
        stretch.set(account, before.into());
        stretch.set(account, after.into());
    }

    /// All accounts are as the book says; of others nothing is known any more. Names those that have come to
    /// a stand: time alone did it, so nobody else tells.
    pub(crate) fn note_all(&self, book: &AccountBook, now: Timestamp) -> Vec<AccountName> {
        let mut inner = self.inner();
        let stretch = inner.at(now);
        let gone: Vec<AccountName> = stretch
            .minutes
            .keys()
            .filter(|name| book.get(name.as_str()).is_none())
            .cloned()
            .collect();
        for name in gone {
            stretch.set(&name, Statuses::NONE);
        }
        let mut stalled = Vec::new();
        for (name, state) in book.iter() {
            let status = state.status(now);
            if stretch.set(name, status.into()) && status == AccountStatus::Stalled {
                stalled.push(name.clone());
            }
        }
        stalled
    }

    /// Everything that the store may not have, for an answer.
    pub(crate) fn live(&self) -> Vec<Watch> {
        let inner = self.inner();
        let stretches = inner.ended.iter().chain(&inner.current);
        stretches.map(|stretch| stretch.watch(false)).collect()
    }

    /// What to store now; nothing most of the time. With `all`, also what could wait for the next heartbeat.
    pub(crate) fn unsaved(&self, all: bool) -> Vec<Watch> {
        let mut inner = self.inner();
        let Inner { current, ended, .. } = &mut *inner;
        let current = current.iter_mut().filter(|stretch| all || stretch.due());
        let mut watches = Vec::new();
        for stretch in ended.iter_mut().chain(current) {
            stretch.changed = false;
            watches.push(stretch.watch(true));
        }
        watches
    }

    /// These, as they were given out, are stored.
    pub(crate) fn saved(&self, watches: &[Watch]) {
        let mut inner = self.inner();
        inner.failing = false;
        let stored = |stretch: &Stretch| {
            let own = watches.iter().find(|watch| watch.began == stretch.began);
            own.map(|watch| watch.seen)
        };
        inner.ended.retain(|stretch| {
            stretch.changed || stored(stretch).is_none_or(|seen| seen < stretch.seen)
        });
        if let Some(current) = &mut inner.current
            && let Some(seen) = stored(current)
        {
            current.stored = Some(seen);
        }
    }

    /// What was given out last is not stored; whether that is news.
    pub(crate) fn not_saved(&self) -> bool {
        let mut inner = self.inner();
        let Inner {
            current,
            ended,
            failing,
        } = &mut *inner;
        for stretch in ended.iter_mut().chain(current) {
            stretch.changed = true;
        }
        !std::mem::replace(failing, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTED: AccountStatus = AccountStatus::Connected;
    const ERROR: AccountStatus = AccountStatus::Error;
    const UNKNOWN: AccountStatus = AccountStatus::Unknown;
    /// A whole hour.
    const NOW: i64 = 1_795_341_600_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(NOW + seconds * 1_000)
    }

    fn name() -> AccountName {
        "work".parse().unwrap()
    }

    /// Stretches in seconds, and of each minute its place, what it held at worst and how it ended.
    type Told = Vec<(
        i64,
        i64,
        Vec<(i64, Option<AccountStatus>, Option<AccountStatus>)>,
    )>;

    fn told(watches: &[Watch]) -> Told {
        let second = |at: Timestamp| (at.as_millis() - NOW) / 1_000;
        let minutes = |watch: &Watch| {
            let place = |m: &WatchedMinute| {
                (
                    m.minute - NOW / MINUTE_MS,
                    m.held.gravest(),
                    m.last.gravest(),
                )
            };
            watch.minutes.iter().map(place).collect()
        };
        watches
            .iter()
            .map(|watch| (second(watch.began), second(watch.seen), minutes(watch)))
            .collect()
    }

    fn watched(steps: &[(i64, AccountStatus)]) -> History {
        let history = History::default();
        let mut before = UNKNOWN;
        for (second, status) in steps {
            history.note(&name(), (before, *status), at(*second));
            before = *status;
        }
        history
    }

    #[test]
    fn a_minute_holds_every_state_however_short() {
        let history = watched(&[
            (5, CONNECTED),
            (70, ERROR),
            (71, CONNECTED),
            (80, CONNECTED),
        ]);
        let minutes = vec![
            (0, Some(CONNECTED), Some(CONNECTED)),
            (1, Some(ERROR), Some(CONNECTED)),
        ];
        assert_eq!(told(&history.live()), [(5, 80, minutes)]);
    }

    #[test]
    fn a_state_that_was_left_at_the_beginning_of_a_minute_is_not_in_it() {
        let history = watched(&[(0, ERROR), (60, CONNECTED)]);
        let minutes = vec![
            (0, Some(ERROR), Some(ERROR)),
            (1, Some(CONNECTED), Some(CONNECTED)),
        ];
        assert_eq!(told(&history.live()), [(0, 60, minutes)]);
    }

    #[test]
    fn silence_and_a_clock_that_is_set_back_end_a_stretch() {
        let history = watched(&[
            (0, CONNECTED),
            (119, CONNECTED),
            (239, CONNECTED),
            (180, CONNECTED),
            (120, CONNECTED),
        ]);
        let one = |minute| vec![(minute, Some(CONNECTED), Some(CONNECTED))];
        let expected = [(0, 119, one(0)), (239, 239, one(3)), (120, 120, one(2))];
        assert_eq!(told(&history.live()), expected);
    }

    #[test]
    fn every_hour_begins_with_the_states_as_they_are() {
        let history = watched(&[(3_500, ERROR)]);
        let other = "personal".parse().unwrap();
        history.note(&other, (UNKNOWN, CONNECTED), at(3_601));
        let error = |minute| (minute, Some(ERROR), Some(ERROR));
        let connected = (60, Some(CONNECTED), Some(CONNECTED));
        let expected = [
            (3_500, 3_601, vec![error(58)]),
            (3_601, 3_601, vec![connected, error(60)]),
        ];
        assert_eq!(told(&history.live()), expected);
    }

    #[test]
    fn a_state_that_only_the_next_report_shows_is_in_it() {
        let history = watched(&[(0, CONNECTED)]);
        let stalled = AccountStatus::Stalled;
        history.note(&name(), (stalled, CONNECTED), at(90));
        let minutes = vec![
            (0, Some(CONNECTED), Some(CONNECTED)),
            (1, Some(stalled), Some(CONNECTED)),
        ];
        assert_eq!(told(&history.live()), [(0, 90, minutes)]);
    }

    #[test]
    fn the_store_is_told_of_changes_at_once_and_of_the_time_once_a_minute() {
        let history = watched(&[(0, CONNECTED)]);
        history.saved(&history.unsaved(false));
        history.note(&name(), (CONNECTED, CONNECTED), at(59));
        assert_eq!(told(&history.unsaved(false)), []);
        assert_eq!(told(&history.unsaved(true)).len(), 1);
        history.note(&name(), (CONNECTED, CONNECTED), at(60));
        let heartbeat = history.unsaved(false);
        let first = (0, Some(CONNECTED), Some(CONNECTED));
        assert_eq!(told(&heartbeat), [(0, 60, vec![first])]);
        history.saved(&heartbeat);
        history.note(&name(), (CONNECTED, ERROR), at(61));
        let change = (1, Some(ERROR), Some(ERROR));
        assert_eq!(told(&history.unsaved(false)), [(0, 61, vec![change])]);
    }

    #[test]
    fn what_could_not_be_stored_is_given_out_again() {
        let history = watched(&[(3_599, CONNECTED), (3_600, ERROR)]);
        let first = told(&history.unsaved(false));
        assert_eq!(first.len(), 2);
        assert!(history.not_saved());
        assert!(!history.not_saved(), "told before");
        let again = history.unsaved(false);
        assert_eq!(told(&again), first);
        // Between giving out and storing there is a change in an instant that was given out.
        history.note(&name(), (ERROR, CONNECTED), at(3_600));
        history.saved(&again);
        let rest = told(&history.unsaved(false));
        assert_eq!(
            rest,
            [(3_600, 3_600, vec![(60, Some(ERROR), Some(CONNECTED))])]
        );
        assert!(history.not_saved(), "it worked in between");
    }

    #[test]
    fn a_change_while_a_stretch_is_stored_is_stored_although_it_has_ended() {
        let history = watched(&[(3_000, CONNECTED)]);
        let given_out = history.unsaved(false);
        history.note(&name(), (CONNECTED, ERROR), at(3_000));
        history.note(&name(), (ERROR, ERROR), at(7_000));
        history.saved(&given_out);
        let rest = told(&history.unsaved(false));
        let error = |minute| vec![(minute, Some(ERROR), Some(ERROR))];
        assert_eq!(
            rest,
            [(3_000, 3_000, error(50)), (7_000, 7_000, error(116))]
        );
    }

    #[test]
    fn hours_that_cannot_be_stored_are_given_up_in_the_end() {
        let hours: Vec<_> = (0..60).map(|hour| (hour * 3_600, ERROR)).collect();
        let history = watched(&hours);
        assert_eq!(history.live().len(), MAX_WAITING + 1);
    }

    #[test]
    fn of_an_account_that_is_gone_nothing_is_known() {
        let history = watched(&[(5, CONNECTED)]);
        history.note_all(&AccountBook::default(), at(90));
        let minutes = vec![
            (0, Some(CONNECTED), Some(CONNECTED)),
            (1, Some(CONNECTED), None),
        ];
        assert_eq!(told(&history.live()), [(5, 90, minutes)]);
    }
}
