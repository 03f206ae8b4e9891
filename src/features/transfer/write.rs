//! Writes one document in a transaction, through the verbs of the editor.

use super::ahead::Work;
use super::aliases::{self, Alias};
use super::batch::Batch;
use super::document::{Change, Here, Mark, Writing};
use super::import::Run;
use super::queries::{self, Led};
use crate::access::Actor;
use crate::db::{Tx, public_id};
use crate::features::posts::cache_tags::invalidate_address;
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::revision::SaveError;
use crate::features::posts::{Kind, revision};
use crate::import as source;
use crate::import::Document;

/// Why one document is left out; the next goes on.
pub enum ImportError {
    Rejected(String),
    Internal(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for ImportError {
    fn from(error: E) -> Self {
        ImportError::Internal(error.into())
    }
}

/// What became of a document that was to be written.
pub struct Done {
    /// Or why it was left out.
    pub became: Result<Written, String>,
    pub side_effects: SideEffects,
}

impl Done {
    /// Of which nothing is known yet but what was noted of its text.
    pub fn begun(work: &Work) -> Done {
        Done::failed(work, String::new())
    }

    pub fn failed(work: &Work, why: String) -> Done {
        let side_effects = SideEffects {
            warnings: work.document.warnings.clone(),
            ..SideEffects::default()
        };
        Done {
            became: Err(why),
            side_effects,
        }
    }
}

pub struct Written {
    pub change: Change,
    /// Where it is now; empty where it is nowhere.
    pub path: String,
}

/// What writing one document brings besides the document itself.
#[derive(Default)]
pub struct SideEffects {
    pub warnings: Vec<String>,
    /// Keys of the people made with it.
    pub fresh: Vec<String>,
    /// Old addresses that lead to it from now on.
    pub redirects: Vec<String>,
    /// Whose it became, where the document names no author.
    pub unnamed: Option<String>,
}

impl Run<'_> {
    pub(super) async fn write(
        &mut self,
        tx: &mut Tx,
        batch: &mut Batch,
        work: &Work,
        side_effects: &mut SideEffects,
    ) -> Result<Written, ImportError> {
        let Work {
            document,
            mark,
            text,
            ..
        } = work;
        let (before, here) = self.found(tx, batch, mark).await?;
        if let Some(why) = here.kept(self.options.overwrite) {
            let path = before.map(|post| post.path()).unwrap_or_default();
            return Ok(Written {
                change: Change::Kept(why),
                path,
            });
        }
        let authors = self.authors(tx, batch, document, side_effects).await?;
        let (owner, authors) = (authors[0].0, names(authors));
        let actor = self.action();
        let post = match before {
            Some(post) => post,
            None => revision::create(tx, public_id(), kind(document), owner, &actor).await?,
        };
        let mut lost = Vec::new();
        let paths = old_paths(document, &mut lost);
        let free: Vec<String> = paths
            .iter()
            .filter(|path| !self.given.redirects.contains(*path))
            .cloned()
            .collect();
        let (here, given, names, actor) = (&here, &self.given, &batch.names, &actor);
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

    /// What was imported under this key before, with what became of it here.
    async fn found(
        &self,
        tx: &mut Tx,
        batch: &Batch,
        mark: &Mark,
    ) -> Result<(Option<PostRow>, Here), ImportError> {
        let (before, known) = if batch.held.has(&mark.key) {
            (
                posts::lock_imported(tx, &mark.key).await?,
                queries::imported_document(tx, &mark.key).await?,
            )
        } else {
            (None, None)
        };
        if let Some(known) = known
            .as_ref()
            .filter(|known| Some(known.source_id) != self.identity.id)
        {
            return Err(ImportError::Rejected(format!(
                "its key belongs to the source number {}; give this folder another name",
                known.source_id
            )));
        }
        let here = Here::of(tx, before.as_ref(), known.as_ref()).await?;
        Ok((before, here))
    }

    /// The command acts, not the author: authors only own the text and its revisions.
    pub(super) fn action(&self) -> Actor {
        self.actor.in_another_action()
    }

    /// Keys and handles, the owner first.
    pub(super) async fn authors(
        &mut self,
        tx: &mut Tx,
        batch: &mut Batch,
        document: &Document,
        side_effects: &mut SideEffects,
    ) -> anyhow::Result<Vec<(i64, String)>> {
        let mut people = Vec::new();
        for author in &document.authors {
            let record = self.folder.authors().iter().find(|r| r.key == author.key);
            people.push(
                self.people
                    .find(tx, author, record, &mut side_effects.fresh)
                    .await?,
            );
        }
        if people.is_empty() {
            let person = match batch.owner(tx).await?.cloned() {
                Some(owner) => owner,
                None => {
                    let author = self.people.fallback_author();
                    let fresh = &mut side_effects.fresh;
                    self.people.find(tx, &author, None, fresh).await?
                }
            };
            side_effects.unnamed = Some(person.1.clone());
            people.push(person);
        }
        Ok(people)
    }
}

impl SideEffects {
    /// Tells what became of old addresses that were to lead to the document.
    pub fn led(&mut self, tx: &mut Tx, paths: Vec<String>, led: &[Led]) {
        for path in paths {
            match led.iter().find(|led| led.path == path) {
                Some(led) if led.is_new => {
                    invalidate_address(tx, &path);
                    self.redirects.push(path);
                }
                Some(led) if led.is_own => {}
                _ => self.warnings.push(format!(
                    "the old address {path} leads to another text already"
                )),
            }
        }
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

pub fn import_error(error: SaveError) -> ImportError {
    match error {
        SaveError::Db(error) => ImportError::Internal(error.into()),
        refused => ImportError::Rejected(refused.to_string()),
    }
}
