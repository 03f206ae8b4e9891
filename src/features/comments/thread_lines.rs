//! The comments of a page as its lines: depth first, each with the lists that begin before it and end after it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{CommentId, State};
use super::queries::ThreadRow;
use crate::features::posts::Byline;
use crate::messages::text;

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
    pub written: DateTime<Utc>,
    pub edited: bool,
    /// A list begins before it.
    pub opens: bool,
    /// Its list item ends after it, and the item's list goes on.
    pub ends: bool,
    /// So many lists end after it, each with its last item.
    pub closes: usize,
}

/// Drops stubs that nothing hangs on and orders the rest depth first.
pub(super) fn lay_out(rows: Vec<ThreadRow>, authors: &[Byline]) -> Vec<ThreadLine> {
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
    let (tops, children) = shown(rows);
    let mut waiting: Vec<(usize, usize)> = tops.into_iter().map(|i| (i, 0)).collect();
    // Both were filled backwards: taken from the end, the oldest comes first.
    let mut order = Vec::with_capacity(rows.len());
    while let Some((i, depth)) = waiting.pop() {
        order.push((i, depth));
        waiting.extend(children[i].iter().map(|c| (*c, depth + 1)));
    }
    order
}

/// The rows that are shown: those at the top, and below each its answers. Both with the youngest first.
fn shown(rows: &[ThreadRow]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let place: HashMap<CommentId, usize> =
        rows.iter().enumerate().map(|(i, r)| (r.id, i)).collect();
    let parent = |i: usize| rows[i].parent_id.and_then(|id| place.get(&id)).copied();
    // Parents stand before their answers, so one walk backwards tells every ancestor.
    let mut shown: Vec<bool> = rows.iter().map(|r| r.state == State::Visible).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut tops = Vec::new();
    for i in (0..rows.len()).rev() {
        if !shown[i] {
            continue;
        }
        match parent(i) {
            Some(p) => {
                shown[p] = true;
                children[p].push(i);
            }
            None => tops.push(i),
        }
    }
    (tops, children)
}

fn line(row: ThreadRow, authors: &[Byline], opens: bool, ends: bool, closes: usize) -> ThreadLine {
    let stub = stub(&row);
    ThreadLine {
        public_id: row.public_id,
        html: stub.map_or(row.html, |_| String::new()),
        by_author: stub.is_none() && authors.iter().any(|a| a.username == row.author.username),
        author: row.author,
        answers: row
            .answers
            .map(|(id, who)| (id, who.display_name().to_owned())),
        written: row.created_at,
        edited: stub.is_none() && row.edited_at.is_some(),
        stub,
        opens,
        ends,
        closes,
    }
}

/// What stands in place of a comment that is not shown.
fn stub(row: &ThreadRow) -> Option<&'static str> {
    let stub = match row.state {
        State::Visible => None,
        State::Deleted if row.withdrawn => Some(text::comments_deleted_by_author()),
        State::Deleted => Some(text::comments_deleted_by_moderator()),
        State::Hidden | State::Held => Some(text::comments_hidden_by_moderator()),
    };
    stub.map(|message| message.words())
}

#[cfg(test)]
pub(super) mod tests {

    use super::*;

    pub fn row(id: CommentId, parent: CommentId, state: State) -> ThreadRow {
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
}
