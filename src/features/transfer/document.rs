//! One document and the post that a former import made of it: what was changed here stays, and nothing becomes less
//! public by an import, nor more public than both sides want.

use chrono::{DateTime, Utc};

use super::address::{self, GivenOut};
use super::done::{ImportError, import_error};
use super::fingerprint::word;
use super::queries::{self, Imported, ImportedDocument, Led};
use super::report::Outcome;
use super::to_draft;
use super::topics::Names;
use super::work::{Mark, Text};
use crate::access::Actor;
use crate::db::Tx;
use crate::features::posts::queries::{self as posts, PostRow};
use crate::features::posts::save_error::SaveError;
use crate::features::posts::{Draft, Status, publish, revision};
use crate::import::{Document, Visibility};

/// The post as it stands here, against what the last import left.
pub struct Here {
    exists: bool,
    /// As readers see it.
    visibility: Visibility,
    changed: Option<&'static str>,
    is_in_trash: bool,
    /// It was public, and its author made it a draft.
    is_taken_back: bool,
    /// It was in the lists, and its author took it out of them.
    is_unlisted_here: bool,
}

pub fn shown(is_published: bool, is_unlisted: bool) -> Visibility {
    match (is_published, is_unlisted) {
        (false, _) => Visibility::Draft,
        (true, true) => Visibility::Unlisted,
        (true, false) => Visibility::Public,
    }
}

/// That an import does not take down what is public here, where the folder would.
pub fn stays_visible(document: &Document, before: Option<Visibility>) -> Option<String> {
    let before = before.filter(|before| *before < document.visibility)?;
    Some(match before {
        Visibility::Public if document.visibility == Visibility::Unlisted => {
            "it is in the lists here already, and stays".to_owned()
        }
        Visibility::Public | Visibility::Unlisted => {
            "it is public here already, and stays; what is new in its text waits to be published"
                .to_owned()
        }
        Visibility::Draft => return None,
    })
}

impl Here {
    pub async fn of(
        tx: &mut Tx,
        post: Option<&PostRow>,
        known: Option<&ImportedDocument>,
    ) -> Result<Self, ImportError> {
        let Some(post) = post else {
            let changed = known.map(|_| "deleted here");
            return Ok(Here {
                exists: false,
                visibility: Visibility::Draft,
                changed,
                is_in_trash: changed.is_some(),
                is_taken_back: false,
                is_unlisted_here: false,
            });
        };
        let is_published = post.status == Status::Published;
        let visibility = shown(is_published, queries::is_unlisted(tx, post.id).await?);
        let known = known.filter(|known| known.is_current);
        let is_taken_back = !is_published && post.published_at.is_some();
        let is_edited = match known {
            Some(known) => known.version != post.version,
            None => queries::changed_by_an_account(tx, post.public_id, post.version).await?,
        };
        let changed = if post.deleted_at.is_some() {
            Some("moved to the trash")
        } else if is_taken_back {
            Some("unpublished")
        } else if is_edited {
            Some("edited")
        } else {
            known
                .filter(|known| is_published && known.visibility == "draft")
                .map(|_| "published")
        };
        Ok(Here {
            exists: true,
            visibility,
            changed,
            is_in_trash: post.deleted_at.is_some(),
            is_taken_back,
            is_unlisted_here: visibility == Visibility::Unlisted
                && known.is_none_or(|known| known.visibility == "public"),
        })
    }

    /// Why the import leaves it alone. What is in the trash stays there as it is.
    pub fn kept(&self, overwrite: bool) -> Option<&'static str> {
        self.changed.filter(|_| !overwrite || self.is_in_trash)
    }

    pub fn shown(&self) -> Option<Visibility> {
        Some(self.visibility).filter(|visibility| self.exists && *visibility != Visibility::Draft)
    }
}

/// When a document was changed last, where that counts.
pub fn changed_at(document: &Document, is_published: bool) -> Option<DateTime<Utc>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is compared with a date of days ago"
    )]
    let now = Utc::now();
    document.updated_at.filter(|at| is_published && *at <= now)
}

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
        let Writing {
            post,
            here,
            document,
            text,
            ..
        } = *self;
        let mut draft = to_draft::draft(document, text, self.names, authors, warnings);
        draft.details.slug = to_draft::slug(tx, post, document, self.given, warnings).await?;
        draft.details.unlisted = self.is_unlisted();
        let is_wanted = to_draft::may_be_shown(&draft, text, warnings) && self.is_wanted(warnings);
        let step = if here.exists {
            self.update(tx, &draft, is_wanted).await?
        } else {
            self.add_somewhere(tx, &mut draft, is_wanted, warnings)
                .await?
        };
        let is_public = step.is_published || here.shown().is_some();
        let changed_at = changed_at(document, step.is_published);
        let visibility = shown(is_public, draft.details.unlisted).min(document.visibility);
        let led = self
            .remember(tx, step.version, visibility, changed_at)
            .await?;
        let outcome = if !here.exists {
            Outcome::Added
        } else if step.version == post.version && !step.is_published {
            Outcome::Unchanged
        } else {
            Outcome::Updated
        };
        Ok(Stored {
            outcome,
            path: step.path,
            led,
        })
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
        let slug = address::free_slug(
            tx,
            self.post,
            self.document,
            &draft.details.slug,
            self.given,
            warnings,
        )
        .await?;
        if slug == draft.details.slug {
            return Err(import_error(SaveError::Address(refused)));
        }
        draft.details.slug = slug;
        self.add(tx, draft, is_wanted).await.map_err(import_error)
    }

    async fn add(&self, tx: &mut Tx, draft: &Draft, is_wanted: bool) -> Result<Step, SaveError> {
        let Writing {
            post,
            document,
            text,
            actor,
            ..
        } = *self;
        if is_wanted {
            let path = publish::publish_new(
                tx,
                post,
                draft,
                &text.rendered,
                document.published_at,
                actor,
            )
            .await?;
            return Ok(Step {
                version: post.version + 1,
                is_published: true,
                path,
            });
        }
        let saved = revision::save(tx, post, post.version, draft, &text.rendered, actor).await?;
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
        let Writing {
            post,
            here,
            document,
            text,
            actor,
            ..
        } = *self;
        let version = revision::save(tx, post, post.version, draft, &text.rendered, actor)
            .await
            .map_err(import_error)?
            .version;
        let post_now = posts::lock_post(tx, post.public_id)
            .await?
            .ok_or_else(|| ImportError::Rejected("it vanished".into()))?;
        let is_shown_so =
            here.shown().is_some() && post_now.public_version == version && version == post.version;
        if !is_wanted || is_shown_so {
            return Ok(Step {
                version,
                is_published: false,
                path: post_now.path(),
            });
        }
        let at = document.published_at;
        let path =
            publish::publish_revision(tx, &post_now, version, (draft, &text.rendered), at, actor)
                .await
                .map_err(import_error)?;
        Ok(Step {
            version,
            is_published: true,
            path,
        })
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
        version: i32,
        visibility: Visibility,
        changed_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<Led>, ImportError> {
        let Mark {
            key,
            source_id,
            fingerprint,
        } = self.mark;
        let (source_id, visibility) = (*source_id, word(visibility));
        let imported = Imported {
            key,
            source_id,
            post: self.post.id,
            fingerprint,
            version,
            visibility,
            changed_at,
        };
        Ok(queries::remember_document(tx, &imported, self.paths).await?)
    }
}
