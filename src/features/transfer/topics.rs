//! What the old site called its tags. One that has a page of its own there (`topics/open/_index.md`) is named in documents
//! by the folder of that page, and shown by its title: that is what it is called here, too, unless there is a tag of the
//! shorter name already.

use std::collections::{HashMap, HashSet};

use super::fit;
use super::markdown::{Document, Source};
use crate::db::{Result, Tx};
use crate::features::posts::{TagName, known_tags};
use crate::markdown;

/// Titles of topics by the addresses of their folders.
pub struct Topics(HashMap<String, TagName>);

/// What tags are called, by the keys of what documents call them.
#[derive(Default)]
pub struct Names(HashMap<String, TagName>);

impl Topics {
    pub fn of(folder: &Source) -> Topics {
        let title = |name: &str| TagName::parse(&fit::clean(name)).ok();
        Topics(
            folder
                .topics()
                .iter()
                .filter_map(|topic| Some((markdown::slug(&topic.key), title(&topic.name)?)))
                .collect(),
        )
    }

    fn title(&self, tag: &TagName) -> Option<&TagName> {
        self.0
            .get(&markdown::slug(&tag.name))
            .filter(|title| title.key() != tag.key())
    }

    /// For these documents.
    pub async fn names(
        &self,
        tx: &mut Tx,
        documents: impl Iterator<Item = &Document>,
    ) -> Result<Names> {
        if self.0.is_empty() {
            return Ok(Names::default());
        }
        let mut keys = HashSet::new();
        let tags = documents
            .flat_map(|document| &document.tags)
            .filter_map(|tag| TagName::parse(&fit::clean(tag)).ok());
        let asked: Vec<TagName> = tags
            .filter(|tag| self.title(tag).is_some() && keys.insert(tag.key()))
            .collect();
        if asked.is_empty() {
            return Ok(Names::default());
        }
        let here = known_tags(tx, &asked).await?;
        let unknown = asked.iter().filter(|tag| !here.contains(&tag.key()));
        Ok(Names(
            unknown
                .filter_map(|tag| Some((tag.key(), self.title(tag)?.clone())))
                .collect(),
        ))
    }
}

impl Names {
    pub fn of(&self, tag: TagName) -> TagName {
        self.0.get(&tag.key()).cloned().unwrap_or(tag)
    }
}
