//! Lists of activity: filters, pages, totals, export.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{CachedStatement, OptionalExtension, Row, types::Value};

use crate::{
    activity::{kinds_in, read_entries},
    candidates::{self, Candidates, RecentCandidates},
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

/// How much a search reads before it takes another way.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// Proposals of the index looked at in its own order, before a walk along the time line.
    proposals: usize,
    /// Entries looked at on a walk, before only those are that the index proposes.
    walked: usize,
}

const EFFORT: Effort = Effort {
    proposals: 50_000,
    walked: 5_000,
};
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
    candidates: RecentCandidates,
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
    effort: Effort,
}

/// The entries that match a search.
enum Found {
    /// All of them, newest first.
    All(Arc<Vec<Key>>),
    /// More than are counted.
    Many,
}

impl Found {
    fn count(&self) -> Count {
        match self {
            Self::All(keys) => counted_to_limit(keys.len() as u64),
            Self::Many => counted_to_limit(COUNT_LIMIT + 1),
        }
    }
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
            effort: EFFORT,
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
        if known.is_some_and(|count| count.is_lower_bound) {
            return Ok(Found::Many);
        }
        if let Some(keys) = self.counts.searched(self.filter, self.version) {
            return Ok(Found::All(keys));
        }
        let few = !self.count_ranges(reader)?.is_lower_bound;
        let proposed = if few {
            None
        } else {
            self.ask_index(reader, term)?
        };
        let found = match proposed {
            Some(found) => found,
            None => self.walk(reader, term)?,
        };
        if let Found::All(keys) = &found {
            self.counts.remember(self.filter, self.version, keys);
        }
        let count = found.count();
        self.counts.activity().put(self.filter, self.version, count);
        Ok(found)
    }

    /// How many entries match, however many those are.
    fn count_all(&self, reader: &Reader) -> Result<u64, Fault> {
        let Some(term) = &self.term else {
            return self.ranges.count_up_to(reader, self.window, u64::MAX);
        };
        if let Found::All(keys) = self.find(reader, term)? {
            return Ok(keys.len() as u64);
        }
        let mut matching = Matching::new(self, reader, term)?;
        let mut rows = Merge::new(&self.ranges, self.window);
        let mut counted = 0;
        while matching.next(reader, &mut rows)?.is_some() {
            counted += 1;
        }
        Ok(counted)
    }

    /// Walks along the time line until there are more matches than are counted.
    fn walk(&self, reader: &Reader, term: &Term) -> Result<Found, Fault> {
        let mut matching = Matching::new(self, reader, term)?;
        let mut rows = Merge::new(&self.ranges, self.window);
        let mut keys = Vec::new();
        while let Some(key) = matching.next(reader, &mut rows)? {
            keys.push(key);
            if keys.len() as u64 > COUNT_LIMIT {
                return Ok(Found::Many);
            }
        }
        Ok(Found::All(Arc::new(keys)))
    }

    /// The index's query for the term, and for the lists if they are few.
    fn query(&self, term: &Term) -> String {
        let lists = self.lists.as_deref();
        term.query(lists.filter(|lists| lists.len() <= MAX_QUERY_LISTS))
    }

    /// Looks at the entries the index proposes and at those it does not hold yet; none if there are
    /// too many proposals for that.
    fn ask_index(&self, reader: &Reader, term: &Term) -> Result<Option<Found>, Fault> {
        let mut keys = Vec::new();
        if self.ranges.lists.is_empty() {
            return Ok(Some(Found::All(Arc::default())));
        }
        let mark = candidates::mark(&reader.conn)?;
        let mut late = reader.conn.prepare_cached(
            "SELECT a.id, a.created_at, a.account, a.failed, a.message_id, a.subject, a.sender, a.actions \
             FROM activity a WHERE a.id > ?1",
        )?;
        let mut rows = late.query([mark])?;
        while let Some(row) = rows.next()? {
            keys.extend(self.test(row, term)?);
        }
        let mut proposed = reader.conn.prepare_cached(
            "SELECT a.id, a.created_at, a.account, a.failed, a.message_id, a.subject, a.sender, a.actions \
             FROM activity_search CROSS JOIN activity a ON a.id = activity_search.rowid \
             WHERE activity_search MATCH ?1",
        )?;
        let mut rows = proposed.query([self.query(term)])?;
        let mut proposals = 0;
        while let Some(row) = rows.next()? {
            keys.extend(self.test(row, term)?);
            if keys.len() as u64 > COUNT_LIMIT {
                return Ok(Some(Found::Many));
            }
            proposals += 1;
            if proposals > self.effort.proposals {
                return Ok(None);
            }
        }
        keys.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Some(Found::All(Arc::new(keys))))
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
                found @ Found::Many => {
                    let mut matching = Matching::new(self, reader, term)?;
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
                    found.count()
                }
            },
        };
        Ok((keys, count))
    }
}

/// Tells of keys whether their entry holds the term.
///
/// Where matches are frequent, looking at every entry is quickest. Where they are not, the index tells
/// which entries are worth a look, so that a walk past millions reads few of them.
struct Matching<'a> {
    view: &'a View<'a>,
    statement: CachedStatement<'a>,
    term: &'a Term,
    looked_at: usize,
    candidates: Option<Arc<Candidates>>,
    since_check: u32,
}

impl<'a> Matching<'a> {
    fn new(view: &'a View<'a>, reader: &'a Reader, term: &'a Term) -> Result<Self, Fault> {
        let sql = "SELECT message_id, subject, sender FROM activity WHERE id = ?1";
        Ok(Self {
            view,
            statement: reader.conn.prepare_cached(sql)?,
            term,
            looked_at: 0,
            candidates: None,
            since_check: 0,
        })
    }

    /// The next key whose entry holds the term.
    fn next(&mut self, reader: &Reader, rows: &mut Merge) -> Result<Option<Key>, Fault> {
        while let Some(key) = rows.next(reader)? {
            self.since_check = self.since_check.wrapping_add(1);
            if self.since_check.is_multiple_of(1_024) {
                reader.check()?;
            }
            if self.candidates.is_none() && self.looked_at >= self.view.effort.walked {
                let query = self.view.query(self.term);
                let known = &self.view.counts.candidates;
                self.candidates = Some(known.of(&reader.conn, query)?);
            }
            if self
                .candidates
                .as_ref()
                .is_some_and(|set| !set.hold(key.id))
            {
                continue;
            }
            self.looked_at += 1;
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
                Some(term) => Ok(view.find(reader, term)?.count()),
            }
        })
        .await
    }

    /// How many entries match, counted to the end: a search for a frequent text reads every entry that has it.
    ///
    /// # Errors
    /// As [`Self::activity_page`].
    pub async fn count_all_activity(&self, filter: &ActivityFilter) -> Result<u64, StorageError> {
        let (filter, counts) = (filter.clone(), self.counts());
        let live = self.live_handle();
        self.read("count activity", move |reader| {
            View::new(reader, &filter, &counts, live.activity_version())?.count_all(reader)
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
    /// What a search finds by each of its ways alone: by the index's proposals and the entries above
    /// its mark, and by a walk past everything the index does not propose. None where that way gives
    /// up, or if nothing is searched for.
    pub(crate) async fn ids_by_way(&self, filter: &ActivityFilter) -> [Option<Vec<i64>>; 2] {
        let (filter, counts) = (filter.clone(), self.counts());
        let live = self.live_handle();
        let found = self.read("search", move |reader| {
            let mut view = View::new(reader, &filter, &counts, live.activity_version())?;
            view.effort.walked = 0;
            let Some(term) = view.term.take() else {
                return Ok([None, None]);
            };
            let ids = |found: Found| match found {
                Found::All(keys) => Some(keys.iter().map(|key| key.id).collect()),
                Found::Many => None,
            };
            let proposed = view.ask_index(reader, &term)?.and_then(ids);
            Ok([proposed, ids(view.walk(reader, &term)?)])
        });
        found.await.unwrap()
    }
}
