//! Sends pages. [`public`] is the same bytes for every client and goes through the cache; [`private`] is for one person
//! and is stored nowhere. Nothing is cacheable unless a handler of public pages returned it (see [`super::public`]).

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::{Error, Result};
use crate::cache::Public;
use crate::cache::http::encoding;
use crate::cache::http::encoding::Encoding;
pub use crate::cache::in_header as encoded;
use crate::db::CacheTag;

/// In the extensions of answers whose body was written on purpose, so that the error page does not replace it.
pub struct Written;

const HTML: &str = "text/html; charset=utf-8";

/// A public HTML page. `tags` name what it shows.
pub fn public(page: &impl Template, tags: impl IntoIterator<Item = CacheTag>) -> Result<Public> {
    Ok(Public::document(page.render()?, HTML, tags))
}

/// A page for one person: never stored by any cache.
pub fn private(req: &HttpRequest, page: &impl Template) -> Result<HttpResponse> {
    private_with(req, StatusCode::OK, page)
}

/// A private page with a status of its own.
pub fn private_with(
    req: &HttpRequest,
    status: StatusCode,
    page: &impl Template,
) -> Result<HttpResponse> {
    let body = page.render()?;
    let encoding = Encoding::accepted(req.headers());
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, HTML))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::REFERRER_POLICY, "same-origin"));
    let pressed = Some(encoding)
        .filter(|_| encoding::pays(body.as_bytes()))
        .and_then(|e| encoding::compress(body.as_bytes(), e));
    let response = match (pressed, encoding.header()) {
        (Some(pressed), Some(name)) => response
            .insert_header((header::CONTENT_ENCODING, name))
            .body(pressed),
        _ => response.body(body),
    };
    Ok(written(response))
}

/// Private JSON.
pub fn json(status: StatusCode, body: &impl serde::Serialize) -> HttpResponse {
    written(HttpResponse::build(status).json(body))
}

fn written(mut response: HttpResponse) -> HttpResponse {
    response.extensions_mut().insert(Written);
    response
}

/// On to another page after a change (POST, redirect, GET).
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, encoded(to)))
        .finish()
}

/// On to another page, with a cookie for the browser to keep.
pub fn see_other_with(to: &str, cookie: &Cookie<'_>) -> Result<HttpResponse> {
    let mut response = see_other(to);
    response.add_cookie(cookie).map_err(Error::internal)?;
    Ok(response)
}
