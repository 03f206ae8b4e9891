//! Which source a folder is. Two folders may have the same name, and a folder may be moved: a source is known by the
//! real path of its folder or by the name that `--source` gives it, and where another folder comes under a known name, a
//! person has to say that it is the same blog.
//!
//! Before sources had rows of their own, the last two names of the path stood for them (`markdown:site/content/`). Such
//! a source keeps its keys: the first folder of that name with its documents is it.

use std::path::Path;

use super::asking::{Asking, Found};
use super::fingerprint;
use super::numbered::numbered;
use super::options::Options;
use super::queries::{self, SourceRow};
use crate::db::Db;
use crate::import as folder;
use crate::markdown;

/// A source, and what is to be told of how it was found.
pub struct Identity {
    /// `None` in a dry run that would make it.
    pub id: Option<i64>,
    /// What the keys of its documents and people begin with.
    pub prefix: String,
    pub warnings: Vec<String>,
}

pub async fn of(
    db: &Db,
    dir: &Path,
    folder: &folder::Source,
    options: &Options,
) -> anyhow::Result<Identity> {
    let asking = Asking::of(db, dir, folder, options)?;
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
    /// The name given, else one from the path that no source has.
    async fn free_name(&self) -> anyhow::Result<String> {
        if let Some(name) = &self.options.source {
            return Ok(name.clone());
        }
        let base = self.base_name();
        let mut conn = self.db.fresh().await?;
        for number in 1..10_000 {
            let name = numbered(&base, number);
            if queries::source_named(&mut conn, &name).await?.is_none() {
                return Ok(name);
            }
        }
        anyhow::bail!(
            "there are too many sources called {base}; give this one a name with --source"
        )
    }

    fn base_name(&self) -> String {
        let base: String = markdown::ascii_slug(&self.names.join(" "))
            .chars()
            .take(60)
            .collect();
        if base.is_empty() {
            "import".to_owned()
        } else {
            base
        }
    }

    async fn make(&self, prefix: String) -> anyhow::Result<Identity> {
        let name = self.free_name().await?;
        let named = self.options.source.is_some();
        let mut warnings = vec![self.new_line(&name, named)];
        if !named {
            warnings.extend(self.copies().await?);
        }
        let id = match self.options.dry_run {
            true => None,
            false => Some(self.insert(&name, named, &prefix).await?),
        };
        Ok(Identity {
            id,
            prefix,
            warnings,
        })
    }

    fn new_line(&self, name: &str, named: bool) -> String {
        if named {
            format!("Source: “{name}”, new, in {}.", self.root)
        } else {
            format!(
                "Source: “{name}”, named after its path {}. To give it a name that stays when the folder moves: --source NAME.",
                self.root
            )
        }
    }

    async fn insert(&self, name: &str, named: bool, prefix: &str) -> anyhow::Result<i64> {
        let mut tx = self.db.begin().await?;
        let id = queries::insert_source(&mut tx, name, named, prefix, &self.root).await?;
        tx.commit().await?;
        id.ok_or_else(|| {
            anyhow::anyhow!(
                "another import of this folder has just begun; try again when it is done"
            )
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
        let name = self.options.source.clone();
        let name = name.unwrap_or_else(|| source.name.clone());
        let warnings = self.known_lines(&source, &name);
        if !self.options.dry_run {
            self.update(&source, &name).await?;
        }
        Ok(Identity {
            id: Some(source.id),
            prefix: source.key_prefix,
            warnings,
        })
    }

    fn known_lines(&self, source: &SourceRow, name: &str) -> Vec<String> {
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
        warnings
    }

    async fn update(&self, source: &SourceRow, name: &str) -> anyhow::Result<()> {
        let named = self.options.source.is_some() || source.named;
        let mut tx = self.db.begin().await?;
        queries::update_source(&mut tx, source.id, name, named, &self.root).await?;
        Ok(tx.commit().await?)
    }
}
