//! Writes one document in a transaction, through the verbs of the editor.

use super::aliases::{self, Alias};
use super::document::Writing;
use super::done::{Change, ImportError, SideEffects, Written};
use super::here::Here;
use super::queries::{self, ImportedDocument};
use super::run::{Prepared, Run};
use super::work::{Mark, Work};
use crate::db::{Tx, public_id};
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::{Kind, revision};
use crate::import as source;
use crate::import::Document;

impl Run<'_> {
    pub(super) async fn write(
        &mut self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        work: &Work,
        side_effects: &mut SideEffects,
    ) -> Result<Written, ImportError> {
        let Work {
            document,
            mark,
            text,
            ..
        } = work;
        let (before, here) = self.found(tx, prepared, mark).await?;
        if let Some(why) = here.kept(self.options.overwrite) {
            let path = before.map(|post| post.path()).unwrap_or_default();
            return Ok(Written {
                change: Change::Kept(why),
                path,
            });
        }
        let authors = self.authors(tx, prepared, document, side_effects).await?;
        let (owner, authors) = (authors[0].0, names(authors));
        let actor = self.action();
        let post = match before {
            Some(post) => post,
            None => revision::create(tx, public_id(), kind(document), owner, &actor).await?,
        };
        let mut lost = Vec::new();
        let paths = old_paths(document, &mut lost);
        let free = self.not_given_out(&paths);
        let (here, given, names, actor) = (&here, &self.given, &prepared.names, &actor);
        let writing = Writing {
            post: &post,
            here,
            document,
            text,
            mark,
            given,
            names,
            paths: &free,
            actor,
        };
        let stored = writing.run(tx, authors, &mut side_effects.warnings).await?;
        side_effects.warnings.append(&mut lost);
        side_effects.led(tx, paths, &stored.led);
        Ok(Written {
            change: Change::Written {
                outcome: stored.outcome,
                before: here.shown(),
            },
            path: stored.path,
        })
    }

    /// Those of these old addresses that no other document of a dry run has been given.
    fn not_given_out(&self, paths: &[String]) -> Vec<String> {
        let given = &self.given.redirects;
        let free = paths.iter().filter(|path| !given.contains(*path));
        free.cloned().collect()
    }

    /// What was imported under this key before, with what became of it here.
    async fn found(
        &self,
        tx: &mut Tx,
        prepared: &Prepared,
        mark: &Mark,
    ) -> Result<(Option<PostRow>, Here), ImportError> {
        let (before, known) = if prepared.held.has(&mark.key) {
            (
                posts::lock_imported(tx, &mark.key).await?,
                queries::imported_document(tx, &mark.key).await?,
            )
        } else {
            (None, None)
        };
        if let Some(known) = &known {
            self.check_source(known)?;
        }
        let here = Here::of(tx, before.as_ref(), known.as_ref()).await?;
        Ok((before, here))
    }

    fn check_source(&self, known: &ImportedDocument) -> Result<(), ImportError> {
        if Some(known.source_id) == self.identity.id {
            return Ok(());
        }
        Err(ImportError::Rejected(format!(
            "its key belongs to the source number {}; give this folder another name",
            known.source_id
        )))
    }

    /// Keys and handles, the owner first.
    pub(super) async fn authors(
        &mut self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        document: &Document,
        side_effects: &mut SideEffects,
    ) -> anyhow::Result<Vec<(i64, String)>> {
        let mut people = Vec::new();
        for author in &document.authors {
            let record = self.folder.authors().iter().find(|r| r.key == author.key);
            let fresh = &mut side_effects.fresh;
            people.push(self.people.find(tx, author, record, fresh).await?);
        }
        if people.is_empty() {
            let person = self.of_unnamed(tx, prepared, side_effects).await?;
            side_effects.unnamed = Some(person.1.clone());
            people.push(person);
        }
        Ok(people)
    }

    /// Whose a document is that names no author.
    async fn of_unnamed(
        &mut self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        side_effects: &mut SideEffects,
    ) -> anyhow::Result<(i64, String)> {
        if let Some(owner) = prepared.owner(tx).await?.cloned() {
            return Ok(owner);
        }
        let author = self.people.fallback_author();
        let fresh = &mut side_effects.fresh;
        self.people.find(tx, &author, None, fresh).await
    }
}

fn kind(document: &Document) -> Kind {
    match document.kind {
        source::Kind::Post => Kind::Post,
        source::Kind::Page => Kind::Page,
    }
}

/// The handles of people.
pub fn names(people: Vec<(i64, String)>) -> Vec<String> {
    people.into_iter().map(|(_, username)| username).collect()
}

/// Old addresses that may lead to a document, each once, and notes about those that cannot.
pub fn old_paths(document: &Document, lost: &mut Vec<String>) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for alias in &document.aliases {
        match aliases::read(alias) {
            Alias::Path(path) if paths.contains(&path) => {}
            Alias::Path(path) => paths.push(path),
            Alias::Empty => {}
            Alias::Lost(why) => lost.push(format!("the old address {alias} cannot be kept: {why}")),
        }
    }
    paths
}
