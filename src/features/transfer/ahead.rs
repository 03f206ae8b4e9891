//! What is done before a document is written goes on while the documents before it are written ([`super::reader`]), and comes
//! out here in the order of the paths, in batches.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::identity::Identity;
use super::reader::Reader;
use super::room::{AT_ONCE, BYTES_UNDER_WAY, weight};
use super::work::Ready;
use crate::db::Db;
use crate::import::Source;

/// So long a batch waits for more documents: what is there is written rather than kept for a text that takes long.
const PATIENCE: Duration = Duration::from_millis(200);
/// The items of a folder, in their order.
pub struct Ahead {
    ready: Receiver<anyhow::Result<Ready>>,
    reader: JoinHandle<()>,
    fault: Option<anyhow::Error>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Ahead {
    pub fn of(db: &Db, folder: &Arc<Source>, identity: &Identity) -> Ahead {
        let (sender, ready) = mpsc::channel(AT_ONCE);
        let reader = Reader::of(db, folder, identity);
        Ahead {
            ready,
            reader: tokio::spawn(reader.run(sender)),
            fault: None,
        }
    }

    /// The next items, as many as are to be written together; none where all are through.
    pub async fn batch(&mut self) -> anyhow::Result<Vec<Ready>> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let Some(mut next) = self.ready.recv().await else {
            return Ok(Vec::new());
        };
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let until = Instant::now() + PATIENCE;
        loop {
            match next {
                Ok(ready) => {
                    bytes += ready.work().map_or(0, |work| weight(&work.document));
                    batch.push(ready);
                }
                Err(fault) => return self.end_before(fault, batch),
            }
            if batch.len() >= AT_ONCE || bytes >= BYTES_UNDER_WAY / 2 {
                return Ok(batch);
            }
            match timeout_at(until, self.ready.recv()).await {
                Ok(Some(more)) => next = more,
                Ok(None) | Err(_) => return Ok(batch),
            }
        }
    }

    /// What came before a fault is in order: it is written first.
    fn end_before(
        &mut self,
        fault: anyhow::Error,
        batch: Vec<Ready>,
    ) -> anyhow::Result<Vec<Ready>> {
        if batch.is_empty() {
            return Err(fault);
        }
        self.fault = Some(fault);
        Ok(batch)
    }
}
