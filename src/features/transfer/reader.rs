//! Reads the files of a folder ahead of what is written: the database is asked which of their documents are known as they are,
//! and the others are rendered, on the threads that render. What is under way is bounded, in documents and in bytes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc::Sender;
use tokio::sync::{OnceCell, Semaphore};

use super::fingerprint;
use super::identity::Identity;
use super::looked::{Looked, refused};
use super::outcome::Outcome;
use super::queries;
use super::room::{AT_ONCE, BYTES_UNDER_WAY, cost, weight};
use super::to_draft;
use super::work::{Mark, Ready, Text, Work};
use crate::db::Db;
use crate::features::posts::render;
use crate::features::site::{self, Site};
use crate::import::{Document, Item, Source};
use crate::markdown::{self, Typography};
use crate::web::{Error, rendering};

/// So often a text waits for a thread that renders, each time up to ten seconds.
const ATTEMPTS: u32 = 30;
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);
/// Longest key of a document, in characters.
const KEY_LIMIT: usize = 600;

/// Renders, however long the threads that do it are busy: a request would be told to come back later, an import comes back.
async fn patiently<T, F: Future<Output = Result<T, Error>>>(
    between: Duration,
    render: impl Fn() -> F,
) -> Result<T, Error> {
    for _ in 1..ATTEMPTS {
        match render().await {
            Err(Error::Overloaded { .. }) => tokio::time::sleep(between).await,
            done => return done,
        }
    }
    render().await
}

pub(super) struct Reader {
    db: Db,
    folder: Arc<Source>,
    prefix: String,
    source_id: Option<i64>,
    room: Arc<Semaphore>,
    /// As it was at the beginning. Where it changes meanwhile, what was rendered before is rendered again.
    site: OnceCell<Site>,
}

/// Items that were read together, and the place of the one after them.
struct Chunk {
    items: Vec<Looked>,
    end: usize,
}

impl Reader {
    pub(super) fn of(db: &Db, folder: &Arc<Source>, identity: &Identity) -> Arc<Reader> {
        Arc::new(Reader {
            db: db.clone(),
            folder: folder.clone(),
            prefix: identity.prefix.clone(),
            source_id: identity.id,
            room: Arc::new(Semaphore::new(BYTES_UNDER_WAY)),
            site: OnceCell::new(),
        })
    }

    pub(super) async fn run(self: Arc<Self>, ready: Sender<anyhow::Result<Ready>>) {
        if let Err(fault) = self.send_all(&ready).await {
            let _ = ready.send(Err(fault)).await;
        }
    }

    async fn send_all(
        self: &Arc<Self>,
        ready: &Sender<anyhow::Result<Ready>>,
    ) -> anyhow::Result<()> {
        let mut reading = tokio::spawn(self.clone().chunk(0));
        loop {
            let Chunk { items, end } = reading.await??;
            if items.is_empty() {
                return Ok(());
            }
            reading = tokio::spawn(self.clone().chunk(end));
            let mut rendered = stream::iter(items)
                .map(|item| self.render(item))
                .buffered(2 * rendering::threads());
            while let Some(item) = rendered.next().await {
                if ready.send(item).await.is_err() {
                    reading.abort();
                    return Ok(());
                }
            }
        }
    }

    /// Reads files and asks for their documents.
    async fn chunk(self: Arc<Self>, start: usize) -> anyhow::Result<Chunk> {
        if start >= self.folder.len() {
            return Ok(Chunk {
                items: Vec::new(),
                end: start,
            });
        }
        let reader = self.clone();
        // Not on the threads that render: each thread that searches with a pattern keeps memory for it.
        let (items, end) = tokio::task::spawn_blocking(move || reader.read(start)).await?;
        let items: Vec<Looked> = items.into_iter().map(|item| self.marked(item)).collect();
        Ok(Chunk {
            items: self.judged(items).await?,
            end,
        })
    }

    /// Asks which of these documents are as the last import left them.
    async fn judged(&self, items: Vec<Looked>) -> anyhow::Result<Vec<Looked>> {
        let marks = items.iter().filter_map(Looked::mark);
        let (keys, prints): (Vec<String>, Vec<Vec<u8>>) = marks
            .map(|mark| (mark.key.clone(), mark.fingerprint.to_vec()))
            .unzip();
        if keys.is_empty() {
            return Ok(items);
        }
        let mut untouched =
            queries::untouched(&mut *self.db.fresh().await?, &keys, &prints).await?;
        let judged = items.into_iter().map(|item| item.judged(&mut untouched));
        Ok(judged.collect())
    }

    fn read(&self, start: usize) -> (Vec<Item>, usize) {
        let (mut items, mut bytes, mut end) = (Vec::new(), 0, start);
        while end < self.folder.len() && items.len() < AT_ONCE && bytes < BYTES_UNDER_WAY {
            let item = self.folder.item_at(end);
            bytes += if let Item::Document(document) = &item {
                document.body.len()
            } else {
                0
            };
            items.push(item);
            end += 1;
        }
        (items, end)
    }

    fn marked(&self, item: Item) -> Looked {
        match item {
            Item::Document(document) => self.document(document),
            Item::Skipped { path, reason } => {
                Looked::told(Outcome::Skipped, path, reason.text().to_owned())
            }
            Item::Failed {
                path,
                line,
                message,
            } => {
                let at = line.map_or(message.clone(), |line| format!("line {line}: {message}"));
                Looked::told(Outcome::Failed, path, at)
            }
        }
    }

    fn document(&self, document: Box<Document>) -> Looked {
        let key = format!("{}{}", self.prefix, document.path);
        if key.chars().count() > KEY_LIMIT {
            let why =
                format!("its path is too long: with the folder it can have {KEY_LIMIT} characters");
            return Looked::told(Outcome::Failed, document.path, why);
        }
        let mark = Mark {
            key,
            source_id: self.source_id,
            fingerprint: fingerprint::of(&document),
        };
        Looked::Changed(document, mark)
    }

    async fn render(&self, item: Looked) -> anyhow::Result<Ready> {
        let (document, mark) = match item {
            Looked::Ready(ready) => return Ok(ready),
            Looked::Changed(document, mark) => (document, mark),
        };
        match markdown::normalise(&document.body) {
            Ok(markdown) => self.render_text(document, mark, markdown).await,
            Err(why) => Ok(refused(*document, why.to_string())),
        }
    }

    /// As the site has it now, in the language that the post will have.
    async fn typography(&self, document: &Document) -> anyhow::Result<Typography> {
        let site = self
            .site
            .get_or_try_init(async || site::load(&mut *self.db.fresh().await?).await);
        Ok(site
            .await?
            .typography()
            .of_text(None, &to_draft::language(document)))
    }

    /// Errors that end the import are those of the process, not of the text.
    async fn render_text(
        &self,
        document: Box<Document>,
        mark: Mark,
        markdown: String,
    ) -> anyhow::Result<Ready> {
        let cost = cost(&document);
        let needed = u32::try_from(cost).unwrap_or(u32::MAX);
        let mut room = self.room.clone().acquire_many_owned(needed).await?;
        let typography = self.typography(&document).await?;
        let rendered = patiently(BETWEEN_ATTEMPTS, || render(&markdown, &typography)).await;
        let rendered = rendered.with_context(|| format!("stopped at {}", document.path))?;
        drop(room.split(cost - weight(&document)));
        Ok(match rendered {
            Ok(rendered) => {
                let text = Text { markdown, rendered };
                Ready::Work(Box::new(Work::new(*document, mark, text, room)))
            }
            Err(why) => refused(*document, why.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::ready;

    use super::*;

    async fn attempts(refused: u32) -> (u32, bool) {
        let count = Cell::new(0);
        let rendered = patiently(Duration::ZERO, || {
            count.set(count.get() + 1);
            let is_refused = count.get() <= refused;
            ready(if is_refused {
                Err(Error::Overloaded { retry_after: 1 })
            } else {
                Ok(())
            })
        })
        .await;
        (count.get(), rendered.is_ok())
    }

    #[actix_web::test]
    async fn a_text_waits_for_busy_threads_but_not_for_ever() {
        assert_eq!(attempts(0).await, (1, true));
        assert_eq!(attempts(3).await, (4, true));
        assert_eq!(attempts(1000).await, (ATTEMPTS, false));
    }
}
