//! What the old site called its tags, and said of them. One that has a page of its own there (`topics/open/_index.md`) is
//! named in documents by the folder of that page, and shown by its title: that is what it is called here, too, unless there is
//! a tag of the shorter name already.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::controls::without_controls;
use super::retry::{TRIES, WAIT, passes};
use crate::access::Actor;
use crate::db::{Db, Result, Tx};
use crate::features::posts::describe_tag::{DESCRIPTION_CHARS, describe_imported};
use crate::features::posts::queries::Descriptions;
use crate::features::posts::{TagName, known_tags, tag_key};
use crate::import::{Document, Source, TopicRecord};
use crate::markdown;

/// So many tags are described in one transaction, which holds their rows.
const DESCRIBED_AT_ONCE: usize = 100;

/// Topics by the addresses of their folders.
pub struct Topics(HashMap<String, Topic>);

struct Topic {
    /// As documents write it.
    key: String,
    title: Option<TagName>,
    description: String,
}

/// What tags are called, by the keys of what documents call them.
#[derive(Default)]
pub struct Names(HashMap<String, TagName>);

impl Topics {
    pub fn of(folder: &Source) -> Topics {
        let default = folder.site().default_language();
        // One tag has one name here: of several languages, the site's own is last and stays.
        let mut records: Vec<&TopicRecord> = folder.topics().iter().collect();
        records.sort_by_key(|record| {
            Reverse(match record.language.as_deref() {
                None => 0,
                Some(language) if language == default => 1,
                Some(_) => 2,
            })
        });
        let mut topics: HashMap<String, Topic> = HashMap::new();
        for record in records {
            let topic = topics
                .entry(markdown::slug(&record.key))
                .or_insert_with(|| Topic::new(&record.key));
            topic.read(record);
        }
        Topics(topics)
    }

    fn title(&self, tag: &TagName) -> Option<&TagName> {
        let topic = self.0.get(&markdown::slug(&tag.name))?;
        topic
            .title
            .as_ref()
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
        let asked = self.titled(documents);
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

    /// The tags of these documents that have another title, each once.
    fn titled<'d>(&self, documents: impl Iterator<Item = &'d Document>) -> Vec<TagName> {
        let mut keys = HashSet::new();
        let tags = documents
            .flat_map(|document| &document.tags)
            .filter_map(|tag| TagName::parse(&without_controls(tag)).ok());
        tags.filter(|tag| self.title(tag).is_some() && keys.insert(tag.key()))
            .collect()
    }

    /// Says of the tags that are here what the old site said of them.
    pub async fn describe(&self, db: &Db, actor: &Actor) -> anyhow::Result<()> {
        let mut described: Vec<(&String, &Topic)> = self
            .0
            .iter()
            .filter(|(_, topic)| !topic.description.is_empty())
            .collect();
        described.sort_unstable_by_key(|(slug, _)| *slug);
        for topics in described.chunks(DESCRIBED_AT_ONCE) {
            let wanted = descriptions(topics);
            describe_patiently(db, &wanted, &actor.in_another_action()).await?;
        }
        Ok(())
    }
}

fn descriptions(topics: &[(&String, &Topic)]) -> Descriptions {
    let mut wanted = Descriptions::default();
    for (slug, topic) in topics {
        let title = topic.title.as_ref().map(TagName::key);
        wanted.keys.push(tag_key(&topic.key));
        wanted.titles.push(title.unwrap_or_default());
        wanted.slugs.push((*slug).clone());
        wanted.texts.push(topic.description.clone());
    }
    wanted
}

/// However often something else stands in its way.
async fn describe_patiently(db: &Db, wanted: &Descriptions, actor: &Actor) -> anyhow::Result<()> {
    let mut tries = 0;
    while let Err(error) = describe(db, wanted, actor).await {
        tries += 1;
        if tries == TRIES || !passes(&error) {
            return Err(error);
        }
        tokio::time::sleep(WAIT * 2_u32.pow(tries)).await;
    }
    Ok(())
}

async fn describe(db: &Db, wanted: &Descriptions, actor: &Actor) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    tx.belongs_to(actor);
    describe_imported(&mut tx, wanted, actor).await?;
    Ok(tx.commit().await?)
}

impl Topic {
    fn new(key: &str) -> Self {
        Topic {
            key: without_controls(key),
            title: None,
            description: String::new(),
        }
    }

    /// What this page of the topic says is better than what another said before.
    fn read(&mut self, record: &TopicRecord) {
        let title = record.name.as_deref().map(without_controls);
        if let Some(title) = title.and_then(|title| TagName::parse(&title).ok()) {
            self.title = Some(title);
        }
        if let Some(text) = &record.description {
            self.description = without_controls(text)
                .chars()
                .take(DESCRIPTION_CHARS)
                .collect();
        }
    }
}

impl Names {
    pub fn of(&self, tag: TagName) -> TagName {
        self.0.get(&tag.key()).cloned().unwrap_or(tag)
    }
}
