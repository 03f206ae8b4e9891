//! What HTTP says of a page: its headers, which caches may keep it and for how long, its entity tag and conditional requests,
//! and the encodings that it travels in.

pub mod encoding;
pub mod etag;
pub(super) mod headers;
pub(super) mod policy;
