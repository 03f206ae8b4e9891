//! The tree under a post, as a flat sequence that the template walks: nesting of any depth, no recursion.

use std::collections::{BTreeSet, HashMap};

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::cache_tags;
use super::model::{CommentId, State};
use super::queries::{self, Position, ThreadRow, WholeRow};
use crate::db::{CacheTag, Result};
use crate::features::accounts::cache_tags::{author, people};
use crate::features::accounts::key_of;
use crate::features::posts::{Byline, Card};
use crate::features::site::CommentPolicy;
use crate::messages::{Message, text};
use crate::web::time;

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

/// One comment and the lists that begin before and end after it.
pub struct ThreadLine {
    pub public_id: Uuid,
    /// What readers see in place of a comment that is gone.
    pub stub: Option<&'static str>,
    pub html: String,
    pub author: Byline,
    /// An author of the post.
    pub by_author: bool,
    /// Address fragment and name of who is answered.
    pub answers: Option<(Uuid, String)>,
    pub written: String,
    pub written_machine: String,
    pub edited: bool,
    /// A list begins before it.
    pub opens: bool,
    /// Its list item ends after it, and the item's list goes on.
    pub ends: bool,
    /// So many lists end after it, each with its last item.
    pub closes: usize,
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
    let from = match after {
        Some(id) => match queries::position(conn, post.id, id).await? {
            Some(position) => Some(position),
            None => return Ok(None),
        },
        None => None,
    };
    let first_page = from.is_none();
    let (rows, next) = rows(conn, post, from, whole).await?;
    let path = post.path();
    Ok(Some(Thread {
        named: named(&rows),
        post: post.public_id,
        open: policy != CommentPolicy::Off,
        count: post.comment_count,
        lines: lay_out(rows, &post.authors),
        newer: next.map(|id| format!("{path}?after={id}#comments")),
        oldest: (!first_page).then(|| format!("{path}#comments")),
        post_author: post.authors.first().cloned(),
        post_path: path,
    }))
}

/// The comments of a page, and the one after which the next page begins.
async fn rows(
    conn: &mut PgConnection,
    post: &Card,
    from: Option<Position>,
    whole: Option<Vec<WholeRow>>,
) -> Result<(Vec<ThreadRow>, Option<Uuid>)> {
    if post.comment_count == 0 {
        // Nothing that readers see, and stubs that nothing hangs on are not shown either.
        return Ok((Vec::new(), None));
    }
    // What readers see fits: no need to count threads, of which many may be stubs that are not shown.
    if let Some(whole) = whole.filter(|whole| from.is_none() && whole.len() <= ROWS_PER_PAGE) {
        return Ok((queries::whole(whole), None));
    }
    let (start, wanted) = (
        from.unwrap_or(Position::START),
        i64::from(THREADS_PER_PAGE) + 1,
    );
    let mut rows = queries::threads(conn, post.id, start, wanted, ROWS_PER_PAGE as i64 + 1).await?;
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

/// Drops stubs that nothing hangs on and orders the rest depth first.
fn lay_out(rows: Vec<ThreadRow>, authors: &[Byline]) -> Vec<ThreadLine> {
    let order = depth_first(&rows);
    let mut rows: Vec<Option<ThreadRow>> = rows.into_iter().map(Some).collect();
    let mut lines = Vec::with_capacity(order.len());
    let mut previous: Option<usize> = None;
    for (at, (index, depth)) in order.iter().enumerate() {
        let Some(row) = rows[*index].take() else {
            continue;
        };
        let next = order.get(at + 1).map(|(_, depth)| *depth);
        let opens = previous.is_none_or(|p| *depth > p);
        let (ends, closes) = match next {
            Some(next) => (next <= *depth, depth.saturating_sub(next)),
            None => (false, depth + 1),
        };
        lines.push(line(row, authors, opens, ends, closes));
        previous = Some(*depth);
    }
    lines
}

/// Index and depth of each row that is shown. Rows whose parent is on another page stand at the top.
fn depth_first(rows: &[ThreadRow]) -> Vec<(usize, usize)> {
    let place: HashMap<CommentId, usize> =
        rows.iter().enumerate().map(|(i, r)| (r.id, i)).collect();
    let parent = |i: usize| rows[i].parent_id.and_then(|id| place.get(&id)).copied();
    // Parents stand before their answers, so one walk backwards tells every ancestor.
    let mut shown: Vec<bool> = rows.iter().map(|r| r.state == State::Visible).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut waiting: Vec<(usize, usize)> = Vec::new();
    for i in (0..rows.len()).rev() {
        if !shown[i] {
            continue;
        }
        match parent(i) {
            Some(p) => {
                shown[p] = true;
                children[p].push(i);
            }
            None => waiting.push((i, 0)),
        }
    }
    // Both were filled backwards: taken from the end, the oldest comes first.
    let mut order = Vec::with_capacity(rows.len());
    while let Some((i, depth)) = waiting.pop() {
        order.push((i, depth));
        waiting.extend(children[i].iter().map(|c| (*c, depth + 1)));
    }
    order
}

fn line(row: ThreadRow, authors: &[Byline], opens: bool, ends: bool, closes: usize) -> ThreadLine {
    let stub = match row.state {
        State::Visible => None,
        State::Deleted if row.withdrawn => Some(text::comments_deleted_by_author()),
        State::Deleted => Some(text::comments_deleted_by_moderator()),
        State::Hidden | State::Held => Some(text::comments_hidden_by_moderator()),
    };
    let stub = stub.map(|message| message.words());
    ThreadLine {
        public_id: row.public_id,
        html: if stub.is_none() {
            row.html
        } else {
            String::new()
        },
        by_author: stub.is_none() && authors.iter().any(|a| a.username == row.author.username),
        author: row.author,
        answers: row
            .answers
            .map(|(id, who)| (id, who.display_name().to_owned())),
        written: time::minute(&row.created_at).to_string(),
        written_machine: time::machine(&row.created_at),
        edited: stub.is_none() && row.edited_at.is_some(),
        stub,
        opens,
        ends,
        closes,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn row(id: CommentId, parent: CommentId, state: State) -> ThreadRow {
        ThreadRow {
            id,
            public_id: Uuid::from_u128(id as u128),
            parent_id: (parent != 0).then_some(parent),
            state,
            withdrawn: true,
            html: format!("<p>{id}</p>"),
            created_at: DateTime::UNIX_EPOCH,
            edited_at: None,
            author: Byline {
                username: "ann".into(),
                name: String::new(),
                avatar_id: None,
            },
            answers: None,
        }
    }

    /// The tree as brackets, the way the template writes it.
    fn drawn(rows: Vec<ThreadRow>) -> String {
        let mut out = String::new();
        for line in lay_out(rows, &[]) {
            out += if line.opens { "[(" } else { "(" };
            out += &if line.stub.is_some() {
                "x".to_owned()
            } else {
                line.public_id.as_u128().to_string()
            };
            out += &")]".repeat(line.closes);
            out += if line.ends { ")" } else { "" };
        }
        out
    }

    #[test]
    fn trees_are_written_depth_first_and_every_list_is_closed() {
        use State::{Deleted, Hidden, Visible};
        for (rows, tree) in [
            (vec![], ""),
            (vec![row(1, 0, Visible)], "[(1)]"),
            (vec![row(1, 0, Visible), row(2, 0, Visible)], "[(1)(2)]"),
            (
                vec![row(1, 0, Visible), row(2, 1, Visible), row(3, 1, Visible)],
                "[(1[(2)(3)])]",
            ),
            (
                vec![
                    row(1, 0, Visible),
                    row(2, 1, Visible),
                    row(3, 2, Visible),
                    row(4, 0, Visible),
                ],
                "[(1[(2[(3)])])(4)]",
            ),
            (
                vec![
                    row(1, 0, Visible),
                    row(2, 1, Visible),
                    row(3, 0, Visible),
                    row(4, 1, Visible),
                ],
                "[(1[(2)(4)])(3)]",
            ),
            // A stub stays for what hangs on it, however far below.
            (
                vec![row(1, 0, Hidden), row(2, 1, Deleted), row(3, 2, Visible)],
                "[(x[(x[(3)])])]",
            ),
            (
                vec![row(1, 0, Visible), row(2, 1, Hidden), row(3, 2, Deleted)],
                "[(1)]",
            ),
            // The parent is on another page.
            (
                vec![row(7, 5, Visible), row(8, 7, Visible), row(9, 0, Visible)],
                "[(7[(8)])(9)]",
            ),
        ] {
            assert_eq!(drawn(rows), tree);
        }
    }

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
