//! Sends pages. [`Public`] is the same bytes for everybody and carries validators; [`private`] is for one
//! person and is stored nowhere. Nothing is cacheable unless it was built as [`Public`], whose parts hold
//! neither session nor cookies nor request headers.

use std::io::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ACCEPT_ENCODING, HeaderName};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};

use super::error::Result;
use super::etag;

/// Marks answers whose body was written on purpose, so that the error page does not replace it. Removed
/// before the answer leaves.
pub const WRITTEN: HeaderName = HeaderName::from_static("x-written");

const HTML: &str = "text/html; charset=utf-8";

/// A public document: final bytes, and when they last changed.
pub struct Public {
    body: Vec<u8>,
    content_type: &'static str,
    modified: Option<DateTime<Utc>>,
}

impl Public {
    /// An HTML page.
    pub fn html(page: &impl Template, modified: Option<DateTime<Utc>>) -> Result<Self> {
        Ok(Public { body: page.render()?.into_bytes(), content_type: HTML, modified })
    }

    /// Any other text, for example a feed.
    pub fn text(body: String, content_type: &'static str, modified: Option<DateTime<Utc>>) -> Self {
        Public { body: body.into_bytes(), content_type, modified }
    }

    /// Answers `req`: 304 when the reader has these bytes, else the body, compressed as the reader likes.
    pub fn answer(self, req: &HttpRequest) -> HttpResponse {
        let encoding = choose(req);
        // The validator is taken from the plain bytes and the name of the encoding: the encoders are
        // deterministic, and a 304 then costs no compression.
        let etag = etag::strong(&self.body, encoding);
        let same = etag::not_modified(req, &etag, self.modified);
        let mut response = HttpResponse::build(if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        response
            .insert_header((header::ETAG, etag))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::CACHE_CONTROL, "public, max-age=0"));
        if let Some(at) = self.modified {
            response.insert_header((header::LAST_MODIFIED, etag::http_date(at)));
        }
        if same {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.content_type));
        if !encoding.is_empty() {
            response.insert_header((header::CONTENT_ENCODING, encoding));
        }
        response.body(compress(self.body, encoding))
    }
}

/// A page for one person: never stored by anybody.
pub fn private(req: &HttpRequest, page: &impl Template) -> Result<HttpResponse> {
    private_with(req, StatusCode::OK, page)
}

/// The form again, with what was typed and the faults beside the fields.
pub fn invalid(req: &HttpRequest, page: &impl Template) -> Result<HttpResponse> {
    private_with(req, StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// A private page with a status of its own.
pub fn private_with(req: &HttpRequest, status: StatusCode, page: &impl Template) -> Result<HttpResponse> {
    let encoding = choose(req);
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, HTML))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header((WRITTEN, "1"));
    if !encoding.is_empty() {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    Ok(response.body(compress(page.render()?.into_bytes(), encoding)))
}

/// Private JSON.
pub fn json(status: StatusCode, body: &impl serde::Serialize) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((WRITTEN, "1"))
        .json(body)
}

/// On to another page after a change (POST, redirect, GET).
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, encoded(to)))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .finish()
}

/// A path of ours as a header can carry it: handles and titles may be of any script. What is encoded
/// already stays.
pub fn encoded(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, &NOT_IN_HEADERS).to_string()
}

const NOT_IN_HEADERS: percent_encoding::AsciiSet = percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

fn choose(req: &HttpRequest) -> &'static str {
    let Some(accepted) = req.headers().get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()) else {
        return "";
    };
    let takes = |name: &str| {
        accepted.split(',').any(|part| {
            let mut fields = part.split(';').map(str::trim);
            fields.next() == Some(name) && !fields.any(|q| q.strip_prefix("q=").is_some_and(|v| v.parse() == Ok(0.0)))
        })
    };
    if takes("br") {
        "br"
    } else if takes("gzip") {
        "gzip"
    } else {
        ""
    }
}

fn compress(body: Vec<u8>, encoding: &str) -> Vec<u8> {
    // Memory is the only sink, so writing cannot fail; if an encoder ever did, the truncated page would
    // not decode, hence the expectations instead of a silent fall-back.
    match encoding {
        "br" => {
            let mut out = Vec::with_capacity(body.len() / 3);
            let params = brotli::enc::BrotliEncoderParams { quality: 5, lgwin: 20, ..Default::default() };
            brotli::BrotliCompress(&mut body.as_slice(), &mut out, &params).expect("writing to memory");
            out
        }
        "gzip" => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            gzip.write_all(&body).and_then(|()| gzip.finish()).expect("writing to memory")
        }
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn takes_the_best_encoding_that_is_not_refused() {
        for (accept, chosen) in [
            ("gzip, br", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("identity", ""),
            ("gzip;q=0", ""),
            ("brown", ""),
        ] {
            let req = TestRequest::default().insert_header((ACCEPT_ENCODING, accept)).to_http_request();
            assert_eq!(choose(&req), chosen, "{accept}");
        }
    }
}
