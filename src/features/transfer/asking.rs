//! A folder asks which source it is: the one at its path, the one of the name that it was given, one of former times, or none yet.

use std::collections::HashMap;
use std::path::{Component, Path};

use sha2::{Digest, Sha256};

use super::controls::without_controls;
use super::options::Options;
use super::queries::{self, EarlierPost, SourceRow};
use crate::db::Db;
use crate::import as folder;
use crate::import::{Document, Item};
use crate::markdown;

/// A folder that asks who it is.
pub(super) struct Asking<'a> {
    pub(super) db: &'a Db,
    folder: &'a folder::Source,
    pub(super) options: &'a Options,
    pub(super) root: String,
    /// The last two names of the path.
    pub(super) names: Vec<String>,
}

/// How the source of a folder was found.
pub(super) enum Found {
    Known(SourceRow),
    /// Imported before sources had rows.
    Earlier,
    New,
}

impl<'a> Asking<'a> {
    pub(super) fn of(
        db: &'a Db,
        dir: &Path,
        folder: &'a folder::Source,
        options: &'a Options,
    ) -> std::io::Result<Self> {
        let dir = dir.canonicalize()?;
        Ok(Asking {
            db,
            folder,
            options,
            root: dir.to_string_lossy().into_owned(),
            names: last_two(&dir),
        })
    }

    pub(super) async fn find(&self) -> anyhow::Result<Found> {
        let here = queries::source_at(&mut *self.db.fresh().await?, &self.root).await?;
        match (&self.options.source, here, self.named().await?) {
            (_, Some(here), Some(named)) if here.id == named.id => {
                self.with_its_documents(here).await
            }
            (Some(name), Some(here), _) if here.named => Err(self.is_called(&here, name)),
            (_, Some(here), Some(named)) => Err(self.are_two(&here, &named)),
            (_, Some(here), None) => self.with_its_documents(here).await,
            (_, None, Some(named)) => self.moved_here(named),
            (_, None, None) => self.earlier_or_new().await,
        }
    }

    async fn named(&self) -> anyhow::Result<Option<SourceRow>> {
        match &self.options.source {
            Some(name) => Ok(queries::source_named(&mut *self.db.fresh().await?, name).await?),
            None => Ok(None),
        }
    }

    fn is_called(&self, here: &SourceRow, name: &str) -> anyhow::Error {
        anyhow::anyhow!(
            "{} is the source “{}” already, not “{name}”\nGive --source {} or none.",
            self.root,
            here.name,
            here.name
        )
    }

    fn are_two(&self, here: &SourceRow, named: &SourceRow) -> anyhow::Error {
        anyhow::anyhow!(
            "the name “{}” belongs to the source in {}, and {} is known as “{}”\nGive --source {} or none.",
            named.name,
            named.root,
            self.root,
            here.name,
            here.name
        )
    }

    fn moved_here(&self, named: SourceRow) -> anyhow::Result<Found> {
        let question = format!(
            "The source “{}” was imported from {} so far. Is {} the same blog?",
            named.name, named.root, self.root
        );
        self.must_be_same(&question)?;
        Ok(Found::Known(named))
    }

    /// A known source, unless its folder holds other documents altogether.
    async fn with_its_documents(&self, source: SourceRow) -> anyhow::Result<Found> {
        let keys = self.keys(&source.key_prefix);
        let (known, common) =
            queries::documents_in_common(&mut *self.db.fresh().await?, source.id, &keys).await?;
        if known > 0 && common == 0 && !keys.is_empty() {
            let question = format!(
                "None of the {known} documents of the source “{}” is in {} any more, and other ones are. Is it the same blog?",
                source.name, self.root
            );
            self.must_be_same(&question)?;
        }
        Ok(Found::Known(source))
    }

    /// On a terminal the answer, else advice.
    fn must_be_same(&self, question: &str) -> anyhow::Result<()> {
        if self.is_same(question)? {
            return Ok(());
        }
        anyhow::bail!("nothing was imported\nGive another blog a name of its own: --source NAME.")
    }

    fn is_same(&self, question: &str) -> anyhow::Result<bool> {
        if self.options.same_source {
            return Ok(true);
        }
        match self.options.ask {
            Some(ask) => Ok(ask(question)),
            None => anyhow::bail!(
                "{question}\nIf it is, add --same-source. If it is another blog, give it a name of its own: --source NAME."
            ),
        }
    }

    async fn earlier_or_new(&self) -> anyhow::Result<Found> {
        let prefix = self.earlier_prefix();
        let mut conn = self.db.fresh().await?;
        if queries::has_prefix(&mut conn, &prefix).await? {
            return Ok(Found::New);
        }
        let earlier = queries::earlier_posts(&mut conn, &self.keys(&prefix)).await?;
        drop(conn);
        if earlier.is_empty() {
            return Ok(Found::New);
        }
        let count = earlier.len();
        let met = self.met(&prefix, earlier);
        let question = self.is_same_folder(count, count - met);
        Ok(if met * 2 >= count || self.is_same(&question)? {
            Found::Earlier
        } else {
            Found::New
        })
    }

    /// How many documents may be what an earlier import made these posts of.
    fn met(&self, prefix: &str, earlier: Vec<EarlierPost>) -> usize {
        let earlier: HashMap<String, EarlierPost> = earlier
            .into_iter()
            .map(|post| (post.import_key.clone(), post))
            .collect();
        let is_met = |document: &Document| {
            earlier
                .get(&format!("{prefix}{}", document.path))
                .is_some_and(|post| is_same_document(document, post))
        };
        self.documents().filter(|document| is_met(document)).count()
    }

    fn is_same_folder(&self, count: usize, others: usize) -> String {
        format!(
            "A folder {} was imported before, and {count} of its documents have the paths of documents in {}, but {others} of them \
             another text. Is it the same blog?",
            self.names.join("/"),
            self.root,
        )
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = Document> {
        self.folder.documents().filter_map(|item| match item {
            Item::Document(document) => Some(*document),
            Item::Skipped { .. } | Item::Failed { .. } => None,
        })
    }

    fn keys(&self, prefix: &str) -> Vec<String> {
        self.folder
            .paths()
            .map(|path| format!("{prefix}{path}"))
            .collect()
    }

    pub(super) fn earlier_prefix(&self) -> String {
        format!("markdown:{}/", self.names.join("/"))
    }
}

fn last_two(dir: &Path) -> Vec<String> {
    let names = dir.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let mut names: Vec<String> = names.collect();
    names.drain(..names.len().saturating_sub(2));
    names
}

/// Whether a document may be what an earlier import made a post of: the text is in its history, or title and day agree.
fn is_same_document(document: &Document, post: &EarlierPost) -> bool {
    let text =
        markdown::normalise(&document.body).map(|text| Sha256::digest(text.as_bytes()).to_vec());
    let title: String = without_controls(&document.title)
        .chars()
        .take(300)
        .collect();
    text.is_ok_and(|text| post.texts.contains(&text))
        || (title == post.title
            && (post.published_at.is_none() || post.published_at == document.published_at))
}
