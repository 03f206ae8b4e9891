//! The writing half of an import: one transaction a document, so that an import that is cut off goes on
//! where it stopped. A dry run takes back each document's transaction before the next begins: a live site never
//! waits for it, but what two documents of the run would do to each other does not show.

use std::collections::HashSet;
use std::path::{Component, Path};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::aliases::{self, Alias};
use super::fit;
use super::markdown::{self as source, Document, Item};
use super::people::People;
use super::queries;
use super::report::{Outcome, Report};
use crate::db::audit::Origin;
use crate::db::{Db, Tag, Tx, public_id};
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::save::{self, SaveError};
use crate::features::posts::{Kind, publish, render};
use crate::markdown;

/// Longest key of a document, in characters.
const KEY_LIMIT: usize = 600;

/// Imports the folder and prints the report.
pub async fn import_markdown(db: &Db, dir: &Path, dry_run: bool, origin: &Origin) -> anyhow::Result<()> {
    let folder = source::open(dir)?;
    let key = source_key(&dir.canonicalize()?);
    let report = Report::of(folder.len());
    let mut run = Run { people: People::of(&key), report, folder: &folder, key, origin, dry_run, not_kept: HashSet::new() };
    for item in folder.documents() {
        match item {
            Item::Document(document) => run.document(db, &document).await?,
            Item::Skipped { path, reason } => run.report.item(Outcome::Skipped, &path, reason.text(), &[]),
            Item::Failed { path, line, message } => {
                let at = line.map_or(message.clone(), |line| format!("line {line}: {message}"));
                run.report.item(Outcome::Failed, &path, &at, &[]);
            }
        }
    }
    let people = if dry_run { run.not_kept.len() as u64 } else { run.people.made };
    run.report.finish(people, dry_run);
    Ok(())
}

/// `markdown:` and the last two names of the path: many folders are called `content`.
fn source_key(dir: &Path) -> String {
    let names = dir.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    let names: Vec<_> = names.collect();
    format!("markdown:{}", names[names.len().saturating_sub(2)..].join("/"))
}

struct Run<'a> {
    people: People,
    report: Report,
    folder: &'a source::Source,
    key: String,
    origin: &'a Origin,
    dry_run: bool,
    /// Keys of the people whom a dry run made and took back.
    not_kept: HashSet<String>,
}

/// Why one document is left out; the next goes on.
enum Left {
    Out(String),
    Fault(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Left {
    fn from(error: E) -> Self {
        Left::Fault(error.into())
    }
}

/// What writing one document brings besides the document itself.
#[derive(Default)]
struct Besides {
    notes: Vec<String>,
    /// Keys of the people made in the document's transaction.
    fresh: Vec<String>,
    redirects: u64,
}

impl Run<'_> {
    /// Writes one document and reports it. Errors are faults of the database: the import stops there.
    async fn document(&mut self, db: &Db, document: &Document) -> anyhow::Result<()> {
        let key = format!("{}/{}", self.key, document.path);
        if key.chars().count() > KEY_LIMIT {
            let why = format!("its path is too long: with the folder it can have {KEY_LIMIT} characters");
            self.report.item(Outcome::Failed, &document.path, &why, &[]);
            return Ok(());
        }
        let hash = Sha256::digest(format!("{} {document:?}", markdown::RENDERER_VERSION)).to_vec();
        if let Some(path) = posts::unchanged_import(&mut *db.fresh().await?, &key, &hash).await? {
            // What was noted then need not be read again.
            self.report.item(Outcome::Unchanged, &document.path, &path, &[]);
            return Ok(());
        }
        let mut besides = Besides { notes: document.notes.clone(), ..Besides::default() };
        let done = match prepare(document).await {
            Ok(text) => self.write_alone(db, document, &text, (&key, &hash), &mut besides).await,
            Err(left) => Err(left),
        };
        if done.is_err() || self.dry_run {
            self.people.forget(&besides.fresh);
        }
        match done {
            Ok((outcome, path)) => {
                self.report.redirects += besides.redirects;
                if self.dry_run {
                    self.not_kept.extend(besides.fresh);
                }
                self.report.item(outcome, &document.path, &path, &besides.notes);
            }
            Err(Left::Out(why)) => self.report.item(Outcome::Failed, &document.path, &why, &besides.notes),
            Err(Left::Fault(error)) => {
                let Some(why) = queries::refused_content(&error) else {
                    return Err(error.context(format!("stopped at {}", document.path)));
                };
                self.report.item(Outcome::Failed, &document.path, &why, &besides.notes);
            }
        }
        Ok(())
    }

    async fn write_alone(
        &mut self,
        db: &Db,
        document: &Document,
        text: &Text,
        mark: (&str, &[u8]),
        besides: &mut Besides,
    ) -> Result<(Outcome, String), Left> {
        let mut tx = db.begin().await?;
        if self.dry_run {
            queries::remember(&mut tx).await?;
        }
        let done = self.write(&mut tx, document, text, mark, besides).await?;
        if self.dry_run {
            queries::undo(&mut tx).await?;
            tx.touch_nothing();
        }
        tx.commit().await?;
        Ok(done)
    }

    /// `mark`: the document's import key and the hash of its content.
    async fn write(
        &mut self,
        tx: &mut Tx,
        document: &Document,
        text: &Text,
        mark: (&str, &[u8]),
        besides: &mut Besides,
    ) -> Result<(Outcome, String), Left> {
        tx.allow_long_work().await?;
        let (key, hash) = mark;
        let before = posts::lock_imported(tx, key).await?;
        let (owner, authors) = self.authors(tx, document, &mut besides.fresh).await?;
        let kind = match document.kind {
            source::Kind::Post => Kind::Post,
            source::Kind::Page => Kind::Page,
        };
        // Whoever imports acts, not the author: authors only own the text and its revisions.
        let origin = Origin { transaction_id: public_id(), ..self.origin.clone() };
        let outcome = if before.is_some() { Outcome::Updated } else { Outcome::Added };
        let post = match before {
            Some(post) => post,
            None => save::create(tx, public_id(), kind, owner, &origin).await?,
        };
        let draft = fit::draft(tx, &post, document, text.markdown.clone(), authors, &mut besides.notes).await?;
        let version = save::save(tx, &post, post.version, &draft, &text.rendered, &origin).await.map_err(left)?;
        let post = posts::lock_post(tx, post.public_id).await?.ok_or_else(|| Left::Out("it vanished".into()))?;
        if let Some(at) = publication(document, &mut besides.notes) {
            publish::publish(tx, &post, version, &draft, &text.rendered, at, &origin).await.map_err(left)?;
            if let Some(changed) = document.updated_at.filter(|at| *at <= Utc::now()) {
                queries::set_changed(tx, post.id, changed).await?;
            }
        }
        posts::mark_imported(tx, post.id, key, hash).await?;
        self.redirects(tx, &post, document, besides).await?;
        let path = posts::lock_post(tx, post.public_id).await?.map(|p| p.path()).unwrap_or_default();
        Ok((outcome, path))
    }

    async fn authors(&mut self, tx: &mut Tx, document: &Document, fresh: &mut Vec<String>) -> Result<(i64, Vec<String>), Left> {
        let mut people = Vec::new();
        for author in &document.authors {
            let record = self.folder.authors().iter().find(|r| r.key == author.key);
            people.push(self.people.find(tx, author, record, fresh).await?);
        }
        if people.is_empty() {
            people.push(self.people.fallback(tx, fresh).await?);
        }
        Ok((people[0].0, people.into_iter().map(|(_, username)| username).collect()))
    }

    async fn redirects(&self, tx: &mut Tx, post: &PostRow, document: &Document, besides: &mut Besides) -> Result<(), Left> {
        for alias in &document.aliases {
            let path = match aliases::read(alias) {
                Alias::Path(path) => path,
                Alias::Empty => continue,
                Alias::Lost(why) => {
                    besides.notes.push(format!("the old address {alias} cannot be kept: {why}"));
                    continue;
                }
            };
            tx.touch([Tag::address(&path)]);
            if posts::add_redirect(tx, &path, post.id).await? {
                besides.redirects += 1;
            } else if posts::redirect_owner(tx, &path).await? != Some(post.id) {
                besides.notes.push(format!("the old address {path} leads to another text already"));
            }
        }
        Ok(())
    }
}

/// A document's text as it is stored, with its rendering: made before any transaction begins.
struct Text {
    markdown: String,
    rendered: markdown::Rendered,
}

async fn prepare(document: &Document) -> Result<Text, Left> {
    let markdown = markdown::normalise(&document.body).map_err(|e| Left::Out(e.to_string()))?;
    let rendered = render(&markdown).await?.map_err(Left::Out)?;
    Ok(Text { markdown, rendered })
}

/// `None`: it stays a draft. Else since when it is public, where that is known.
fn publication(document: &Document, notes: &mut Vec<String>) -> Option<Option<DateTime<Utc>>> {
    if document.draft {
        return None;
    }
    if document.published_at.is_some_and(|at| at > Utc::now()) {
        notes.push("its date lies in the future: it is a draft here".into());
        return None;
    }
    Some(document.published_at)
}

fn left(error: SaveError) -> Left {
    match error {
        SaveError::Db(error) => Left::Fault(error.into()),
        refused => Left::Out(refused.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_one_name_have_keys_of_their_own() {
        assert_eq!(source_key(Path::new("/home/ann/sea/content")), "markdown:sea/content");
        assert_eq!(source_key(Path::new("/home/ann/hill/content")), "markdown:hill/content");
        assert_eq!(source_key(Path::new("/blog")), "markdown:blog");
        assert_eq!(source_key(Path::new("/")), "markdown:");
    }
}
