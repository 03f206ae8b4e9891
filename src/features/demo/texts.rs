//! The sample's posts, pages and comments, parsed and rendered, before a transaction begins.

use super::content::{self, Comment, Comments, Page, Post};
use crate::features::comments;
use crate::features::posts::{Details, Draft, Kind, TagName, render};
use crate::features::site::Site;
use crate::markdown::{Rendered, Typography};

/// Whose the sample pages are.
const PAGE_OWNER: &str = "mira";

/// A post or page of the sample, rendered.
pub struct Text {
    /// The post's key, which comments name.
    pub name: &'static str,
    pub import_key: String,
    pub kind: Kind,
    /// Handle of its first author.
    pub owner: String,
    pub draft: Draft,
    pub rendered: Rendered,
    pub state: State,
}

pub async fn texts(site: &Site) -> anyhow::Result<Vec<Text>> {
    let mut texts = Vec::new();
    for (name, file) in content::POSTS {
        texts.push(post(site, name, file).await?);
    }
    for (name, file) in content::PAGES {
        texts.push(page(site, name, file).await?);
    }
    Ok(texts)
}

async fn post(site: &Site, name: &'static str, file: &str) -> anyhow::Result<Text> {
    let (post, body) = content::split::<Post>(name, file)?;
    let owner = post.authors.first().cloned();
    let owner = owner.ok_or_else(|| anyhow::anyhow!("{name}: no author"))?;
    let (draft, state) = (draft_of(&post, body)?, post_state(&post));
    let import_key = format!("demo:posts/{name}");
    text(site, (name, import_key), (Kind::Post, owner), draft, state).await
}

async fn page(site: &Site, name: &'static str, file: &str) -> anyhow::Result<Text> {
    let (page, body) = content::split::<Page>(name, file)?;
    let (import_key, owner) = (format!("demo:pages/{name}"), PAGE_OWNER.to_owned());
    let draft = page_draft(page, body);
    let of = (Kind::Page, owner);
    text(site, (name, import_key), of, draft, State::Now).await
}

async fn text(
    site: &Site,
    (name, import_key): (&'static str, String),
    (kind, owner): (Kind, String),
    draft: Draft,
    state: State,
) -> anyhow::Result<Text> {
    let Details {
        typography,
        language,
        ..
    } = &draft.details;
    let typography = site.typography().of_text(*typography, language);
    let rendered = render(&draft.markdown, &typography).await?;
    let rendered = rendered.map_err(|e| anyhow::anyhow!("{name}: {e}"))?;
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

pub async fn rendered_comments(texts: &[Text]) -> anyhow::Result<Vec<(Comment, Rendered)>> {
    let all: Comments = toml::from_str(content::COMMENTS)?;
    let mut done = Vec::new();
    for comment in all.comment {
        let post = texts.iter().find(|text| text.name == comment.post);
        let typography = post.map_or(Typography::OFF, |post| post.rendered.typography.clone());
        let rendered = comments::render(&comment.body, &typography)
            .await?
            .map_err(|e| anyhow::anyhow!("{}: {e}", comment.key))?;
        done.push((comment, rendered));
    }
    Ok(done)
}

/// Whether a text is public, and since when.
pub enum State {
    Draft,
    Now,
    At(chrono::DateTime<chrono::Utc>),
}

impl State {
    /// Since when it is public; `Some(None)` is from now on.
    pub fn publishes(&self) -> Option<Option<chrono::DateTime<chrono::Utc>>> {
        match self {
            State::Draft => None,
            State::Now => Some(None),
            State::At(at) => Some(Some(*at)),
        }
    }
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
