//! [`Snapshot`]: several reads of one and the same state.

use std::ops::Deref;

use rusqlite::Connection;

use crate::store::StoreError;

/// A read transaction, for as long as it lives. What another connection commits meanwhile is not seen in it.
//
// rusqlite's own has its statements parsed anew each time, which takes as long as a small read.
pub(super) struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    pub(super) fn of(connection: &'c Connection) -> Result<Self, StoreError> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Deref for Snapshot<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let ended = self
            .0
            .prepare_cached("ROLLBACK")
            .and_then(|mut end| end.execute([]));
        // A transaction that an error has ended already is over all the same.
        if let Err(error) = ended {
            tracing::debug!(%error, "a read transaction could not be ended");
        }
    }
}
