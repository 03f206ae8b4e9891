//! Up to where a request has written: its client must not read an older state afterwards.

use std::cell::Cell;

use crate::db::cluster::position::Position;

tokio::task_local! {
    /// The newest position that a request has written up to.
    static WRITTEN: Cell<Option<Position>>;
}

/// Runs the work of a request, and says up to where it has changed what readers see, if it has.
pub async fn tracking_writes<F: Future>(work: F) -> (F::Output, Option<Position>) {
    WRITTEN
        .scope(Cell::new(None), async {
            let output = work.await;
            (output, WRITTEN.with(Cell::get))
        })
        .await
}

/// Notes it for the request of this task. Commands and jobs have no reader who comes back.
pub(in crate::db) fn wrote(position: Position) {
    let _ = WRITTEN.try_with(|written| written.set(written.get().max(Some(position))));
}
