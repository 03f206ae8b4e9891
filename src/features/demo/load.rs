//! Loading and removing. Both can be repeated: what is there stays, what is gone stays gone.

use std::collections::HashMap;

use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::content::{self, Author, Authors, Comment, Comments, Page, Post};
use super::queries;
use crate::access::{Action, Actor, Resource};
use crate::db::audit::{self, Entry};
use crate::db::{Db, Tx, public_id};
use crate::features::accounts::{self, Username, create};
use crate::features::comments::write::{NewComment, write};
use crate::features::comments::{self, State as CommentState};
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::{
    Details, Draft, Kind, TagName, listing, publication, render, revision,
};
use crate::features::reading::cache_tags as shown;
use crate::markdown::Rendered;

/// Whose the sample pages are.
const PAGE_OWNER: &str = "mira";

/// How many texts were loaded or removed.
pub struct Count {
    pub texts: u64,
    pub people: u64,
}

/// Adds the sample people, posts, pages and comments that are not there yet, in one transaction.
pub async fn load(db: &Db, actor: &Actor) -> anyhow::Result<Count> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    // Rendering takes a second at most, so it comes before the transaction and holds no lock.
    let texts = texts().await?;
    let comments = rendered_comments().await?;
    let authors: Authors = toml::from_str(content::AUTHORS)?;
    let mut tx = db.begin().await?;
    tx.belongs_to(actor);
    tx.allow_long_work().await?;
    let mut people = HashMap::new();
    let mut count = Count {
        texts: 0,
        people: 0,
    };
    for author in authors.author {
        let (person, new) = person(&mut tx, &author).await?;
        count.people += u64::from(new);
        people.insert(author.username, person);
    }
    let mut written = HashMap::new();
    for text in texts {
        if let Some(row) = add(&mut tx, actor, &people, &text).await? {
            written.insert(text.name, row);
            count.texts += 1;
        }
    }
    add_comments(&mut tx, actor, &people, &written, comments).await?;
    record(&mut tx, actor, "demo.load", &count).await?;
    tx.commit().await?;
    Ok(count)
}

async fn record(tx: &mut Tx, actor: &Actor, act: &str, count: &Count) -> anyhow::Result<()> {
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

/// A person of the sample, with the handle that they have here.
struct Person {
    id: i64,
    username: String,
}

type People = HashMap<String, Person>;

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
        let owner = post
            .authors
            .first()
            .cloned()
            .ok_or_else(|| anyhow::anyhow!("{name}: no author"))?;
        let state = post_state(&post);
        texts.push(
            text(
                name,
                format!("demo:posts/{name}"),
                Kind::Post,
                owner,
                draft_of(&post, body)?,
                state,
            )
            .await?,
        );
    }
    for (name, file) in content::PAGES {
        let (page, body) = content::split::<Page>(name, file)?;
        let import_key = format!("demo:pages/{name}");
        texts.push(
            text(
                name,
                import_key,
                Kind::Page,
                PAGE_OWNER.to_owned(),
                page_draft(page, body),
                State::Now,
            )
            .await?,
        );
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
    let rendered = render(&draft.markdown)
        .await?
        .map_err(|e| anyhow::anyhow!("{name}: {e}"))?;
    Ok(Text {
        name,
        import_key,
        kind,
        owner,
        draft,
        rendered,
        state,
    })
}

async fn rendered_comments() -> anyhow::Result<Vec<(Comment, Rendered)>> {
    let all: Comments = toml::from_str(content::COMMENTS)?;
    let mut done = Vec::new();
    for comment in all.comment {
        let rendered = comments::render(&comment.body)
            .await?
            .map_err(|e| anyhow::anyhow!("{}: {e}", comment.key))?;
        done.push((comment, rendered));
    }
    Ok(done)
}

/// Removes what [`load`] added, except what people have since made their own: texts saved again, the pages above
/// them and above people's own pages, and the sample people who wrote or discussed what stays.
pub async fn remove(db: &Db, actor: &Actor) -> anyhow::Result<Count> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let authors: Authors = toml::from_str(content::AUTHORS)?;
    let usernames: Vec<String> = authors.author.into_iter().map(|a| a.username).collect();
    let mut tx = db.begin().await?;
    tx.allow_long_work().await?;
    let going = queries::untouched(&mut tx).await?;
    for post in &going {
        // Out of the lists first, so that the tags' counters stay true.
        listing::remove(&mut tx, *post).await?;
    }
    let texts = queries::delete_posts(&mut tx, &going).await?;
    // Texts and people are gone from everywhere at once; naming each would name the whole site.
    tx.purge([shown::site(), shown::pages(), shown::people()]);
    let people = queries::delete_people(&mut tx, &usernames).await?;
    let count = Count { texts, people };
    tx.belongs_to(actor);
    record(&mut tx, actor, "demo.remove", &count).await?;
    tx.commit().await?;
    Ok(count)
}

/// Finds or makes a sample person. A handle that a real account has is numbered: no person of the sample is handed a stranger's
/// texts.
async fn person(tx: &mut Tx, author: &Author) -> anyhow::Result<(Person, bool)> {
    for number in 1..1000 {
        let handle = if number == 1 {
            author.username.clone()
        } else {
            format!("{}-{number}", author.username)
        };
        if let Some(id) = queries::sample_person(tx, &handle).await? {
            return Ok((
                Person {
                    id,
                    username: handle,
                },
                false,
            ));
        }
        let username = Username::parse(&handle).map_err(|e| anyhow::anyhow!("{handle}: {e}"))?;
        if accounts::is_username_taken(tx, &username).await? {
            continue;
        }
        let Author {
            name,
            bio,
            url: website,
            ..
        } = author;
        let person = create::Imported {
            username: &username,
            name,
            bio,
            website,
            import_key: None,
        };
        let id = create::insert_imported(tx, &person).await?;
        if author.role == "reader" {
            queries::make_reader(tx, id).await?;
        }
        return Ok((
            Person {
                id,
                username: handle,
            },
            true,
        ));
    }
    anyhow::bail!("no free handle for {}", author.username)
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
    let tags = TagName::parse_list(&post.tags.join(","))
        .map_err(|e| anyhow::anyhow!("{}: {e}", post.key))?;
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
    Ok(Draft {
        title: post.title.clone(),
        markdown,
        details,
    })
}

fn page_draft(page: Page, markdown: String) -> Draft {
    let details = Details {
        slug: page.slug,
        parent: page.parent,
        menu_position: page.in_menu.then_some(page.position),
        ..Details::default()
    };
    Draft {
        title: page.title,
        markdown,
        details,
    }
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
    let mut draft = text.draft.clone();
    if text.kind == Kind::Page && !find_place(tx, &mut draft.details).await? {
        return Ok(None);
    }
    for author in &mut draft.details.authors {
        *author = person_of(people, author)?.username.clone();
    }
    // One business action a text, all within the request or command that loads them; the actor is the account that asked for them.
    let actor = actor.in_another_action();
    let post = revision::create(tx, public_id(), text.kind, owner, &actor).await?;
    let version = revision::save(tx, &post, 0, &draft, &text.rendered, &actor)
        .await?
        .version;
    let post = posts::lock_post(tx, post.public_id)
        .await?
        .ok_or_else(|| anyhow::anyhow!("{} vanished", text.name))?;
    let at = match text.state {
        State::Draft => None,
        State::Now => Some(None),
        State::At(at) => Some(Some(at)),
    };
    if let Some(at) = at {
        publication::publish(tx, &post, version, (&draft, &text.rendered), at, &actor).await?;
    }
    posts::mark_imported(
        tx,
        post.id,
        &text.import_key,
        &Sha256::digest(&text.draft.markdown),
    )
    .await?;
    Ok(Some(post))
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

async fn add_comments(
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
        let actor = actor.in_another_action();
        let answered = |parent: &String| {
            ids.get(parent)
                .copied()
                .ok_or_else(|| anyhow::anyhow!("no comment {parent}"))
        };
        let new = NewComment {
            id: None,
            post_id: post.id,
            post_public_id: post.public_id,
            author_id,
            parent: comment.parent.as_ref().map(answered).transpose()?,
            markdown: &comment.body,
            html: &rendered.html,
            state: comment
                .state
                .as_deref()
                .map_or(CommentState::Visible, CommentState::from_column),
            seen: None,
            at: Some(comment.at),
        };
        let id = write(tx, &new, &actor).await?.id;
        if let Some(by) = &comment.by {
            queries::note_decision(tx, id, &comment.reason, person_of(people, by)?.id).await?;
        }
        ids.insert(comment.key, id);
    }
    Ok(())
}

fn person_of<'a>(people: &'a People, name: &str) -> anyhow::Result<&'a Person> {
    people
        .get(name)
        .ok_or_else(|| anyhow::anyhow!("no author {name}"))
}
