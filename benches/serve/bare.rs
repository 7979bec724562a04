//! The bare server: for each answer the least code that gives it, and no other service around it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::LocalKey;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// Starts it; where it listens.
pub(super) fn start(
    folder: &TempDir,
    database: &Path,
    plain: Bytes,
    gzip: Bytes,
    etag: String,
) -> SocketAddr {
    let fixed = Data::new(Fixed {
        plain,
        gzip,
        etag,
        indexed: copy(folder, database),
        database: database.to_owned(),
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(fixed.clone())
            .route("/plain", web::get().to(self::plain))
            .route("/gzip", web::get().to(self::gzip))
            .route("/unmodified", web::get().to(unmodified))
            .route("/rows", web::get().to(rows))
            .route("/feed", web::get().to(rows_as_feed))
            .route("/sorted", web::get().to(sorted_rows_as_feed))
    })
    .bind("127.0.0.1:0")
    .unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    address
}

/// What the bare server answers with.
struct Fixed {
    plain: Bytes,
    gzip: Bytes,
    etag: String,
    /// With an index that is made for the one statement of the bare server.
    indexed: PathBuf,
    /// As it is.
    database: PathBuf,
}

/// An answer of fixed bytes.
async fn plain(fixed: Data<Fixed>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/feed+json")
        .body(fixed.plain.clone())
}

/// The same, compressed beforehand.
async fn gzip(fixed: Data<Fixed>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/feed+json")
        .insert_header((header::CONTENT_ENCODING, "gzip"))
        .body(fixed.gzip.clone())
}

/// "Not modified", to who has this version.
async fn unmodified(request: HttpRequest, fixed: Data<Fixed>) -> HttpResponse {
    let tag = request.headers().get(header::IF_NONE_MATCH);
    if tag.is_some_and(|tag| tag.as_bytes() == fixed.etag.as_bytes()) {
        return HttpResponse::NotModified()
            .insert_header((header::ETAG, fixed.etag.as_str()))
            .finish();
    }
    HttpResponse::Ok().body(fixed.plain.clone())
}

thread_local! {
    static INDEXED: RefCell<Option<Connection>> = const { RefCell::new(None) };
    static AS_IT_IS: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

type Kept = LocalKey<RefCell<Option<Connection>>>;

/// A copy of a database, with an index that is made for the one statement of the bare server.
fn copy(folder: &TempDir, database: &Path) -> PathBuf {
    let path = folder.path().join("bare.sqlite");
    std::fs::copy(database, &path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE INDEX bare ON mention (page_id, id) WHERE is_shown;")
        .unwrap();
    path
}

/// The newest mentions of a page as they are in the store, by a statement that is prepared once for each thread.
async fn rows(query: Query<Vec<(String, String)>>, fixed: Data<Fixed>) -> HttpResponse {
    read(&query, &INDEXED, &fixed.indexed, newest)
}

/// The same as the feed that Linkback makes of them.
async fn rows_as_feed(query: Query<Vec<(String, String)>>, fixed: Data<Fixed>) -> HttpResponse {
    read(&query, &INDEXED, &fixed.indexed, |connection, key| {
        feed(connection, NEWEST, key)
    })
}

/// The same from the database as it is, where the page's mentions are sorted each time.
async fn sorted_rows_as_feed(
    query: Query<Vec<(String, String)>>,
    fixed: Data<Fixed>,
) -> HttpResponse {
    read(&query, &AS_IT_IS, &fixed.database, |connection, key| {
        feed(connection, &NEWEST.replace("INDEXED BY bare", ""), key)
    })
}

fn read(
    query: &[(String, String)],
    kept: &'static Kept,
    database: &Path,
    write: fn(&Connection, &str) -> rusqlite::Result<String>,
) -> HttpResponse {
    let target = query.iter().find(|(name, _)| name == "target");
    let key = target.map(|(_, url)| url.trim_start_matches("https://").to_owned());
    let found = kept.with_borrow_mut(|connection| {
        let connection = connection.get_or_insert_with(|| open(database));
        write(connection, &key.unwrap_or_default())
    });
    match found {
        Ok(found) => HttpResponse::Ok()
            .content_type("application/json")
            .body(found),
        Err(_none) => HttpResponse::NotFound().finish(),
    }
}

fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA cache_size = -16384; PRAGMA query_only = ON;")
        .unwrap();
    // Else a statement is prepared anew for each value.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .unwrap();
    connection
}

/// The newest mentions of a page.
const NEWEST: &str = "SELECT id, source, target, kind, url, entry, received_at, verified_at
     FROM mention INDEXED BY bare WHERE page_id = ?1 AND is_shown ORDER BY id DESC LIMIT 50";

/// A page and its version.
fn page(connection: &Connection, key: &str) -> rusqlite::Result<(i64, i64)> {
    connection
        .prepare_cached("SELECT id, version FROM page WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The newest mentions of a page as JSON. Their words are JSON already, and are passed on unread.
fn newest(connection: &Connection, key: &str) -> rusqlite::Result<String> {
    let (page, version) = page(connection, key)?;
    let mut statement = connection.prepare_cached(NEWEST)?;
    let mut rows = statement.query([page])?;
    let mut json = format!(r#"{{"version":{version},"items":["#);
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let quoted =
            |column| Ok::<_, rusqlite::Error>(serde_json::to_string(text(column)?).unwrap());
        let (id, received, verified): (i64, i64, i64) = (row.get(0)?, row.get(6)?, row.get(7)?);
        write!(
            json,
            r#"{{"id":{id},"source":{},"target":{},"kind":{},"url":{},"entry":{},"received_at":{received},"verified_at":{verified}}},"#,
            quoted(1)?,
            quoted(2)?,
            quoted(3)?,
            quoted(4)?,
            text(5)?,
        )
        .unwrap();
    }
    json.truncate(json.trim_end_matches(',').len());
    json.push_str("]}");
    Ok(json)
}

/// The copies of the pictures that a mention names.
const PICTURES: &str = "SELECT p.url, d.hash, d.form, d.width, d.height
     FROM picture_use AS u JOIN picture AS p ON p.id = u.picture_id
       JOIN media AS d ON d.hash = p.media_hash
     WHERE u.mention_id = ?1";

/// The same mentions, and the copies of their pictures, as a JSON Feed that tells what ours does.
fn feed(connection: &Connection, newest: &str, key: &str) -> rusqlite::Result<String> {
    let page = page(connection, key)?.0;
    let mut statement = connection.prepare_cached(newest)?;
    let mut rows = statement.query([page])?;
    let mut json = r#"{"version":"https://jsonfeed.org/version/1.1","items":["#.to_owned();
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let (id, received, verified): (i64, i64, i64) = (row.get(0)?, row.get(6)?, row.get(7)?);
        let (source, target, kind, url) = (text(1)?, text(2)?, text(3)?, text(4)?);
        let Entry {
            author,
            content,
            title,
            site_name,
            excerpt,
            language,
        } = serde_json::from_str(text(5)?).unwrap();
        let photos = photos(connection, id)?;
        let at = |millis| {
            jiff::Timestamp::from_millisecond(millis)
                .unwrap()
                .to_string()
        };
        let item = Item {
            id: format!("{target}#{id}"),
            url,
            external_url: target,
            title,
            content_text: content
                .is_none()
                .then(|| format!("{kind} by {}", author.name)),
            content_html: content.map(|content| content.html),
            date_published: at(received),
            date_modified: at(received),
            authors: [ItemAuthor {
                name: author.name,
                url: author.url,
            }],
            language,
            _rest: Rest {
                id,
                kind,
                also: [],
                rsvp: None,
                source,
                target,
                excerpt,
                author_photo: author.photo,
                photos,
                videos: [],
                audio: [],
                syndication: [],
                location: None,
                comments: [],
                site_name,
                site_icon: None,
                received: at(received),
                verified: at(verified),
                protocols: ["webmention"],
            },
        };
        json.push_str(&serde_json::to_string(&item).unwrap());
        json.push(',');
    }
    json.truncate(json.trim_end_matches(',').len());
    json.push_str("]}");
    Ok(json)
}

fn photos(connection: &Connection, mention: i64) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(PICTURES)?;
    let found = statement.query_map([mention], |row| row.get(0))?;
    found.collect()
}

/// What a row says, as the store keeps it.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    author: Author<'a>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
    title: Option<Cow<'a, str>>,
    site_name: Option<Cow<'a, str>>,
    excerpt: Option<Excerpt<'a>>,
    language: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Author<'a> {
    name: Cow<'a, str>,
    url: Cow<'a, str>,
    photo: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Content<'a> {
    html: Cow<'a, str>,
}

#[derive(Deserialize, Serialize)]
struct Excerpt<'a> {
    before: Cow<'a, str>,
    linked: Cow<'a, str>,
    after: Cow<'a, str>,
}

/// An item of a JSON Feed with all that ours tells.
#[derive(Serialize)]
struct Item<'a> {
    id: String,
    url: &'a str,
    external_url: &'a str,
    title: Option<Cow<'a, str>>,
    content_html: Option<Cow<'a, str>>,
    content_text: Option<String>,
    date_published: String,
    date_modified: String,
    authors: [ItemAuthor<'a>; 1],
    language: Option<Cow<'a, str>>,
    _rest: Rest<'a>,
}

#[derive(Serialize)]
struct ItemAuthor<'a> {
    name: Cow<'a, str>,
    url: Cow<'a, str>,
}

#[derive(Serialize)]
struct Rest<'a> {
    id: i64,
    kind: &'a str,
    also: [&'a str; 0],
    rsvp: Option<&'a str>,
    source: &'a str,
    target: &'a str,
    excerpt: Option<Excerpt<'a>>,
    author_photo: Cow<'a, str>,
    photos: Vec<String>,
    videos: [&'a str; 0],
    audio: [&'a str; 0],
    syndication: [&'a str; 0],
    location: Option<&'a str>,
    comments: [&'a str; 0],
    site_name: Option<Cow<'a, str>>,
    site_icon: Option<&'a str>,
    received: String,
    verified: String,
    protocols: [&'a str; 1],
}
