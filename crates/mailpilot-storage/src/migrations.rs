//! Brings a database to the version this server knows, one numbered step after another.
//!
//! Each step is a transaction: a crash leaves the version before or after it. A step that has
//! shipped is never edited.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::{error::Fault, error::StorageError};

const STEPS: [&str; 3] = [
    include_str!("migrations/0001_store.sql"),
    include_str!("migrations/0002_erasure.sql"),
    include_str!("migrations/0003_timeline.sql"),
];

/// Applies the steps the database does not have yet.
pub(crate) fn apply(conn: &mut Connection, path: &Path) -> Result<(), Fault> {
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(found)
        .ok()
        .filter(|done| *done <= STEPS.len());
    let Some(done) = done else {
        let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
        return Err(StorageError::TooNew {
            path: path.into(),
            found,
            known,
        }
        .into());
    };
    for (step, version) in STEPS.iter().zip(1_i64..).skip(done) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", version)?;
        tx.commit()?;
    }
    Ok(())
}
