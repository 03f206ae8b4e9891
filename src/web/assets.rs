//! The embedded files of `static/`. Their names carry the hash of their content, so browsers keep them for
//! ever; templates name them by constants (`SITE_CSS`), so a missing file does not compile.

use actix_web::http::header::{self, ACCEPT_ENCODING};
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::{Error, Result};

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// `GET /assets/{name}`
pub async fn show(req: HttpRequest, name: web::Path<String>) -> Result<HttpResponse> {
    let asset = FILES.iter().find(|a| a.name == name.as_str()).ok_or(Error::NotFound)?;
    let takes_brotli =
        req.headers().get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|v| v.split(',').any(|e| e.trim() == "br"));
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::ETAG, format!("\"{}\"", asset.name)));
    if asset.brotli.is_some() {
        response.insert_header((header::VARY, "Accept-Encoding"));
    }
    match asset.brotli.filter(|_| takes_brotli) {
        Some(bytes) => Ok(response
            .insert_header((header::CONTENT_ENCODING, "br"))
            .insert_header((header::ETAG, format!("\"{}-br\"", asset.name)))
            .body(bytes)),
        None => Ok(response.body(asset.bytes)),
    }
}
