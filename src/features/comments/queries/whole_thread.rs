//! All comments under a post at once, as they come along with the post where they are few.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::thread::ThreadRow;
use crate::features::comments::model::{CommentId, State};
use crate::features::posts::Byline;

/// A comment and its author, as the query of a post selects all of its comments where they are few: for a fifth of what
/// [`threads`](super::threads) costs, and without a round trip.
pub type WholeRow = (
    (
        CommentId,
        Uuid,
        Option<CommentId>,
        String,
        bool,
        String,
        DateTime<Utc>,
        Option<DateTime<Utc>>,
    ),
    (String, String, Option<Uuid>),
);

/// All comments under a post that readers see or see a stub of, oldest first.
pub fn whole(rows: Vec<WholeRow>) -> Vec<ThreadRow> {
    // Who is answered stands before, since an answer is younger.
    let mut seen: HashMap<CommentId, (Uuid, Byline)> = HashMap::new();
    let mut with_answered = |row: WholeRow| {
        let mut row = ThreadRow::from(row);
        row.answers = row.parent_id.and_then(|id| seen.get(&id)).cloned();
        if row.state == State::Visible {
            let author = Byline {
                avatar_id: None,
                ..row.author.clone()
            };
            seen.insert(row.id, (row.public_id, author));
        }
        row
    };
    rows.into_iter().map(&mut with_answered).collect()
}

/// Without the comment that it answers.
impl From<WholeRow> for ThreadRow {
    fn from((comment, (username, name, avatar_id)): WholeRow) -> Self {
        let (id, public_id, parent_id, state, withdrawn, html, created_at, edited_at) = comment;
        ThreadRow {
            id,
            public_id,
            parent_id,
            state: State::from_column(&state),
            withdrawn,
            html,
            created_at,
            edited_at,
            author: Byline {
                username,
                name,
                avatar_id,
            },
            answers: None,
        }
    }
}
