//! Lists of activity: filters, pages, totals, export.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{CachedStatement, OptionalExtension, Row, types::Value};

use crate::{
    activity::{kinds_in, read_entries},
    error::{Fault, StorageError},
    keyset::{
        COUNT_LIMIT, Index, Key, Merge, Ranges, Remembered, Window, counted_to_limit, narrowed,
        offset,
    },
    live::Version,
    model::{
        ActivityEntry, ActivityFilter, Count, Cursor, LogFilter, Outcome, Page, PageRequest,
        PageStart,
    },
    names::ANY_KIND,
    readers::Reader,
    search::Term,
    store::Storage,
};

/// Proposals of the search index that are looked at before a walk along the time line is cheaper.
const MAX_PROPOSALS: usize = 50_000;
/// A query of the index with more lists than this leaves them to the look at the entry.
const MAX_QUERY_LISTS: usize = 32;
/// Searches whose keys are remembered; each has 160 kB at most.
const MAX_SEARCHES: usize = 16;
/// Entries in one batch of an export.
const EXPORT_BATCH: u32 = 500;

static BY_TIME: Index = Index {
    keys: "SELECT created_at, id FROM activity INDEXED BY activity_by_time \
           WHERE ?1 IS NOT NULL AND (created_at, id) < (?2, ?3) AND created_at >= ?4 \
           ORDER BY created_at DESC, id DESC LIMIT ?5 OFFSET ?6",
    count: "SELECT count(*) FROM (SELECT 1 FROM activity INDEXED BY activity_by_time \
            WHERE ?1 IS NOT NULL AND (created_at, id) < (?2, ?3) AND created_at >= ?4 LIMIT ?5)",
};

static BY_LIST: Index = Index {
    keys: "SELECT created_at, id FROM activity_list \
           WHERE list = ?1 AND (created_at, id) < (?2, ?3) AND created_at >= ?4 \
           ORDER BY created_at DESC, id DESC LIMIT ?5 OFFSET ?6",
    count: "SELECT count(*) FROM (SELECT 1 FROM activity_list \
            WHERE list = ?1 AND (created_at, id) < (?2, ?3) AND created_at >= ?4 LIMIT ?5)",
};

/// A search, when it was made, and what it found.
type Searched = (ActivityFilter, Version, Arc<Vec<Key>>);

/// Counts that were made before.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    activity: Mutex<Remembered<ActivityFilter>>,
    /// The keys of recent searches with few hits, so that their further pages cost no search.
    searches: Mutex<Vec<Searched>>,
    logs: Mutex<Remembered<LogFilter>>,
}

impl Counts {
    fn searched(&self, filter: &ActivityFilter, version: Version) -> Option<Arc<Vec<Key>>> {
        let searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        let found = searches
            .iter()
            .find(|(f, v, _)| *v == version && f == filter);
        found.map(|(.., keys)| Arc::clone(keys))
    }

    fn remember(&self, filter: &ActivityFilter, version: Version, keys: &Arc<Vec<Key>>) {
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        searches.retain(|(f, v, _)| *v == version && f != filter);
        searches.insert(0, (filter.clone(), version, Arc::clone(keys)));
        searches.truncate(MAX_SEARCHES);
    }

    fn activity(&self) -> std::sync::MutexGuard<'_, Remembered<ActivityFilter>> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn logs(&self) -> std::sync::MutexGuard<'_, Remembered<LogFilter>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A filter, looked up: which ranges it means, and what to compare an entry with.
struct View<'a> {
    filter: &'a ActivityFilter,
    term: Option<Term>,
    ranges: Ranges,
    /// The lists in `ranges`; none if it is the whole time line.
    lists: Option<Vec<i64>>,
    account: Option<i64>,
    window: Window,
    counts: &'a Counts,
    version: Version,
}

/// The entries that match a search.
enum Found {
    /// All of them, newest first.
    All(Arc<Vec<Key>>),
    /// Too many to gather.
    Many(Count),
}

impl<'a> View<'a> {
    fn new(
        reader: &Reader,
        filter: &'a ActivityFilter,
        counts: &'a Counts,
        version: Version,
    ) -> Result<Self, Fault> {
        let lists = lists(reader, filter)?;
        let ranges = match &lists {
            None => Ranges {
                index: &BY_TIME,
                lists: vec![Value::from(0_i64)],
                disjoint: true,
            },
            Some(lists) => Ranges {
                index: &BY_LIST,
                lists: lists.iter().map(|list| Value::from(*list)).collect(),
                disjoint: filter.actions.len() < 2,
            },
        };
        let account = match &filter.account {
            None => None,
            Some(name) => reader
                .conn
                .prepare_cached("SELECT id FROM account WHERE name = ?1")?
                .query_row([name.as_str()], |row| row.get(0))
                .optional()?,
        };
        Ok(Self {
            filter,
            term: filter.search.as_deref().map(Term::new).transpose()?,
            ranges,
            lists,
            account,
            window: Window::new(filter.from, filter.to),
            counts,
            version,
        })
    }

    /// How many rows the ranges hold, whatever is searched for.
    fn count_ranges(&self, reader: &Reader) -> Result<Count, Fault> {
        let plain = ActivityFilter {
            search: None,
            ..self.filter.clone()
        };
        if let Some(count) = self.counts.activity().get(&plain, self.version) {
            return Ok(count);
        }
        let count = self.ranges.count(reader, self.window)?;
        self.counts.activity().put(&plain, self.version, count);
        Ok(count)
    }

    fn find(&self, reader: &Reader, term: &Term) -> Result<Found, Fault> {
        let known = self.counts.activity().get(self.filter, self.version);
        if let Some(count) = known.filter(|count| count.is_lower_bound) {
            return Ok(Found::Many(count));
        }
        if let Some(keys) = self.counts.searched(self.filter, self.version) {
            return Ok(Found::All(keys));
        }
        let found = if self.count_ranges(reader)?.is_lower_bound {
            self.ask_index(reader, term)?
        } else {
            Found::All(Arc::new(self.look_at_all(reader, term)?))
        };
        let count = match &found {
            Found::All(keys) => {
                self.counts.remember(self.filter, self.version, keys);
                counted_to_limit(keys.len() as u64)
            }
            Found::Many(count) => *count,
        };
        self.counts.activity().put(self.filter, self.version, count);
        Ok(found)
    }

    /// Looks at every entry of the ranges.
    fn look_at_all(&self, reader: &Reader, term: &Term) -> Result<Vec<Key>, Fault> {
        let mut matching = Matching::new(reader, term)?;
        let mut rows = Merge::new(&self.ranges, self.window);
        let mut keys = Vec::new();
        while let Some(key) = matching.next(reader, &mut rows)? {
            keys.push(key);
        }
        Ok(keys)
    }

    /// Looks at the entries the index proposes and at those it does not hold yet.
    fn ask_index(&self, reader: &Reader, term: &Term) -> Result<Found, Fault> {
        let mut keys = Vec::new();
        if self.ranges.lists.is_empty() {
            return Ok(Found::All(Arc::default()));
        }
        let mark: i64 = reader
            .conn
            .prepare_cached("SELECT value FROM mark WHERE name = 'indexed'")?
            .query_row([], |row| row.get(0))?;
        let mut late = reader.conn.prepare_cached(
            "SELECT a.id, a.created_at, a.account, a.failed, a.message_id, a.subject, a.sender, a.actions \
             FROM activity a WHERE a.id > ?1",
        )?;
        let mut rows = late.query([mark])?;
        while let Some(row) = rows.next()? {
            keys.extend(self.test(row, term)?);
        }
        let lists = self
            .lists
            .as_deref()
            .filter(|lists| lists.len() <= MAX_QUERY_LISTS);
        let mut proposed = reader.conn.prepare_cached(
            "SELECT a.id, a.created_at, a.account, a.failed, a.message_id, a.subject, a.sender, a.actions \
             FROM activity_search CROSS JOIN activity a ON a.id = activity_search.rowid \
             WHERE activity_search MATCH ?1",
        )?;
        let mut rows = proposed.query([term.query(lists)])?;
        let mut proposals = 0;
        while let Some(row) = rows.next()? {
            proposals += 1;
            keys.extend(self.test(row, term)?);
            if keys.len() as u64 > COUNT_LIMIT {
                return Ok(Found::Many(counted_to_limit(keys.len() as u64)));
            }
            if proposals == MAX_PROPOSALS {
                let total = keys.len() as u64;
                return Ok(Found::Many(Count {
                    total,
                    is_lower_bound: true,
                }));
            }
        }
        keys.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Found::All(Arc::new(keys)))
    }

    /// The row's key, if everything the filter asks for holds.
    fn test(&self, row: &Row<'_>, term: &Term) -> Result<Option<Key>, Fault> {
        let key = Key {
            id: row.get(0)?,
            at: row.get(1)?,
        };
        let account: i64 = row.get(2)?;
        let failed: bool = row.get(3)?;
        let wanted = self.window.holds(key)
            && self.account.is_none_or(|id| id == account)
            && self
                .filter
                .outcome
                .is_none_or(|outcome| failed == (outcome == Outcome::Failed));
        if !wanted || !any_field(row, [4, 5, 6], term)? {
            return Ok(None);
        }
        if self.filter.actions.is_empty() {
            return Ok(Some(key));
        }
        let kinds = kinds_in(row.get_ref(7)?.as_str()?)?;
        Ok(self
            .filter
            .actions
            .iter()
            .any(|kind| kinds.contains(kind))
            .then_some(key))
    }

    /// The keys of a page and one more, if there is one.
    fn keys(&self, reader: &Reader, request: PageRequest) -> Result<(Vec<Key>, Count), Fault> {
        let wanted = request.size as usize + 1;
        let window = narrowed(self.window, request);
        let mut rows = Merge::new(&self.ranges, window);
        let mut keys = Vec::with_capacity(wanted);
        let count = match &self.term {
            None => {
                let count = self.count_ranges(reader)?;
                if rows.skip(reader, offset(request))? {
                    while keys.len() < wanted
                        && let Some(key) = rows.next(reader)?
                    {
                        keys.push(key);
                    }
                }
                count
            }
            Some(term) => match self.find(reader, term)? {
                Found::All(all) => {
                    let skip = usize::try_from(offset(request)).unwrap_or(usize::MAX);
                    let inside = all.iter().copied().filter(|key| window.holds(*key));
                    keys.extend(inside.skip(skip).take(wanted));
                    counted_to_limit(all.len() as u64)
                }
                Found::Many(count) => {
                    let mut matching = Matching::new(reader, term)?;
                    let mut skip = offset(request);
                    while keys.len() < wanted
                        && let Some(key) = matching.next(reader, &mut rows)?
                    {
                        if skip > 0 {
                            skip -= 1;
                        } else {
                            keys.push(key);
                        }
                    }
                    count
                }
            },
        };
        Ok((keys, count))
    }
}

/// Tells of keys whether their entry holds the term.
struct Matching<'a> {
    statement: CachedStatement<'a>,
    term: &'a Term,
    looked_at: u32,
}

impl<'a> Matching<'a> {
    fn new(reader: &'a Reader, term: &'a Term) -> Result<Self, Fault> {
        let sql = "SELECT message_id, subject, sender FROM activity WHERE id = ?1";
        Ok(Self {
            statement: reader.conn.prepare_cached(sql)?,
            term,
            looked_at: 0,
        })
    }

    /// The next key whose entry holds the term.
    fn next(&mut self, reader: &Reader, rows: &mut Merge) -> Result<Option<Key>, Fault> {
        while let Some(key) = rows.next(reader)? {
            self.looked_at = self.looked_at.wrapping_add(1);
            if self.looked_at.is_multiple_of(1_024) {
                reader.check()?;
            }
            let mut found = self.statement.query([key.id])?;
            if let Some(row) = found.next()?
                && any_field(row, [0, 1, 2], self.term)?
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

fn any_field(row: &Row<'_>, columns: [usize; 3], term: &Term) -> rusqlite::Result<bool> {
    for column in columns {
        if row
            .get_ref(column)?
            .as_str_or_null()?
            .is_some_and(|text| term.is_in(text))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The lists a filter means; none if it asks for nothing that lists tell apart.
fn lists(reader: &Reader, filter: &ActivityFilter) -> rusqlite::Result<Option<Vec<i64>>> {
    if filter.account.is_none() && filter.outcome.is_none() && filter.actions.is_empty() {
        return Ok(None);
    }
    let failed = filter.outcome.map(|outcome| outcome == Outcome::Failed);
    let mut kinds = vec![ANY_KIND];
    if !filter.actions.is_empty() {
        kinds.clear();
        let mut statement = reader
            .conn
            .prepare_cached("SELECT id FROM action_type WHERE name = ?1")?;
        for kind in &filter.actions {
            kinds.extend(
                statement
                    .query_row([kind], |row| row.get::<_, i64>(0))
                    .optional()?,
            );
        }
        kinds.sort_unstable();
        kinds.dedup();
    }
    let mut statement = reader.conn.prepare_cached(
        "SELECT l.id FROM list l JOIN account a ON a.id = l.account \
         WHERE (?1 IS NULL OR a.name = ?1) AND (?2 IS NULL OR l.failed = ?2) AND l.kind = ?3",
    )?;
    let mut lists = Vec::new();
    for kind in kinds {
        let account = filter.account.as_ref().map(|name| name.as_str());
        let mut rows = statement.query(rusqlite::params![account, failed, kind])?;
        while let Some(row) = rows.next()? {
            lists.push(row.get(0)?);
        }
    }
    Ok(Some(lists))
}

fn page(
    reader: &mut Reader,
    filter: &ActivityFilter,
    request: PageRequest,
    counts: &Counts,
    version: Version,
) -> Result<Page<ActivityEntry>, Fault> {
    let view = View::new(reader, filter, counts, version)?;
    let (mut keys, count) = view.keys(reader, request)?;
    let size = request.size as usize;
    let more = keys.len() > size;
    keys.truncate(size);
    let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
    Ok(Page {
        items: read_entries(reader, &ids)?,
        total: count.total,
        total_is_lower_bound: count.is_lower_bound,
        next: keys.last().filter(|_| more).map(|key| Cursor::from(*key)),
    })
}

/// Entries of an export, batch by batch, newest first.
///
/// Each batch is a query of its own, so that a reader who stalls holds nothing up; entries that
/// arrive meanwhile are not among them. Dropping it ends the export.
#[derive(Debug)]
pub struct ActivityRows {
    store: Storage,
    filter: ActivityFilter,
    /// Where the next batch begins; none when there is none.
    next: Option<PageStart>,
    left: u64,
}

impl ActivityRows {
    /// The next batch, of at most 500 entries and never empty; none at the end.
    ///
    /// # Errors
    /// [`StorageError::SearchTooShort`] and any error of a read.
    ///
    /// # Cancel safety
    /// Dropping the future stops its query; the next call gives the same batch.
    pub async fn next(&mut self) -> Result<Option<Vec<ActivityEntry>>, StorageError> {
        let Some(start) = self.next.filter(|_| self.left > 0) else {
            return Ok(None);
        };
        let size = u32::try_from(self.left)
            .unwrap_or(u32::MAX)
            .min(EXPORT_BATCH);
        let request = PageRequest { size, start };
        let page = self.store.activity_page(&self.filter, request).await?;
        self.next = page.next.map(PageStart::After);
        self.left -= page.items.len() as u64;
        Ok((!page.items.is_empty()).then_some(page.items))
    }
}

impl Storage {
    /// A page of entries, newest first by time and then by number.
    ///
    /// A page by cursor costs the same at any depth. The total is exact up to 10 000.
    ///
    /// # Errors
    /// [`StorageError::SearchTooShort`] if the filter's search has fewer than 3 characters;
    /// [`StorageError::TimedOut`] after 10 s; any error of a read.
    pub async fn activity_page(
        &self,
        filter: &ActivityFilter,
        request: PageRequest,
    ) -> Result<Page<ActivityEntry>, StorageError> {
        let (filter, counts) = (filter.clone(), self.counts());
        let live = self.live_handle();
        self.read("list activity", move |reader| {
            page(reader, &filter, request, &counts, live.activity_version())
        })
        .await
    }

    /// How many entries match, counted no further than 10 000.
    ///
    /// # Errors
    /// As [`Self::activity_page`].
    pub async fn count_activity(&self, filter: &ActivityFilter) -> Result<Count, StorageError> {
        let (filter, counts) = (filter.clone(), self.counts());
        let live = self.live_handle();
        self.read("count activity", move |reader| {
            let view = View::new(reader, &filter, &counts, live.activity_version())?;
            match &view.term {
                None => view.count_ranges(reader),
                Some(term) => Ok(match view.find(reader, term)? {
                    Found::All(keys) => counted_to_limit(keys.len() as u64),
                    Found::Many(count) => count,
                }),
            }
        })
        .await
    }

    /// All matching entries, newest first, at most `max_rows`, in batches.
    #[must_use]
    pub fn export_activity(&self, filter: ActivityFilter, max_rows: Option<u64>) -> ActivityRows {
        ActivityRows {
            store: self.clone(),
            filter,
            next: Some(PageStart::Number(1)),
            left: max_rows.unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
impl Storage {
    /// What the search index and the entries above its mark give; none if nothing is searched for.
    pub(crate) async fn ids_by_index(&self, filter: &ActivityFilter) -> Option<Vec<i64>> {
        let (filter, counts) = (filter.clone(), self.counts());
        let live = self.live_handle();
        let found = self.read("search", move |reader| {
            let view = View::new(reader, &filter, &counts, live.activity_version())?;
            let Some(term) = &view.term else {
                return Ok(None);
            };
            match view.ask_index(reader, term)? {
                Found::All(keys) => Ok(Some(keys.iter().map(|key| key.id).collect())),
                Found::Many(_) => Ok(None),
            }
        });
        found.await.unwrap()
    }
}
