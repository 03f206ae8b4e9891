//! Notes of guests, as the preview link has them that they are left by.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::{Result, Tx};
use crate::features::posts::guest_note::NoteText;
use crate::features::posts::note_anchor::Anchor;

/// What a link's notes are stored under.
pub type LinkId = i64;

/// Holds a link that allows notes until the transaction ends, so that notes sent at once keep to its limits. False where it does not
/// hold any more.
pub async fn lock_link(tx: &mut Tx, link: LinkId) -> Result<bool> {
    let held = sqlx::query_scalar!(
        r#"select allows_notes as "allows!" from preview_links
           where id = $1 and allows_notes and revoked_at is null and expires_at > now() for no key update"#,
        link
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(held.is_some())
}

pub struct NewGuestNote<'a> {
    pub public_id: Uuid,
    pub link: LinkId,
    pub name: &'a str,
    pub text: &'a NoteText,
    pub anchor: &'a Anchor,
}

/// What became of a note.
pub enum Inserted {
    Made,
    /// The same form made it before.
    Again,
    Full,
    FullThisHour,
}

/// Of a link that is held.
pub async fn insert_guest_note(
    tx: &mut Tx,
    new: &NewGuestNote<'_>,
    (most, most_an_hour): (i64, i64),
) -> Result<Inserted> {
    let NewGuestNote { text, anchor, .. } = new;
    let row = sqlx::query!(
        r#"with had as (
               select count(*) as in_all, count(*) filter (where created_at > now() - interval '1 hour') as this_hour,
                      coalesce(bool_or(public_id = $1), false) as this_one
               from guest_notes where link_id = $2),
           made as (
               insert into guest_notes (public_id, link_id, name, comment, suggestion, paragraph, paragraph_hash, before_hash, after_hash,
                                        position)
               select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 from had where in_all < $11 and this_hour < $12 and not this_one)
           select in_all as "in_all!", this_one as "this_one!", this_hour as "this_hour!" from had"#,
        new.public_id,
        new.link,
        new.name,
        text.comment,
        text.suggestion,
        anchor.paragraph,
        &anchor.hash[..],
        anchor.before.as_ref().map(|hash| &hash[..]),
        anchor.after.as_ref().map(|hash| &hash[..]),
        i32::try_from(anchor.position).unwrap_or(i32::MAX),
        most,
        most_an_hour,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(match () {
        () if row.this_one => Inserted::Again,
        () if row.in_all >= most => Inserted::Full,
        () if row.this_hour >= most_an_hour => Inserted::FullThisHour,
        () => Inserted::Made,
    })
}

/// A note that an author took up, as the holders of its link see it.
pub struct AcceptedNote {
    pub name: String,
    pub comment: String,
    pub suggestion: Option<String>,
    pub paragraph: String,
    /// The text has the edit.
    pub is_in_text: bool,
}

/// Those of one link, the oldest first.
pub async fn accepted_notes(conn: &mut PgConnection, link: LinkId) -> Result<Vec<AcceptedNote>> {
    Ok(sqlx::query_as!(
        AcceptedNote,
        r#"select name, comment, suggestion, paragraph, version is not null as "is_in_text!"
           from guest_notes where link_id = $1 and state = 'accepted' order by id limit 200"#,
        link
    )
    .fetch_all(conn)
    .await?)
}
