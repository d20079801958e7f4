//! What the user sees: progress while mail is filed, and the closing account. Decides nothing.

use std::{
    cell::Cell,
    collections::HashSet,
    fmt,
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use crate::client::Counts;

const REDRAW: Duration = Duration::from_millis(100);
const BAR_WIDTH: usize = 30;

/// A bar on a terminal, else a line for every tenth; on standard error, which may be closed.
pub(crate) struct Progress {
    on_terminal: bool,
    began: Instant,
    drawn: Cell<Option<Instant>>,
    tenths: Cell<u64>,
}

impl Progress {
    pub(crate) fn begin() -> Self {
        Self {
            on_terminal: io::stderr().is_terminal(),
            began: Instant::now(),
            drawn: Cell::new(None),
            tenths: Cell::new(0),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// `share` of the file is read, 0 to 1, and so many mails of it are filed.
    pub(crate) fn show(&self, share: f64, filed: u64) {
        let line = format!(
            "{:3.0} %  {filed} mails  {:.0}/s",
            share * 100.0,
            per_second(filed, self.elapsed())
        );
        if self.on_terminal {
            if self
                .drawn
                .get()
                .is_none_or(|drawn| drawn.elapsed() >= REDRAW)
            {
                self.drawn.set(Some(Instant::now()));
                write!(io::stderr(), "\r\x1b[K[{}] {line}", bar(share)).ok();
            }
        } else if share * 10.0 >= as_f64(self.tenths.get() + 1) {
            while share * 10.0 >= as_f64(self.tenths.get() + 1) {
                self.tenths.set(self.tenths.get() + 1);
            }
            writeln!(io::stderr(), "{line}").ok();
        }
    }

    /// A sentence on a line of its own.
    pub(crate) fn say(&self, sentence: &str) {
        self.clear();
        writeln!(io::stderr(), "{sentence}").ok();
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        if self.on_terminal && self.drawn.take().is_some() {
            write!(io::stderr(), "\r\x1b[K").ok();
        }
    }
}

fn bar(share: f64) -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to BAR_WIDTH"
    )]
    let full = (share.clamp(0.0, 1.0) * as_f64(BAR_WIDTH as u64)) as usize;
    format!("{}{}", "#".repeat(full), ".".repeat(BAR_WIDTH - full))
}

#[allow(clippy::cast_precision_loss, reason = "for the eye")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

fn per_second(count: u64, elapsed: Duration) -> f64 {
    as_f64(count) / elapsed.as_secs_f64().max(0.001)
}

/// What became of one mail on this side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) is_failed: bool,
    pub(crate) actions: u64,
}

/// Everything filed so far; each entry of the server counts once. Remembers 8 bytes for each.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    filed: u64,
    failed: u64,
    actions: u64,
    entries: HashSet<i64>,
}

impl Tally {
    /// A mail was filed as the entry `id`.
    pub(crate) fn add(&mut self, id: i64, outcome: Outcome) {
        self.filed += 1;
        if self.entries.insert(id) {
            self.failed += u64::from(outcome.is_failed);
            self.actions += outcome.actions;
        }
    }

    pub(crate) fn filed(&self) -> u64 {
        self.filed
    }

    /// The closing account. `distinct` is how many different mails there were by their keys; `counts` what the
    /// server said before and after, if it may be asked.
    pub(crate) fn close(
        self,
        distinct: u64,
        counts: Option<(Counts, Counts)>,
        elapsed: Duration,
    ) -> Closing {
        Closing {
            distinct,
            counts,
            elapsed,
            tally: self,
        }
    }
}

/// What was done, and whether the server says the same.
#[derive(Debug)]
pub(crate) struct Closing {
    tally: Tally,
    distinct: u64,
    counts: Option<(Counts, Counts)>,
    elapsed: Duration,
}

impl Closing {
    /// Everything in which the server's story differs from ours, or from itself.
    pub(crate) fn disagreements(&self) -> Vec<String> {
        let mut found = Vec::new();
        let entries = self.tally.entries.len() as u64;
        if entries != self.distinct {
            found.push(format!(
                "{} different mails have become {entries} entries",
                self.distinct
            ));
        }
        let Some((before, after)) = self.counts else {
            return found;
        };
        let new = after.processed.saturating_sub(before.processed);
        if let (Some(was), Some(is)) = (before.listed, after.listed)
            && is.saturating_sub(was) != new
        {
            found.push(format!(
                "it lists {} entries more than before, but has counted {new}",
                is.saturating_sub(was)
            ));
        }
        if new > entries {
            found.push(format!(
                "it has counted {new} new mails, but only {entries} were filed"
            ));
        }
        if new == entries {
            let mut compare = |what: &str, counted: u64, filed: u64| {
                if counted != filed {
                    found.push(format!(
                        "it has counted {counted} {what}, but {filed} were filed"
                    ));
                }
            };
            compare(
                "errors",
                after.errors.saturating_sub(before.errors),
                self.tally.failed,
            );
            compare(
                "actions",
                after.actions.saturating_sub(before.actions),
                self.tally.actions,
            );
        }
        found
    }
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tally,
            distinct,
            counts,
            elapsed,
        } = self;
        let mut row = |name: &str, value: String| writeln!(f, "{name:<15}{value}");
        row("messages read", tally.filed.to_string())?;
        if *distinct < tally.filed {
            row(
                "",
                format!(
                    "{} of them copies of another in the file",
                    tally.filed - distinct
                ),
            )?;
        }
        match counts {
            Some((before, after)) => {
                let new = after.processed.saturating_sub(before.processed);
                row("new", new.to_string())?;
                row(
                    "already there",
                    (tally.entries.len() as u64).saturating_sub(new).to_string(),
                )?;
            }
            None => row(
                "on the server",
                format!("{}, new and already there", tally.entries.len()),
            )?,
        }
        row("failed", tally.failed.to_string())?;
        row("elapsed", format!("{:.2} s", elapsed.as_secs_f64()))?;
        row(
            "messages/s",
            format!("{:.0}", per_second(tally.filed, *elapsed)),
        )?;
        let Some((_, after)) = counts else {
            return row(
                "server",
                "cannot be asked: the key lacks read:stats or read:activity".to_owned(),
            );
        };
        let listed = after.listed.map_or_else(
            || "too many to list exactly".to_owned(),
            |listed| format!("{listed} listed"),
        );
        row(
            "server",
            format!(
                "{} processed, {listed}, {} errors",
                after.processed, after.errors
            ),
        )?;
        let disagreements = self.disagreements();
        if disagreements.is_empty() {
            row("", "its count agrees".to_owned())
        } else {
            row(
                "",
                format!("its count does NOT agree: {}", disagreements.join("; ")),
            )?;
            row(
                "",
                "(unless something else reported to, or removed from, this account meanwhile)"
                    .to_owned(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Outcome = Outcome {
        is_failed: false,
        actions: 1,
    };
    const FAILED: Outcome = Outcome {
        is_failed: true,
        actions: 0,
    };

    fn counts(processed: u64, actions: u64, errors: u64) -> Counts {
        Counts {
            processed,
            actions,
            errors,
            listed: Some(processed),
        }
    }

    fn closing(filed: &[(i64, Outcome)], distinct: u64, before: Counts, after: Counts) -> Closing {
        let mut tally = Tally::default();
        for (id, outcome) in filed {
            tally.add(*id, *outcome);
        }
        tally.close(distinct, Some((before, after)), Duration::from_secs(2))
    }

    #[test]
    fn a_first_run_is_all_new() {
        let closing = closing(
            &[(1, GOOD), (2, FAILED)],
            2,
            counts(10, 9, 1),
            counts(12, 10, 2),
        );
        assert!(closing.disagreements().is_empty());
        let text = closing.to_string();
        for line in [
            "messages read  2\n",
            "new            2\n",
            "already there  0\n",
            "failed         1\n",
            "its count agrees",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }

    #[test]
    fn a_second_run_finds_everything_there() {
        let closing = closing(&[(1, GOOD), (2, GOOD)], 2, counts(2, 2, 0), counts(2, 2, 0));
        assert!(closing.disagreements().is_empty());
        assert!(
            closing.to_string().contains("already there  2\n"),
            "{closing}"
        );
    }

    #[test]
    fn copies_in_the_file_count_once() {
        let closing = closing(&[(1, GOOD), (1, GOOD)], 1, counts(0, 0, 0), counts(1, 1, 0));
        assert!(closing.disagreements().is_empty());
        assert!(
            closing.to_string().contains("1 of them copies"),
            "{closing}"
        );
    }

    #[test]
    fn every_way_to_disagree_is_told() {
        let filed = [(1, GOOD), (2, GOOD)];
        for (distinct, after, told) in [
            (
                3,
                counts(2, 2, 0),
                "3 different mails have become 2 entries",
            ),
            (
                2,
                Counts {
                    listed: Some(1),
                    ..counts(2, 2, 0)
                },
                "lists 1 entries more",
            ),
            (2, counts(3, 3, 0), "only 2 were filed"),
            (2, counts(2, 2, 1), "counted 1 errors"),
            (2, counts(2, 1, 0), "counted 1 actions"),
        ] {
            let text = closing(&filed, distinct, counts(0, 0, 0), after).to_string();
            assert!(
                text.contains(told) && text.contains("NOT agree"),
                "{told}: {text}"
            );
        }
    }

    #[test]
    fn a_list_too_long_to_count_is_not_compared() {
        let many = |processed| Counts {
            listed: None,
            ..counts(processed, processed, 0)
        };
        assert!(
            closing(&[(1, GOOD)], 1, many(20_000), many(20_001))
                .disagreements()
                .is_empty()
        );
    }

    #[test]
    fn the_bar_stays_within_its_width() {
        for share in [0.0, 0.5, 1.0, 1.5] {
            assert_eq!(bar(share).len(), BAR_WIDTH);
        }
    }
}
