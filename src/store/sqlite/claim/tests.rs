#![expect(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test counts what it sees, and prints the figures"
)]

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use rusqlite::StatementStatus;

use super::*;
use crate::store::Manners;
use crate::store::sqlite::plan::plan;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A database with so many due rows of one domain, and one row of each of 50 others that came last.
fn queue(flood: usize) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(include_str!("../../../../schema.sql"))
        .unwrap();
    connection
        .execute("INSERT INTO site (id, created_at) VALUES (1, 0)", [])
        .unwrap();
    let insert = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO submission (key, site_id, source, target, host, protocols, received_at, due_at)
         SELECT randomblob(16), 1, replace(?2, '#', n), 'https://blog.example/', replace(?3, '#', n),
           1, ?4, ?4 FROM n";
    for (count, source, host) in [
        (flood, "https://s.flood.example/#", "s.flood.example"),
        (50, "https://other#.example/", "other#.example"),
    ] {
        let count = i64::try_from(count).unwrap();
        connection
            .execute(insert, params![count, source, host, NOW.as_millis()])
            .unwrap();
    }
    connection
}

fn sort_all(connection: &Connection) {
    while !lanes::sort(connection).unwrap() {}
}

fn request() -> ClaimRequest {
    ClaimRequest {
        limit: 32,
        per_host: 2,
        busy: HashMap::new(),
        lease: Duration::from_secs(10),
        manners: Manners {
            interval: Duration::from_millis(200),
            page_per_hour: 60,
            domain_per_hour: 600,
        },
    }
}

#[test]
fn every_query_of_a_claim_is_answered_by_an_index_alone() {
    let connection = queue(1);
    for (query, index) in [
        (lanes::NEW, "USING INDEX submission_new"),
        (lanes::DUE, "USING INDEX lane_next (next_at<?)"),
        (lanes::NEXT, "USING COVERING INDEX lane_next (next_at>?)"),
        (
            lanes::FIRST,
            "USING COVERING INDEX submission_lane (lane=? AND <expr>=?)",
        ),
        (
            HEAD,
            "USING INDEX submission_lane (lane=? AND <expr>=? AND due_at<?)",
        ),
        (
            OF_PAGE,
            "USING INDEX submission_page (lane=? AND page=? AND is_granted=? AND due_at<?)",
        ),
        (
            GRANTED,
            "INDEX submission_page (lane=? AND page=? AND is_granted=?)",
        ),
    ] {
        let steps = plan(&connection, query);
        let plan = steps.join("; ");
        assert!(plan.contains(index), "{query}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{query}\n{plan}");
    }
}

/// The steps of SQLite's machine for the queries of a claim, each run to its end.
fn steps(connection: &Connection) -> i32 {
    let lane: i64 = connection
        .query_row(
            "SELECT id FROM lane WHERE domain = 'flood.example'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    let page: i64 = connection
        .query_row(
            "SELECT page FROM submission WHERE lane = ?1 LIMIT 1",
            [lane],
            |row| row.get(0),
        )
        .unwrap();
    let now = NOW.as_millis();
    let run = |query: &str, parameters: &[&dyn rusqlite::ToSql]| {
        let mut statement = connection.prepare(query).unwrap();
        let mut rows = statement.query(parameters).unwrap();
        while rows.next().unwrap().is_some() {}
        drop(rows);
        statement.get_status(StatementStatus::VmStep)
    };
    run(lanes::NEW, &[&512])
        + run(lanes::DUE, &[&now, &32])
        + run(lanes::NEXT, &[&now])
        + run(lanes::FIRST, &[&lane, &0])
        + run(HEAD, &[&lane, &now, &0])
        + run(HEAD, &[&lane, &now, &1])
        + run(
            OF_PAGE,
            &[&lane, &page, &0, &now, &"https://s.flood.example/1", &256],
        )
        + run(GRANTED, &[&lane, &page])
}

#[test]
fn a_claim_works_no_harder_for_a_hundred_thousand_rows_than_for_a_hundred() {
    let measured = [100, 100_000].map(|flood| {
        let connection = queue(flood);
        sort_all(&connection);
        let steps = steps(&connection);
        let mut others = HashSet::new();
        let mut of_flood = 0;
        let claims = 2;
        for _ in 0..claims {
            let claimed = claim(&connection, &request(), 1, NOW).unwrap();
            for batch in claimed.batches {
                if batch.domain == "flood.example" {
                    of_flood += 1;
                } else {
                    others.insert(batch.domain);
                }
            }
        }
        println!(
            "{flood} due rows of one domain and 50 of others: {} of the others and {of_flood} of \
             the one in the first {claims} claims; {steps} steps of SQLite a claim",
            others.len()
        );
        (steps, others.len(), of_flood)
    });
    assert_eq!(measured[0], measured[1]);
    assert_eq!((measured[1].1, measured[1].2), (50, 1));
}

#[test]
fn a_lane_goes_when_nothing_waits_and_nothing_is_owed_unless_it_is_known() {
    let connection = queue(0);
    sort_all(&connection);
    connection
        .execute(
            "UPDATE lane SET is_known = 1 WHERE domain = 'other7.example'",
            [],
        )
        .unwrap();
    let first = claim(&connection, &request(), 1, NOW).unwrap();
    assert!(!first.batches.is_empty());
    claim(&connection, &request(), 1, NOW).unwrap();
    connection.execute("DELETE FROM submission", []).unwrap();
    let mut now = NOW;
    let mut claims = 0;
    while let Some(next_at) = claim(&connection, &request(), 1, now).unwrap().next_at
        && claims < 100
    {
        now = next_at.max(now);
        claims += 1;
    }
    let left: Vec<String> = connection
        .prepare("SELECT domain FROM lane")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(left, ["other7.example"], "after {claims} claims");
    let allowances: i64 = connection
        .query_row("SELECT count(*) FROM allowance", [], |row| row.get(0))
        .unwrap();
    assert_eq!(allowances, 0);
}
