//! `masthead import markdown`: which documents there are, in which order, and what is told of each. [`super::ahead`] reads
//! and renders them, [`super::batch`] writes them, many in one transaction: an import that is cut off goes on where the
//! last whole batch ended.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::address::GivenOut;
use super::ahead::{Ahead, Ready};
use super::document::{self, Change};
use super::identity::{self, Identity};
use super::people::People;
use super::queries;
use super::report::{Outcome, Report};
use super::topics::Topics;
use super::write::Done;
use crate::access::{Action, Actor, Resource};
use crate::db::Db;
use crate::import as source;
use crate::import::{Document, Expired, Reading, Source};

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
pub async fn import_markdown(
    db: &Db,
    dir: &Path,
    options: &Options,
    actor: &Actor,
) -> anyhow::Result<u64> {
    actor.require(Action::ManageSite, Resource::Nothing)?;
    let now = queries::database_clock(&mut *db.fresh().await?).await?;
    let folder = Arc::new(source::open(
        dir,
        Reading {
            now,
            expired: options.expired,
        },
    )?);
    let identity = identity::of(db, dir, &folder, options).await?;
    let mut ahead = Ahead::of(db, &folder, &identity);
    let mut run = Run::new(db, &folder, identity, options, actor);
    loop {
        let batch = ahead.batch().await?;
        if batch.is_empty() {
            let described = match options.dry_run {
                true => Ok(()),
                false => run.topics.describe(db, actor).await,
            };
            // The documents are here, whatever became of their tags.
            let failed = run.finish();
            described.context("what the tags are about is not stored; import again")?;
            return Ok(failed);
        }
        run.batch(batch).await?;
    }
}

/// One import.
pub(super) struct Run<'a> {
    pub db: &'a Db,
    pub people: People,
    pub topics: Topics,
    pub folder: &'a Source,
    pub identity: Identity,
    pub actor: &'a Actor,
    pub options: &'a Options,
    /// By a dry run.
    pub given: GivenOut,
    report: Report,
}

impl<'a> Run<'a> {
    fn new(
        db: &'a Db,
        folder: &'a Source,
        identity: Identity,
        options: &'a Options,
        actor: &'a Actor,
    ) -> Self {
        let people = People::of(&identity.prefix);
        let report = Report::of(
            folder.len(),
            &[&identity.warnings[..], &folder.site().warnings].concat(),
            options,
        );
        Run {
            db,
            people,
            topics: Topics::of(folder),
            folder,
            identity,
            actor,
            options,
            given: GivenOut::default(),
            report,
        }
    }

    /// Tells what became of an item. `done`: of what was written.
    pub fn tell(&mut self, ready: &Ready, done: Option<Done>) {
        match (ready, done) {
            (
                Ready::Told {
                    outcome,
                    path,
                    about,
                    warnings,
                },
                _,
            ) => self.report.item(*outcome, path, about, warnings),
            (Ready::Unchanged { document, post }, _) => {
                let shown = document::shown(post.is_published, post.is_unlisted);
                self.report.decided(document, Some(shown));
                // What was noted then need not be read again, but that it is public in spite of the folder.
                let warnings: Vec<String> = document::stays_visible(document, Some(shown))
                    .into_iter()
                    .collect();
                self.report
                    .item(Outcome::Unchanged, &document.path, &post.path, &warnings);
            }
            (
                Ready::Work(work),
                Some(Done {
                    became: Ok(written),
                    side_effects,
                }),
            ) => {
                self.report.redirects += side_effects.redirects.len() as u64;
                self.report.unnamed(side_effects.unnamed.as_deref());
                self.changed(
                    &work.document,
                    &written.change,
                    &written.path,
                    side_effects.warnings,
                );
            }
            (
                Ready::Work(work),
                Some(Done {
                    became: Err(why),
                    side_effects,
                }),
            ) => {
                self.report.item(
                    Outcome::Failed,
                    &work.document.path,
                    &why,
                    &side_effects.warnings,
                );
            }
            (Ready::Work(_), None) => {}
        }
    }

    fn changed(
        &mut self,
        document: &Document,
        change: &Change,
        path: &str,
        mut warnings: Vec<String>,
    ) {
        match change {
            Change::Kept(why) => {
                let about = if path.is_empty() {
                    format!("{why} since the last import")
                } else {
                    format!("{path}: {why} since the last import")
                };
                self.report.expired(document, None);
                self.report.item(Outcome::Kept, &document.path, &about, &[]);
            }
            Change::Written { outcome, before } => {
                warnings.extend(document::stays_visible(document, *before));
                self.report.decided(document, *before);
                self.report.item(*outcome, &document.path, path, &warnings);
            }
        }
    }

    fn finish(&self) -> u64 {
        self.report.finish(self.people.count())
    }
}
