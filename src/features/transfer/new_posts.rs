//! Writes new posts of a batch together, by few statements for all of them. Where that cannot be, or the database refuses one,
//! nothing is written, and [`super::batch`] goes through the documents one after the other; those after them are tried together
//! again.

use std::collections::{HashMap, HashSet};

use super::document::{changed_at, shown};
use super::done::{Change, Done, SideEffects, Written};
use super::fingerprint::word;
use super::queries;
use super::queries::{ImportedMany, Led};
use super::report::Outcome;
use super::run::{Prepared, Run};
use super::to_draft;
use super::topics::Names;
use super::work::{Ready, Work};
use super::write::{names, old_paths};
use crate::db::{Tx, public_id};
use crate::features::posts::create_many::{can_be_slug, create_many};
use crate::features::posts::queries::NewPost;
use crate::features::posts::queries::PostRow;
use crate::features::posts::{self, PostId, let_go_of_tags};
use crate::import::{Document, Kind, Visibility};

/// Documents that become new posts.
#[derive(Default)]
struct NewPosts<'a> {
    posts: Vec<NewPost<'a>>,
    /// What becomes of each, in the same order.
    done: Vec<Done>,
    /// Their slugs, by owners.
    slugs: HashSet<(i64, String)>,
    /// So many documents stand before the next that may be new.
    not_yet: usize,
}

impl NewPosts<'_> {
    /// One alone is written as it always is.
    fn is_too_short(&self) -> bool {
        self.posts.len() < 2
    }
}

/// What became of the first of some items.
pub(super) enum InBulk {
    Written(Vec<Option<Done>>),
    /// So many documents have to be written by themselves first.
    NotYet(usize),
}

impl Run<'_> {
    /// Writes the first of these items together, as many as become new posts at the addresses that they ask for.
    pub(super) async fn write_new_posts(&mut self, items: &[Ready]) -> anyhow::Result<InBulk> {
        let may_be_new = |work: &&Work| {
            work.document.kind == Kind::Post && can_be_slug(&to_draft::wanted_slug(&work.document))
        };
        let works = || items.iter().filter_map(Ready::work);
        let others = works().take_while(|work| !may_be_new(work)).count();
        if others > 0 {
            return Ok(InBulk::NotYet(others));
        }
        let works: Vec<&Work> = works().take_while(may_be_new).collect();
        if works.len() < 2 {
            return Ok(InBulk::NotYet(1));
        }
        let mut tx = self.db.begin().await?;
        let mut plan = NewPosts {
            not_yet: 1,
            ..NewPosts::default()
        };
        let written = match self.plan_and_create(&mut tx, &works, &mut plan).await {
            Ok(()) if self.options.dry_run || plan.is_too_short() => {
                tx.roll_back().await.map_err(anyhow::Error::from)
            }
            Ok(()) => tx.commit().await.map_err(anyhow::Error::from),
            Err(error) => {
                // The documents are tried again: what is held would be waited for.
                let _ = tx.roll_back().await;
                Err(error)
            }
        };
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
            for Done {
                became,
                side_effects,
            } in &done
            {
                self.people.would_make(&side_effects.fresh);
                if let Ok(written) = became {
                    self.given.add(&written.path, &side_effects.redirects);
                }
            }
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

    /// How many documents stand before the next two that may be written together: those between would only be planned for
    /// nothing.
    async fn not_yet(
        &self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        works: &[&Work],
        taken: &HashSet<(i64, String)>,
    ) -> anyhow::Result<usize> {
        let mut may_be_new = Vec::new();
        for work in works {
            let owner = self.known_owner(tx, prepared, &work.document).await?;
            let wanted = owner.map(|owner| (owner, to_draft::wanted_slug(&work.document)));
            let is_taken = wanted.is_some_and(|wanted| taken.contains(&wanted));
            may_be_new.push(!is_taken && !prepared.held.has(&work.mark.key));
        }
        let two = may_be_new.windows(2).position(|two| two == [true, true]);
        Ok(two.unwrap_or(works.len()).max(1))
    }

    /// Of the slugs that these documents ask for, those that their owners have here.
    async fn taken(
        &self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        works: &[&Work],
    ) -> anyhow::Result<HashSet<(i64, String)>> {
        let (mut owners, mut slugs) = (Vec::new(), Vec::new());
        for work in works {
            if let Some(owner) = self.known_owner(tx, prepared, &work.document).await? {
                owners.push(owner);
                slugs.push(to_draft::wanted_slug(&work.document));
            }
        }
        let taken = posts::queries::taken_slugs(tx, &owners, &slugs).await?;
        Ok(taken.into_iter().collect())
    }

    /// Whose a document will be, where that person is here already.
    async fn known_owner(
        &self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        document: &Document,
    ) -> anyhow::Result<Option<i64>> {
        let known = match document.authors.first() {
            Some(author) => self.people.known(author),
            None => match prepared.owner(tx).await? {
                Some((id, _)) => return Ok(Some(*id)),
                None => self.people.known(&self.people.fallback_author()),
            },
        };
        Ok(known.map(|(id, _)| *id))
    }

    /// Plans a document. False where its address is taken: then nothing was done for it.
    async fn plan<'w>(
        &mut self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        work: &'w Work,
        taken: &HashSet<(i64, String)>,
        plan: &mut NewPosts<'w>,
    ) -> anyhow::Result<bool> {
        let slug = to_draft::wanted_slug(&work.document);
        if let Some(owner) = self.known_owner(tx, prepared, &work.document).await? {
            let wanted = (owner, slug.clone());
            if taken.contains(&wanted) || plan.slugs.contains(&wanted) {
                return Ok(false);
            }
        }
        let mut done = Done::begun(work);
        let authors = self
            .authors(tx, prepared, &work.document, &mut done.side_effects)
            .await;
        let is_given = authors
            .as_ref()
            .is_ok_and(|authors| self.given.has_post(&authors[0].1, &slug));
        if authors.is_err() || is_given {
            self.people.forget(&done.side_effects.fresh);
        }
        let authors = authors?;
        if is_given {
            return Ok(false);
        }
        let path = posts::post_path(&authors[0].1, &slug);
        plan.slugs.insert((authors[0].0, slug.clone()));
        plan.posts
            .push(self.new_post(work, authors, &prepared.names, &mut done.side_effects));
        let change = Change::Written {
            outcome: Outcome::Added,
            before: None,
        };
        done.became = Ok(Written { change, path });
        plan.done.push(done);
        Ok(true)
    }

    fn new_post<'w>(
        &self,
        work: &'w Work,
        authors: Vec<(i64, String)>,
        topics: &Names,
        side_effects: &mut SideEffects,
    ) -> NewPost<'w> {
        let Work {
            document,
            mark,
            text,
            ..
        } = work;
        let (owner_id, owner) = authors[0].clone();
        let mut draft = to_draft::draft(
            document,
            text,
            topics,
            names(authors),
            &mut side_effects.warnings,
        );
        draft.details.slug = to_draft::wanted_slug(document);
        draft.details.unlisted = document.visibility == Visibility::Unlisted;
        let is_public = to_draft::may_be_shown(&draft, text, &mut side_effects.warnings)
            && document.visibility != Visibility::Draft;
        NewPost {
            post: PostRow::unsaved(public_id(), posts::Kind::Post, owner_id, owner),
            draft,
            rendered: &text.rendered,
            publishes: is_public.then_some(document.published_at),
            changed_at: changed_at(document, is_public),
            import_key: &mark.key,
            import_hash: &mark.fingerprint,
            actor: self.action(),
        }
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
        let mut many = ImportedMany {
            source_id: self.identity.id,
            posts: ids.to_vec(),
            ..ImportedMany::default()
        };
        for (((work, new), paths), id) in works.iter().zip(&plan.posts).zip(&paths).zip(ids) {
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
        let mut led: HashMap<PostId, Vec<Led>> = HashMap::new();
        for (post, new) in queries::remember_documents(tx, &many).await? {
            led.entry(post).or_default().push(new);
        }
        for ((done, paths), id) in plan.done.iter_mut().zip(paths).zip(ids) {
            done.side_effects
                .led(tx, paths, led.get(id).map_or(&[], Vec::as_slice));
        }
        Ok(())
    }
}
