//! This process as answers name it.

use actix_web::http::header::HeaderValue;
use uuid::Uuid;

/// Name and id of the process. The id is new at every start.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: Uuid,
    /// `masthead-` and a few letters of the id: tells nodes apart, tells strangers nothing about machines.
    pub name: String,
    bypass: HeaderValue,
}

impl Node {
    pub fn new(id: Uuid) -> Self {
        let text = id.simple().to_string();
        let name = format!("masthead-{}", &text[text.len() - 6..]);
        let bypass = value(format!("{name}; fwd=bypass"));
        Node { id, name, bypass }
    }

    pub(super) fn bypass(&self) -> HeaderValue {
        self.bypass.clone()
    }

    pub(super) fn hit(&self, ttl: i64) -> HeaderValue {
        self.said(&format!("hit; ttl={ttl}"))
    }

    pub(super) fn said(&self, what: &str) -> HeaderValue {
        value(format!("{}; {what}", self.name))
    }
}

fn value(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(text).unwrap_or_else(|_| HeaderValue::from_static("masthead"))
}
