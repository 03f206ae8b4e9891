//! Loading and removing. Both can be repeated: what is there stays, what is gone stays gone.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::content::{self, Author, Authors, Comment, Comments, Page, Post};
use super::queries;
use crate::db::audit::Origin;
use crate::db::{Db, Tx, public_id};
use crate::markdown::Rendered;
use crate::features::accounts::{Username, create};
use crate::features::comments::write::{NewComment, write};
use crate::features::comments::{self, State as CommentState};
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::{Details, Draft, Kind, TagName, listing, publish, render, save};

/// Whose the sample pages are.
const PAGE_OWNER: &str = "mira";

/// How many texts were loaded or removed.
pub struct Count {
    pub texts: u64,
    pub people: u64,
}

/// Adds the sample people, posts, pages and comments that are not there yet, in one transaction.
pub async fn load(db: &Db, origin: &Origin) -> anyhow::Result<Count> {
    // Rendering takes a second at most, so it comes before the transaction and holds no lock.
    let texts = texts().await?;
    let comments = rendered_comments().await?;
    let authors: Authors = toml::from_str(content::AUTHORS)?;
    let mut tx = db.begin().await?;
    tx.allow_long_work().await?;
    let mut people = HashMap::new();
    let mut count = Count { texts: 0, people: 0 };
    for author in authors.author {
        let (id, new) = person(&mut tx, &author).await?;
        count.people += u64::from(new);
        people.insert(author.username, id);
    }
    let mut written = HashMap::new();
    for text in texts {
        if let Some(row) = add(&mut tx, origin, &people, &text).await? {
            written.insert(text.name, row);
            count.texts += 1;
        }
    }
    add_comments(&mut tx, origin, &people, &written, comments).await?;
    tx.commit().await?;
    Ok(count)
}

/// A post or page of the sample, rendered.
struct Text {
    /// The post's key, which comments name.
    name: &'static str,
    import_key: String,
    kind: Kind,
    owner: String,
    draft: Draft,
    rendered: Rendered,
    state: State,
}

async fn texts() -> anyhow::Result<Vec<Text>> {
    let mut texts = Vec::new();
    for (name, file) in content::POSTS {
        let (post, body) = content::split::<Post>(name, file)?;
        let owner = post.authors.first().cloned().ok_or_else(|| anyhow::anyhow!("{name}: no author"))?;
        let state = post_state(&post);
        texts.push(text(name, format!("demo:posts/{name}"), Kind::Post, owner, draft_of(&post, body)?, state).await?);
    }
    for (name, file) in content::PAGES {
        let (page, body) = content::split::<Page>(name, file)?;
        let import_key = format!("demo:pages/{name}");
        texts.push(text(name, import_key, Kind::Page, PAGE_OWNER.to_owned(), page_draft(page, body), State::Now).await?);
    }
    Ok(texts)
}

async fn text(
    name: &'static str,
    import_key: String,
    kind: Kind,
    owner: String,
    draft: Draft,
    state: State,
) -> anyhow::Result<Text> {
    let rendered = render(&draft.markdown).await?.map_err(|e| anyhow::anyhow!("{name}: {e}"))?;
    Ok(Text { name, import_key, kind, owner, draft, rendered, state })
}

async fn rendered_comments() -> anyhow::Result<Vec<(Comment, Rendered)>> {
    let all: Comments = toml::from_str(content::COMMENTS)?;
    let mut done = Vec::new();
    for comment in all.comment {
        let rendered = comments::render(&comment.body).await?.map_err(|e| anyhow::anyhow!("{}: {e}", comment.key))?;
        done.push((comment, rendered));
    }
    Ok(done)
}

/// Removes what [`load`] added, except what people have since made their own.
pub async fn remove(db: &Db) -> anyhow::Result<Count> {
    let authors: Authors = toml::from_str(content::AUTHORS)?;
    let usernames: Vec<String> = authors.author.into_iter().map(|a| a.username).collect();
    let mut tx = db.begin().await?;
    tx.allow_long_work().await?;
    unlist(&mut tx).await?;
    let texts = queries::delete_posts(&mut tx).await?;
    let people = queries::delete_people(&mut tx, &usernames).await?;
    tx.commit().await?;
    Ok(Count { texts, people })
}

/// Out of the lists first, so that the tags' counters stay true.
async fn unlist(tx: &mut Tx) -> anyhow::Result<()> {
    for (name, _) in content::POSTS {
        if let Some(post) = posts::lock_imported(tx, &format!("demo:posts/{name}")).await? {
            listing::leave(tx, post.id).await?;
        }
    }
    Ok(())
}

async fn person(tx: &mut Tx, author: &Author) -> anyhow::Result<(i64, bool)> {
    if let Some(id) = queries::user_id(tx, &author.username).await? {
        return Ok((id, false));
    }
    let username = Username::parse(&author.username).map_err(|e| anyhow::anyhow!("{}: {e}", author.username))?;
    let id = create::insert_imported(tx, &username, &author.name, &author.bio, &author.url).await?;
    if author.role == "reader" {
        queries::make_reader(tx, id).await?;
    }
    Ok((id, true))
}

enum State {
    Draft,
    Now,
    At(chrono::DateTime<chrono::Utc>),
}

fn post_state(post: &Post) -> State {
    match post.published {
        Some(at) if !post.draft => State::At(at),
        _ => State::Draft,
    }
}

fn draft_of(post: &Post, markdown: String) -> anyhow::Result<Draft> {
    let tags = TagName::parse_list(&post.tags.join(",")).map_err(|e| anyhow::anyhow!("{}: {e}", post.key))?;
    let details = Details {
        slug: post.key.clone(),
        excerpt: post.excerpt.clone(),
        tags,
        canonical_url: post.canonical.clone(),
        language: post.language.clone(),
        comment_policy: post.comments.clone(),
        unlisted: post.unlisted,
        authors: post.authors.clone(),
        ..Details::default()
    };
    Ok(Draft { title: post.title.clone(), markdown, details })
}

fn page_draft(page: Page, markdown: String) -> Draft {
    let details = Details {
        slug: page.slug,
        parent: page.parent,
        menu_position: page.in_menu.then_some(page.position),
        ..Details::default()
    };
    Draft { title: page.title, markdown, details }
}

async fn add(
    tx: &mut Tx,
    origin: &Origin,
    people: &HashMap<String, i64>,
    text: &Text,
) -> anyhow::Result<Option<PostRow>> {
    if posts::lock_imported(tx, &text.import_key).await?.is_some() {
        return Ok(None);
    }
    let owner = person_id(people, &text.owner)?;
    // One business action a text, all within the request or command that loads them.
    let origin = Origin { actor_id: Some(owner), transaction_id: public_id(), ..origin.clone() };
    let post = save::create(tx, public_id(), text.kind, owner, &origin).await?;
    let version = save::save(tx, &post, 0, &text.draft, &text.rendered, &origin).await?;
    let post = posts::lock_post(tx, post.public_id).await?.ok_or_else(|| anyhow::anyhow!("{} vanished", text.name))?;
    let at = match text.state {
        State::Draft => None,
        State::Now => Some(None),
        State::At(at) => Some(Some(at)),
    };
    if let Some(at) = at {
        publish::publish(tx, &post, version, &text.draft, &text.rendered, at, &origin).await?;
    }
    posts::mark_imported(tx, post.id, &text.import_key, &Sha256::digest(&text.draft.markdown)).await?;
    Ok(Some(post))
}

async fn add_comments(
    tx: &mut Tx,
    origin: &Origin,
    people: &HashMap<String, i64>,
    written: &HashMap<&str, PostRow>,
    comments: Vec<(Comment, Rendered)>,
) -> anyhow::Result<()> {
    let mut ids: HashMap<String, Uuid> = HashMap::new();
    for (comment, rendered) in comments {
        // The post was there before: its thread was loaded with it then.
        let Some(post) = written.get(comment.post.as_str()) else { continue };
        let author_id = person_id(people, &comment.author)?;
        let origin = Origin { actor_id: Some(author_id), transaction_id: public_id(), ..origin.clone() };
        let answered = |parent: &String| ids.get(parent).copied().ok_or_else(|| anyhow::anyhow!("no comment {parent}"));
        let new = NewComment {
            id: None,
            post_id: post.id,
            post_public_id: post.public_id,
            author_id,
            parent: comment.parent.as_ref().map(answered).transpose()?,
            markdown: &comment.body,
            html: &rendered.html,
            state: comment.state.as_deref().map_or(CommentState::Visible, CommentState::from_column),
            at: Some(comment.at),
        };
        let id = write(tx, &new, &origin).await?;
        if let Some(by) = &comment.by {
            queries::note_decision(tx, id, &comment.reason, person_id(people, by)?).await?;
        }
        ids.insert(comment.key, id);
    }
    Ok(())
}

fn person_id(people: &HashMap<String, i64>, name: &str) -> anyhow::Result<i64> {
    people.get(name).copied().ok_or_else(|| anyhow::anyhow!("no author {name}"))
}
