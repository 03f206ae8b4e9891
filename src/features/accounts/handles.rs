//! Giving a handle up and taking another one.
//!
//! What an account gave up redirects to it, so that links go on working. For as long as the account has public posts no
//! other may have such a handle; without any, others may have it after 90 days. An account keeps at most three of them,
//! else one account could take all good names away. An admin can set one free ([`free`]): its addresses redirect until
//! another account takes it, since an end of that 90 days earlier would break links and help no one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::cache_tags;
use super::create_error::{CreateError, TooManyKept};
use super::key::key_of;
use super::model::Username;
use super::queries::{self, KeptUsername, Member};
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, DbError, Tx};
use crate::web::{self, OrNotFound};

/// How many earlier handles an account can keep.
pub const MOST_KEPT: usize = 3;

/// Gives an account, whose handle `old` was read under a lock, another one.
///
/// # Errors
///
/// [`CreateError::UsernameTaken`] and [`CreateError::TooManyKept`].
pub(super) async fn change(
    tx: &mut Tx,
    user_id: i64,
    old: &str,
    new: &Username,
) -> Result<(), CreateError> {
    if key_of(old) != new.key() {
        check_room(&queries::kept_usernames(tx, user_id).await?, &new.key())?;
    }
    queries::rename(tx, user_id, old, new).await?;
    // After it is written down: a rename that gave this handle up meanwhile is committed by then, and seen.
    if !queries::claim_username(tx, new, user_id).await? {
        return Err(CreateError::UsernameTaken);
    }
    // Every redirect to the account changes with its handle, also those that end here.
    queries::drop_free_usernames(tx, user_id, MOST_KEPT as i64).await?;
    cache_tags::invalidate_username(tx, &new.key());
    cache_tags::purge_username(tx, old);
    Ok(())
}

/// Whether one more can be kept. A handle that is taken back makes room for the one that is given up.
fn check_room(kept: &[KeptUsername], new_key: &str) -> Result<(), CreateError> {
    let counts = |one: &&KeptUsername| {
        one.freed_at.is_none() && !one.is_free && key_of(&one.username) != new_key
    };
    let kept: Vec<&KeptUsername> = kept.iter().filter(counts).collect();
    let Some(too_many) = kept.len().checked_sub(MOST_KEPT) else {
        return Ok(());
    };
    let mut ends: Vec<DateTime<Utc>> = kept.iter().filter_map(|one| one.free_at).collect();
    ends.sort();
    let names = kept
        .iter()
        .take(MOST_KEPT)
        .map(|one| one.username.clone())
        .collect();
    Err(CreateError::TooManyKept(TooManyKept {
        kept: names,
        next: ends.get(too_many).copied(),
    }))
}

/// Sets a handle that the account `id` gave up free, for other accounts in 90 days. Once more changes nothing.
///
/// # Errors
///
/// Where the actor may not, or the account does not keep this handle.
pub async fn free(db: &Db, actor: &Actor, id: Uuid, username: &str) -> web::Result<()> {
    let mut tx = db.begin().await?;
    let holder = queries::member(&mut tx, id).await?.or_not_found()?;
    actor.require(Action::FreeHandle, Resource::Person { id: holder.id })?;
    let kept = queries::kept_usernames(&mut tx, holder.id).await?;
    if kept.iter().all(|one| one.username != username) {
        return Err(web::Error::NotFound);
    }
    tx.belongs_to(actor);
    if queries::free_username(&mut tx, holder.id, username).await? {
        record_freed(&mut tx, actor, &holder, username).await?;
    }
    Ok(tx.commit().await?)
}

async fn record_freed(
    tx: &mut Tx,
    actor: &Actor,
    holder: &Member,
    username: &str,
) -> Result<(), DbError> {
    let entry = Entry {
        act: "person.free_handle",
        object_kind: "user",
        object_id: Some(holder.public_id),
        object: &holder.username,
        after: Some(serde_json::json!({ "freed": username })),
        ..Entry::default()
    };
    audit::record(tx, actor, entry).await
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn kept(username: &str, days: Option<i64>) -> KeptUsername {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let free_at = days.map(|days| start + TimeDelta::days(days));
        KeptUsername {
            username: username.into(),
            changed_at: start,
            freed_at: None,
            free_at,
            is_free: false,
        }
    }

    fn refusal(kept: &[KeptUsername], new: &str) -> Option<String> {
        check_room(kept, &key_of(new))
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn the_sentence_says_when_there_is_room_again() {
        let mut three = vec![
            kept("c", Some(90)),
            kept("b", Some(40)),
            kept("a", Some(31)),
        ];
        assert_eq!(
            refusal(&three, "new").unwrap(),
            "An account keeps at most three earlier usernames, and you have @c, @b, @a. You can change yours again from \
             1 February 1970, 00:00 UTC, or once an admin frees one of them."
        );
        assert_eq!(refusal(&three[..2], "new"), None);
        assert_eq!(refusal(&three, "B"), None, "one's own is taken back");
        // Of an older version: as many have to go as are too many.
        three.push(kept("z", Some(59)));
        assert!(
            refusal(&three, "new")
                .unwrap()
                .contains("from 10 February 1970")
        );
        three[0].freed_at = Some(Utc::now());
        three[1].is_free = true;
        assert_eq!(
            refusal(&three, "new"),
            None,
            "what is free or quarantined does not count"
        );
    }

    #[test]
    fn without_an_end_only_an_admin_makes_room() {
        let three = [kept("c", None), kept("b", None), kept("a", None)];
        assert!(refusal(&three, "new").unwrap().ends_with("links to your posts use them. You can change yours again once an admin frees one of them."));
    }
}
