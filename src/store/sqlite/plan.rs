//! How SQLite goes about a query, for the tests of what queries cost.

use rusqlite::Connection;

/// The steps, in order.
pub(super) fn plan(connection: &Connection, query: &str) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
        .unwrap();
    let unbound = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
    let steps = statement.query_map(unbound, |row| row.get(3));
    steps.unwrap().collect::<Result<_, _>>().unwrap()
}
