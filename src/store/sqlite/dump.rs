//! All that a database says, for tests of what it must not say any more.

use rusqlite::Connection;

/// A column that may hold words.
pub(super) struct Column {
    /// As `table.column`.
    pub(super) name: String,
    /// What all rows have there, in lower case.
    pub(super) said: String,
}

/// Every column of every table that is not declared to be a number.
pub(super) fn columns(connection: &Connection) -> Vec<Column> {
    let mut columns = connection
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c
             WHERE t.type = 'table' AND c.type NOT IN ('INTEGER', 'REAL')",
        )
        .unwrap();
    let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let columns = columns
        .unwrap()
        .collect::<Result<Vec<(String, String)>, _>>();
    let said_in = |(table, column): (String, String)| Column {
        said: said(connection, &table, &column),
        name: format!("{table}.{column}"),
    };
    columns.unwrap().into_iter().map(said_in).collect()
}

/// All words in all tables, in lower case.
pub(super) fn everything(connection: &Connection) -> String {
    let columns = columns(connection).into_iter();
    columns.map(|column| column.said).collect()
}

fn said(connection: &Connection, table: &str, column: &str) -> String {
    let mut rows = connection
        .prepare(&format!(
            "SELECT CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL"
        ))
        .unwrap();
    let rows = rows.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    rows.map(|bytes| String::from_utf8_lossy(&bytes.unwrap()).to_lowercase() + "\n")
        .collect()
}
