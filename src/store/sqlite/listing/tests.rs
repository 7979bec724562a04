#![expect(clippy::arithmetic_side_effects, reason = "a test counts what it sees")]

use rusqlite::StatementStatus;

use super::queries::{column, unit_of};
use super::*;
use crate::model::{MentionKind, SiteId, Timestamp};
use crate::store::Order;
use crate::store::Start;
use crate::store::sqlite::merge::Queries;
use crate::store::sqlite::plan::plan;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A database with so many likes of one page, and a thousandth as many of other things.
fn database(likes: i64) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(include_str!("../../../../schema.sql"))
        .unwrap();
    let counts = format!(r#"{{"like": {likes}, "reply": {}}}"#, likes / 1000);
    connection
        .execute_batch(&format!(
            "INSERT INTO site (id, created_at) VALUES (1, 0);
             INSERT INTO site_host (id, site_id, authority, version, counts)
               VALUES (7, 1, 'blog.example', 1, '{counts}');
             INSERT INTO page (id, site_id, host_id, key, version, counts)
               VALUES (5, 1, 7, 'blog.example/post', 1, '{counts}');"
        ))
        .unwrap();
    // As many that are private, and as many that are hidden, as there are likes.
    let insert = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO mention (id, page_id, host_id, source, source_key, target, protocols, kind, url,
           original, is_native, is_shown, is_private, entry, received_at, verified_at, asked_at, verify_at, checks,
           published_at, author_domain, change)
         SELECT ?2 + n, 5, 7, 'https://s.example/' || n || ?3, n || ?2, 'https://blog.example/post',
           1, ?3, 'https://s.example/' || n, n || ?3, 1, ?4, ?5, '{}', ?2, ?2, 0, 0, 0,
           n * 7919 % 100003, iif(n % 100 = 0, 'rare.example', 'often.example'), ?2 + n * 7919 % 100003
         FROM n";
    let at = NOW.as_millis() * 1000;
    for (count, at, kind, is_shown, is_private) in [
        (likes, at, "like", true, false),
        (likes / 1000, at + likes, "reply", true, false),
        (likes, at + 2 * likes, "like", false, true),
        (likes, at + 3 * likes, "like", false, false),
    ] {
        connection
            .execute(insert, params![count, at, kind, is_shown, is_private])
            .unwrap();
    }
    connection
}

/// Every query that goes through rows in an order, and the index that it should go through.
fn queries() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |queries: Queries, index: &str, same: &str, later: &str| {
        let same = queries
            .same
            .map(|query| (query, format!("{index} AND {same})")));
        all.extend(same);
        all.push((queries.later, format!("{index} AND {later})")));
    };
    for ascending in [true, false] {
        let sign = if ascending { '>' } else { '<' };
        for is_private in [true, false] {
            let index = "mention_unshown (host_id=? AND is_private=? AND kind=?";
            add(
                unshown(is_private, ascending),
                index,
                "",
                "rowid>? AND rowid<?",
            );
        }
        let author = "mention_author (host_id=? AND author_domain=? AND kind=?";
        add(of_author(ascending), author, "", "id>? AND id<?");
        for are in [UnitsAre::Pages, UnitsAre::Hosts] {
            let unit = unit_of(are);
            let by_kind = |index| format!("{index} ({unit}_id=? AND kind=?");
            let listed = by_kind(format!("mention_{unit}"));
            add(numbered(are, ascending), &listed, "", "rowid>? AND rowid<?");
            let row = format!("rowid{sign}?");
            let gone = format!("tombstone_{unit} ({unit}_id=?");
            let (same, later) = (format!("change=? AND {row}"), format!("change{sign}?"));
            add(tombstones(are, ascending), &gone, &same, &later);
            for by in [OrderBy::Published, OrderBy::Changed] {
                let (key, index) = column(by);
                let listed = by_kind(format!("mention_{unit}{index}"));
                let (same, later) = (format!("{key}=? AND {row}"), format!("{key}{sign}?"));
                for is_by_author in [true, false] {
                    let queries = keyed(are, by, ascending, is_by_author);
                    add(queries, &listed, &same, &later);
                }
            }
        }
    }
    all
}

#[test]
fn every_listing_is_read_from_an_index_in_its_order() {
    let connection = database(1);
    for (query, index) in queries() {
        let steps = plan(&connection, &query);
        assert_eq!(steps.len(), 1, "{query}\n{steps:?}");
        assert!(
            steps[0].ends_with(&format!("INDEX {index}")),
            "{query}\n{steps:?}"
        );
    }
}

#[test]
fn a_listing_works_no_harder_for_a_hundred_thousand_mentions_than_for_a_thousand() {
    let [few, many] = [1_000, 100_000].map(database);
    for (query, _) in queries() {
        let steps = |connection: &Connection| {
            let mut statement = connection.prepare(&query).unwrap();
            let number = NOW.as_millis() * 1000 + 900;
            let unit = if query.contains("page_id = ?1") { 5 } else { 7 };
            let until = if query.contains("id < ?6") {
                i64::MAX
            } else {
                0
            };
            let values: [&dyn rusqlite::ToSql; 7] = [
                &unit,
                &"like",
                &number,
                &number,
                &16,
                &until,
                &"often.example",
            ];
            let used = statement.parameter_count();
            let mut rows = statement.query(&values[..used]).unwrap();
            while rows.next().unwrap().is_some() {}
            drop(rows);
            statement.get_status(StatementStatus::VmStep)
        };
        let (few, many) = (steps(&few), steps(&many));
        assert!(many <= few.max(250), "{query}: {few} steps, then {many}");
    }
}

/// Everything that is listed, and how many looks it took.
fn all(connection: &Connection, query: &MentionQuery) -> (Vec<i64>, usize) {
    let mut progress = Progress::from(query.start);
    let (mut found, mut looks) = (Vec::new(), 0);
    loop {
        let look = mentions(connection, query, progress).unwrap();
        looks += 1;
        found.extend(look.page.mentions.iter().map(|mention| mention.id.0));
        progress = match (look.next, look.page.next()) {
            (Some(next), _) => next,
            (None, Some(next)) => Progress::from(Start::After(next)),
            (None, None) => return (found, looks),
        };
    }
}

#[test]
fn a_look_visits_so_many_rows_and_the_next_one_goes_on() {
    let connection = database(30_000);
    let site = || MentionQuery::newest(Scope::Site(SiteId(1)), 500);
    let order = |by| Order {
        by,
        ascending: true,
    };
    // Each finds 300, in an order that has no index for the filter.
    let rare = MentionQuery {
        author_domain: Some("rare.example".to_owned()),
        kinds: Some(vec![MentionKind::Like]),
        ..site()
    };
    assert_eq!(all(&connection, &rare).0.len(), 300);
    let often = MentionQuery {
        author_domain: Some("often.example".to_owned()),
        order: order(OrderBy::Published),
        ..site()
    };
    let (found, looks) = all(&connection, &often);
    assert_eq!(found.len(), 29_730);
    assert!(looks >= 59, "{looks}");
    // What is skipped is not read in one look either.
    let far = MentionQuery {
        start: Start::Skip(29_900),
        order: order(OrderBy::Changed),
        ..site()
    };
    let (found, looks) = all(&connection, &far);
    assert_eq!(found.len(), 130);
    assert!(looks >= 3, "{looks}");
    // All of a thousand are too many to sort, and too few of all to be found at once.
    let since = MentionQuery {
        received_after: Some(MentionId(NOW.as_millis() * 1000 + 28_800)),
        order: order(OrderBy::Published),
        ..site()
    };
    let (found, looks) = all(&connection, &since);
    assert_eq!(found.len(), 1_230);
    assert!(looks >= 3, "{looks}");
    let past = MentionQuery {
        start: Start::Skip(40_000),
        ..site()
    };
    assert_eq!(all(&connection, &past), (vec![], 1));
}
