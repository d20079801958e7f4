//! Activity entries: how one is stored, read, and removed.

use std::{collections::HashSet, time::Duration};

use mailpilot_clock::Timestamp;
use mailpilot_engine::{Action, Activity};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::{
    erase::{PATIENCE, What},
    error::{Fault, StorageError},
    live::Effect,
    model::ActivityEntry,
    names::ANY_KIND,
    readers::Reader,
    rollup::Counting,
    store::Storage,
    writer::Tx,
};

/// An action as its column holds it; short names, because every row has some.
#[derive(Serialize, Deserialize)]
struct StoredAction {
    k: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    g: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<String>,
}

fn unusable(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}

fn print_actions(actions: &[Action]) -> rusqlite::Result<String> {
    let stored: Vec<StoredAction> = actions
        .iter()
        .map(|a| StoredAction {
            k: a.kind.clone(),
            f: a.folder.clone(),
            g: a.flags.clone(),
            r: a.reason.clone(),
        })
        .collect();
    serde_json::to_string(&stored).map_err(unusable)
}

fn parse_actions(text: &str) -> rusqlite::Result<Vec<Action>> {
    if text == "[]" {
        return Ok(Vec::new());
    }
    let stored: Vec<StoredAction> = serde_json::from_str(text).map_err(unusable)?;
    let action = |a: StoredAction| Action {
        kind: a.k,
        folder: a.f,
        flags: a.g,
        reason: a.r,
    };
    Ok(stored.into_iter().map(action).collect())
}

/// The kinds of actions in a column, each once.
pub(crate) fn kinds_in(text: &str) -> rusqlite::Result<HashSet<String>> {
    Ok(parse_actions(text)?
        .into_iter()
        .map(|action| action.kind)
        .collect())
}

/// Every list an entry is in.
pub(crate) fn lists_of(
    tx: &mut Tx<'_>,
    account: i64,
    failed: bool,
    kinds: &HashSet<String>,
) -> rusqlite::Result<Vec<i64>> {
    let mut lists = vec![tx.names.list(tx.conn, account, failed, ANY_KIND)?];
    for kind in kinds {
        let kind = tx.names.kind(tx.conn, kind)?;
        lists.push(tx.names.list(tx.conn, account, failed, kind)?);
    }
    Ok(lists)
}

fn append(tx: &mut Tx<'_>, activities: Vec<Activity>) -> Result<Vec<i64>, Fault> {
    let mut ids = Vec::with_capacity(activities.len());
    let mut entries = Vec::with_capacity(activities.len());
    let mut counting = Vec::with_capacity(activities.len());
    for mut activity in activities {
        if !tx.keep_subjects {
            activity.subject = None;
            activity.from = None;
        }
        let account = tx.names.account(tx.conn, &activity.account)?;
        if let Some(first) = first_with_key(tx.conn, account.id, &activity)? {
            ids.push(first);
            continue;
        }
        let created_at = activity.created_at.unwrap_or(tx.now);
        let id = insert(tx, account.id, created_at, &activity)?;
        ids.push(id);
        counting.push(Counting {
            series: account.series,
            folded: tx.names.folded(tx.conn, account.series, &activity)?,
        });
        entries.push(ActivityEntry {
            id,
            created_at,
            activity,
        });
    }
    if !entries.is_empty() {
        let now = tx.now;
        tx.effects.push(Effect::Activity {
            entries,
            counting,
            now,
        });
    }
    Ok(ids)
}

fn first_with_key(
    conn: &Connection,
    account: i64,
    activity: &Activity,
) -> rusqlite::Result<Option<i64>> {
    let Some(key) = &activity.idempotency_key else {
        return Ok(None);
    };
    conn.prepare_cached("SELECT id FROM activity WHERE account = ?1 AND idempotency_key = ?2")?
        .query_row(params![account, key], |row| row.get(0))
        .optional()
}

fn insert(
    tx: &mut Tx<'_>,
    account: i64,
    created_at: Timestamp,
    activity: &Activity,
) -> rusqlite::Result<i64> {
    let failed = activity.error.is_some();
    let nanos = |d: Duration| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX);
    let id = tx
        .conn
        .prepare_cached(
            "INSERT INTO activity (created_at, recorded_at, account, failed, message_id, subject, sender, \
             actions, given_at, duration_ns, confidence, provider, model, idempotency_key, error, reasoning) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .insert(params![
            created_at.as_millis(),
            tx.now.as_millis(),
            account,
            failed,
            activity.message_id,
            activity.subject,
            activity.from,
            print_actions(&activity.actions)?,
            activity.created_at.map(Timestamp::as_millis),
            activity.duration.map(nanos),
            activity.confidence,
            activity.llm_provider,
            activity.llm_model,
            activity.idempotency_key,
            activity.error,
            activity.reasoning,
        ])?;
    let kinds = activity
        .actions
        .iter()
        .map(|action| action.kind.clone())
        .collect();
    for list in lists_of(tx, account, failed, &kinds)? {
        tx.conn
            .prepare_cached("INSERT INTO activity_list (list, created_at, id) VALUES (?1, ?2, ?3)")?
            .execute([list, created_at.as_millis(), id])?;
    }
    Ok(id)
}

/// Removes one entry from everything but the counts; false if there is none.
pub(crate) fn remove(tx: &mut Tx<'_>, id: i64) -> Result<bool, Fault> {
    let found = tx
        .conn
        .prepare_cached("SELECT created_at, account, failed, actions FROM activity WHERE id = ?1")?
        .query_row([id], |row| {
            let actions = kinds_in(row.get_ref(3)?.as_str()?)?;
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, bool>(2)?,
                actions,
            ))
        })
        .optional()?;
    let Some((created_at, account, failed, kinds)) = found else {
        return Ok(false);
    };
    for list in lists_of(tx, account, failed, &kinds)? {
        tx.conn
            .prepare_cached(
                "DELETE FROM activity_list WHERE list = ?1 AND created_at = ?2 AND id = ?3",
            )?
            .execute([list, created_at, id])?;
    }
    if id <= tx.indexed {
        tx.conn
            .prepare_cached("DELETE FROM activity_search WHERE rowid = ?1")?
            .execute([id])?;
    }
    tx.conn
        .prepare_cached("DELETE FROM activity WHERE id = ?1")?
        .execute([id])?;
    Ok(true)
}

/// Removes entries by id and says how many there were.
pub(crate) fn remove_all(tx: &mut Tx<'_>, ids: &[i64]) -> Result<usize, Fault> {
    let mut removed = 0;
    for id in ids {
        removed += usize::from(remove(tx, *id)?);
    }
    if removed > 0 {
        tx.effects.push(Effect::ActivityRemoved);
    }
    Ok(removed)
}

const ENTRY: &str = "SELECT created_at, account, message_id, subject, sender, actions, given_at, \
    duration_ns, confidence, provider, model, idempotency_key, error, reasoning FROM activity WHERE id = ?1";

/// Reads entries one after another with one prepared statement.
pub(crate) fn read_entries(reader: &mut Reader, ids: &[i64]) -> Result<Vec<ActivityEntry>, Fault> {
    let mut rows = Vec::with_capacity(ids.len());
    {
        let mut statement = reader.conn.prepare_cached(ENTRY)?;
        for id in ids {
            rows.extend(read_row(&mut statement, *id)?);
        }
    }
    let mut entries = Vec::with_capacity(rows.len());
    for (account, mut parts) in rows {
        let name = reader.account(account)?;
        entries.push(parts.finish(name)?);
    }
    Ok(entries)
}

/// An entry whose account is still a number.
struct Parts {
    id: i64,
    created_at: Timestamp,
    actions: String,
    message_id: String,
    texts: [Option<String>; 7],
    given_at: Option<i64>,
    duration: Option<i64>,
    confidence: Option<f64>,
}

fn read_row(
    statement: &mut CachedStatement<'_>,
    id: i64,
) -> rusqlite::Result<Option<(i64, Parts)>> {
    let parts = |row: &Row<'_>| {
        let parts = Parts {
            id,
            created_at: Timestamp::from_millis(row.get(0)?),
            actions: row.get(5)?,
            message_id: row.get(2)?,
            texts: [
                row.get(3)?,
                row.get(4)?,
                row.get(9)?,
                row.get(10)?,
                row.get(11)?,
                row.get(12)?,
                row.get(13)?,
            ],
            given_at: row.get(6)?,
            duration: row.get(7)?,
            confidence: row.get(8)?,
        };
        Ok((row.get(1)?, parts))
    };
    statement.query_row([id], parts).optional()
}

impl Parts {
    fn finish(
        &mut self,
        account: mailpilot_engine::AccountName,
    ) -> rusqlite::Result<ActivityEntry> {
        let [
            subject,
            from,
            llm_provider,
            llm_model,
            idempotency_key,
            error,
            reasoning,
        ] = std::mem::take(&mut self.texts);
        let nanos = |n: i64| Duration::from_nanos(u64::try_from(n).unwrap_or(0));
        let activity = Activity {
            message_id: std::mem::take(&mut self.message_id),
            account,
            actions: parse_actions(&self.actions)?,
            subject,
            from,
            llm_provider,
            llm_model,
            confidence: self.confidence,
            reasoning,
            duration: self.duration.map(nanos),
            error,
            created_at: self.given_at.map(Timestamp::from_millis),
            idempotency_key,
        };
        Ok(ActivityEntry {
            id: self.id,
            created_at: self.created_at,
            activity,
        })
    }
}

impl Storage {
    /// Stores entries, all or none, and gives their ids in order.
    ///
    /// An entry whose idempotency key the account has had before, also in this very call, gives the
    /// first entry's id, is not stored and counts nothing. A key is known as long as its entry is.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write; then nothing was stored.
    ///
    /// # Cancel safety
    /// Dropping the future leaves open whether the entries are stored; repeat with idempotency keys.
    pub async fn append_activity(&self, entries: Vec<Activity>) -> Result<Vec<i64>, StorageError> {
        self.write("store activity", move |tx| append(tx, entries))
            .await
    }

    /// One entry.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn activity(&self, id: i64) -> Result<Option<ActivityEntry>, StorageError> {
        self.read("read an entry", move |reader| {
            Ok(read_entries(reader, &[id])?.pop())
        })
        .await
    }

    /// Removes one entry; false if there is none. Totals and series stay.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn delete_activity(&self, id: i64) -> Result<bool, StorageError> {
        self.write("remove an entry", move |tx| Ok(remove_all(tx, &[id])? > 0))
            .await
    }

    /// Removes the entries created before a time, in small steps, and says how many there were.
    ///
    /// Entries that arrive meanwhile stay. After 20 s the writer goes on alone, also after a restart,
    /// and the answer counts what has gone so far.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write; earlier steps stay done.
    ///
    /// # Cancel safety
    /// Dropping the future ends it between two steps.
    pub async fn delete_activity_before(&self, before: Timestamp) -> Result<u64, StorageError> {
        self.erase("remove entries", (What::Activity, Some(before)), PATIENCE)
            .await
    }
}
