//! Parts of one transaction that can be taken back one by one: a batch in which a part fails keeps the others.
//!
//! There is one savepoint at a time. Each part that writes takes a number of its own on the server, which remembers 64 of
//! them for each transaction; with more, every snapshot on the server costs more until the transaction ends.

use crate::db::Result;
use crate::db::audit::Acts;
use crate::db::tx::{Earlier, Tx};

impl Tx {
    /// Begins a part. What was done so far stays, whatever becomes of it.
    pub async fn begin_part(&mut self) -> Result<()> {
        let statements = if self.earlier.is_some() {
            "release savepoint part; savepoint part"
        } else {
            "savepoint part"
        };
        sqlx::raw_sql(statements).execute(&mut **self).await?;
        let (invalidated, acts) = (self.invalidated.take_tags(), std::mem::take(&mut self.acts));
        let earlier = self.earlier.get_or_insert_default();
        earlier.invalidated.add(invalidated);
        earlier.acts.append(acts);
        Ok(())
    }

    /// Takes back everything since [`Tx::begin_part`], and frees its locks. Also after a statement that failed.
    pub async fn take_part_back(&mut self) -> Result<()> {
        self.invalidated.take_tags();
        self.acts = Acts::default();
        sqlx::raw_sql("rollback to savepoint part")
            .execute(&mut **self)
            .await?;
        Ok(())
    }

    /// Puts together what all parts have invalidated and recorded.
    pub(in crate::db) fn join_parts(&mut self) {
        let Some(Earlier {
            invalidated,
            mut acts,
        }) = self.earlier.take().map(|earlier| *earlier)
        else {
            return;
        };
        self.invalidated.add(invalidated);
        acts.append(std::mem::take(&mut self.acts));
        self.acts = acts;
    }
}
