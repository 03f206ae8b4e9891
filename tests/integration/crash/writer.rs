//! Somebody who writes without a pause and keeps a copy of everything that the site said it has.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use masthead::db::public_id;

use super::client::{Client, patient};
use crate::support::{PASSWORD, Response};

/// Numbers that are the same in every run (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// A text as acknowledged.
pub struct Text {
    pub id: String,
    /// Markdown of version 1, 2, …
    pub versions: Vec<String>,
    pub published: Option<Published>,
}

pub struct Published {
    pub path: String,
    pub version: usize,
}

pub struct Comment {
    pub id: String,
    pub markdown: String,
}

#[derive(Clone, Debug)]
enum Act {
    Save {
        id: String,
        to: String,
        based_on: usize,
        tags: &'static str,
        markdown: String,
    },
    Publish {
        id: String,
        version: usize,
    },
    Comment {
        id: String,
        to: String,
        markdown: String,
    },
}

pub struct Writer {
    pub client: Client,
    pub username: String,
    pub texts: Vec<Text>,
    pub comments: Vec<Comment>,
    /// Where the texts and comments of this round begin.
    pub round: (usize, usize),
    pub acknowledged: usize,
    /// Answers that were neither an acknowledgement nor a plain "not now".
    pub strange: Vec<String>,
    random: Random,
    /// Sent, and nobody knows whether it arrived.
    open: Option<Act>,
    /// A post under which everybody comments, so that its counter is fought over.
    square: String,
}

impl Writer {
    pub fn sign_up(mut client: Client, number: u64, square: &str) -> Writer {
        let username = format!("writer{number}");
        let email = format!("{username}@example.org");
        let form = [
            ("username", username.as_str()),
            ("email", &email),
            ("password", PASSWORD),
        ];
        patient(|| client.post("/signup", &form)).assert_status(303);
        Writer {
            client,
            username,
            texts: Vec::new(),
            comments: Vec::new(),
            round: (0, 0),
            acknowledged: 0,
            strange: Vec::new(),
            random: Random(number),
            open: None,
            square: square.to_owned(),
        }
    }

    /// Writes until an answer stays away or is a refusal; tells of each acknowledgement.
    pub fn write(&mut self, acknowledged: &Sender<()>, enough: &AtomicBool) {
        self.round = (self.texts.len(), self.comments.len());
        while !enough.load(Ordering::Relaxed) {
            let Some(act) = self.choose() else { return };
            let answer = self.send(&act);
            if !self.take_down(&act, answer) {
                self.open = Some(act);
                return;
            }
            acknowledged.send(()).unwrap();
        }
    }

    /// Sends once more what had no answer, as people do. Afterwards it is there once, whether it was there before or not.
    pub fn send_open_again(&mut self) {
        let Some(act) = self.open.take() else { return };
        let answer = patient(|| self.send(&act));
        if matches!(act, Act::Save { .. }) && answer.status.as_u16() == 409 {
            // The first sending had arrived.
            self.keep(act, "");
        } else {
            answer.assert_status(303);
            self.keep(act, answer.location());
        }
    }

    /// Nothing when the form for it cannot be had any more.
    fn choose(&mut self) -> Option<Act> {
        let markdown = format!("Words {} of *{}*.", public_id(), self.username);
        let tags = ["Storm", "Storm, Sea", "Sea, Harbour, Storm", ""][self.pick(4)];
        let here = self.texts.len() - self.round.0;
        let turn = self.random.below(10);
        if here == 0 || turn < 2 {
            let (id, to) = self.open("/new")?;
            return Some(Act::Save {
                id,
                to,
                based_on: 0,
                tags,
                markdown,
            });
        }
        let text = &self.texts[self.round.0 + self.random.below(here as u64) as usize];
        let (id, version) = (text.id.clone(), text.versions.len());
        let under = match (turn, &text.published) {
            (2..=5, _) => {
                return Some(Act::Save {
                    to: format!("/p/{id}/edit"),
                    id,
                    based_on: version,
                    tags,
                    markdown,
                });
            }
            (6..=7, published)
                if published
                    .as_ref()
                    .is_none_or(|published| published.version < version) =>
            {
                return Some(Act::Publish { id, version });
            }
            (8, Some(published)) => &published.path,
            _ => &self.square,
        };
        let (id, to) = self.open(&format!("{under}/comment"))?;
        Some(Act::Comment { id, to, markdown })
    }

    /// Opens a form that makes something new; gives its id and where it is sent to.
    fn open(&self, path: &str) -> Option<(String, String)> {
        loop {
            let page = self.client.get(path).ok()?;
            match page.status.as_u16() {
                200 => return Some((page.field("id"), page.action())),
                503 => std::thread::yield_now(),
                _ => return None,
            }
        }
    }

    fn pick(&mut self, limit: u64) -> usize {
        self.random.below(limit) as usize
    }

    fn send(&mut self, act: &Act) -> io::Result<Response> {
        match act {
            Act::Save {
                id,
                to,
                based_on,
                tags,
                markdown,
            } => {
                let (version, title) = (based_on.to_string(), format!("Title {id}"));
                let form = [
                    ("id", id.as_str()),
                    ("version", &version),
                    ("title", &title),
                    ("tags", tags),
                    ("markdown", markdown),
                    ("action", "save"),
                ];
                self.client.post(to, &form)
            }
            Act::Publish { id, .. } => self.client.post(&format!("/p/{id}/publish"), &[]),
            Act::Comment { id, to, markdown } => self
                .client
                .post(to, &[("id", id.as_str()), ("markdown", markdown)]),
        }
    }

    /// Whether the answer says that it is done.
    fn take_down(&mut self, act: &Act, answer: io::Result<Response>) -> bool {
        match answer {
            Ok(answer) if answer.status.as_u16() == 303 => {
                self.keep(act.clone(), answer.location());
                true
            }
            Ok(answer) if answer.status.as_u16() != 503 => {
                self.strange.push(format!("{} for {act:?}", answer.status));
                false
            }
            _ => false,
        }
    }

    fn keep(&mut self, act: Act, location: &str) {
        self.acknowledged += 1;
        match act {
            Act::Save {
                id,
                based_on: 0,
                markdown,
                ..
            } => {
                self.texts.push(Text {
                    id,
                    versions: vec![markdown],
                    published: None,
                });
            }
            Act::Save { id, markdown, .. } => self.text(&id).versions.push(markdown),
            Act::Publish { id, version } => {
                self.text(&id).published = Some(Published {
                    path: location.split('#').next().unwrap().to_owned(),
                    version,
                });
            }
            Act::Comment { id, markdown, .. } => self.comments.push(Comment { id, markdown }),
        }
    }

    fn text(&mut self, id: &str) -> &mut Text {
        self.texts.iter_mut().rfind(|text| text.id == id).unwrap()
    }
}
