//! This process as answers name it.

use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use uuid::Uuid;

/// The longest that a page usually has left, in seconds.
const USUAL_TTL: i64 = 66;

/// Name and id of the process. The id is new at every start.
#[derive(Clone, Debug)]
pub struct Node {
    /// New at each start: rows of a process that is gone are told from those of its successor.
    pub id: Uuid,
    /// `masthead-` and a few letters of the id: tells nodes apart, tells strangers nothing about machines.
    pub name: String,
    bypass: HeaderValue,
    /// By seconds left, for the usual ones: nothing is written or counted when one is copied.
    hits: Arc<[HeaderValue]>,
}

impl Node {
    /// Makes the name, and every line of `Cache-Status` that is sent often.
    pub fn new(id: Uuid) -> Self {
        let text = id.simple().to_string();
        let name = format!("masthead-{}", &text[text.len() - 6..]);
        let bypass = value(format!("{name}; fwd=bypass"));
        let hits = (0..=USUAL_TTL)
            .map(|ttl| lasting(format!("{name}; hit; ttl={ttl}")))
            .collect();
        Node {
            id,
            name,
            bypass,
            hits,
        }
    }

    pub(super) fn bypass(&self) -> HeaderValue {
        self.bypass.clone()
    }

    pub(super) fn hit(&self, ttl: i64) -> HeaderValue {
        match usize::try_from(ttl).ok().and_then(|ttl| self.hits.get(ttl)) {
            Some(value) => value.clone(),
            None => self.said(&format!("hit; ttl={ttl}")),
        }
    }

    pub(super) fn said(&self, what: &str) -> HeaderValue {
        value(format!("{}; {what}", self.name))
    }
}

/// Lives as long as the process, of which there is one node.
fn lasting(text: String) -> HeaderValue {
    let text: &'static str = String::leak(text);
    HeaderValue::from_static(text)
}

fn value(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(text).unwrap_or_else(|_| HeaderValue::from_static("masthead"))
}
