//! Writes new posts of a batch together, by few statements for all of them. Where that cannot be, or the database refuses one,
//! nothing is written, and [`super::batch`] goes through the documents one after the other; those after them are tried together
//! again.

use std::collections::HashMap;

use super::done::Done;
use super::fingerprint::word;
use super::here::shown;
use super::plan::NewPosts;
use super::queries::{self, ImportedMany, Led};
use super::run::Run;
use super::to_draft;
use super::work::{Ready, Work};
use super::write::old_paths;
use crate::db::Tx;
use crate::features::posts::create_many::{can_be_slug, create_many};
use crate::features::posts::queries::NewPost;
use crate::features::posts::{PostId, let_go_of_tags};
use crate::import::Kind;

/// What became of the first of some items.
pub(super) enum InBulk {
    Written(Vec<Option<Done>>),
    /// So many documents have to be written by themselves first.
    NotYet(usize),
}

impl Run<'_> {
    /// Writes the first of these items together, as many as become new posts at the addresses that they ask for.
    pub(super) async fn write_new_posts(&mut self, items: &[Ready]) -> anyhow::Result<InBulk> {
        let works = match new_together(items) {
            Ok(works) => works,
            Err(count) => return Ok(InBulk::NotYet(count)),
        };
        let mut tx = self.db.begin().await?;
        let mut plan = NewPosts::none();
        let written = self.plan_and_create(&mut tx, &works, &mut plan).await;
        let written = self.end(tx, written, !plan.is_too_short()).await;
        let is_kept = written.is_ok() && !self.options.dry_run && !plan.is_too_short();
        for done in plan.done.iter().filter(|_| !is_kept) {
            self.people.forget(&done.side_effects.fresh);
        }
        written?;
        if plan.is_too_short() {
            return Ok(InBulk::NotYet(plan.not_yet));
        }
        Ok(InBulk::Written(self.pair(items, plan.done)))
    }

    /// Pairs the items with what became of them.
    fn pair(&mut self, items: &[Ready], done: Vec<Done>) -> Vec<Option<Done>> {
        if self.options.dry_run {
            self.would_write(&done);
        }
        let mut done = done.into_iter();
        let mut pairs = Vec::new();
        for item in items {
            if item.work().is_none() {
                pairs.push(None);
            } else if let Some(done) = done.next() {
                pairs.push(Some(done));
            } else {
                break;
            }
        }
        pairs
    }

    fn would_write(&mut self, done: &[Done]) {
        for Done {
            became,
            side_effects,
        } in done
        {
            self.people.would_make(&side_effects.fresh);
            if let Ok(written) = became {
                self.given.add(&written.path, &side_effects.redirects);
            }
        }
    }

    async fn plan_and_create<'w>(
        &mut self,
        tx: &mut Tx,
        works: &[&'w Work],
        plan: &mut NewPosts<'w>,
    ) -> anyhow::Result<()> {
        let mut prepared = self.prepare(tx, works).await?;
        let taken = self.taken(tx, &mut prepared, works).await?;
        plan.not_yet = self.not_yet(tx, &mut prepared, works, &taken).await?;
        for work in works {
            if prepared.held.has(&work.mark.key)
                || !self.plan(tx, &mut prepared, work, &taken, plan).await?
            {
                break;
            }
        }
        if plan.is_too_short() {
            return Ok(());
        }
        let ids = create_many(tx, &plan.posts, &prepared.tags.tags).await?;
        self.remember(tx, works, &ids, plan).await?;
        if plan.posts.len() < works.len() && !self.options.dry_run {
            let_go_of_tags(tx, &prepared.tags.made).await?;
        }
        Ok(())
    }

    /// Remembers the documents, and lets their old addresses lead to their posts.
    async fn remember(
        &self,
        tx: &mut Tx,
        works: &[&Work],
        ids: &[PostId],
        plan: &mut NewPosts<'_>,
    ) -> anyhow::Result<()> {
        let mut paths = Vec::new();
        for (work, done) in works.iter().zip(&mut plan.done) {
            paths.push(old_paths(&work.document, &mut done.side_effects.warnings));
        }
        let many = self.columns(works, ids, (&plan.posts, &paths));
        let led = by_post(queries::remember_documents(tx, &many).await?);
        for ((done, paths), id) in plan.done.iter_mut().zip(paths).zip(ids) {
            done.side_effects
                .led(tx, paths, led.get(id).map_or(&[], Vec::as_slice));
        }
        Ok(())
    }

    fn columns<'c>(
        &self,
        works: &[&Work],
        ids: &[PostId],
        (posts, paths): (&[NewPost<'c>], &'c [Vec<String>]),
    ) -> ImportedMany<'c> {
        let mut many = ImportedMany {
            source_id: self.identity.id,
            posts: ids.to_vec(),
            ..ImportedMany::default()
        };
        for (((work, new), paths), id) in works.iter().zip(posts).zip(paths).zip(ids) {
            let visibility = shown(new.publishes.is_some(), new.draft.details.unlisted);
            many.keys.push(new.import_key);
            many.fingerprints.push(new.import_hash);
            many.visibilities
                .push(word(visibility.min(work.document.visibility)));
            let free = paths
                .iter()
                .filter(|path| !self.given.redirects.contains(*path));
            for path in free {
                many.paths.push(path);
                many.leads_to.push(*id);
            }
        }
        many
    }
}

/// The documents at the beginning of these items that become posts together; else how many have to be written by themselves
/// first.
fn new_together(items: &[Ready]) -> Result<Vec<&Work>, usize> {
    let may_be_new = |work: &&Work| {
        work.document.kind == Kind::Post && can_be_slug(&to_draft::wanted_slug(&work.document))
    };
    let works = || items.iter().filter_map(Ready::work);
    let others = works().take_while(|work| !may_be_new(work)).count();
    if others > 0 {
        return Err(others);
    }
    let works: Vec<&Work> = works().take_while(may_be_new).collect();
    if works.len() < 2 { Err(1) } else { Ok(works) }
}

fn by_post(led: Vec<(PostId, Led)>) -> HashMap<PostId, Vec<Led>> {
    let mut found: HashMap<PostId, Vec<Led>> = HashMap::new();
    for (post, new) in led {
        found.entry(post).or_default().push(new);
    }
    found
}
