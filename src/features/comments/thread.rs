//! The tree under a post, as a flat sequence that the template walks: nesting of any depth, no recursion.

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::cache_tags;
use super::queries::{self, Position, ThreadRow, WholeRow};
use super::thread_lines::{ThreadLine, lay_out};
use crate::db::{CacheTag, Result};
use crate::features::accounts::cache_tags::{author, people};
use crate::features::accounts::key_of;
use crate::features::posts::{Byline, Card};
use crate::features::site::CommentPolicy;
use crate::messages::{Message, text};

/// Threads on one page.
pub const THREADS_PER_PAGE: i32 = 100;
/// Comments on one page: a page stays below a megabyte and a query below a moment, however long one thread.
pub const ROWS_PER_PAGE: usize = 1000;

/// Everything that `comments/_thread.html` shows; the same for every reader.
pub struct Thread {
    /// Address of the post.
    pub post_path: String,
    /// The first author of the post, for the way on where comments are closed.
    pub post_author: Option<Byline>,
    /// The policy lets people comment.
    pub open: bool,
    /// Comments that readers see, on all pages.
    pub count: i32,
    pub lines: Vec<ThreadLine>,
    /// Keys of the handles of all who are named, each once.
    named: BTreeSet<String>,
    post: Uuid,
    /// Address of the page with later threads.
    pub newer: Option<String>,
    /// Address of the first page, when this is not it.
    pub oldest: Option<String>,
}

/// A page that names more people than this carries one tag for all profiles instead of one for each, which would not fit into a
/// header: any change of a profile invalidates it.
const NAMED_AT_MOST: usize = 100;

impl Thread {
    /// What of the page is the thread's.
    pub fn tags(&self) -> Vec<CacheTag> {
        let mut tags = vec![cache_tags::thread(self.post)];
        if self.named.len() > NAMED_AT_MOST {
            tags.push(people());
        } else {
            tags.extend(self.named.iter().map(|key| author(key)));
        }
        tags
    }

    /// `14 comments`
    pub fn heading(&self) -> Message {
        text::comments_count(self.count)
    }
}

/// A page of the threads under a post: the first, or the one after the comment `after`. None where there is no such
/// comment; one that was deleted still has its place. `whole` is all comments, where they came along with the post.
pub async fn thread(
    conn: &mut PgConnection,
    post: &Card,
    policy: CommentPolicy,
    after: Option<Uuid>,
    whole: Option<Vec<WholeRow>>,
) -> Result<Option<Thread>> {
    let Some(from) = start(conn, post, after).await? else {
        return Ok(None);
    };
    let whole = whole.filter(|whole| after.is_none() && whole.len() <= ROWS_PER_PAGE);
    let (rows, next) = rows(conn, post, from, whole).await?;
    let path = post.path();
    Ok(Some(Thread {
        named: named(&rows),
        post: post.public_id,
        open: policy != CommentPolicy::Off,
        count: post.comment_count,
        lines: lay_out(rows, &post.authors),
        newer: next.map(|id| format!("{path}?after={id}#comments")),
        oldest: after.is_some().then(|| format!("{path}#comments")),
        post_author: post.authors.first().cloned(),
        post_path: path,
    }))
}

async fn start(
    conn: &mut PgConnection,
    post: &Card,
    after: Option<Uuid>,
) -> Result<Option<Position>> {
    match after {
        Some(id) => queries::position(conn, post.id, id).await,
        None => Ok(Some(Position::START)),
    }
}

/// The comments of a page, and the one after which the next page begins. `whole`: all comments, where they fit.
async fn rows(
    conn: &mut PgConnection,
    post: &Card,
    from: Position,
    whole: Option<Vec<WholeRow>>,
) -> Result<(Vec<ThreadRow>, Option<Uuid>)> {
    if post.comment_count == 0 {
        // Nothing that readers see, and stubs that nothing hangs on are not shown either.
        return Ok((Vec::new(), None));
    }
    // What readers see fits: no need to count threads, of which many may be stubs that are not shown.
    if let Some(whole) = whole {
        return Ok((queries::whole(whole), None));
    }
    let wanted = i64::from(THREADS_PER_PAGE) + 1;
    let mut rows = queries::threads(conn, post.id, from, wanted, ROWS_PER_PAGE as i64 + 1).await?;
    let next = cut(&mut rows, THREADS_PER_PAGE as usize, ROWS_PER_PAGE);
    Ok((rows, next))
}

fn named(rows: &[ThreadRow]) -> BTreeSet<String> {
    let answered = rows
        .iter()
        .filter_map(|row| row.answers.as_ref())
        .map(|(_, author)| author);
    rows.iter()
        .map(|row| &row.author)
        .chain(answered)
        .map(|author| key_of(&author.username))
        .collect()
}

/// Cuts what does not fit; gives the comment after which the next page begins.
fn cut(rows: &mut Vec<ThreadRow>, threads: usize, limit: usize) -> Option<Uuid> {
    let roots: Vec<usize> = (0..rows.len())
        .filter(|i| rows[*i].parent_id.is_none())
        .collect();
    let thread_limit = roots.get(threads).copied();
    if let Some(end) = thread_limit.filter(|end| *end <= limit) {
        rows.truncate(end);
        // Behind its root is behind a whole thread: an answer that comes later moves no page.
        return Some(rows[roots[threads - 1]].public_id);
    }
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    // A first comment at the very end goes over whole: behind it would be behind its answers.
    if rows.len() > 1 && rows.last().is_some_and(|r| r.parent_id.is_none()) {
        rows.pop();
    }
    rows.last().map(|row| row.public_id)
}

#[cfg(test)]
mod tests {
    use super::super::model::State;
    use super::super::thread_lines::tests::row;
    use super::*;
    #[test]
    fn a_page_ends_behind_a_thread_or_inside_a_long_one() {
        let flat = |n: i64| {
            (1..=n)
                .map(|id| row(id, 0, State::Visible))
                .collect::<Vec<_>>()
        };
        let long = |n: i64| {
            (1..=n)
                .map(|id| row(id, i64::from(id > 1), State::Visible))
                .collect::<Vec<_>>()
        };
        for (mut rows, kept, next) in [
            (flat(3), 3, None),
            (flat(4), 3, Some(3)),
            (long(10), 10, None),
            (long(11), 10, Some(10)),
        ] {
            assert_eq!(cut(&mut rows, 3, 10).map(|id| id.as_u128()), next);
            assert_eq!(rows.len(), kept);
        }
        // The last row is the first of a thread whose answers do not fit any more.
        let mut rows = long(9);
        rows.push(row(10, 0, State::Visible));
        rows.push(row(11, 10, State::Visible));
        assert_eq!(cut(&mut rows, 3, 10).map(|id| id.as_u128()), Some(9));
        assert_eq!(rows.len(), 9);
    }
}
