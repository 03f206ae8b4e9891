//! The embedded texts and their form.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// Files of a folder, embedded with their names.
macro_rules! files {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("content/", $folder, "/", $name, ".md")))),+]
    };
}

pub const POSTS: &[(&str, &str)] = files!("posts":
    "a-starter-in-january", "a-tour-of-what-you-can-write", "a-year-of-weather", "ame-no-hi-no-yohaku", "bread-at-sea",
    "how-far-can-you-see", "in-defence-of-the-second-best-knife", "jiu-shudian", "rasail-lam-tuktab-bil-ajala",
    "reading-a-query-plan-slowly", "recipe-card", "small-tools-kept-sharp", "the-first-swallow", "untitled-draft",
    "winter-stores", "write-it-down-first",
);
/// Parents before their children.
pub const PAGES: &[(&str, &str)] = files!("pages": "about", "imprint", "comments", "privacy");
pub const AUTHORS: &str = include_str!("content/authors.toml");
pub const COMMENTS: &str = include_str!("content/comments.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authors {
    pub author: Vec<Author>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    pub username: String,
    pub name: String,
    #[serde(default)]
    pub bio: String,
    #[serde(default)]
    pub url: String,
    pub role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    pub key: String,
    pub title: String,
    pub authors: Vec<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    pub published: Option<DateTime<Utc>>,
    #[serde(default)]
    pub excerpt: String,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub draft: bool,
    #[serde(default)]
    pub unlisted: bool,
    pub comments: Option<String>,
    #[serde(default)]
    pub canonical: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub title: String,
    pub slug: String,
    #[serde(default)]
    pub parent: String,
    #[serde(default)]
    pub in_menu: bool,
    #[serde(default)]
    pub position: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comments {
    pub comment: Vec<Comment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    pub post: String,
    pub key: String,
    pub parent: Option<String>,
    pub author: String,
    pub at: DateTime<Utc>,
    pub body: String,
    pub state: Option<String>,
    #[serde(default)]
    pub reason: String,
    pub by: Option<String>,
}

/// Divides `+++` front matter from the text below it.
pub fn split<T: for<'de> Deserialize<'de>>(name: &str, file: &str) -> anyhow::Result<(T, String)> {
    let rest = file
        .strip_prefix("+++\n")
        .ok_or_else(|| anyhow::anyhow!("{name}: no front matter"))?;
    let (front, body) = rest
        .split_once("\n+++\n")
        .ok_or_else(|| anyhow::anyhow!("{name}: front matter has no end"))?;
    Ok((
        toml::from_str(front).map_err(|e| anyhow::anyhow!("{name}: {e}"))?,
        body.trim_start().to_owned(),
    ))
}
