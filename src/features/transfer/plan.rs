//! Which documents of a batch become new posts together, and as what.

use std::collections::HashSet;

use super::done::{Change, Done, SideEffects, Written};
use super::outcome::Outcome;
use super::run::{Prepared, Run};
use super::to_draft;
use super::topics::Names;
use super::work::Work;
use super::write::names;
use crate::db::{Tx, public_id};
use crate::features::posts;
use crate::features::posts::queries::NewPost;
use crate::features::posts::queries::PostRow;
use crate::import::{Document, Visibility};

/// Documents that become new posts.
#[derive(Default)]
pub(super) struct NewPosts<'a> {
    pub(super) posts: Vec<NewPost<'a>>,
    /// What becomes of each, in the same order.
    pub(super) done: Vec<Done>,
    /// Their slugs, by owners.
    slugs: HashSet<(i64, String)>,
    /// So many documents stand before the next that may be new.
    pub(super) not_yet: usize,
}

impl<'a> NewPosts<'a> {
    pub(super) fn none() -> Self {
        NewPosts {
            not_yet: 1,
            ..NewPosts::default()
        }
    }

    /// One alone is written as it always is.
    pub(super) fn is_too_short(&self) -> bool {
        self.posts.len() < 2
    }

    fn push(&mut self, post: NewPost<'a>, mut done: Done) {
        let (owner, slug) = (&post.post, &post.draft.details.slug);
        self.slugs.insert((owner.owner_id, slug.clone()));
        let change = Change::Written {
            outcome: Outcome::Added,
            before: None,
        };
        let path = posts::post_path(&owner.owner, slug);
        done.became = Ok(Written { change, path });
        self.posts.push(post);
        self.done.push(done);
    }
}

impl Run<'_> {
    /// How many documents stand before the next two that may be written together: those between would only be planned for
    /// nothing.
    pub(super) async fn not_yet(
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
    pub(super) async fn taken(
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
    pub(super) async fn plan<'w>(
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
            .authors_to_be(tx, prepared, work, &mut done.side_effects)
            .await?;
        let Some(authors) = authors else {
            return Ok(false);
        };
        let post = self.new_post(work, authors, &prepared.names, &mut done.side_effects);
        plan.push(post, done);
        Ok(true)
    }

    /// The authors of a document; none where a dry run has given its address to another.
    async fn authors_to_be(
        &mut self,
        tx: &mut Tx,
        prepared: &mut Prepared,
        work: &Work,
        side_effects: &mut SideEffects,
    ) -> anyhow::Result<Option<Vec<(i64, String)>>> {
        let slug = to_draft::wanted_slug(&work.document);
        let authors = self
            .authors(tx, prepared, &work.document, side_effects)
            .await;
        let is_given = authors
            .as_ref()
            .is_ok_and(|authors| self.given.has_post(&authors[0].1, &slug));
        if authors.is_err() || is_given {
            self.people.forget(&side_effects.fresh);
        }
        Ok(Some(authors?).filter(|_| !is_given))
    }

    fn new_post<'w>(
        &self,
        work: &'w Work,
        authors: Vec<(i64, String)>,
        topics: &Names,
        side_effects: &mut SideEffects,
    ) -> NewPost<'w> {
        let (document, text) = (&work.document, &work.text);
        let (owner_id, owner) = authors[0].clone();
        let warnings = &mut side_effects.warnings;
        let mut draft = to_draft::draft(document, text, topics, names(authors), warnings);
        draft.details.slug = to_draft::wanted_slug(document);
        draft.details.unlisted = document.visibility == Visibility::Unlisted;
        let is_public = to_draft::may_be_shown(&draft, text, warnings)
            && document.visibility != Visibility::Draft;
        NewPost {
            post: PostRow::unsaved(public_id(), posts::Kind::Post, owner_id, owner),
            draft,
            rendered: &text.rendered,
            publishes: is_public.then_some(document.published_at),
            changed_at: to_draft::changed_at(document, is_public),
            import_key: &work.mark.key,
            import_hash: &work.mark.fingerprint,
            actor: self.action(),
        }
    }
}
