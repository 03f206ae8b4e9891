//! Rendering again: posts, pages and comments get the HTML of this version's renderer, by a job. Tables: `render_refusals`,
//! `render_attempts`; it reads and writes the rendered columns of `posts`, `post_bodies` and `comments`, and no others.
//!
//! HTML is stored when a text is saved, by a renderer that nothing but its source and [`RENDERER_VERSION`] decides: no setting
//! of the site changes it (addresses become whole and languages are named when a page is made of it). So that number says
//! alone what is to be rendered again.
//!
//! For readers nothing happened but that a page has other bytes: dates, order, revisions and versions stay, so an editor
//! that is open meets no conflict. A text that was saved meanwhile is left to its save: everything is written only over what
//! was read. A text that the renderer refuses, or with which a process ended twice, keeps its HTML and is named by `masthead
//! doctor`.
//!
//! Two releases side by side do not take turns: each leaves alone what its own or a newer renderer made. What a node of the
//! release before saves is found by the next run. What a comment said when it was reported keeps its HTML, since no Markdown
//! of it is kept.
//!
//! [`RENDERER_VERSION`]: crate::markdown::RENDERER_VERSION

mod attempts;
mod comments;
pub mod job;
mod posts;
pub mod progress;
pub mod queries;

use serde::{Deserialize, Serialize};

use crate::db::Db;
use crate::jobs::Lease;
use crate::markdown::RENDERER_VERSION;

/// How far a run has come in a table. It goes from the newest of the older versions down, and in each from the newest text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub renderer_version: i32,
    pub id: i64,
}

impl Place {
    /// Before everything that an older renderer made.
    pub const START: Place = Place {
        renderer_version: RENDERER_VERSION,
        id: 0,
    };
}

/// What became of a batch.
#[derive(Clone, Copy, Debug)]
struct Batch {
    last: Place,
    /// Texts that were looked at.
    read: usize,
    /// Texts that have HTML of this version now.
    rendered: usize,
    /// Texts of which readers see something else now.
    changed: usize,
    refused: usize,
}

/// Why a text keeps the HTML that it has, as it can be stored.
fn shortened(reason: &str) -> String {
    reason.chars().take(500).collect()
}

/// The next texts below `place`. Nothing where there are none.
async fn next(
    db: &Db,
    lease: &mut Lease,
    posts: &mut Option<Place>,
    comments: &mut Option<Place>,
) -> anyhow::Result<Option<Batch>> {
    if let Some(place) = *posts {
        let batch = posts::batch(db, lease, place).await?;
        *posts = batch.map(|batch| batch.last);
        if batch.is_some() {
            return Ok(batch);
        }
    }
    let Some(place) = *comments else {
        return Ok(None);
    };
    let batch = comments::batch(db, lease, place).await?;
    *comments = batch.map(|batch| batch.last);
    Ok(batch)
}
