//! An entry of the audit log, as the verb that acts writes it.

use serde_json::Value;
use uuid::Uuid;

/// What happened to what. Texts are cut to 500 characters: the log is a record, not an archive.
#[derive(Default)]
pub struct Entry<'a> {
    /// `noun.verb`, for example `post.publish`.
    pub act: &'a str,
    /// A noun: `post`, `comment`, `user`.
    pub object_kind: &'a str,
    /// Its public id; `None` for what has none, such as the site.
    pub object_id: Option<Uuid>,
    /// A name a person recognises: title, handle.
    pub object: &'a str,
    /// As the actor gave it; empty where none is asked for.
    pub reason: &'a str,
    /// What the act took away, as far as the log should hold it: no passwords, no bodies.
    pub before: Option<Value>,
    /// What the act put there.
    pub after: Option<Value>,
}
