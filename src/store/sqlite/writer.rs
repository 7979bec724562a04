//! The one writer: a thread with the one writing connection, which commits whatever waits as one
//! transaction and only then answers all of it.
//!
//! A commit costs one wait for the disk, whether it holds one row or five hundred: throughput comes
//! from sharing that wait, never from answering before it.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use crate::store::StoreError;

/// So many operations may wait for the writer; the next one is told [`StoreError::Busy`].
const MAX_WAITING: usize = 4096;

/// So many operations share one commit at most: bounds the latency of the first of them.
const MAX_BATCH: usize = 512;

/// Hands operations to the writer thread. Dropping it ends the thread, after what waits is done.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Operation>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `connection` is its own from now on.
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(MAX_WAITING);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || run(connection, &waiting))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs `work` in the writer's next transaction and returns its result once that is on disk.
    ///
    /// `work` may run twice: after a failure in its batch it runs again in a transaction of its
    /// own. It must refuse (an error other than [`StoreError::Other`]) before its first write.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let operation = Box::new(Task {
            work,
            result: None,
            reply,
        });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(operation).map_err(|e| match e {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => stopped(),
        })?;
        answer.await.map_err(|_closed| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by the panic hook already.
            let _ = thread.join();
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Other("the database writer has stopped".into())
}

/// What the thread sees of a [`Task`].
trait Operation: Send {
    /// Runs the work; `false` asks for the transaction to be rolled back.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Answers: with the work's result if it was committed, else with `failure`.
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

struct Task<T, F> {
    work: F,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Operation for Task<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let result = (self.work)(connection);
        let keep = !matches!(result, Err(StoreError::Other(_)));
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let result = match (failure, self.result) {
            (None, Some(result)) => result,
            (Some(failure), _) => Err(failure),
            (None, None) => Err(stopped()),
        };
        // The asker may have gone: its submission is stored all the same.
        let _ = self.reply.send(result);
    }
}

fn run(mut connection: Connection, waiting: &Receiver<Box<dyn Operation>>) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(MAX_BATCH.saturating_sub(1)));
        if commit(&mut connection, &mut batch).is_ok() {
            for operation in batch {
                operation.answer(None);
            }
            continue;
        }
        // One of them spoiled the transaction for all: each gets one of its own.
        for mut operation in batch {
            let result = commit(&mut connection, std::slice::from_mut(&mut operation));
            match result {
                Ok(()) | Err(Spoiled::ByOperation) => operation.answer(None),
                Err(Spoiled::ByDatabase(e)) => operation.answer(Some(e.into())),
            }
        }
    }
}

/// Why a transaction was rolled back.
enum Spoiled {
    /// An operation failed; its own result says how.
    ByOperation,
    /// The transaction could not be begun or committed.
    ByDatabase(rusqlite::Error),
}

fn commit(connection: &mut Connection, batch: &mut [Box<dyn Operation>]) -> Result<(), Spoiled> {
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(Spoiled::ByDatabase)?;
    for operation in batch {
        if !operation.run(&tx) {
            return Err(Spoiled::ByOperation);
        }
    }
    tx.commit().map_err(Spoiled::ByDatabase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT")
            .unwrap();
        Writer::start(connection).unwrap()
    }

    async fn insert(writer: &Writer, n: i64) -> Result<(), StoreError> {
        writer
            .run(move |c| {
                c.execute("INSERT INTO t VALUES (?1)", [n])?;
                Ok(())
            })
            .await
    }

    #[tokio::test]
    async fn an_operation_that_fails_spoils_none_of_its_neighbours() {
        let writer = writer();
        insert(&writer, 1).await.unwrap();
        let results =
            futures_util::future::join_all([2, 1, 3, 1, 4].map(|n| insert(&writer, n))).await;
        let ok: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [true, false, true, false, true]);
        let stored: i64 = writer
            .run(|c| Ok(c.query_row("SELECT count(*) FROM t", [], |r| r.get(0))?))
            .await
            .unwrap();
        assert_eq!(stored, 4);
    }

    #[tokio::test]
    async fn a_refusal_is_answered_and_leaves_the_batch_alone() {
        let writer = writer();
        let refused = writer.run(|_| Err::<(), _>(StoreError::LeaseLost));
        let (refused, stored) = tokio::join!(refused, insert(&writer, 1));
        assert!(matches!(refused, Err(StoreError::LeaseLost)));
        stored.unwrap();
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_is_turned_away_and_nothing_taken_is_lost() {
        let writer = writer();
        let (started, starts) = std::sync::mpsc::channel::<()>();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let blocked = writer.run(move |_| {
            let _ = started.send(());
            // Until the sender is dropped.
            let _ = wait.recv();
            Ok(())
        });
        tokio::pin!(blocked);
        assert!(futures_util::poll!(&mut blocked).is_pending());
        starts.recv().unwrap();
        let mut waiting = Vec::new();
        let mut busy = 0;
        for n in 0..MAX_WAITING + 10 {
            let n = i64::try_from(n).unwrap();
            let mut operation = Box::pin(insert(&writer, n));
            match futures_util::poll!(&mut operation) {
                std::task::Poll::Pending => waiting.push(operation),
                std::task::Poll::Ready(Err(StoreError::Busy)) => busy += 1,
                std::task::Poll::Ready(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(busy, 10);
        drop(go);
        blocked.await.unwrap();
        for operation in waiting {
            operation.await.unwrap();
        }
    }
}
