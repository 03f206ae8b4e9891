//! Writes a state of a post that readers see, or would see, with all that belongs to it.

use chrono::{DateTime, Utc};

use crate::access::Actor;
use crate::db::{DbError, Tx, public_id};
use crate::features::posts::address::{Address, AddressError};
use crate::features::posts::draft::{self, Draft};
use crate::features::posts::editing::Sequel;
use crate::features::posts::model::{Kind, Label, Status};
use crate::features::posts::naming;
use crate::features::posts::post_date::PostDate;
use crate::features::posts::queries::PostRow;
use crate::features::posts::tag_refs::{self, TagRef};
use crate::markdown::{RENDERER_VERSION, Rendered};

/// A state that becomes what readers see, or would see.
pub struct Change<'a> {
    pub post: &'a PostRow,
    pub version: i32,
    pub draft: &'a Draft,
    pub rendered: &'a Rendered,
    pub address: &'a Address,
    pub tags: &'a [TagRef],
    /// It is a new revision, and stands to the one before it like this.
    pub saves: Option<Sequel>,
    /// It is public from now on, or from the time given.
    pub publishes: Option<Option<DateTime<Utc>>>,
    /// What it is for readers, where they have an earlier version.
    pub label: Label,
}

impl Change<'_> {
    /// None where readers have no earlier version.
    fn label(&self) -> Option<Label> {
        let is_update = self.publishes.is_some() && self.post.status == Status::Published;
        is_update.then_some(self.label)
    }
}

/// Writes a state whole, in one statement: the post, its text, its tags, the revision that it is, and what its address was
/// before. Authors and lists are written beside it.
pub async fn write(tx: &mut Tx, change: &Change<'_>, actor: &Actor) -> Result<(), AddressError> {
    let Change {
        post,
        draft,
        rendered,
        address,
        ..
    } = *change;
    let details = &draft.details;
    let sequel = change.saves.unwrap_or_default();
    let tags = tag_refs::ids(&details.tags, change.tags);
    let typography = &rendered.typography;
    let written = sqlx::query!(
        "with replaced as (
             delete from revisions where post_id = $2 and number = $39 returning autosaved_since),
         kept as (
             insert into revisions (public_id, post_id, number, title, markdown, details, saved_by, published, transaction_id,
                                    correlation_id, editing, edit, autosaved_since, label)
             select $1, $2::bigint, $3::integer, $4::text, $5::text, $6::jsonb, $7::bigint, $8::boolean, $9::uuid, $10::uuid,
                    $40, $41, case when $42::boolean then coalesce((select autosaved_since from replaced), now()) end, $43
             where $11::boolean),
         shown as (
             update revisions set published = true, label = coalesce($43, label) where post_id = $2 and number = $3 and $8 and not $11),
         post as (
             update posts
             set title = $4, excerpt = $12, description = $13, language = $14, canonical_url = $15, cover_url = $16,
                 typography = $33, typeset_title = $35, typeset_excerpt = $36, cover_alt = $17, comment_policy = $18, unlisted = $19, minutes = $20, words = $21,
                 slug = $22, page_path = $23, parent_id = $24, menu_position = $25, version = $3,
                 saved_at = case when $11 then now() else saved_at end,
                 transaction_id = case when $8 then null when $11 then $9 else transaction_id end,
                 status = case when $8 then 'published' else status end,
                 scheduled_for = case when $8 then null else scheduled_for end,
                 scheduled_date = case when $8 then null else scheduled_date end,
                 published_at = case when $8 then coalesce($38::timestamptz, published_at, $26::timestamptz, now()) else published_at end,
                 changed_at = case when not $8 or $43 = 'minor' then changed_at when published_at is null then coalesce($38, $26, now()) else now() end
             where id = $2),
         body as (
             insert into post_bodies (post_id, markdown, html, text, heading, typography, renderer_version, revision_number)
             -- The choice of the site may have changed while it was rendered: then it is rendered again.
             select $2, $5, $27, $28, $37, $34::text,
                    case when $34 = text_typography($33::boolean, $14, s.typography, s.language) then $29::integer else 0 end, $3
             from site s
             on conflict (post_id) do update
             set markdown = excluded.markdown, html = excluded.html, text = excluded.text,
                 heading = excluded.heading, typography = excluded.typography,
                 renderer_version = excluded.renderer_version, revision_number = excluded.revision_number),
         reviewed as (
             update submissions set ended_at = now(), ended_by = $7, outcome = 'published'
             where post_id = $2 and ended_at is null and $8),
         -- Taking an old address of the same post back ends its redirect.
         taken_back as (
             delete from slug_history where post_id = $2 and slug = $22),
         former as (
             insert into slug_history (owner_id, slug, post_id) select $30::bigint, $31::text, $2 where $31 is not null
             on conflict (owner_id, slug) do update set post_id = excluded.post_id, moved_at = now()),
         -- A page that becomes public takes its address over from what was led on from there.
         led_on as (
             delete from redirects where $8 and path = post_path('page', $23, null, null)),
         dropped as (
             delete from post_tags where post_id = $2 and tag_id <> all($32::bigint[]))
         insert into post_tags (post_id, tag_id, position)
         select $2, t.id, (t.place - 1)::smallint from unnest($32) with ordinality as t (id, place)
         on conflict (post_id, tag_id) do update set position = excluded.position
         where post_tags.position <> excluded.position",
        public_id(),
        post.id,
        change.version,
        draft.title,
        draft.markdown,
        tag_refs::stored(details, change.tags),
        actor.id.unwrap_or(post.owner_id),
        change.publishes.is_some(),
        actor.transaction_id(),
        actor.correlation_id,
        change.saves.is_some(),
        details.excerpt,
        draft::description(&details.excerpt, rendered),
        details.language,
        details.canonical_url,
        details.cover_url,
        details.cover_alt,
        details.comment_policy,
        details.unlisted,
        i32::try_from(rendered.minutes).unwrap_or(i32::MAX),
        i32::try_from(rendered.words).unwrap_or(i32::MAX),
        address.slug,
        address.page_path,
        address.parent_id,
        details.menu_position.filter(|_| post.kind == Kind::Page),
        change.publishes.flatten(),
        rendered.html,
        rendered.text,
        RENDERER_VERSION,
        post.owner_id,
        address.former_slug,
        &tags,
        details.typography,
        typography.language(),
        typography.changed(&draft.title),
        typography.changed(&details.excerpt),
        naming::heading(rendered),
        details.date.as_ref().and_then(PostDate::at),
        sequel.replaces,
        sequel.editing.map(|editing| editing.id),
        sequel.editing.map(|editing| editing.edit),
        sequel.editing.is_some_and(|editing| editing.is_autosave),
        change.label().map(Label::as_str),
    )
    .execute(&mut **tx)
    .await;
    written
        .map(drop)
        .map_err(|error| address_error(error, address))
}

fn address_error(error: sqlx::Error, address: &Address) -> AddressError {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("posts_address") => AddressError::Taken(address.slug.clone()),
        Some("posts_page_path") => {
            AddressError::Taken(address.page_path.clone().unwrap_or_default())
        }
        _ => DbError::from(error).into(),
    }
}
