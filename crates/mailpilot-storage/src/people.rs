//! Who may come in: the administrator, sessions, made keys.

use std::collections::BTreeMap;

use mailpilot_clock::Timestamp;
use mailpilot_permissions::PermissionSet;
use mailpilot_sessions::{Session, SessionId};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use crate::{
    error::StorageError,
    live::Effect,
    model::{Administrator, Created, StoredKey},
    store::Storage,
};

fn unreadable(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

fn read_session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let id: String = row.get(0)?;
    Ok(Session {
        id: id.parse().map_err(|e| unreadable(0, e))?,
        token_hash: row.get(1)?,
        username: row.get(2)?,
        created_at: time(row, 3)?,
        expires_at: time(row, 4)?,
        last_used_at: time(row, 5)?,
        client_address: row.get(6)?,
        user_agent: row.get(7)?,
    })
}

fn save_session(conn: &Connection, session: &Session) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO session (id, token_hash, username, created_at, expires_at, last_used_at, \
         client_address, user_agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        session.id.to_string(),
        session.token_hash,
        session.username,
        session.created_at.as_millis(),
        session.expires_at.as_millis(),
        session.last_used_at.as_millis(),
        session.client_address,
        session.user_agent,
    ])?;
    Ok(())
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<StoredKey> {
    let names: String = row.get(2)?;
    let permissions: Result<PermissionSet, _> = names
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::parse)
        .collect();
    Ok(StoredKey {
        name: row.get(0)?,
        sha256: row.get(1)?,
        permissions: permissions.map_err(|e| unreadable(2, e))?,
        created_at: time(row, 3)?,
        expires_at: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis),
    })
}

impl Storage {
    /// Makes the administrator if there is none. Of concurrent calls exactly one makes it.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn create_administrator(
        &self,
        username: String,
        password_hash: String,
    ) -> Result<Created, StorageError> {
        self.write("store the administrator", move |tx| {
            let sql = "INSERT INTO administrator (id, username, password_hash) VALUES (1, ?1, ?2) \
                       ON CONFLICT DO NOTHING";
            let made = tx
                .conn
                .prepare_cached(sql)?
                .execute([username, password_hash])?;
            Ok(if made == 1 {
                tx.effects.push(Effect::AdministratorMade);
                Created::Now
            } else {
                Created::AlreadyThere
            })
        })
        .await
    }

    /// The administrator, if there is one.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn administrator(&self) -> Result<Option<Administrator>, StorageError> {
        self.read("read the administrator", |reader| {
            let sql = "SELECT username, password_hash FROM administrator";
            let read = |row: &Row<'_>| {
                Ok(Administrator {
                    username: row.get(0)?,
                    password_hash: row.get(1)?,
                })
            };
            Ok(reader
                .conn
                .prepare_cached(sql)?
                .query_row([], read)
                .optional()?)
        })
        .await
    }

    /// Replaces the hash of the same password by one with other parameters; sessions go on. False, and
    /// nothing changed, if there is no administrator of that name or the password has changed since.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn renew_password_hash(
        &self,
        username: String,
        old: String,
        password_hash: String,
    ) -> Result<bool, StorageError> {
        self.write("renew the password hash", move |tx| {
            let sql = "UPDATE administrator SET password_hash = ?3 \
                       WHERE username = ?1 AND password_hash = ?2";
            let renewed = tx
                .conn
                .prepare_cached(sql)?
                .execute([username, old, password_hash])?;
            Ok(renewed == 1)
        })
        .await
    }

    /// Changes the administrator's password and ends all sessions but `keep` in one step; false,
    /// and nothing changed, if there is no administrator of that name.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn set_password(
        &self,
        username: String,
        password_hash: String,
        keep: Option<SessionId>,
    ) -> Result<bool, StorageError> {
        self.write("store the password", move |tx| {
            let sql = "UPDATE administrator SET password_hash = ?2 WHERE username = ?1";
            let changed = tx
                .conn
                .prepare_cached(sql)?
                .execute([&username, &password_hash])?;
            if changed == 0 {
                return Ok(false);
            }
            let keep = keep.map(|id| id.to_string());
            let sql = "DELETE FROM session WHERE ?1 IS NULL OR id <> ?1";
            tx.conn.prepare_cached(sql)?.execute([keep])?;
            Ok(true)
        })
        .await
    }

    /// Stores a session, or stores it anew.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn save_session(&self, session: Session) -> Result<(), StorageError> {
        self.write("store a session", move |tx| {
            Ok(save_session(tx.conn, &session)?)
        })
        .await
    }

    /// Removes sessions and says how many there were.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn delete_sessions(&self, ids: Vec<SessionId>) -> Result<u64, StorageError> {
        self.write("remove sessions", move |tx| {
            let mut removed = 0;
            for id in ids {
                let sql = "DELETE FROM session WHERE id = ?1";
                removed += tx.conn.prepare_cached(sql)?.execute([id.to_string()])?;
            }
            Ok(removed as u64)
        })
        .await
    }

    /// Every stored session, also those that have expired.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn load_sessions(&self) -> Result<Vec<Session>, StorageError> {
        self.read("read the sessions", |reader| {
            let sql = "SELECT id, token_hash, username, created_at, expires_at, last_used_at, \
                       client_address, user_agent FROM session ORDER BY created_at, id";
            let mut statement = reader.conn.prepare_cached(sql)?;
            Ok(statement
                .query_map([], read_session)?
                .collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Stores when sessions were last used; those that have gone are left out.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn touch_sessions(
        &self,
        used: Vec<(SessionId, Timestamp)>,
    ) -> Result<(), StorageError> {
        self.write("store the use of sessions", move |tx| {
            for (id, at) in used {
                tx.conn
                    .prepare_cached(
                        "UPDATE session SET last_used_at = max(last_used_at, ?2) WHERE id = ?1",
                    )?
                    .execute(params![id.to_string(), at.as_millis()])?;
            }
            Ok(())
        })
        .await
    }

    /// Stores a made key; false, and nothing changed, if the name is taken.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn insert_key(&self, key: StoredKey) -> Result<bool, StorageError> {
        self.write("store a key", move |tx| {
            let sql = "INSERT INTO made_key (name, sha256, permissions, created_at, expires_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            let made = tx.conn.prepare_cached(sql)?.execute(params![
                key.name,
                key.sha256,
                key.permissions.names().join(","),
                key.created_at.as_millis(),
                key.expires_at.map(Timestamp::as_millis),
            ])?;
            Ok(made == 1)
        })
        .await
    }

    /// Removes a made key and when it was used; false if there is none of that name.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn delete_key(&self, name: String) -> Result<bool, StorageError> {
        self.write("remove a key", move |tx| {
            let removed = tx
                .conn
                .prepare_cached("DELETE FROM made_key WHERE name = ?1")?
                .execute([&name])?;
            if removed == 1 {
                tx.conn
                    .prepare_cached("DELETE FROM key_use WHERE name = ?1")?
                    .execute([&name])?;
            }
            Ok(removed == 1)
        })
        .await
    }

    /// The made keys by name.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn keys(&self) -> Result<Vec<StoredKey>, StorageError> {
        self.read("read the keys", |reader| {
            let sql = "SELECT name, sha256, permissions, created_at, expires_at FROM made_key ORDER BY name";
            let mut statement = reader.conn.prepare_cached(sql)?;
            Ok(statement.query_map([], read_key)?.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Stores when keys were last used, configured ones as well as made ones.
    ///
    /// # Errors
    /// Any [`StorageError`] of a write.
    pub async fn touch_keys(&self, used: Vec<(String, Timestamp)>) -> Result<(), StorageError> {
        self.write("store the use of keys", move |tx| {
            let sql = "INSERT INTO key_use (name, last_used) VALUES (?1, ?2) \
                       ON CONFLICT DO UPDATE SET last_used = max(last_used, excluded.last_used)";
            for (name, at) in used {
                tx.conn
                    .prepare_cached(sql)?
                    .execute(params![name, at.as_millis()])?;
            }
            Ok(())
        })
        .await
    }

    /// When keys were last used, by name.
    ///
    /// # Errors
    /// Any [`StorageError`] of a read.
    pub async fn key_uses(&self) -> Result<BTreeMap<String, Timestamp>, StorageError> {
        self.read("read the use of keys", |reader| {
            let mut statement = reader
                .conn
                .prepare_cached("SELECT name, last_used FROM key_use")?;
            let read = |row: &Row<'_>| Ok((row.get(0)?, time(row, 1)?));
            Ok(statement
                .query_map([], read)?
                .collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
