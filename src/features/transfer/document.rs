//! Writes one document over the post that a former import made of it, or as a new one: what was changed here stays, and nothing
//! becomes less public by an import, nor more public than both sides want.

use super::address::{self, GivenOut};
use super::done::{ImportError, import_error};
use super::fingerprint::word;
use super::here::{Here, shown};
use super::outcome::Outcome;
use super::queries::{self, Imported, Led};
use super::to_draft;
use super::topics::Names;
use super::work::{Mark, Text};
use crate::access::Actor;
use crate::db::Tx;
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::save_error::SaveError;
use crate::features::posts::{Base, Draft, publish, revision};
use crate::import::{Document, Visibility};

/// A document that was written.
pub struct Stored {
    pub outcome: Outcome,
    /// Where it is now.
    pub path: String,
    pub led: Vec<Led>,
}

/// What became of a text when it was written.
struct Step {
    version: i32,
    is_published: bool,
    path: String,
}

/// Everything that writing one document needs.
pub struct Writing<'a> {
    pub post: &'a PostRow,
    pub here: &'a Here,
    pub document: &'a Document,
    pub text: &'a Text,
    pub mark: &'a Mark,
    pub given: &'a GivenOut,
    pub names: &'a Names,
    /// Old addresses that are to lead to it.
    pub paths: &'a [String],
    pub actor: &'a Actor,
}

impl Writing<'_> {
    /// Saves the document, publishes it where both sides want that, and remembers what was done. Gives where it is now.
    pub async fn run(
        &self,
        tx: &mut Tx,
        authors: Vec<String>,
        warnings: &mut Vec<String>,
    ) -> Result<Stored, ImportError> {
        let (post, document) = (self.post, self.document);
        let mut draft = to_draft::draft(document, self.text, self.names, authors, warnings);
        draft.details.slug = to_draft::slug(tx, post, document, self.given, warnings).await?;
        draft.details.unlisted = self.is_unlisted();
        let step = self.write(tx, &mut draft, warnings).await?;
        let led = self.remember(tx, &step, draft.details.unlisted).await?;
        Ok(Stored {
            outcome: self.outcome(&step),
            path: step.path,
            led,
        })
    }

    async fn write(
        &self,
        tx: &mut Tx,
        draft: &mut Draft,
        warnings: &mut Vec<String>,
    ) -> Result<Step, ImportError> {
        let is_wanted =
            to_draft::may_be_shown(draft, self.text, warnings) && self.is_wanted(warnings);
        if self.here.exists {
            self.update(tx, draft, is_wanted).await
        } else {
            self.add_somewhere(tx, draft, is_wanted, warnings).await
        }
    }

    fn outcome(&self, step: &Step) -> Outcome {
        if !self.here.exists {
            Outcome::Added
        } else if step.version == self.post.version && !step.is_published {
            Outcome::Unchanged
        } else {
            Outcome::Updated
        }
    }

    /// A post that was made a moment ago, at the address that it asks for or, where that is taken, at another.
    async fn add_somewhere(
        &self,
        tx: &mut Tx,
        draft: &mut Draft,
        is_wanted: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Step, ImportError> {
        let refused = match self.add(tx, draft, is_wanted).await {
            Err(SaveError::Address(refused)) => refused,
            done => return done.map_err(import_error),
        };
        let (post, document, given) = (self.post, self.document, self.given);
        let slug = &draft.details.slug;
        let slug = address::free_slug(tx, post, document, slug, given, warnings).await?;
        if slug == draft.details.slug {
            return Err(import_error(SaveError::Address(refused)));
        }
        draft.details.slug = slug;
        self.add(tx, draft, is_wanted).await.map_err(import_error)
    }

    async fn add(&self, tx: &mut Tx, draft: &Draft, is_wanted: bool) -> Result<Step, SaveError> {
        let (post, text, actor) = (self.post, &self.text.rendered, self.actor);
        if is_wanted {
            let at = self.document.published_at;
            return Ok(Step {
                version: post.version + 1,
                is_published: true,
                path: publish::publish_new(tx, post, draft, text, at, actor).await?,
            });
        }
        let saved =
            revision::save(tx, post, Base::version(post.version), draft, text, actor).await?;
        Ok(Step {
            version: saved.version,
            is_published: false,
            path: saved.path,
        })
    }

    async fn update(
        &self,
        tx: &mut Tx,
        draft: &Draft,
        is_wanted: bool,
    ) -> Result<Step, ImportError> {
        let (post, text, actor) = (self.post, &self.text.rendered, self.actor);
        let saved = revision::save(tx, post, Base::version(post.version), draft, text, actor).await;
        let version = saved.map_err(import_error)?.version;
        let post_now = posts::lock_post(tx, post.public_id).await?;
        let post_now = post_now.ok_or_else(|| ImportError::Rejected("it vanished".into()))?;
        if !is_wanted || self.is_shown(&post_now, version) {
            return Ok(Step {
                version,
                is_published: false,
                path: post_now.path(),
            });
        }
        let at = self.document.published_at;
        let path =
            publish::publish_revision(tx, &post_now, version, (draft, text), at, actor).await;
        let path = path.map_err(import_error)?;
        Ok(Step {
            version,
            is_published: true,
            path,
        })
    }

    /// Whether readers have this version, and had it before.
    fn is_shown(&self, post_now: &PostRow, version: i32) -> bool {
        self.here.shown().is_some()
            && post_now.public_version == version
            && version == self.post.version
    }

    /// In no list: where the folder wants that and it is in none yet, or its author does.
    fn is_unlisted(&self) -> bool {
        match self.here.visibility {
            Visibility::Public => false,
            Visibility::Unlisted => {
                self.here.is_unlisted_here || self.document.visibility != Visibility::Public
            }
            Visibility::Draft => self.document.visibility == Visibility::Unlisted,
        }
    }

    /// Whether the new text may be public.
    fn is_wanted(&self, warnings: &mut Vec<String>) -> bool {
        if self.here.is_taken_back {
            warnings.push("it was unpublished here, and stays a draft".into());
        }
        if self.here.is_unlisted_here {
            warnings.push("it was taken out of the lists here, and stays unlisted".into());
        }
        !self.here.is_taken_back && self.document.visibility != Visibility::Draft
    }

    async fn remember(
        &self,
        tx: &mut Tx,
        step: &Step,
        is_unlisted: bool,
    ) -> Result<Vec<Led>, ImportError> {
        let is_public = step.is_published || self.here.shown().is_some();
        let visibility = shown(is_public, is_unlisted).min(self.document.visibility);
        let imported = Imported {
            key: &self.mark.key,
            source_id: self.mark.source_id,
            post: self.post.id,
            fingerprint: &self.mark.fingerprint,
            version: step.version,
            visibility: word(visibility),
            changed_at: to_draft::changed_at(self.document, step.is_published),
        };
        Ok(queries::remember_document(tx, &imported, self.paths).await?)
    }
}
