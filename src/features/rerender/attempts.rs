//! A text whose rendering ends the process (its memory, its stack) must not end every process after it, too. So it is noted
//! in the database before it is rendered, and the note is taken away as soon as rendering has ended, or the lease was lost under
//! which it ran: a process that ends while it waits for the database says nothing of its texts. Texts whose note was left are
//! rendered alone, which tells the one that did it from those beside it; that one is given up when two notes were left.

use std::collections::HashMap;
use std::sync::LazyLock;

use uuid::Uuid;

use super::queries;
use crate::db::{Db, Result, public_id};
use crate::jobs::Lease;
use crate::web;
use crate::web::rendering::Again;

/// After so many processes a text is given up.
const MOST_ATTEMPTS: i32 = 2;
const GIVEN_UP: &str =
    "Masthead ended twice while it rendered this text, which may need too much memory.";

static PROCESS: LazyLock<Uuid> = LazyLock::new(public_id);

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Post,
    Comment,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Post => "post",
            Kind::Comment => "comment",
        }
    }
}

/// What is to be done with the first of the next texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// So many of them are rendered together.
    Render(usize),
    /// The first one is given up.
    GiveUp,
}

impl Next {
    pub(super) fn count(self) -> usize {
        match self {
            Next::Render(count) => count,
            Next::GiveUp => 1,
        }
    }
}

/// Decides it, and notes what is begun.
pub(super) async fn begin(db: &Db, kind: Kind, ids: &[i64]) -> Result<Next> {
    let mut tx = db.begin().await?;
    let attempts = queries::attempts(&mut tx, kind.name(), ids, *PROCESS).await?;
    let next = decide(ids, &attempts);
    if let Next::Render(count) = next {
        queries::begin_attempts(&mut tx, kind.name(), &ids[..count], *PROCESS).await?;
    }
    tx.commit().await?;
    Ok(next)
}

/// Rendering has ended, and this process has not.
pub(super) async fn end(db: &Db, kind: Kind, ids: &[i64]) -> Result<()> {
    let mut tx = db.begin().await?;
    queries::end_attempts(&mut tx, kind.name(), ids).await?;
    tx.commit().await
}

/// Renders, under the lease, what was noted to be begun.
pub(super) async fn render(
    db: &Db,
    lease: &mut Lease,
    (kind, next, ids): (Kind, Next, &[i64]),
    work: impl Future<Output = web::Result<Vec<Again>>>,
) -> anyhow::Result<Vec<Again>> {
    let Next::Render(count) = next else {
        return Ok(given_up());
    };
    let rendered = lease.hold(work).await;
    let ended = end(db, kind, &ids[..count]).await;
    let rendered = rendered??;
    ended?;
    Ok(rendered)
}

pub(super) async fn forget(db: &Db) -> Result<()> {
    let mut tx = db.begin().await?;
    queries::forget_attempts(&mut tx).await?;
    tx.commit().await
}

pub(super) fn given_up() -> Vec<Again> {
    vec![Err(GIVEN_UP.to_owned())]
}

fn decide(ids: &[i64], attempts: &HashMap<i64, i32>) -> Next {
    match ids.iter().position(|id| attempts.contains_key(id)) {
        None => Next::Render(ids.len()),
        Some(0) if attempts[&ids[0]] >= MOST_ATTEMPTS => Next::GiveUp,
        Some(0) => Next::Render(1),
        Some(unsuspected) => Next::Render(unsuspected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_which_a_process_ended_are_rendered_alone_and_given_up_after_two() {
        let ids = [9, 8, 7, 6];
        let after = |attempts: &[(i64, i32)]| decide(&ids, &attempts.iter().copied().collect());
        assert_eq!(after(&[]), Next::Render(4));
        assert_eq!(after(&[(9, 1), (8, 1), (7, 1), (6, 1)]), Next::Render(1));
        assert_eq!(after(&[(7, 2), (6, 1)]), Next::Render(2));
        assert_eq!(after(&[(9, 2), (8, 1)]), Next::GiveUp);
    }
}
