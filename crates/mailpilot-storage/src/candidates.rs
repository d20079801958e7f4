//! Which entries the search index proposes for a text, as a set of numbers.
//!
//! Holds no text and decides nothing: whether an entry matches is decided on its own text.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

/// Numbers in one block, and the words that hold their bits.
const BLOCK: i64 = 1_024;
const WORDS: usize = 16;
/// Sets that are kept; one of ten million entries has two megabytes.
const MOST: usize = 4;
/// A set that leaves more entries than this to a look at each is made anew.
const MAX_AGE: i64 = 10_000;

/// Numbers of the entries that may match, and of all entries above the index's mark.
#[derive(Debug)]
pub(crate) struct Candidates {
    blocks: HashMap<i64, [u64; WORDS]>,
    mark: i64,
}

/// The last entry the search index holds.
pub(crate) fn mark(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("SELECT value FROM mark WHERE name = 'indexed'")?
        .query_row([], |row| row.get(0))
}

fn place(id: i64) -> (i64, usize, u64) {
    let bit = usize::try_from(id.rem_euclid(BLOCK)).unwrap_or(0);
    (id.div_euclid(BLOCK), bit / 64, 1 << (bit % 64))
}

impl Candidates {
    fn read(conn: &Connection, query: &str, mark: i64) -> rusqlite::Result<Self> {
        let mut blocks: HashMap<i64, [u64; WORDS]> = HashMap::new();
        let sql = "SELECT rowid FROM activity_search WHERE activity_search MATCH ?1";
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query([query])?;
        while let Some(row) = rows.next()? {
            let (block, word, bit) = place(row.get(0)?);
            blocks.entry(block).or_insert([0; WORDS])[word] |= bit;
        }
        Ok(Self { blocks, mark })
    }

    /// Whether the entry may match.
    pub(crate) fn hold(&self, id: i64) -> bool {
        let (block, word, bit) = place(id);
        id > self.mark
            || self
                .blocks
                .get(&block)
                .is_some_and(|words| words[word] & bit != 0)
    }
}

/// The sets of recent searches. They stay right when entries come and go: new ones lie above the mark,
/// and removed ones are not found when they are looked at.
#[derive(Debug, Default)]
pub(crate) struct RecentCandidates(Mutex<Vec<(String, Arc<Candidates>)>>);

impl RecentCandidates {
    /// The set of a query, read from the index if it is not known.
    pub(crate) fn of(&self, conn: &Connection, query: String) -> rusqlite::Result<Arc<Candidates>> {
        let mark = mark(conn)?;
        let recent = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent().retain(|(_, set)| mark - set.mark <= MAX_AGE);
        if let Some((_, known)) = recent()
            .iter()
            .find(|(q, set)| *q == query && set.mark <= mark)
        {
            return Ok(Arc::clone(known));
        }
        // Read without the lock: it may take long.
        let read = Arc::new(Candidates::read(conn, &query, mark)?);
        let mut sets = recent();
        sets.retain(|(q, _)| *q != query);
        sets.insert(0, (query, Arc::clone(&read)));
        sets.truncate(MOST);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_proposed_and_everything_above_its_mark() {
        let mut blocks: HashMap<i64, [u64; WORDS]> = HashMap::new();
        for id in [1, 63, 64, 1_023, 1_024, 5_000] {
            let (block, word, bit) = place(id);
            blocks.entry(block).or_insert([0; WORDS])[word] |= bit;
        }
        let set = Candidates {
            blocks,
            mark: 6_000,
        };
        let held: Vec<i64> = (0..6_003).filter(|id| set.hold(*id)).collect();
        assert_eq!(held, [1, 63, 64, 1_023, 1_024, 5_000, 6_001, 6_002]);
    }
}
