//! Application log lines.

use mailpilot_clock::Timestamp;
use mailpilot_engine::{AccountName, LogLevel, LogRecord};
use rusqlite::{OptionalExtension, Row, params, types::Value};

use crate::{
    erase::{PATIENCE, What},
    error::{Fault, StorageError},
    keyset::{Index, Key, Merge, Ranges, Window, counted_to_limit, narrowed, offset},
    listing::Counts,
    live::{Effect, Version},
    model::{Count, Cursor, LogEntry, LogFilter, Page, PageRequest},
    readers::Reader,
    search::Term,
    store::Storage,
    writer::Tx,
};

/// Lines a page looks at when it searches or compares levels; then it ends, with a cursor to go on.
pub(crate) const MAX_LOOKED_AT: usize = 50_000;

pub(crate) static BY_LEVEL: Index = Index {
    keys: "SELECT at, id FROM log INDEXED BY log_by_level \
           WHERE level = ?1 AND (at, id) < (?2, ?3) AND at >= ?4 \
           ORDER BY at DESC, id DESC LIMIT ?5 OFFSET ?6",
    count: "SELECT count(*) FROM (SELECT 1 FROM log INDEXED BY log_by_level \
            WHERE level = ?1 AND (at, id) < (?2, ?3) AND at >= ?4 LIMIT ?5)",
};

pub(crate) static BY_ACCOUNT: Index = Index {
    keys: "SELECT at, id FROM log INDEXED BY log_by_account \
           WHERE account = ?1 AND (at, id) < (?2, ?3) AND at >= ?4 \
           ORDER BY at DESC, id DESC LIMIT ?5 OFFSET ?6",
    count: "SELECT count(*) FROM (SELECT 1 FROM log INDEXED BY log_by_account \
            WHERE account = ?1 AND (at, id) < (?2, ?3) AND at >= ?4 LIMIT ?5)",
};

pub(crate) fn rank(level: LogLevel) -> i64 {
    LogLevel::ALL
        .iter()
        .position(|l| *l == level)
        .map_or(0, |rank| rank as i64)
}

pub(crate) fn level(rank: i64) -> LogLevel {
    let place = usize::try_from(rank).unwrap_or(usize::MAX);
    LogLevel::ALL.get(place).copied().unwrap_or(LogLevel::Error)
}

fn append(tx: &mut Tx<'_>, records: Vec<LogRecord>) -> Result<Vec<i64>, Fault> {
    let mut lines = Vec::with_capacity(records.len());
    let mut insert = tx.conn.prepare_cached(
        "INSERT INTO log (at, recorded_at, level, account, given_at, target, message, fields) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for record in records {
        let timestamp = record.timestamp.unwrap_or(tx.now);
        let fields = if record.fields.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&record.fields)
                .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?
        };
        let id = insert.insert(params![
            timestamp.as_millis(),
            tx.now.as_millis(),
            rank(record.level),
            record.account.as_ref().map(AccountName::as_str),
            record.timestamp.map(Timestamp::as_millis),
            record.target,
            record.message,
            fields,
        ])?;
        lines.push(LogEntry {
            id,
            timestamp,
            record,
        });
    }
    let ids = lines.iter().map(|line| line.id).collect();
    if !lines.is_empty() {
        tx.effects.push(Effect::Logs(lines));
    }
    Ok(ids)
}

const LINE: &str =
    "SELECT id, at, level, account, given_at, target, message, fields FROM log WHERE id = ?1";

fn read_line(row: &Row<'_>) -> rusqlite::Result<LogEntry> {
    let account: Option<String> = row.get(3)?;
    let fields = row.get_ref(7)?.as_str()?;
    let fields = if fields.is_empty() {
        serde_json::Map::new()
    } else {
        serde_json::from_str(fields).map_err(|e| {
            rusqlite::Error::FromSqlConversionFailure(7, rusqlite::types::Type::Text, Box::new(e))
        })?
    };
    Ok(LogEntry {
        id: row.get(0)?,
        timestamp: Timestamp::from_millis(row.get(1)?),
        record: LogRecord {
            timestamp: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis),
            level: level(row.get(2)?),
            target: row.get(5)?,
            message: row.get(6)?,
            account: account.and_then(|name| name.parse().ok()),
            fields,
        },
    })
}

fn ranges(filter: &LogFilter) -> Ranges {
    match &filter.account {
        Some(name) => Ranges {
            index: &BY_ACCOUNT,
            lists: vec![Value::from(name.as_str().to_owned())],
            disjoint: true,
        },
        None => {
            let least = filter.level.map_or(0, rank);
            let all = LogLevel::ALL
                .into_iter()
                .map(rank)
                .filter(|rank| *rank >= least);
            Ranges {
                index: &BY_LEVEL,
                lists: all.map(Value::from).collect(),
                disjoint: true,
            }
        }
    }
}

/// Whether a line has to be looked at, because no index tells what is asked for.
fn needs_a_look(filter: &LogFilter) -> bool {
    filter.search.is_some() || (filter.account.is_some() && filter.level.is_some())
}

/// Walks through lines and looks at each, as long as its allowance lasts.
struct Look<'a> {
    filter: &'a LogFilter,
    term: Option<Term>,
    allowance: usize,
    /// The last line looked at.
    last: Option<Key>,
}

impl Look<'_> {
    fn next(&mut self, reader: &Reader, rows: &mut Merge) -> Result<Option<Key>, Fault> {
        let sql = "SELECT level, target, message FROM log WHERE id = ?1";
        let mut statement = reader.conn.prepare_cached(sql)?;
        while self.allowance > 0 {
            let Some(key) = rows.next(reader)? else {
                return Ok(None);
            };
            self.allowance -= 1;
            self.last = Some(key);
            let mut found = statement.query([key.id])?;
            if let Some(row) = found.next()?
                && self.matches(row)?
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn matches(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        if self
            .filter
            .level
            .is_some_and(|least| row.get::<_, i64>(0).is_ok_and(|l| l < rank(least)))
        {
            return Ok(false);
        }
        let Some(term) = &self.term else {
            return Ok(true);
        };
        Ok(term.is_in(row.get_ref(1)?.as_str()?) || term.is_in(row.get_ref(2)?.as_str()?))
    }
}

fn page(
    reader: &Reader,
    filter: &LogFilter,
    request: PageRequest,
    counts: &Counts,
    version: Version,
) -> Result<Page<LogEntry>, Fault> {
    let ranges = ranges(filter);
    let window = Window::new(filter.from, filter.to);
    let mut rows = Merge::new(&ranges, narrowed(window, request));
    let size = request.size as usize;
    let mut keys = Vec::with_capacity(size + 1);
    let mut cut = None;
    if needs_a_look(filter) {
        let mut look = Look {
            filter,
            term: filter.search.as_deref().map(Term::any_length),
            allowance: MAX_LOOKED_AT,
            last: None,
        };
        let mut skip = offset(request);
        while keys.len() <= size
            && let Some(key) = look.next(reader, &mut rows)?
        {
            if skip > 0 {
                skip -= 1;
            } else {
                keys.push(key);
            }
        }
        cut = look
            .last
            .filter(|_| look.allowance == 0 && keys.len() <= size);
    } else if rows.skip(reader, offset(request))? {
        while keys.len() <= size
            && let Some(key) = rows.next(reader)?
        {
            keys.push(key);
        }
    }
    let more = keys.len() > size;
    keys.truncate(size);
    let next = if more { keys.last().copied() } else { cut };
    let count = count(reader, filter, &ranges, counts, version)?;
    let mut statement = reader.conn.prepare_cached(LINE)?;
    let read = |key: &Key| statement.query_row([key.id], read_line);
    let items = keys.iter().map(read).collect::<rusqlite::Result<_>>()?;
    Ok(Page {
        items,
        total: count.total,
        total_is_lower_bound: count.is_lower_bound,
        next: next.map(Cursor::from),
    })
}

fn count(
    reader: &Reader,
    filter: &LogFilter,
    ranges: &Ranges,
    counts: &Counts,
    version: Version,
) -> Result<Count, Fault> {
    if let Some(count) = counts.logs().get(filter, version) {
        return Ok(count);
    }
    let window = Window::new(filter.from, filter.to);
    let count = if needs_a_look(filter) {
        let mut look = Look {
            filter,
            term: filter.search.as_deref().map(Term::any_length),
            allowance: MAX_LOOKED_AT,
            last: None,
        };
        let mut rows = Merge::new(ranges, window);
        let mut counted = 0;
        while counted <= crate::keyset::COUNT_LIMIT && look.next(reader, &mut rows)?.is_some() {
            counted += 1;
        }
        let count = counted_to_limit(counted);
        Count {
            is_lower_bound: count.is_lower_bound || look.allowance == 0,
            ..count
        }
    } else {
        ranges.count(reader, window)?
    };
    counts.logs().put(filter, version, count);
    Ok(count)
}

impl Storage {
    /// Stores log lines, all or none, and gives their ids in order.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn append_logs(&self, records: Vec<LogRecord>) -> Result<Vec<i64>, StorageError> {
        self.write("store log lines", move |tx| append(tx, records))
            .await
    }

    /// A page of log lines, newest first.
    ///
    /// A search looks at 50 000 lines at most: the page may then have fewer lines than asked for, or
    /// none, and `next` says where to go on; its total is a lower bound.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn log_page(
        &self,
        filter: &LogFilter,
        request: PageRequest,
    ) -> Result<Page<LogEntry>, StorageError> {
        let (filter, counts) = (filter.clone(), self.counts());
        let live = self.live_handle();
        self.read("list log lines", move |reader| {
            page(reader, &filter, request, &counts, live.logs_version())
        })
        .await
    }

    /// One log line.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn log_line(&self, id: i64) -> Result<Option<LogEntry>, StorageError> {
        self.read("read a log line", move |reader| {
            let mut statement = reader.conn.prepare_cached(LINE)?;
            Ok(statement.query_row([id], read_line).optional()?)
        })
        .await
    }

    /// Removes log lines older than a time, or all, in small steps, and says how many there were.
    ///
    /// Lines that arrive meanwhile stay. After 20 s the writer goes on alone, also after a restart,
    /// and the answer counts what has gone so far.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write; earlier steps stay done.
    ///
    /// # Cancel safety
    /// Dropping the future ends it between two steps.
    pub async fn delete_logs(&self, before: Option<Timestamp>) -> Result<u64, StorageError> {
        self.erase("remove log lines", (What::Logs, before), PATIENCE)
            .await
    }
}
