//! The writing half of an import: one transaction a document, so that an import that is cut off goes on
//! where it stopped. A dry run does everything in one transaction and takes it back.

use std::path::Path;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::markdown::{self as source, Document, Item};
use super::people::People;
use super::queries;
use super::report::{Outcome, Report};
use crate::db::audit::Origin;
use crate::db::{Db, Tx, public_id};
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::save::{self, SaveError};
use crate::features::posts::{Details, Draft, Kind, TagName, publish, render};
use crate::markdown;
use crate::web::form::{language_code, web_address};

/// Imports the folder and prints the report.
pub async fn import_markdown(db: &Db, dir: &Path, dry_run: bool, origin: &Origin) -> anyhow::Result<()> {
    let folder = source::open(dir)?;
    let name = dir.canonicalize()?.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let key = format!("markdown:{name}");
    let mut run = Run { people: People::of(&key), report: Report::of(folder.len()), folder: &folder, key, origin };
    let mut whole = if dry_run { Some(db.begin().await?) } else { None };
    for item in folder.documents() {
        match item {
            Item::Document(document) => run.document(db, whole.as_mut(), &document).await?,
            Item::Skipped { path, reason } => run.report.item(Outcome::Skipped, &path, reason.text(), &[]),
            Item::Failed { path, line, message } => {
                let at = line.map_or(message.clone(), |line| format!("line {line}: {message}"));
                run.report.item(Outcome::Failed, &path, &at, &[]);
            }
        }
    }
    run.report.finish(run.people.made, dry_run);
    Ok(())
}

struct Run<'a> {
    people: People,
    report: Report,
    folder: &'a source::Source,
    key: String,
    origin: &'a Origin,
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

impl Run<'_> {
    /// Writes one document and reports it. Errors are faults of the database: the import stops there.
    async fn document(&mut self, db: &Db, whole: Option<&mut Tx>, document: &Document) -> anyhow::Result<()> {
        let key: String = format!("{}/{}", self.key, document.path);
        let hash = Sha256::digest(format!("{} {document:?}", markdown::RENDERER_VERSION)).to_vec();
        if let Some(path) = posts::unchanged_import(&mut *db.fresh().await?, &key, &hash).await? {
            // What was noted then need not be read again.
            self.report.item(Outcome::Unchanged, &document.path, &path, &[]);
            return Ok(());
        }
        let mut notes = document.notes.clone();
        let mut fresh = Vec::new();
        let done = match prepare(document).await {
            Ok(text) => match whole {
                Some(tx) => self.write(tx, document, &text, (&key, &hash), &mut notes, &mut fresh).await,
                None => self.write_alone(db, document, &text, (&key, &hash), &mut notes, &mut fresh).await,
            },
            Err(left) => Err(left),
        };
        match done {
            Ok((outcome, path)) => self.report.item(outcome, &document.path, &path, &notes),
            Err(Left::Out(why)) => {
                self.people.forget(&fresh);
                self.report.item(Outcome::Failed, &document.path, &why, &notes);
            }
            Err(Left::Fault(error)) => return Err(error.context(format!("stopped at {}", document.path))),
        }
        Ok(())
    }

    async fn write_alone(
        &mut self,
        db: &Db,
        document: &Document,
        text: &Text,
        mark: (&str, &[u8]),
        notes: &mut Vec<String>,
        fresh: &mut Vec<String>,
    ) -> Result<(Outcome, String), Left> {
        let mut tx = db.begin().await?;
        let done = self.write(&mut tx, document, text, mark, notes, fresh).await?;
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
        notes: &mut Vec<String>,
        fresh: &mut Vec<String>,
    ) -> Result<(Outcome, String), Left> {
        tx.allow_long_work().await?;
        let (key, hash) = mark;
        let before = posts::lock_imported(tx, key).await?;
        let (owner, authors) = self.authors(tx, document, fresh).await?;
        let kind = match document.kind {
            source::Kind::Post => Kind::Post,
            source::Kind::Page => Kind::Page,
        };
        let origin = Origin { actor_id: Some(owner), transaction_id: public_id(), ..self.origin.clone() };
        let outcome = if before.is_some() { Outcome::Updated } else { Outcome::Added };
        let post = match before {
            Some(post) => post,
            None => save::create(tx, public_id(), kind, owner, &origin).await?,
        };
        let draft = self.draft(tx, &post, document, text.markdown.clone(), authors, notes).await?;
        let version = save::save(tx, &post, post.version, &draft, &text.rendered, &origin).await.map_err(left)?;
        let post = posts::lock_post(tx, post.public_id).await?.ok_or_else(|| Left::Out("it vanished".into()))?;
        if let Some(at) = publication(document, notes) {
            publish::publish(tx, &post, version, &draft, &text.rendered, at, &origin).await.map_err(left)?;
            if let Some(changed) = document.updated_at.filter(|at| *at <= Utc::now()) {
                queries::set_changed(tx, post.id, changed).await?;
            }
        }
        posts::mark_imported(tx, post.id, key, hash).await?;
        self.redirects(tx, &post, document, notes).await?;
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

    async fn draft(
        &self,
        tx: &mut Tx,
        post: &PostRow,
        document: &Document,
        markdown: String,
        authors: Vec<String>,
        notes: &mut Vec<String>,
    ) -> Result<Draft, Left> {
        let title: String = document.title.chars().take(300).collect();
        if title.len() < document.title.len() {
            notes.push("the title was cut to 300 characters".into());
        }
        let mut tags: Vec<TagName> = Vec::new();
        for tag in &document.tags {
            match TagName::parse(tag) {
                Ok(tag) if tags.iter().any(|t| t.slug == tag.slug) => {}
                Ok(tag) => tags.push(tag),
                Err(why) => notes.push(why),
            }
        }
        let mut address = |what: &str, text: Option<&str>| {
            web_address(what, text.unwrap_or_default()).unwrap_or_else(|why| {
                notes.push(format!("{why} It was left out: {}", text.unwrap_or_default()));
                String::new()
            })
        };
        let canonical_url = address("The canonical address", document.canonical_url.as_deref());
        let cover_url = address("The cover’s address", document.cover.as_ref().map(|c| c.url.as_str()));
        let cover_alt = document.cover.as_ref().and_then(|c| c.alt.clone()).unwrap_or_default();
        let language = document.language.as_deref().unwrap_or_default().replace('_', "-");
        let details = Details {
            slug: self.slug(tx, post, document, notes).await?,
            excerpt: document.description.clone().unwrap_or_default().chars().take(1000).collect(),
            tags,
            canonical_url,
            cover_url,
            cover_alt: cover_alt.chars().take(500).collect(),
            language: language_code(&language).unwrap_or_default(),
            authors,
            ..Details::default()
        };
        Ok(Draft { title, markdown, details })
    }

    /// The old slug made fit for an address, numbered where this author has it already.
    async fn slug(&self, tx: &mut Tx, post: &PostRow, document: &Document, notes: &mut Vec<String>) -> Result<String, Left> {
        let wanted = document.slug.as_deref().map(markdown::slug).filter(|s| !s.is_empty());
        let wanted = wanted.unwrap_or_else(|| markdown::slug(&document.title));
        if wanted.is_empty() || post.kind == Kind::Page {
            return Ok(wanted);
        }
        for number in 1..1000 {
            let slug = if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") };
            if !posts::slug_taken(tx, post.owner_id, &slug, post.id).await? {
                if number > 1 {
                    notes.push(format!("the address “{wanted}” was taken: it became “{slug}”"));
                }
                return Ok(slug);
            }
        }
        Ok(String::new())
    }

    async fn redirects(&mut self, tx: &mut Tx, post: &PostRow, document: &Document, notes: &mut Vec<String>) -> Result<(), Left> {
        for alias in &document.aliases {
            // The site answers without the slash at the end, so that is how the path is looked up.
            let path = alias.split(['?', '#']).next().unwrap_or_default();
            let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
            if path.len() < 2 {
                continue;
            }
            if posts::add_redirect(tx, path, post.id).await? {
                self.report.redirects += 1;
            } else if posts::redirect_owner(tx, path).await? != Some(post.id) {
                notes.push(format!("the old address {path} leads to another text already"));
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
