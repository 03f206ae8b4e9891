//! The writing half of an import: one transaction a document, so that an import that is cut off goes on
//! where it stopped. A dry run takes back each document's transaction before the next begins: a live site never
//! waits for it, but what two documents of the run would do to each other does not show.

use std::collections::HashSet;
use std::path::Path;

use super::address::GivenOut;
use super::aliases::{self, Alias};
use super::document::{self, Change, Mark};
use super::fingerprint;
use super::identity::{self, Identity};
use super::markdown::{self as source, Document, Expired, Item, Reading};
use super::people::People;
use super::queries;
use super::report::{Outcome, Report};
use crate::db::audit::Origin;
use crate::db::{Db, Tag, Tx, public_id};
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::save::SaveError;
use crate::features::posts::{Kind, render, save};
use crate::markdown;

/// Longest key of a document, in characters.
const KEY_LIMIT: usize = 600;

/// How a folder is to be imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Try everything and keep nothing.
    pub dry_run: bool,
    /// Also write over what was changed here since the last import.
    pub overwrite: bool,
    /// The name of the source; else its path stands for it.
    pub source: Option<String>,
    /// The folder is the known source, although its path or its documents are other ones.
    pub same_source: bool,
    pub expired: Expired,
    /// Asks the person at the terminal.
    pub ask: Option<fn(&str) -> bool>,
}

/// Imports the folder and prints the report; gives how many documents failed.
pub async fn import_markdown(db: &Db, dir: &Path, options: &Options, origin: &Origin) -> anyhow::Result<u64> {
    let now = queries::database_clock(&mut *db.fresh().await?).await?;
    let folder = source::open(dir, Reading { now, expired: options.expired })?;
    let identity = identity::of(db, dir, &folder, options).await?;
    let people = People::of(&identity.prefix);
    let report = Report::of(folder.len(), &[&identity.notes[..], &folder.site().notes].concat(), options);
    let mut run = Run { people, report, folder: &folder, identity, origin, options, not_kept: HashSet::new(), given: GivenOut::default() };
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
    let people = if options.dry_run { run.not_kept.len() as u64 } else { run.people.made };
    Ok(run.report.finish(people))
}

struct Run<'a> {
    people: People,
    report: Report,
    folder: &'a source::Source,
    identity: Identity,
    origin: &'a Origin,
    options: &'a Options,
    /// Keys of the people whom a dry run made and took back.
    not_kept: HashSet<String>,
    given: GivenOut,
}

/// Why one document is left out; the next goes on.
pub enum Left {
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
    /// Old addresses that lead to it from now on.
    redirects: Vec<String>,
    /// Whose it became, where the document names no author.
    unnamed: Option<String>,
}

/// A document with its key and fingerprint, and its text: rendered before any transaction begins.
struct Work<'a> {
    document: &'a Document,
    mark: Mark,
    text: Option<document::Text>,
}

impl Run<'_> {
    /// Writes one document and reports it. Errors are faults of the database: the import stops there.
    async fn document(&mut self, db: &Db, document: &Document) -> anyhow::Result<()> {
        let key = format!("{}{}", self.identity.prefix, document.path);
        if key.chars().count() > KEY_LIMIT {
            let why = format!("its path is too long: with the folder it can have {KEY_LIMIT} characters");
            self.report.item(Outcome::Failed, &document.path, &why, &[]);
            return Ok(());
        }
        let mark = Mark { key, source_id: self.identity.id, fingerprint: fingerprint::of(document) };
        if let Some(same) = queries::untouched(&mut *db.fresh().await?, &mark.key, &mark.fingerprint).await? {
            let shown = document::shown(same.is_published, same.is_unlisted);
            self.report.decided(document, Some(shown));
            // What was noted then need not be read again, but that it is public in spite of the folder.
            let notes: Vec<String> = document::stays_visible(document, Some(shown)).into_iter().collect();
            self.report.item(Outcome::Unchanged, &document.path, &same.path, &notes);
            return Ok(());
        }
        let mut besides = Besides { notes: document.notes.clone(), ..Besides::default() };
        let mut work = Work { document, mark, text: None };
        let done = match prepare(document).await {
            Ok(text) => {
                work.text = Some(text);
                self.write_alone(db, &work, &mut besides).await
            }
            Err(left) => Err(left),
        };
        if done.is_err() || self.options.dry_run {
            self.people.forget(&besides.fresh);
        }
        match done {
            Ok((change, path)) => {
                self.report.redirects += besides.redirects.len() as u64;
                self.report.unnamed(besides.unnamed.as_deref());
                if self.options.dry_run {
                    self.not_kept.extend(besides.fresh);
                    self.given.addresses.insert(path.clone());
                    self.given.redirects.extend(besides.redirects);
                }
                self.changed(document, &change, &path, besides.notes);
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

    fn changed(&mut self, document: &Document, change: &Change, path: &str, mut notes: Vec<String>) {
        match change {
            Change::Kept(why) => {
                let about = if path.is_empty() { format!("{why} since the last import") } else { format!("{path}: {why} since the last import") };
                self.report.expired(document, None);
                self.report.item(Outcome::Kept, &document.path, &about, &[]);
            }
            Change::Written { outcome, before } => {
                notes.extend(document::stays_visible(document, *before));
                self.report.decided(document, *before);
                self.report.item(*outcome, &document.path, path, &notes);
            }
        }
    }

    async fn write_alone(&mut self, db: &Db, work: &Work<'_>, besides: &mut Besides) -> Result<(Change, String), Left> {
        let mut tx = db.begin().await?;
        if self.options.dry_run {
            queries::remember(&mut tx).await?;
        }
        let done = self.write(&mut tx, work, besides).await?;
        if self.options.dry_run {
            queries::undo(&mut tx).await?;
            tx.touch_nothing();
        }
        tx.commit().await?;
        Ok(done)
    }

    async fn write(&mut self, tx: &mut Tx, work: &Work<'_>, besides: &mut Besides) -> Result<(Change, String), Left> {
        tx.allow_long_work().await?;
        let Work { document, mark, text: Some(text) } = work else {
            return Err(Left::Out("it was not rendered".into()));
        };
        let before = posts::lock_imported(tx, &mark.key).await?;
        let known = queries::imported_document(tx, &mark.key).await?;
        if let Some(known) = known.as_ref().filter(|known| Some(known.source_id) != self.identity.id) {
            return Err(Left::Out(format!("its key belongs to the source number {}; give this folder another name", known.source_id)));
        }
        let here = document::Here::of(tx, before.as_ref(), known.as_ref()).await?;
        if let Some(why) = here.kept(self.options.overwrite) {
            return Ok((Change::Kept(why), before.map(|post| post.path()).unwrap_or_default()));
        }
        let (owner, authors) = self.authors(tx, document, besides).await?;
        // The command acts, not the author: authors only own the text and its revisions.
        let origin = Origin { transaction_id: public_id(), ..self.origin.clone() };
        tx.belongs_to(&origin);
        let post = match before {
            Some(post) => post,
            None => {
                let kind = match document.kind {
                    source::Kind::Post => Kind::Post,
                    source::Kind::Page => Kind::Page,
                };
                save::create(tx, public_id(), kind, owner, &origin).await?
            }
        };
        let writing = document::Writing { post: &post, here: &here, document, text, mark, given: &self.given, origin: &origin };
        let outcome = writing.run(tx, authors, &mut besides.notes).await?;
        self.redirects(tx, &post, document, besides).await?;
        let path = posts::lock_post(tx, post.public_id).await?.map(|p| p.path()).unwrap_or_default();
        Ok((Change::Written { outcome, before: here.shown() }, path))
    }

    async fn authors(&mut self, tx: &mut Tx, document: &Document, besides: &mut Besides) -> Result<(i64, Vec<String>), Left> {
        let mut people = Vec::new();
        for author in &document.authors {
            let record = self.folder.authors().iter().find(|r| r.key == author.key);
            people.push(self.people.find(tx, author, record, &mut besides.fresh).await?);
        }
        if people.is_empty() {
            let person = self.people.fallback(tx, &mut besides.fresh).await?;
            besides.unnamed = Some(person.1.clone());
            people.push(person);
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
            if self.given.redirects.contains(&path) {
                besides.notes.push(format!("the old address {path} leads to another text already"));
            } else if posts::add_redirect(tx, &path, post.id).await? {
                tx.touch([Tag::address(&path), Tag::address(&path.to_lowercase())]);
                besides.redirects.push(path);
            } else if posts::redirect_owner(tx, &path).await? != Some(post.id) {
                besides.notes.push(format!("the old address {path} leads to another text already"));
            }
        }
        Ok(())
    }
}

async fn prepare(document: &Document) -> Result<document::Text, Left> {
    let markdown = markdown::normalise(&document.body).map_err(|e| Left::Out(e.to_string()))?;
    let rendered = render(&markdown).await?.map_err(Left::Out)?;
    Ok(document::Text { markdown, rendered })
}

pub fn left(error: SaveError) -> Left {
    match error {
        SaveError::Db(error) => Left::Fault(error.into()),
        refused => Left::Out(refused.to_string()),
    }
}
