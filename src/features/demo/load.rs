//! Loading and removing. Both can be repeated: what is there stays, what is gone stays gone.

use std::collections::HashMap;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::content::{self, Authors};
use super::discussion::add_comments;
use super::people::{People, add_people, person_of};
use super::queries;
use super::texts::{Text, rendered_comments, texts};
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{self, Db, Tx, public_id};
use crate::features::posts::publish::publish_revision;
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::{Base, Details, Draft, Kind, listing, revision};
use crate::features::reading::cache_tags as shown;
use crate::features::reading::jobs::ask_for_lists;
use crate::features::site;
use crate::web;

/// How many texts were loaded or removed.
pub struct Count {
    pub texts: u64,
    pub people: u64,
}

/// Adds the sample people, posts, pages and comments that are not there yet, in one transaction.
pub async fn load(db: &Db, actor: &Actor) -> anyhow::Result<Count> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    // Rendering takes a second at most, so it comes before the transaction and holds no lock.
    let site = site::load(&mut *db.fresh().await?).await?;
    let texts = texts(&site).await?;
    let comments = rendered_comments(&texts).await?;
    let authors: Authors = toml::from_str(content::AUTHORS)?;
    let mut tx = db.begin().await?;
    tx.belongs_to(actor);
    tx.allow_long_work().await?;
    let (people, made) = add_people(&mut tx, authors).await?;
    let (written, added) = add_texts(&mut tx, actor, &people, texts).await?;
    add_comments(&mut tx, actor, &people, &written, comments).await?;
    let count = Count {
        texts: added,
        people: made,
    };
    if added > 0 {
        ask_for_lists(&mut tx, actor).await?;
    }
    record(&mut tx, actor, "demo.load", &count).await?;
    tx.commit().await?;
    Ok(count)
}

impl Count {
    pub fn is_any(&self) -> bool {
        self.texts + self.people > 0
    }
}

type Written = HashMap<&'static str, PostRow>;

/// Those that were not there yet, with how many they are.
async fn add_texts(
    tx: &mut Tx,
    actor: &Actor,
    people: &People,
    texts: Vec<Text>,
) -> anyhow::Result<(Written, u64)> {
    let (mut written, mut added) = (HashMap::new(), 0);
    for text in texts {
        if let Some(row) = add(tx, actor, people, &text).await? {
            written.insert(text.name, row);
            added += 1;
        }
    }
    Ok((written, added))
}

async fn record(tx: &mut Tx, actor: &Actor, act: &str, count: &Count) -> db::Result<()> {
    let after = Some(json!({ "texts": count.texts, "people": count.people }));
    audit::record(
        tx,
        actor,
        Entry {
            act,
            object_kind: "site",
            after,
            ..Entry::default()
        },
    )
    .await?;
    Ok(())
}

/// Removes what [`load`] added, except what people have since made their own: texts saved again, the pages above
/// them and above people's own pages, and the sample people who wrote or discussed what stays.
///
/// # Errors
///
/// Where the actor may not manage the site, or the database does not answer.
pub async fn remove(db: &Db, actor: &Actor) -> web::Result<Count> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let authors: Authors = toml::from_str(content::AUTHORS).map_err(web::Error::internal)?;
    let usernames: Vec<String> = authors.author.into_iter().map(|a| a.username).collect();
    let mut tx = db.begin().await?;
    tx.allow_long_work().await?;
    let going = queries::untouched(&mut tx).await?;
    for post in &going {
        // Out of the lists first, so that the tags' counters stay true.
        listing::remove(&mut tx, *post).await?;
    }
    let texts = queries::delete_posts(&mut tx, &going).await?;
    let people = queries::delete_people(&mut tx, &usernames).await?;
    let count = Count { texts, people };
    if count.is_any() {
        // Texts and people are gone from everywhere at once; naming each would name the whole site.
        tx.purge([shown::site(), shown::pages(), shown::people()]);
    }
    tx.belongs_to(actor);
    record(&mut tx, actor, "demo.remove", &count).await?;
    tx.commit().await?;
    Ok(count)
}

async fn add(
    tx: &mut Tx,
    actor: &Actor,
    people: &People,
    text: &Text,
) -> anyhow::Result<Option<PostRow>> {
    if posts::lock_imported(tx, &text.import_key).await?.is_some() {
        return Ok(None);
    }
    let owner = person_of(people, &text.owner)?.id;
    let Some(draft) = placed_draft(tx, people, text).await? else {
        return Ok(None);
    };
    // One business action a text, all within the request or command that loads them; the actor is the account that asked for them.
    let actor = actor.in_another_action();
    let post = revision::create(tx, public_id(), text.kind, owner, &actor).await?;
    Ok(Some(write_text(tx, &post, (&draft, text), &actor).await?))
}

/// The text as it fits in here, with the handles that its authors have; none where it has no place.
async fn placed_draft(tx: &mut Tx, people: &People, text: &Text) -> anyhow::Result<Option<Draft>> {
    let mut draft = text.draft.clone();
    if text.kind == Kind::Page && !find_place(tx, &mut draft.details).await? {
        return Ok(None);
    }
    for author in &mut draft.details.authors {
        *author = person_of(people, author)?.username.clone();
    }
    Ok(Some(draft))
}

/// Saves a text as the sample's, and makes it public where it is to be; gives the post as it was saved.
async fn write_text(
    tx: &mut Tx,
    post: &PostRow,
    (draft, text): (&Draft, &Text),
    actor: &Actor,
) -> anyhow::Result<PostRow> {
    let saved = revision::save(tx, post, Base::version(0), draft, &text.rendered, actor).await?;
    let post = posts::lock_post(tx, post.public_id).await?;
    let post = post.ok_or_else(|| anyhow::anyhow!("{} vanished", text.name))?;
    if let Some(at) = text.state.publishes() {
        let rendered = (draft, &text.rendered);
        publish_revision(tx, &post, saved.version, rendered, at, actor).await?;
    }
    let hash = Sha256::digest(&text.draft.markdown);
    posts::mark_imported(tx, post.id, &text.import_key, &hash).await?;
    Ok(post)
}

/// Puts a page under its sample parent, wherever that was moved to. False: the parent is in the trash, or
/// a page of the site's own stands there already, which the sample must not fail on.
async fn find_place(tx: &mut Tx, details: &mut Details) -> anyhow::Result<bool> {
    let mut path = details.slug.clone();
    if !details.parent.is_empty() {
        match posts::lock_imported(tx, &format!("demo:pages/{}", details.parent)).await? {
            Some(PostRow {
                page_path: Some(above),
                deleted_at: None,
                ..
            }) => details.parent = above,
            _ => return Ok(false),
        }
        path = format!("{}/{path}", details.parent);
    }
    // 0 is the key of no post: whichever has the path, it is taken.
    Ok(!posts::path_taken(tx, &path, 0).await?)
}
