//! All that a database says, for tests of what it must not say any more.

use rusqlite::Connection;

/// All text in all tables, in lower case.
pub(super) fn everything(connection: &Connection) -> String {
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut all = String::new();
    for table in tables {
        let mut rows = connection
            .prepare(&format!("SELECT * FROM {}", table.unwrap()))
            .unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let Ok(text) = row.get_ref(column).unwrap().as_str() {
                    all.push_str(&text.to_lowercase());
                    all.push('\n');
                }
            }
        }
    }
    all
}
