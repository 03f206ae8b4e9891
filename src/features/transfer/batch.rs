//! Writes documents, several in one transaction: new ones by few statements for all ([`super::new_posts`]); others, and all where
//! that fails, each in a part of its own that is taken back where it fails. A batch is short, since readers and authors may wait
//! for what it holds; where it fails as a whole, its documents are written one by one.
//!
//! What a batch shares with saves of the live site it takes in the order in which these do, and before its first document:
//! rows of posts, then tags that have to be made, then rows of tags. Where the two hold each other up all the same, the
//! batch is what gives way.

use std::slice;
use std::time::{Duration, Instant};

use super::done::{Done, ImportError};
use super::new_posts::InBulk;
use super::queries;
use super::retry::{TRIES, WAIT, passes};
use super::run::{Prepared, Run};
use super::work::{Ready, Work};
use crate::db::Tx;
use crate::features::posts::let_go_of_tags;

/// A batch begins no other document after so long.
const LONGEST: Duration = Duration::from_millis(250);

impl Run<'_> {
    /// Writes what has to be written, and tells of all.
    pub async fn batch(&mut self, batch: Vec<Ready>) -> anyhow::Result<()> {
        let mut rest = &batch[..];
        // Once something in the batch was refused, it would be refused again with all that stands beside it.
        let mut may_be_in_bulk = true;
        while !rest.is_empty() {
            let in_bulk = match may_be_in_bulk {
                true => Box::pin(self.write_new_posts(rest)).await,
                false => Ok(InBulk::NotYet(rest.len())),
            };
            let written = match in_bulk {
                Ok(InBulk::Written(done)) => Ok(done),
                Ok(InBulk::NotYet(count)) => self.write_in_savepoints(first(rest, count)).await,
                Err(error) => {
                    may_be_in_bulk = false;
                    tracing::debug!(
                        error = format!("{error:#}"),
                        "the documents of a batch are written part by part"
                    );
                    self.write_in_savepoints(rest).await
                }
            };
            match written {
                Ok(done) => {
                    let (now, later) = rest.split_at(done.len());
                    self.tell_all(now, done);
                    rest = later;
                }
                Err(error) => return self.write_each(rest, &error).await,
            }
        }
        Ok(())
    }

    /// Where they fail together.
    async fn write_each(&mut self, items: &[Ready], error: &anyhow::Error) -> anyhow::Result<()> {
        tracing::debug!(
            error = format!("{error:#}"),
            "the documents of a batch are written one by one"
        );
        for ready in items {
            self.write_one(ready).await?;
        }
        Ok(())
    }

    fn tell_all(&mut self, items: &[Ready], done: Vec<Option<Done>>) {
        for (ready, done) in items.iter().zip(done) {
            self.tell(ready, done);
        }
    }

    /// One document, however often something else stands in its way.
    async fn write_one(&mut self, ready: &Ready) -> anyhow::Result<()> {
        let mut tries = 0;
        loop {
            let error = match self.write_in_savepoints(slice::from_ref(ready)).await {
                Ok(done) => {
                    self.tell_all(slice::from_ref(ready), done);
                    return Ok(());
                }
                Err(error) => error,
            };
            let Ready::Work(work) = ready else {
                return Err(error);
            };
            if let Some(why) = queries::refused_content(&error) {
                self.tell(ready, Some(Done::failed(work, why)));
                return Ok(());
            }
            tries += 1;
            if tries == TRIES || !passes(&error) {
                return Err(error.context(format!("stopped at {}", work.document.path)));
            }
            tokio::time::sleep(WAIT * 2_u32.pow(tries)).await;
        }
    }

    /// Writes the first of these items in one transaction, as many as there is time for; gives what became of each.
    async fn write_in_savepoints(&mut self, items: &[Ready]) -> anyhow::Result<Vec<Option<Done>>> {
        let works: Vec<&Work> = items.iter().filter_map(Ready::work).collect();
        if works.is_empty() {
            return Ok(items.iter().map(|_| None).collect());
        }
        let until = Instant::now() + LONGEST;
        let mut tx = self.db.begin().await?;
        let mut done = Vec::new();
        let written = self
            .write_until(until, &mut tx, items, &works, &mut done)
            .await;
        let written = self.end(tx, written, true).await;
        if written.is_err() {
            self.take_back(&done);
        }
        written.map(|()| done)
    }

    async fn write_until(
        &mut self,
        until: Instant,
        tx: &mut Tx,
        items: &[Ready],
        works: &[&Work],
        done: &mut Vec<Option<Done>>,
    ) -> anyhow::Result<()> {
        let mut prepared = self.prepare(tx, works).await?;
        for ready in items {
            let Ready::Work(work) = ready else {
                done.push(None);
                continue;
            };
            if Instant::now() > until && done.iter().any(Option::is_some) {
                break;
            }
            done.push(Some(self.write_part(tx, &mut prepared, work).await?));
        }
        let is_whole =
            done.len() == items.len() && done.iter().flatten().all(|done| done.became.is_ok());
        if !is_whole && !self.options.dry_run {
            let_go_of_tags(tx, &prepared.tags.made).await?;
        }
        Ok(())
    }

    /// One document, as if it had a transaction of its own.
    async fn write_part(
        &mut self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        work: &Work,
    ) -> anyhow::Result<Done> {
        tx.begin_part().await?;
        let mut done = Done::begun(work);
        match Box::pin(self.write(tx, prepared, work, &mut done.side_effects)).await {
            Ok(written) => done.became = Ok(written),
            Err(ImportError::Rejected(why)) => done.became = Err(why),
            Err(ImportError::Internal(error)) => match queries::refused_content(&error) {
                Some(why) => done.became = Err(why),
                None => {
                    self.people.forget(&done.side_effects.fresh);
                    return Err(error);
                }
            },
        }
        self.settle(tx, &done).await?;
        Ok(done)
    }

    /// A document that failed leaves nothing; in a dry run none does, but for what the next has to know.
    async fn settle(&mut self, tx: &mut Tx, done: &Done) -> anyhow::Result<()> {
        if done.became.is_err() || self.options.dry_run {
            tx.take_part_back().await?;
            self.people.forget(&done.side_effects.fresh);
        }
        if let (Ok(written), true) = (&done.became, self.options.dry_run) {
            self.people.would_make(&done.side_effects.fresh);
            self.given.add(&written.path, &done.side_effects.redirects);
        }
        Ok(())
    }

    /// As if these documents had not been tried.
    fn take_back(&mut self, done: &[Option<Done>]) {
        for Done {
            became,
            side_effects,
        } in done.iter().flatten()
        {
            let Ok(written) = became else { continue };
            if self.options.dry_run {
                self.given.remove(&written.path, &side_effects.redirects);
            } else {
                self.people.forget(&side_effects.fresh);
            }
        }
    }
}

/// The first items, with so many documents among them.
fn first(items: &[Ready], documents: usize) -> &[Ready] {
    let places = items.iter().enumerate();
    let mut ends = places.filter_map(|(place, item)| item.work().map(|_| place + 1));
    &items[..ends.nth(documents.saturating_sub(1)).unwrap_or(items.len())]
}
