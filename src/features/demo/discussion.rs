//! The comments of the sample, under the posts that were added with them.

use std::collections::HashMap;

use uuid::Uuid;

use super::content::Comment;
use super::people::{People, person_of};
use super::queries;
use crate::access::Actor;
use crate::db::Tx;
use crate::features::comments::NewComment;
use crate::features::comments::State as CommentState;
use crate::features::comments::create::write;
use crate::features::posts::queries::PostRow;
use crate::markdown::Rendered;

pub(super) async fn add_comments(
    tx: &mut Tx,
    actor: &Actor,
    people: &People,
    written: &HashMap<&str, PostRow>,
    comments: Vec<(Comment, Rendered)>,
) -> anyhow::Result<()> {
    let mut ids: HashMap<String, Uuid> = HashMap::new();
    for (comment, rendered) in comments {
        // The post was there before: its thread was loaded with it then.
        let Some(post) = written.get(comment.post.as_str()) else {
            continue;
        };
        let author_id = person_of(people, &comment.author)?.id;
        let parent = answered(&ids, &comment)?;
        let new = new_comment(&comment, &rendered, (post, author_id), parent);
        let id = write(tx, &new, &actor.in_another_action()).await?.id;
        if let Some(by) = &comment.by {
            queries::note_decision(tx, id, &comment.reason, person_of(people, by)?.id).await?;
        }
        ids.insert(comment.key, id);
    }
    Ok(())
}

/// `ids`: of the comments before it, by their keys.
fn answered(ids: &HashMap<String, Uuid>, comment: &Comment) -> anyhow::Result<Option<Uuid>> {
    let Some(parent) = &comment.parent else {
        return Ok(None);
    };
    let id = ids.get(parent).copied();
    Ok(Some(
        id.ok_or_else(|| anyhow::anyhow!("no comment {parent}"))?,
    ))
}

fn new_comment<'a>(
    comment: &'a Comment,
    rendered: &'a Rendered,
    (post, author_id): (&PostRow, i64),
    parent: Option<Uuid>,
) -> NewComment<'a> {
    let state = comment.state.as_deref();
    NewComment {
        id: None,
        post_id: post.id,
        post_public_id: post.public_id,
        author_id,
        parent,
        markdown: &comment.body,
        html: &rendered.html,
        typography: &rendered.typography,
        state: state.map_or(CommentState::Visible, CommentState::from_column),
        seen: None,
        at: Some(comment.at),
    }
}
