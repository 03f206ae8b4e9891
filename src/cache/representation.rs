//! A page in one encoding.

use actix_web::http::header::HeaderValue;
use bytes::Bytes;

use super::http::encoding::Encoding;
use super::http::etag;

/// The bytes in one encoding.
#[derive(Clone)]
pub struct Representation {
    /// What is sent; a copy shares the bytes.
    pub body: Bytes,
    /// Strong (RFC 9110, 8.8.3), so one for each encoding.
    pub etag: HeaderValue,
    /// How `body` is encoded; it stands in `Content-Encoding`.
    pub encoding: Encoding,
}

impl Representation {
    pub(super) fn new(body: Bytes, encoding: Encoding) -> Self {
        Representation {
            etag: etag::of(&body, encoding),
            body,
            encoding,
        }
    }
}
