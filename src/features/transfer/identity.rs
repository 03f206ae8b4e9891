//! Which source a folder is. Two folders may have the same name, and a folder may be moved: a source is known by the
//! real path of its folder or by the name that `--source` gives it, and where another folder comes under a known name, a
//! person has to say that it is the same blog.
//!
//! Before sources had rows of their own, the last two names of the path stood for them (`markdown:site/content/`). Such
//! a source keeps its keys: the first folder of that name with its documents is it.

use std::collections::HashMap;
use std::path::{Component, Path};

use sha2::{Digest, Sha256};

use super::controls::without_controls;
use super::fingerprint;
use super::options::Options;
use super::queries::{self, EarlierPost, SourceRow};
use crate::db::Db;
use crate::import as folder;
use crate::import::{Document, Item};
use crate::markdown;

/// A source, and what is to be told of how it was found.
pub struct Identity {
    /// `None` in a dry run that would make it.
    pub id: Option<i64>,
    /// What the keys of its documents and people begin with.
    pub prefix: String,
    pub warnings: Vec<String>,
}

/// A folder that asks who it is.
struct Asking<'a> {
    db: &'a Db,
    folder: &'a folder::Source,
    options: &'a Options,
    root: String,
    /// The last two names of the path.
    names: Vec<String>,
}

/// How the source of a folder was found.
enum Found {
    Known(SourceRow),
    /// Imported before sources had rows.
    Earlier,
    New,
}

pub async fn of(
    db: &Db,
    dir: &Path,
    folder: &folder::Source,
    options: &Options,
) -> anyhow::Result<Identity> {
    let dir = dir.canonicalize()?;
    let names = dir.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let mut names: Vec<String> = names.collect();
    names.drain(..names.len().saturating_sub(2));
    let asking = Asking {
        db,
        folder,
        options,
        root: dir.to_string_lossy().into_owned(),
        names,
    };
    match asking.find().await? {
        Found::Known(source) => asking.adopt(source).await,
        Found::Earlier => asking.make(asking.earlier_prefix()).await,
        Found::New => {
            let name = asking.free_name().await?;
            asking.make(format!("markdown:{name}:")).await
        }
    }
}

impl Asking<'_> {
    async fn find(&self) -> anyhow::Result<Found> {
        let here = queries::source_at(&mut *self.db.fresh().await?, &self.root).await?;
        let named = match &self.options.source {
            Some(name) => queries::source_named(&mut *self.db.fresh().await?, name).await?,
            None => None,
        };
        match (&self.options.source, here, named) {
            (_, Some(here), Some(named)) if here.id == named.id => {
                self.with_its_documents(here).await
            }
            (Some(name), Some(here), _) if here.named => anyhow::bail!(
                "{} is the source “{}” already, not “{name}”\nGive --source {} or none.",
                self.root,
                here.name,
                here.name
            ),
            (_, Some(here), Some(named)) => anyhow::bail!(
                "the name “{}” belongs to the source in {}, and {} is known as “{}”\nGive --source {} or none.",
                named.name,
                named.root,
                self.root,
                here.name,
                here.name
            ),
            (_, Some(here), None) => self.with_its_documents(here).await,
            (_, None, Some(named)) => {
                let question = format!(
                    "The source “{}” was imported from {} so far. Is {} the same blog?",
                    named.name, named.root, self.root
                );
                self.must_be_same(&question)?;
                Ok(Found::Known(named))
            }
            (_, None, None) => self.earlier_or_new().await,
        }
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
        let earlier: HashMap<String, EarlierPost> = earlier
            .into_iter()
            .map(|post| (post.import_key.clone(), post))
            .collect();
        let is_met = |document: &Document| {
            earlier
                .get(&format!("{prefix}{}", document.path))
                .is_some_and(|post| is_same_document(document, post))
        };
        let met = self.documents().filter(|document| is_met(document)).count();
        let question = format!(
            "A folder {} was imported before, and {count} of its documents have the paths of documents in {}, but {} of them \
             another text. Is it the same blog?",
            self.names.join("/"),
            self.root,
            count - met
        );
        Ok(if met * 2 >= count || self.is_same(&question)? {
            Found::Earlier
        } else {
            Found::New
        })
    }

    fn documents(&self) -> impl Iterator<Item = Document> {
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

    fn earlier_prefix(&self) -> String {
        format!("markdown:{}/", self.names.join("/"))
    }

    /// The name given, else one from the path that no source has.
    async fn free_name(&self) -> anyhow::Result<String> {
        if let Some(name) = &self.options.source {
            return Ok(name.clone());
        }
        let base: String = markdown::ascii_slug(&self.names.join(" "))
            .chars()
            .take(60)
            .collect();
        let base = if base.is_empty() {
            "import".to_owned()
        } else {
            base
        };
        let mut conn = self.db.fresh().await?;
        for number in 1..10_000 {
            let name = if number == 1 {
                base.clone()
            } else {
                format!("{base}-{number}")
            };
            if queries::source_named(&mut conn, &name).await?.is_none() {
                return Ok(name);
            }
        }
        anyhow::bail!(
            "there are too many sources called {base}; give this one a name with --source"
        )
    }

    async fn make(&self, prefix: String) -> anyhow::Result<Identity> {
        let name = self.free_name().await?;
        let named = self.options.source.is_some();
        let mut warnings = vec![if named {
            format!("Source: “{name}”, new, in {}.", self.root)
        } else {
            format!(
                "Source: “{name}”, named after its path {}. To give it a name that stays when the folder moves: --source NAME.",
                self.root
            )
        }];
        if !named {
            warnings.extend(self.copies().await?);
        }
        let id = if self.options.dry_run {
            None
        } else {
            let mut tx = self.db.begin().await?;
            let id = queries::insert_source(&mut tx, &name, named, &prefix, &self.root).await?;
            tx.commit().await?;
            Some(id.ok_or_else(|| {
                anyhow::anyhow!(
                    "another import of this folder has just begun; try again when it is done"
                )
            })?)
        };
        Ok(Identity {
            id,
            prefix,
            warnings,
        })
    }

    /// Whether these documents are here already, from another folder: a blog that was moved would come in twice.
    async fn copies(&self) -> anyhow::Result<Option<String>> {
        if !queries::has_sources(&mut *self.db.fresh().await?).await? {
            return Ok(None);
        }
        let prints: Vec<Vec<u8>> = self
            .documents()
            .map(|document| fingerprint::of(&document).to_vec())
            .collect();
        let found = queries::most_copies(&mut *self.db.fresh().await?, &prints).await?;
        Ok(found.map(|(source, count)| {
            format!(
                "{count} of its documents are here already, from the source “{}” in {}. If that folder has moved: --source {} --same-source.",
                source.name, source.root, source.name
            )
        }))
    }

    async fn adopt(&self, source: SourceRow) -> anyhow::Result<Identity> {
        let SourceRow { id, key_prefix, .. } = source;
        let name = self
            .options
            .source
            .clone()
            .unwrap_or_else(|| source.name.clone());
        let mut warnings = vec![match &self.options.source {
            Some(_) => format!("Source: “{name}”, in {}.", self.root),
            None => format!("Source: “{name}”, known by its path {}.", self.root),
        }];
        if name != source.name {
            warnings.push(format!("It was called “{}” so far.", source.name));
        }
        if source.root != self.root {
            warnings.push(format!("It was in {} so far.", source.root));
        }
        if !self.options.dry_run {
            let mut tx = self.db.begin().await?;
            queries::update_source(
                &mut tx,
                id,
                &name,
                self.options.source.is_some() || source.named,
                &self.root,
            )
            .await?;
            tx.commit().await?;
        }
        Ok(Identity {
            id: Some(id),
            prefix: key_prefix,
            warnings,
        })
    }
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
