//! Brings a database to the current schema: `schema.sql` for a new one, numbered steps for an older one.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// The current schema, whole: also its documentation.
const SCHEMA: &str = include_str!("../../../schema.sql");

/// The steps from each released version to the next: `MIGRATIONS[0]` leads from version 1 to 2.
/// Immutable once released.
const MIGRATIONS: &[&str] = &[];

/// The version that `schema.sql` describes.
fn current_version() -> i64 {
    1_i64.saturating_add(i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))
}

/// Creates or upgrades the schema, each step in one transaction.
///
/// # Errors
/// [`StoreError::TooNew`] if a newer program made the database; it is left as it is.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = current_version();
    // IMMEDIATE: of two processes that start at once, one creates the schema and the other finds it.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == 0 {
        tx.execute_batch(SCHEMA)?;
    } else {
        let done = usize::try_from(found.saturating_sub(1)).unwrap_or(0);
        for step in MIGRATIONS.iter().skip(done) {
            tx.execute_batch(step)?;
        }
    }
    if found != known {
        tx.pragma_update(None, "user_version", known)?;
    }
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_names_the_version_it_describes() {
        let first_line = SCHEMA.lines().next().unwrap();
        assert_eq!(
            first_line,
            format!("-- user_version: {}", current_version())
        );
    }

    #[test]
    fn a_database_of_a_newer_program_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            migrate(&mut connection),
            Err(StoreError::TooNew { found: 99, .. })
        ));
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn migrating_twice_does_no_harm() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
    }
}
