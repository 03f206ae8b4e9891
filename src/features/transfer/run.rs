//! One import: what it knows of its folder and of the site, what each of its transactions holds, and its report.

use super::address::GivenOut;
use super::done::{Change, Done, SideEffects};
use super::here;
use super::identity::Identity;
use super::options::Options;
use super::outcome::Outcome;
use super::people::People;
use super::queries::{self, Held, Untouched};
use super::report::Report;
use super::to_draft;
use super::topics::{Names, Topics};
use super::work::{Ready, Work};
use crate::access::Actor;
use crate::db::{Db, Tx};
use crate::features::posts::{HeldTags, hold_tags};
use crate::import::{Document, Source};

/// One import.
pub struct Run<'a> {
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
    pub fn new(
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
        match ready {
            Ready::Told {
                outcome,
                path,
                about,
                warnings,
            } => self.report.item(*outcome, path, about, warnings),
            Ready::Unchanged { document, post } => self.unchanged(document, post),
            Ready::Work(work) => {
                if let Some(done) = done {
                    self.tell_done(&work.document, done);
                }
            }
        }
    }

    fn unchanged(&mut self, document: &Document, post: &Untouched) {
        let shown = here::shown(post.is_published, post.is_unlisted);
        self.report.decided(document, Some(shown));
        // What was noted then need not be read again, but that it is public in spite of the folder.
        let stays = here::stays_visible(document, Some(shown));
        let warnings: Vec<String> = stays.into_iter().collect();
        self.report
            .item(Outcome::Unchanged, &document.path, &post.path, &warnings);
    }

    fn tell_done(&mut self, document: &Document, done: Done) {
        let SideEffects {
            warnings,
            redirects,
            unnamed,
            ..
        } = done.side_effects;
        match done.became {
            Ok(written) => {
                self.report.redirects += redirects.len() as u64;
                self.report.unnamed(unnamed.as_deref());
                self.changed(document, &written.change, &written.path, warnings);
            }
            Err(why) => self
                .report
                .item(Outcome::Failed, &document.path, &why, &warnings),
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
                let about = kept_about(path, why);
                self.report.expired(document, None);
                self.report.item(Outcome::Kept, &document.path, &about, &[]);
            }
            Change::Written { outcome, before } => {
                warnings.extend(here::stays_visible(document, *before));
                self.report.decided(document, *before);
                self.report.item(*outcome, &document.path, path, &warnings);
            }
        }
    }

    /// Prints the sum; gives how many documents failed.
    pub fn finish(&self) -> u64 {
        self.report.finish(self.people.count())
    }

    /// The command acts, not the author: authors only own the text and its revisions.
    pub fn action(&self) -> Actor {
        self.actor.in_another_action()
    }

    /// Takes what the documents need together.
    pub async fn prepare(&mut self, tx: &mut Tx, works: &[&Work]) -> anyhow::Result<Prepared> {
        tx.allow_long_work().await?;
        tx.belongs_to(&self.actor.in_another_action());
        let keys: Vec<String> = works.iter().map(|work| work.mark.key.clone()).collect();
        let held = queries::hold(tx, &keys).await?;
        // Of documents without an author, where the site has no owner.
        let fallback = self.people.fallback_author();
        let authors = works.iter().flat_map(|work| &work.document.authors);
        self.people.look_up(tx, authors.chain([&fallback])).await?;
        let documents = works.iter().map(|work| &work.document);
        let names = self.topics.names(tx, documents).await?;
        let tags = held_tags(tx, works, &names).await?;
        Ok(Prepared {
            held,
            owner: None,
            names,
            tags,
        })
    }

    /// Ends a transaction: what was written in it is kept where that `keeps`, but for a dry run, in which nothing is.
    pub(super) async fn end(
        &self,
        tx: Tx,
        written: anyhow::Result<()>,
        keeps: bool,
    ) -> anyhow::Result<()> {
        match written {
            // Its tags are all that a dry run has not taken back yet.
            Ok(()) if self.options.dry_run || !keeps => {
                tx.roll_back().await.map_err(anyhow::Error::from)
            }
            Ok(()) => tx.commit().await.map_err(anyhow::Error::from),
            Err(error) => {
                // The documents are tried again: what is held would be waited for.
                let _ = tx.roll_back().await;
                Err(error)
            }
        }
    }
}

fn kept_about(path: &str, why: &str) -> String {
    if path.is_empty() {
        format!("{why} since the last import")
    } else {
        format!("{path}: {why} since the last import")
    }
}

/// The tags of these documents.
async fn held_tags(tx: &mut Tx, works: &[&Work], names: &Names) -> anyhow::Result<HeldTags> {
    // A document alone takes its tags as a save does.
    if works.len() < 2 {
        return Ok(HeldTags::default());
    }
    let tags = works
        .iter()
        .flat_map(|work| to_draft::tags(&work.document, names, &mut Vec::new()));
    Ok(hold_tags(tx, &tags.collect::<Vec<_>>()).await?)
}

/// What one transaction knows and holds.
pub struct Prepared {
    pub held: Held,
    /// Whose documents without an author are, once that was asked.
    owner: Option<Option<(i64, String)>>,
    pub names: Names,
    pub tags: HeldTags,
}

impl Prepared {
    /// The owner of the site, whose documents without an author are.
    pub async fn owner(&mut self, tx: &mut Tx) -> anyhow::Result<Option<&(i64, String)>> {
        if self.owner.is_none() {
            self.owner = Some(queries::owner(tx).await?);
        }
        Ok(self.owner.iter().flatten().next())
    }
}
