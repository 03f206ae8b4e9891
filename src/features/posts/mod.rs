//! Writing: drafts, posts and pages, from the first save to the trash. `/new` `/p/{id}/edit`
//! `/p/{id}/publish` `/p/{id}/history` … `/dashboard`, and `/admin/tags`. Tables: `posts`, `post_bodies`, `revisions`, `post_authors`, `byline_requests`,
//! `preview_links`, `guest_notes`, `shared_posts`, `pinned_posts`, `submissions`, `corrections`, `tags`, `post_tags`, `slug_history`,
//! `redirects`.
//!
//! Every save is a row of `revisions`; `post_bodies` holds what readers get. A save of a draft writes both,
//! a save of a published post only the revision, until it is made public. What readers may get is said by the views
//! `public_posts` and `listed_posts…`: every query for them selects from these.
//!
//! [`save`], [`publish`], [`unpublish`], [`restore_version`], [`trash`], [`review`] and [`pin`] are whole acts: each asks what its actor may do, locks the post and
//! commits. What they are made of, [`revision`], [`publish::publish_revision`], [`create_many`] and [`listing`], works inside the transaction of its caller, for
//! doors that do many at once (import, demo).

mod accept_edit;
mod add_tag;
mod address;
mod answer_byline;
mod before_publishing;
pub mod bulk;
pub mod bulk_act;
mod bulk_page;
pub mod bulk_undo;
mod byline;
pub mod cache_tags;
mod choose_address;
mod conflict;
mod copy_address;
pub mod correct;
pub mod create_many;
mod dashboard_order;
mod dashboard_page;
pub mod describe_tag;
pub mod difference;
mod differing_settings;
mod draft;
pub mod duplicate;
mod editing;
mod forms;
mod guest_note;
pub mod handlers;
mod history_page;
pub mod jobs;
mod leave_note;
mod likeness;
pub mod listing;
mod merge;
mod merge_forms;
mod merge_tags;
mod model;
pub mod naming;
mod note_anchor;
pub mod note_publication;
mod notes_page;
pub mod old_address;
mod path;
mod permission;
pub mod pin;
mod post_date;
pub mod publish;
pub mod queries;
mod read_form;
mod record;
mod rendered_difference;
pub mod restore_version;
pub mod review;
pub mod revision;
pub mod save;
pub mod save_error;
pub mod schedule;
mod settle_note;
mod share_preview;
mod shared_preview;
pub mod tag_changes;
mod tag_name;
mod tag_refs;
mod tagging;
pub mod template;
pub mod trash;
mod undo_publish;
pub mod unpublish;
mod views;

pub use address::taken_by_site;
pub use draft::{Draft, description, render};
pub use editing::Base;
pub use model::{
    AuthorRow, Byline, Card, Details, Kind, PostId, Status, TagRow, bylines, tag_names,
};
pub use path::{author_path, page_path, path_for, post_path};
pub use post_date::PostDate;
pub use tag_name::{TagName, key_of as tag_key};
pub use tag_refs::TagRef;
pub use tagging::{HeldTags, hold_tags, known_tags, let_go_of_tags};
