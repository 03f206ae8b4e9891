//! Rendering again: posts, pages and comments get the HTML of this version's renderer, by a job. Tables: `render_refusals`,
//! `render_attempts`; it reads and writes the rendered columns of `posts`, `post_bodies` and `comments`, and no others.
//!
//! HTML is stored when a text is saved, by a renderer that nothing but its source, [`RENDERER_VERSION`] and its typography
//! decides (addresses become whole and languages are named when a page is made of it). The number and the typography stand
//! beside the HTML. What was made under another choice of typography than the site and the post have now gets the number 0: by
//! the job `texts.stale_typography`, which follows a change of the choice, or by the save that was rendered before it. So the number
//! says alone what is to be rendered again.
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
mod batch;
mod comments;
pub mod job;
mod posts;
pub mod progress;
pub mod queries;
pub mod stale_typography;

pub use batch::Place;
