//! What was decided about accounts, and other small durable facts.

use std::collections::{BTreeMap, BTreeSet};

use mailpilot_engine::AccountName;
use rusqlite::{OptionalExtension, Row, params};

use crate::{
    error::{Fault, StorageError},
    model::AccountOverlay,
    readers::Reader,
    rollup::account_name,
    store::Storage,
};

fn names(reader: &Reader, sql: &'static str) -> Result<BTreeSet<AccountName>, Fault> {
    let mut statement = reader.conn.prepare_cached(sql)?;
    Ok(statement
        .query_map([], |row| account_name(row, 0))?
        .collect::<rusqlite::Result<_>>()?)
}

impl Storage {
    /// Stores an account change, in place of an earlier one.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn put_overlay(&self, overlay: AccountOverlay) -> Result<(), StorageError> {
        self.write("store an account", move |tx| {
            let sql = "INSERT INTO overlay (name, settings) VALUES (?1, ?2) \
                       ON CONFLICT DO UPDATE SET settings = excluded.settings";
            tx.conn
                .prepare_cached(sql)?
                .execute([overlay.name.as_str(), overlay.settings.as_str()])?;
            Ok(())
        })
        .await
    }

    /// Removes an account change; false if there is none.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn delete_overlay(&self, name: AccountName) -> Result<bool, StorageError> {
        self.write("remove an account", move |tx| {
            let sql = "DELETE FROM overlay WHERE name = ?1";
            Ok(tx.conn.prepare_cached(sql)?.execute([name.as_str()])? == 1)
        })
        .await
    }

    /// All account changes by name.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn overlays(&self) -> Result<Vec<AccountOverlay>, StorageError> {
        self.read("read the accounts", |reader| {
            let mut statement = reader
                .conn
                .prepare_cached("SELECT name, settings FROM overlay ORDER BY name")?;
            let read = |row: &Row<'_>| {
                Ok(AccountOverlay {
                    name: account_name(row, 0)?,
                    settings: row.get(1)?,
                })
            };
            Ok(statement
                .query_map([], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Stores whether an account is paused, over what the configuration says.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn set_paused(&self, name: AccountName, paused: bool) -> Result<(), StorageError> {
        self.write("store a pause", move |tx| {
            let sql = "INSERT INTO pause (name, paused) VALUES (?1, ?2) \
                       ON CONFLICT DO UPDATE SET paused = excluded.paused";
            tx.conn
                .prepare_cached(sql)?
                .execute(params![name.as_str(), paused])?;
            Ok(())
        })
        .await
    }

    /// Forgets what was decided about pausing an account: the configuration counts again.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn forget_pause(&self, name: AccountName) -> Result<(), StorageError> {
        self.write("forget a pause", move |tx| {
            let sql = "DELETE FROM pause WHERE name = ?1";
            tx.conn.prepare_cached(sql)?.execute([name.as_str()])?;
            Ok(())
        })
        .await
    }

    /// What was decided about pausing, by account; the configuration counts for the others.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn paused(&self) -> Result<BTreeMap<AccountName, bool>, StorageError> {
        self.read("read the pauses", |reader| {
            let mut statement = reader
                .conn
                .prepare_cached("SELECT name, paused FROM pause")?;
            let read = |row: &Row<'_>| Ok((account_name(row, 0)?, row.get(1)?));
            Ok(statement
                .query_map([], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The accounts that ever had an entry or a report.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn known_accounts(&self) -> Result<BTreeSet<AccountName>, StorageError> {
        self.read("read the accounts", |reader| {
            names(reader, "SELECT name FROM account")
        })
        .await
    }

    /// A small durable fact.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StorageError> {
        let key = key.to_owned();
        self.read("read a setting", move |reader| {
            let mut statement = reader
                .conn
                .prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// Stores a small durable fact, in place of an earlier one.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<(), StorageError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write("store a setting", move |tx| {
            let sql = "INSERT INTO setting (key, value) VALUES (?1, ?2) \
                       ON CONFLICT DO UPDATE SET value = excluded.value";
            tx.conn.prepare_cached(sql)?.execute([key, value])?;
            Ok(())
        })
        .await
    }
}
