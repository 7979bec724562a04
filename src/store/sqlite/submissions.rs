//! What was sent to a site and what came of it, for its owner: receipts by their numbers, and the queue.

use rusqlite::{Connection, params};

use super::snapshot::Snapshot;
use super::status::{self, Queue};
use crate::model::{MentionId, SiteId, Status, StatusKey, Timestamp};
use crate::store::{
    StoreError, SubmissionPage, SubmissionQuery, SubmissionRecord, SubmissionsOf, Verdict,
};

/// So many rows are visited at once at most, where not all of them are asked for.
const MAX_VISITED: usize = 1000;

/// The greatest number of a site's receipts is the greatest of any verdict's.
const NEXT_NUMBER: &str = "SELECT max(?2, 1 + max(
     coalesce((SELECT max(number) FROM receipt WHERE site_id = ?1 AND state = 'accepted'), 0),
     coalesce((SELECT max(number) FROM receipt WHERE site_id = ?1 AND state = 'rejected'), 0),
     coalesce((SELECT max(number) FROM receipt WHERE site_id = ?1 AND state = 'deleted'), 0),
     coalesce((SELECT max(number) FROM receipt WHERE site_id = ?1 AND state = 'error'), 0)))";

/// The number of a receipt that is written now: grows in commit order.
pub(super) fn next_number(
    connection: &Connection,
    site: SiteId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let least = now.as_millis().saturating_mul(1000);
    Ok(connection
        .prepare_cached(NEXT_NUMBER)?
        .query_row([site.0, least], |row| row.get(0))?)
}

pub(super) fn list(
    connection: &Connection,
    query: &SubmissionQuery,
) -> Result<SubmissionPage, StoreError> {
    // One snapshot: between two, a verdict could move a submission from one table to the other.
    let snapshot = Snapshot::of(connection)?;
    match &query.of {
        SubmissionsOf::Waiting => waiting(&snapshot, query),
        SubmissionsOf::Judged(verdicts) => judged(&snapshot, query, verdicts),
    }
}

/// The numbers between which a listing goes on.
fn bounds(query: &SubmissionQuery, low: i64) -> (i64, i64) {
    match (query.ascending, query.after) {
        (_, None) => (low, i64::MAX),
        (true, Some(after)) => (low.max(after), i64::MAX),
        (false, Some(after)) => (low, after),
    }
}

fn direction(ascending: bool) -> &'static str {
    if ascending { "ASC" } else { "DESC" }
}

/// The receipts of one verdict, by number.
fn by_number(ascending: bool) -> String {
    let order = direction(ascending);
    format!(
        "SELECT number, key FROM receipt INDEXED BY receipt_site
         WHERE site_id = ?1 AND state = ?2 AND number > ?3 AND number < ?4
         ORDER BY number {order} LIMIT ?5"
    )
}

fn judged(
    connection: &Connection,
    query: &SubmissionQuery,
    verdicts: &[Verdict],
) -> Result<SubmissionPage, StoreError> {
    let since = query.since.map(|since| MentionId::received_by(since).0);
    let (low, high) = bounds(query, since.unwrap_or(0));
    let batch = match query.page {
        None => query.limit.saturating_add(1),
        Some(_) => MAX_VISITED,
    };
    let mut found: Vec<(i64, StatusKey)> = Vec::new();
    for verdict in Verdict::ALL.iter().filter(|one| verdicts.contains(one)) {
        let mut statement = connection.prepare_cached(&by_number(query.ascending))?;
        let most = i64::try_from(batch).unwrap_or(i64::MAX);
        let which = params![query.site.0, verdict.as_str(), low, high, most];
        let rows = statement.query_map(which, |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            found.push(row?);
        }
    }
    found.sort_unstable();
    if !query.ascending {
        found.reverse();
    }
    found.truncate(batch);
    let mut page = SubmissionPage {
        submissions: Vec::new(),
        end: query.after,
        has_more: found.len() == batch,
    };
    for (number, key) in found {
        if page.submissions.len() == query.limit {
            page.has_more = true;
            break;
        }
        page.end = Some(number);
        let Some(written) = status::written(connection, key)? else {
            continue;
        };
        let queued = status::queued(connection, key)?;
        let status = status::verdict_of(key, &written, queued.as_ref())?;
        if is_of_page(query, &status) {
            let received_at = written.received_at;
            page.submissions.push(SubmissionRecord {
                number,
                received_at,
                status,
            });
        }
    }
    Ok(page)
}

fn is_of_page(query: &SubmissionQuery, status: &Status) -> bool {
    let page = query.page.as_ref();
    page.is_none_or(|page| status.target.page_key() == *page)
}

// No index by site: accepting is not to write one. The queue is short, or else what is seen of it is a part.
fn waiting(connection: &Connection, query: &SubmissionQuery) -> Result<SubmissionPage, StoreError> {
    let (low, high) = bounds(query, 0);
    let order = direction(query.ascending);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, key, site_id = ?1 AND occasion = 'sent', coalesce(repeated_at, received_at)
         FROM submission WHERE id > ?2 AND id < ?3 ORDER BY id {order} LIMIT ?4"
    ))?;
    let most = i64::try_from(MAX_VISITED).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![query.site.0, low, high, most])?;
    let mut page = SubmissionPage {
        submissions: Vec::new(),
        end: query.after,
        has_more: false,
    };
    let mut visited: usize = 0;
    while let Some(row) = rows.next()? {
        let (number, key, is_wanted): (i64, StatusKey, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        if page.submissions.len() == query.limit {
            page.has_more = true;
            break;
        }
        visited = visited.saturating_add(1);
        page.has_more = visited == MAX_VISITED;
        page.end = Some(number);
        let received_at = Timestamp::from_millis(row.get(3)?);
        if !is_wanted || query.since.is_some_and(|since| received_at <= since) {
            continue;
        }
        let Some(queued) = status::queued(connection, key)?.filter(Queue::is_fresh) else {
            continue;
        };
        let status = status::waiting(key, &queued)?;
        if is_of_page(query, &status) {
            page.submissions.push(SubmissionRecord {
                number,
                received_at,
                status,
            });
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::sqlite::plan::plan;

    fn database(receipts: i64) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("../../../schema.sql"))
            .unwrap();
        connection
            .execute_batch("INSERT INTO site (id, created_at) VALUES (1, 0), (2, 0)")
            .unwrap();
        connection
            .execute(
                "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
                 INSERT INTO receipt (key, site_id, source, target, protocols, state, was_known,
                   checked_at, number, received_at)
                 SELECT CAST(printf('%016d', n) AS BLOB), 1 + n % 2, 's', 't', 1,
                   iif(n % 3 = 0, 'rejected', 'accepted'), 0, n, n, n FROM n",
                [receipts],
            )
            .unwrap();
        connection
    }

    #[test]
    fn receipts_are_found_by_site_and_verdict_and_a_number_by_four_searches() {
        let connection = database(1);
        for ascending in [true, false] {
            let steps = plan(&connection, &by_number(ascending));
            let index = "INDEX receipt_site (site_id=? AND state=? AND number>? AND number<?)";
            assert!(steps.len() == 1 && steps[0].ends_with(index), "{steps:?}");
        }
        let [few, many] = [1_000, 100_000].map(database);
        let steps = |connection: &Connection, query: &str, values: &[&dyn rusqlite::ToSql]| {
            let mut statement = connection.prepare(query).unwrap();
            let mut rows = statement.query(values).unwrap();
            while rows.next().unwrap().is_some() {}
            drop(rows);
            statement.get_status(StatementStatus::VmStep)
        };
        let queries: [(String, &[&dyn rusqlite::ToSql]); 3] = [
            (by_number(true), &[&1, &"accepted", &500, &i64::MAX, &9]),
            (by_number(false), &[&1, &"accepted", &0, &900, &9]),
            (NEXT_NUMBER.to_owned(), &[&1, &5]),
        ];
        for (query, values) in queries {
            let (few, many) = (steps(&few, &query, values), steps(&many, &query, values));
            assert!(many <= few, "{query}: {few} steps, then {many}");
        }
    }
}
