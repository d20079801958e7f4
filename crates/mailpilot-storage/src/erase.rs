//! Large deletions, step by step between other writes.
//!
//! A deletion reaches what was there when it was asked for, never what arrives while it runs. One that
//! outlives its request is written down and finished by the writer, also after a restart.

use std::time::{Duration, Instant};

use mailpilot_clock::Timestamp;
use mailpilot_engine::LogLevel;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    activity::remove_all,
    error::{Fault, StorageError},
    live::Effect,
    logs::rank,
    store::Storage,
    writer::Tx,
};

/// What a step takes, about.
const STEP_TIME: Duration = Duration::from_millis(5);
/// Rows looked up at a time.
const ENTRIES: i64 = 16;
const LINES: i64 = 200;
/// How long a caller waits for the end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Activity,
    Logs,
}

/// A deletion and how far it has come.
#[derive(Clone, Copy, Debug)]
struct Erasure {
    what: What,
    /// No entry before this time is left; unused for log lines, which are sorted by level first.
    since: i64,
    before: i64,
    /// The last row it reaches.
    through: i64,
}

impl Erasure {
    fn begin(conn: &Connection, what: What, before: Option<Timestamp>) -> rusqlite::Result<Self> {
        let sql = match what {
            What::Activity => "SELECT ifnull(max(id), 0) FROM activity",
            What::Logs => "SELECT ifnull(max(id), 0) FROM log",
        };
        Ok(Self {
            what,
            since: i64::MIN,
            before: before.map_or(i64::MAX, Timestamp::as_millis),
            through: conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?,
        })
    }

    /// Removes rows for a few milliseconds; how many, and whether all are gone.
    fn step(&mut self, tx: &mut Tx<'_>) -> Result<(u64, bool), Fault> {
        let begun = Instant::now();
        let mut removed = 0;
        loop {
            let some = match self.what {
                What::Activity => self.remove_entries(tx)?,
                What::Logs => self.remove_lines(tx)?,
            };
            removed += some as u64;
            if some == 0 || begun.elapsed() >= STEP_TIME {
                return Ok((removed, some == 0));
            }
        }
    }

    fn remove_entries(&mut self, tx: &mut Tx<'_>) -> Result<usize, Fault> {
        let found: Vec<(i64, i64)> = tx
            .conn
            .prepare_cached(
                "SELECT id, created_at FROM activity INDEXED BY activity_by_time \
                 WHERE created_at >= ?1 AND created_at < ?2 AND id <= ?3 \
                 ORDER BY created_at LIMIT ?4",
            )?
            .query_map(
                params![self.since, self.before, self.through, ENTRIES],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .collect::<rusqlite::Result<_>>()?;
        if let Some((_, at)) = found.last() {
            self.since = *at;
        }
        let ids: Vec<i64> = found.into_iter().map(|(id, _)| id).collect();
        remove_all(tx, &ids)
    }

    fn remove_lines(&self, tx: &mut Tx<'_>) -> Result<usize, Fault> {
        // One range of the index for each level, so that each step finds its lines at once.
        let sql = "DELETE FROM log WHERE id IN (SELECT id FROM log INDEXED BY log_by_level \
                   WHERE level = ?1 AND at < ?2 AND id <= ?3 ORDER BY at LIMIT ?4)";
        for level in LogLevel::ALL {
            let removed = tx.conn.prepare_cached(sql)?.execute(params![
                rank(level),
                self.before,
                self.through,
                LINES
            ])?;
            if removed > 0 {
                tx.effects.push(Effect::LogsRemoved);
                return Ok(removed);
            }
        }
        Ok(0)
    }

    /// Leaves the rest to the writer.
    fn leave(&self, tx: &mut Tx<'_>) -> rusqlite::Result<()> {
        let sql = "INSERT INTO erasure (logs, since, before, through) VALUES (?1, ?2, ?3, ?4)";
        let logs = self.what == What::Logs;
        tx.conn.prepare_cached(sql)?.execute(params![
            logs,
            self.since,
            self.before,
            self.through
        ])?;
        tx.effects.push(Effect::SweepDue);
        Ok(())
    }
}

/// A step of the first deletion that was left to the writer; whether there was one.
pub(crate) fn go_on(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    let found = tx
        .conn
        .prepare_cached("SELECT id, logs, since, before, through FROM erasure ORDER BY id LIMIT 1")?
        .query_row([], |row| {
            let logs: bool = row.get(1)?;
            let erasure = Erasure {
                what: if logs { What::Logs } else { What::Activity },
                since: row.get(2)?,
                before: row.get(3)?,
                through: row.get(4)?,
            };
            Ok((row.get::<_, i64>(0)?, erasure))
        })
        .optional()?;
    let Some((id, mut erasure)) = found else {
        return Ok(false);
    };
    let (_, done) = erasure.step(tx)?;
    if done {
        tx.conn
            .prepare_cached("DELETE FROM erasure WHERE id = ?1")?
            .execute([id])?;
    } else {
        tx.conn
            .prepare_cached("UPDATE erasure SET since = ?2 WHERE id = ?1")?
            .execute([id, erasure.since])?;
    }
    Ok(true)
}

impl Storage {
    /// Removes rows step by step and says how many; after `patience` the writer goes on alone.
    pub(crate) async fn erase(
        &self,
        op: &'static str,
        (what, before): (What, Option<Timestamp>),
        patience: Duration,
    ) -> Result<u64, StorageError> {
        let begun = Instant::now();
        let mut erasure = self
            .write(op, move |tx| Ok(Erasure::begin(tx.conn, what, before)?))
            .await?;
        let mut removed = 0;
        loop {
            let step = self.write(op, move |tx| {
                let (some, done) = erasure.step(tx)?;
                Ok((erasure, some, done))
            });
            let (next, some, done) = step.await?;
            removed += some;
            if done {
                return Ok(removed);
            }
            erasure = next;
            if begun.elapsed() >= patience {
                self.write(op, move |tx| Ok(erasure.leave(tx)?)).await?;
                return Ok(removed);
            }
        }
    }
}
