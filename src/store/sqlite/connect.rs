//! Connections: how the file is opened, and how every connection behaves.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::StoreError;

/// How long a connection waits for another process that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// So many prepared statements a connection keeps: more than there are to be asked, some kilobytes each. One that
/// is dropped and prepared again takes as long as many that run.
const STATEMENTS: usize = 512;

/// Creates the file, readable by its owner alone: it holds the key of the status pages.
pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// `error`, which came up when `path` was opened, with what to do about it.
pub(super) fn advise(path: &Path, error: StoreError) -> StoreError {
    const MUST_WRITE: &str = "whoever runs this must be able to write to it, to what stands beside it under its name with \
         -wal and -shm, and to its folder";
    let StoreError::Other(cause) = &error else {
        return error;
    };
    let advice = match (
        cause
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind),
        cause
            .downcast_ref::<rusqlite::Error>()
            .and_then(rusqlite::Error::sqlite_error_code),
    ) {
        (Some(ErrorKind::NotFound), _) => match path.parent() {
            Some(folder) => format!("there is no folder {}; make it", folder.display()),
            None => return error,
        },
        (Some(ErrorKind::PermissionDenied), _) => format!("permission denied; {MUST_WRITE}"),
        (_, Some(ErrorCode::ReadOnly)) => format!("it is read-only; {MUST_WRITE}"),
        (_, Some(ErrorCode::NotADatabase)) => {
            "it is not an SQLite database; name another file".to_owned()
        }
        (_, Some(ErrorCode::DatabaseBusy)) => format!(
            "another program has kept it locked for {} seconds; see which, and try again when it is done",
            BUSY_TIMEOUT.as_secs()
        ),
        _ => return error,
    };
    StoreError::Other(advice.into())
}

pub(super) fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What is deleted is overwritten where that costs no further page.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    connection.pragma_update(None, "cache_size", -16_384)?; // KiB
    // A plan holds for every value. Else SQLite prepares a statement anew each time that a value is bound which
    // it compared with the condition of a partial index, or with its statistics: most of what a query costs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Turns write-ahead logging on, unless it is. The switch needs the database to itself, and SQLite
/// does not wait for that: of several processes that start at once, the others are about to be done.
pub(super) fn switch_to_wal(connection: &Connection) -> Result<(), StoreError> {
    let deadline = std::time::Instant::now() + BUSY_TIMEOUT;
    loop {
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        if mode.eq_ignore_ascii_case("wal") {
            return Ok(());
        }
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && std::time::Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return Ok(result?),
        }
    }
}

/// The file must be there: see [`create_private`]. No name of a file is taken for a URI.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection)?;
    Ok(connection)
}

/// The key of the status pages' names: made once for each database.
pub(super) fn status_secret(connection: &mut Connection) -> Result<[u8; 32], StoreError> {
    let mut fresh = [0; 32];
    getrandom::fill(&mut fresh).map_err(|e| StoreError::Other(Box::new(e)))?;
    connection.execute(
        "INSERT OR IGNORE INTO setting (name, value) VALUES ('status_secret', ?1)",
        [fresh],
    )?;
    Ok(connection.query_row(
        "SELECT value FROM setting WHERE name = 'status_secret'",
        [],
        |row| row.get(0),
    )?)
}

pub(super) fn random_holder() -> Result<i64, StoreError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|e| StoreError::Other(Box::new(e)))?;
    Ok(i64::from_le_bytes(bytes))
}
