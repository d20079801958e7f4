//! Ids of names that repeat: accounts, action types, lists. The writer's memory of the small tables.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use mailpilot_engine::{AccountName, Activity};
use rusqlite::{Connection, OptionalExtension, params};

/// An account's row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountRow {
    pub(crate) id: i64,
    /// The series that counts for it now.
    pub(crate) series: i64,
}

/// Kinds of actions an account counts one by one. Names come from outside: without an end to them
/// every total and every answer with totals would grow for ever.
const MAX_COUNTED: usize = 64;
/// Kind 0 of a list: whatever was done.
pub(crate) const ANY_KIND: i64 = 0;

/// What the writer has looked up or made. To be forgotten whenever something is rolled back.
#[derive(Debug, Default)]
pub(crate) struct Names {
    accounts: HashMap<AccountName, AccountRow>,
    kinds: HashMap<String, i64>,
    lists: HashMap<(i64, bool, i64), i64>,
    /// Kinds of actions that have a count of their own, by series.
    counted: HashMap<i64, HashSet<String>>,
}

impl Names {
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The account's row, made if there is none.
    pub(crate) fn account(
        &mut self,
        conn: &Connection,
        name: &AccountName,
    ) -> rusqlite::Result<AccountRow> {
        if let Some(row) = self.accounts.get(name) {
            return Ok(*row);
        }
        let known = conn
            .prepare_cached("SELECT id, series FROM account WHERE name = ?1")?
            .query_row([name.as_str()], |row| {
                Ok(AccountRow {
                    id: row.get(0)?,
                    series: row.get(1)?,
                })
            })
            .optional()?;
        let row = match known {
            Some(row) => row,
            None => {
                let series = new_series(conn)?;
                let sql = "INSERT INTO account (name, series) VALUES (?1, ?2)";
                let id = conn
                    .prepare_cached(sql)?
                    .insert(params![name.as_str(), series])?;
                AccountRow { id, series }
            }
        };
        self.accounts.insert(name.clone(), row);
        Ok(row)
    }

    /// The action type's id, made if there is none.
    pub(crate) fn kind(&mut self, conn: &Connection, name: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.kinds.get(name) {
            return Ok(*id);
        }
        let known = conn
            .prepare_cached("SELECT id FROM action_type WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => conn
                .prepare_cached("INSERT INTO action_type (name) VALUES (?1)")?
                .insert([name])?,
        };
        self.kinds.insert(name.into(), id);
        Ok(id)
    }

    /// The kinds of an entry's actions that have no count of their own in the series.
    pub(crate) fn folded(
        &mut self,
        conn: &Connection,
        series: i64,
        activity: &Activity,
    ) -> rusqlite::Result<Vec<String>> {
        let mut folded = Vec::new();
        if activity.error.is_some() {
            return Ok(folded);
        }
        let counted = match self.counted.entry(series) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(counted(conn, series)?),
        };
        for action in &activity.actions {
            if counted.contains(&action.kind) {
                continue;
            }
            if counted.len() < MAX_COUNTED {
                counted.insert(action.kind.clone());
            } else {
                folded.push(action.kind.clone());
            }
        }
        Ok(folded)
    }

    /// The list's id, made if there is none.
    pub(crate) fn list(
        &mut self,
        conn: &Connection,
        account: i64,
        failed: bool,
        kind: i64,
    ) -> rusqlite::Result<i64> {
        if let Some(id) = self.lists.get(&(account, failed, kind)) {
            return Ok(*id);
        }
        let sql = "SELECT id FROM list WHERE account = ?1 AND failed = ?2 AND kind = ?3";
        let known = conn
            .prepare_cached(sql)?
            .query_row(params![account, failed, kind], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => conn
                .prepare_cached("INSERT INTO list (account, failed, kind) VALUES (?1, ?2, ?3)")?
                .insert(params![account, failed, kind])?,
        };
        self.lists.insert((account, failed, kind), id);
        Ok(id)
    }

    /// Gives the account a new, empty series; the old one is removed later, in small steps.
    pub(crate) fn renew_series(
        &mut self,
        conn: &Connection,
        name: &AccountName,
    ) -> rusqlite::Result<()> {
        let row = self.account(conn, name)?;
        let series = new_series(conn)?;
        conn.prepare_cached("UPDATE series SET retired = 1 WHERE id = ?1")?
            .execute([row.series])?;
        conn.prepare_cached("UPDATE account SET series = ?2 WHERE id = ?1")?
            .execute([row.id, series])?;
        self.accounts
            .insert(name.clone(), AccountRow { series, ..row });
        Ok(())
    }
}

fn counted(conn: &Connection, series: i64) -> rusqlite::Result<HashSet<String>> {
    conn.prepare_cached(
        "SELECT k.name FROM total_action t JOIN action_type k ON k.id = t.kind WHERE t.series = ?1",
    )?
    .query_map([series], |row| row.get(0))?
    .collect()
}

fn new_series(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("INSERT INTO series DEFAULT VALUES")?
        .insert([])
}
