//! How many log lines there are of each level. Must not read a line further than its texts and level.

use mailpilot_engine::LogLevel;
use rusqlite::types::Value;

use crate::{
    error::{Fault, StorageError},
    keyset::{COUNT_LIMIT, Merge, Ranges, Window},
    logs::{BY_ACCOUNT, BY_LEVEL, MAX_LOOKED_AT, level, rank},
    model::{LevelCounts, LogFilter},
    readers::Reader,
    search::Term,
    store::Storage,
};

fn of_level(level: LogLevel) -> Ranges {
    Ranges {
        index: &BY_LEVEL,
        lists: vec![Value::from(rank(level))],
        disjoint: true,
    }
}

fn count(reader: &Reader, filter: &LogFilter) -> Result<LevelCounts, Fault> {
    let mut counts = LevelCounts::default();
    if filter.search.is_some() || filter.account.is_some() {
        look(reader, filter, &mut counts)?;
    } else {
        let window = Window::new(filter.from, filter.to);
        for level in LogLevel::ALL {
            *counts.of_mut(level) = of_level(level).count(reader, window)?.total;
        }
    }
    Ok(counts)
}

/// Looks at lines, because no index tells everything that is asked for.
fn look(reader: &Reader, filter: &LogFilter, counts: &mut LevelCounts) -> Result<(), Fault> {
    let term = filter.search.as_deref().map(Term::any_length);
    let window = Window::new(filter.from, filter.to);
    let lists = match &filter.account {
        Some(name) => vec![Ranges {
            index: &BY_ACCOUNT,
            lists: vec![Value::from(name.as_str().to_owned())],
            disjoint: true,
        }],
        // The gravest first: where the allowance does not reach for all, they are few and matter most.
        None => LogLevel::ALL.into_iter().rev().map(of_level).collect(),
    };
    let sql = "SELECT level, target, message FROM log WHERE id = ?1";
    let mut statement = reader.conn.prepare_cached(sql)?;
    let mut allowance = MAX_LOOKED_AT;
    for list in &lists {
        let mut rows = Merge::new(list, window);
        while let Some(key) = rows.next(reader)? {
            if allowance == 0 {
                counts.cut_short = true;
                return Ok(());
            }
            allowance -= 1;
            let mut found = statement.query([key.id])?;
            let Some(row) = found.next()? else {
                continue;
            };
            let holds = match &term {
                None => true,
                Some(term) => {
                    term.is_in(row.get_ref(1)?.as_str()?) || term.is_in(row.get_ref(2)?.as_str()?)
                }
            };
            if !holds {
                continue;
            }
            let count = counts.of_mut(level(row.get(0)?));
            *count = (*count + 1).min(COUNT_LIMIT);
            if *count == COUNT_LIMIT && filter.account.is_none() {
                break;
            }
        }
    }
    Ok(())
}

impl Storage {
    /// How many log lines of each level match; the filter's own level does not count.
    ///
    /// Each is counted no further than 10 000. A filter by text or account looks at 50 000 lines at most;
    /// if that is not enough, the counts say that they were cut short.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn log_levels(&self, filter: &LogFilter) -> Result<LevelCounts, StorageError> {
        let filter = filter.clone();
        self.read("count log lines", move |reader| count(reader, &filter))
            .await
    }
}
