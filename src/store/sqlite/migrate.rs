//! Brings a database to the current schema: `schema.sql` for a new one, numbered steps for an older one.

use std::collections::BTreeSet;

use rusqlite::{Connection, TransactionBehavior};
use tracing::info;

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
/// [`StoreError::TooNew`] if a newer program made the database, [`StoreError::Foreign`] if another one did; it is
/// left as it is.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = current_version();
    // IMMEDIATE: of two processes that start at once, one creates the schema and the other finds it.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == 0 {
        if tx.prepare("SELECT 1 FROM sqlite_schema")?.exists([])? {
            return Err(StoreError::Foreign(
                "it is the database of another program".to_owned(),
            ));
        }
        tx.execute_batch(SCHEMA)?;
    } else {
        let done = usize::try_from(found.saturating_sub(1)).unwrap_or(0);
        for step in MIGRATIONS.iter().skip(done) {
            tx.execute_batch(step)?;
        }
    }
    if let Some(column) = missing_column(&tx)? {
        return Err(StoreError::Foreign(format!(
            "it lacks {column}, so that it is of another program, or of this one before its first release"
        )));
    }
    make_indexes(&tx)?;
    if found != known {
        tx.pragma_update(None, "user_version", known)?;
    }
    tx.commit()?;
    Ok(())
}

/// The first column of `schema.sql` that is not there, as `table.column`.
fn missing_column(connection: &Connection) -> Result<Option<String>, StoreError> {
    let meant = Connection::open_in_memory()?;
    meant.execute_batch(SCHEMA)?;
    let there = columns(connection)?;
    Ok(columns(&meant)?
        .into_iter()
        .find(|column| !there.contains(column)))
}

/// Every column of every table, as `table.column`.
fn columns(connection: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
         WHERE t.type = 'table'",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes the indexes of `schema.sql` that are not there: queries name the ones they go by.
fn make_indexes(connection: &Connection) -> Result<(), StoreError> {
    let there = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'index'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<BTreeSet<String>, _>>()?;
    for (name, statement) in indexes() {
        if !there.contains(name) {
            info!(index = name, "making an index that the database lacks");
            connection.execute_batch(statement)?;
        }
    }
    Ok(())
}

/// The indexes of `schema.sql`, each on a line of its own: their names, and how they are made.
fn indexes() -> impl Iterator<Item = (&'static str, &'static str)> {
    SCHEMA.lines().filter_map(|line| {
        let named = line
            .strip_prefix("CREATE INDEX ")
            .or_else(|| line.strip_prefix("CREATE UNIQUE INDEX "))?;
        Some((named.split(' ').next()?, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every index that has a name of ours, and how it was made.
    fn indexes_of(connection: &Connection) -> Vec<(String, String)> {
        let mut statement = connection
            .prepare(
                "SELECT name, sql FROM sqlite_schema
                 WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
            )
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn indexes_that_a_database_lacks_are_made_when_it_is_opened() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection
            .pragma_update(None, "user_version", current_version())
            .unwrap();
        let fresh = indexes_of(&connection);
        assert!(!fresh.is_empty());
        for (name, _) in &fresh {
            connection
                .execute_batch(&format!("DROP INDEX {name}"))
                .unwrap();
        }
        assert_eq!(indexes_of(&connection), []);
        migrate(&mut connection).unwrap();
        assert_eq!(indexes_of(&connection), fresh);
    }

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
    fn a_database_of_another_program_is_left_alone() {
        // One without a version, and one whose version is by chance one of ours.
        for made in [
            "CREATE TABLE post (title TEXT)",
            "CREATE TABLE post (title TEXT); PRAGMA user_version = 1",
        ] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(made).unwrap();
            let refused = migrate(&mut connection).unwrap_err();
            assert!(matches!(refused, StoreError::Foreign(_)), "{refused}");
            assert_eq!(
                columns(&connection).unwrap(),
                BTreeSet::from(["post.title".to_owned()])
            );
        }
    }

    #[test]
    fn what_a_database_lacks_is_named() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
            .execute_batch("ALTER TABLE site DROP COLUMN needs_vouch")
            .unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(
            refused.to_string().contains("site.needs_vouch"),
            "{refused}"
        );
    }

    #[test]
    fn migrating_twice_does_no_harm() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
    }
}
