//! Pages by key: merges sorted ranges of indexes, newest first, and counts them up to a limit.
//!
//! Every range delivers `(time, id)` in falling order, so a page deep down costs what the first one does.

use std::collections::{BinaryHeap, VecDeque};

use mailpilot_clock::Timestamp;
use rusqlite::{OptionalExtension, params, types::Value};

use crate::{
    error::Fault,
    live::Version,
    model::{Count, Cursor, PageRequest, PageStart},
    readers::Reader,
};

/// How far totals are counted.
pub(crate) const COUNT_LIMIT: u64 = 10_000;
const MAX_CHUNK: i64 = 512;

/// A row's place in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) at: i64,
    pub(crate) id: i64,
}

impl From<Cursor> for Key {
    fn from(cursor: Cursor) -> Self {
        Self {
            at: cursor.at.as_millis(),
            id: cursor.id,
        }
    }
}

impl From<Key> for Cursor {
    fn from(key: Key) -> Self {
        Self {
            at: Timestamp::from_millis(key.at),
            id: key.id,
        }
    }
}

/// Two statements over one index. `?1` is the list, `?2, ?3` the key to stay below, `?4` the earliest
/// time, `?5` the limit, `?6` (keys only) how many to leave out.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) keys: &'static str,
    pub(crate) count: &'static str,
}

/// The part of the time line that is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    from: i64,
    below: Key,
}

impl Window {
    /// From and to, both inclusive.
    pub(crate) fn new(from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        let to = to.unwrap_or(Timestamp::MAX);
        Self {
            from: from.unwrap_or(Timestamp::MIN).as_millis(),
            below: Key {
                at: to.as_millis(),
                id: i64::MAX,
            },
        }
    }

    /// What of it lies behind a row that has been seen.
    pub(crate) fn after(self, cursor: Cursor) -> Self {
        Self {
            below: self.below.min(cursor.into()),
            ..self
        }
    }

    pub(crate) fn holds(&self, key: Key) -> bool {
        key < self.below && key.at >= self.from
    }
}

/// Which ranges make up a list.
#[derive(Clone, Debug)]
pub(crate) struct Ranges {
    pub(crate) index: &'static Index,
    pub(crate) lists: Vec<Value>,
    /// Whether no row is in two of them.
    pub(crate) disjoint: bool,
}

impl Ranges {
    /// How many rows there are, counted no further than [`COUNT_LIMIT`].
    pub(crate) fn count(&self, reader: &Reader, window: Window) -> Result<Count, Fault> {
        let counted = self.count_up_to(reader, window, COUNT_LIMIT + 1)?;
        Ok(counted_to_limit(counted))
    }

    /// How many rows there are, counted no further than `limit`.
    pub(crate) fn count_up_to(
        &self,
        reader: &Reader,
        window: Window,
        limit: u64,
    ) -> Result<u64, Fault> {
        let mut counted = 0;
        if self.disjoint || self.lists.len() == 1 {
            let mut statement = reader.conn.prepare_cached(self.index.count)?;
            for list in &self.lists {
                let left = i64::try_from(limit - counted).unwrap_or(i64::MAX);
                let Window { from, below } = window;
                let found: i64 = statement
                    .query_row(params![list, below.at, below.id, from, left], |row| {
                        row.get(0)
                    })?;
                counted += u64::try_from(found).unwrap_or(0);
            }
        } else {
            let mut rows = Merge::new(self, window);
            while counted < limit && rows.next(reader)?.is_some() {
                counted += 1;
            }
        }
        Ok(counted)
    }
}

/// A count as it is shown.
pub(crate) fn counted_to_limit(counted: u64) -> Count {
    Count {
        total: counted.min(COUNT_LIMIT),
        is_lower_bound: counted > COUNT_LIMIT,
    }
}

struct Stream {
    list: Value,
    below: Key,
    waiting: VecDeque<Key>,
    chunk: i64,
    more: bool,
}

/// Walks through the ranges in falling order of keys, each key once.
pub(crate) struct Merge {
    index: &'static Index,
    from: i64,
    streams: Vec<Stream>,
    heads: BinaryHeap<(Key, usize)>,
    begun: bool,
    last: Option<Key>,
    since_check: u32,
}

impl Merge {
    pub(crate) fn new(ranges: &Ranges, window: Window) -> Self {
        let stream = |list: &Value| Stream {
            list: list.clone(),
            below: window.below,
            waiting: VecDeque::new(),
            chunk: 32,
            more: true,
        };
        Self {
            index: ranges.index,
            from: window.from,
            streams: ranges.lists.iter().map(stream).collect(),
            heads: BinaryHeap::new(),
            begun: false,
            last: None,
            since_check: 0,
        }
    }

    /// Leaves out rows at the beginning; false if there are no more than that.
    pub(crate) fn skip(&mut self, reader: &Reader, rows: u64) -> Result<bool, Fault> {
        if rows == 0 {
            return Ok(true);
        }
        if let ([stream], false) = (self.streams.as_mut_slice(), self.begun) {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            let Key { at, id } = stream.below;
            let last = reader
                .conn
                .prepare_cached(self.index.keys)?
                .query_row(
                    params![stream.list, at, id, self.from, 1, rows - 1],
                    |row| {
                        Ok(Key {
                            at: row.get(0)?,
                            id: row.get(1)?,
                        })
                    },
                )
                .optional()?;
            stream.below = last.unwrap_or(stream.below);
            stream.more = last.is_some();
            return Ok(last.is_some());
        }
        for _ in 0..rows {
            if self.next(reader)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn next(&mut self, reader: &Reader) -> Result<Option<Key>, Fault> {
        if !self.begun {
            self.begun = true;
            for i in 0..self.streams.len() {
                self.advance(reader, i)?;
            }
        }
        while let Some((key, i)) = self.heads.pop() {
            self.advance(reader, i)?;
            if self.last != Some(key) {
                self.last = Some(key);
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Puts the next key of a range among the heads.
    fn advance(&mut self, reader: &Reader, i: usize) -> Result<(), Fault> {
        let stream = &mut self.streams[i];
        if stream.waiting.is_empty() && stream.more {
            self.since_check += 1;
            if self.since_check.is_multiple_of(16) {
                reader.check()?;
            }
            let Key { at, id } = stream.below;
            let mut statement = reader.conn.prepare_cached(self.index.keys)?;
            let mut rows =
                statement.query(params![stream.list, at, id, self.from, stream.chunk, 0])?;
            while let Some(row) = rows.next()? {
                stream.waiting.push_back(Key {
                    at: row.get(0)?,
                    id: row.get(1)?,
                });
            }
            stream.more = i64::try_from(stream.waiting.len()).is_ok_and(|n| n == stream.chunk);
            stream.chunk = (stream.chunk * 2).min(MAX_CHUNK);
            stream.below = stream.waiting.back().copied().unwrap_or(stream.below);
        }
        if let Some(key) = stream.waiting.pop_front() {
            self.heads.push((key, i));
        }
        Ok(())
    }
}

/// How many rows lie before the page.
pub(crate) fn offset(request: PageRequest) -> u64 {
    match request.start {
        PageStart::Number(n) => u64::from(n.saturating_sub(1)) * u64::from(request.size),
        PageStart::After(_) => 0,
    }
}

/// The window narrowed to what lies behind the page's cursor.
pub(crate) fn narrowed(window: Window, request: PageRequest) -> Window {
    match request.start {
        PageStart::After(cursor) => window.after(cursor),
        PageStart::Number(_) => window,
    }
}

/// Counts that were made before, by filter; the latest used first.
#[derive(Debug)]
pub(crate) struct Remembered<F>(Vec<(F, Version, Count)>);

impl<F> Default for Remembered<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: PartialEq + Clone> Remembered<F> {
    const MOST: usize = 64;

    /// A count that still holds: nothing has changed, or there were too many and only more have come.
    pub(crate) fn get(&mut self, filter: &F, version: Version) -> Option<Count> {
        let place = self.0.iter().position(|(f, ..)| f == filter)?;
        let found = self.0.remove(place);
        let (_, then, count) = &found;
        let holds = *then == version || (count.is_lower_bound && then.removed == version.removed);
        let count = *count;
        if holds {
            self.0.insert(0, found);
        }
        holds.then_some(count)
    }

    pub(crate) fn put(&mut self, filter: &F, version: Version, count: Count) {
        self.0.retain(|(f, ..)| f != filter);
        self.0.insert(0, (filter.clone(), version, count));
        self.0.truncate(Self::MOST);
    }
}
