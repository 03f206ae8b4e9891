//! The embedded files of `static/`. Their names carry the hash of their content, so browsers keep them for
//! ever; templates name them by constants (`SITE_CSS`), so a missing file does not compile.
//!
//! While two versions serve one site, a page of one can ask a node of the other for its files. So each version keeps
//! its files in the table `assets` when it starts ([`share`]), and what is not embedded here is looked up there.
//!
//! In that table are also the files that the site has of its own, such as its logo: nodes of every version serve them.

mod queries;

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;

use super::accent::{self, Accent};
use super::error::{Error, OrNotFound, Result};
use crate::cache::CachePolicy;
use crate::cache::http::encoding;
use crate::cache::http::etag;
use crate::cache::http::etag::Condition;
use crate::db::{self, Db, ReadRequirement, Tx};
use crate::messages::in_chosen_language;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
    zstd: Option<&'static [u8]>,
}

/// The addresses of a script, one for each language of pages; it is displayed as that of this process.
pub struct Script(&'static [&'static str]);

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(in_chosen_language(self.0))
    }
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// `GET /assets/{name}`
pub async fn show(
    req: HttpRequest,
    db: web::Data<Db>,
    name: web::Path<String>,
) -> Result<HttpResponse> {
    if let Some(asset) = FILES.iter().find(|asset| asset.name == name.as_str()) {
        let (body, encoding) = asset.form(req.headers());
        return Ok(answer(
            &req,
            asset.name,
            asset.content_type,
            Bytes::from_static(body),
            encoding,
        ));
    }
    if let Some(sheet) = accent::sheet_called(&name) {
        return Ok(answer(&req, &name, accent::CONTENT_TYPE, sheet.into(), ""));
    }
    let found = queries::find(&mut *db.read(&ReadRequirement::any()).await?, &name).await?;
    let other = match found {
        Some(found) => found,
        // A node that starts shares its files, and a page of it may be here before they are on the replica.
        None => queries::find(&mut *db.fresh().await?, &name)
            .await?
            .or_not_found()?,
    };
    let (body, encoding) = match other.brotli.filter(|_| takes(req.headers(), "br")) {
        Some(pressed) => (pressed, "br"),
        None => (other.bytes, ""),
    };
    let mut response = answer(&req, &name, &other.content_type, body.into(), encoding);
    let tag = HeaderValue::from_str(&format!("asset-{name}")).map_err(Error::internal)?;
    for header in ["surrogate-key", "cache-tag"] {
        response
            .headers_mut()
            .insert(HeaderName::from_static(header), tag.clone());
    }
    Ok(response)
}

impl Asset {
    fn form(&self, asked: &HeaderMap) -> (&'static [u8], &'static str) {
        [(self.brotli, "br"), (self.zstd, "zstd")]
            .into_iter()
            .find_map(|(bytes, encoding)| {
                bytes
                    .filter(|_| takes(asked, encoding))
                    .map(|bytes| (bytes, encoding))
            })
            .unwrap_or((self.bytes, ""))
    }
}

fn answer(
    req: &HttpRequest,
    name: &str,
    content_type: &str,
    body: Bytes,
    encoding: &'static str,
) -> HttpResponse {
    // The name holds the hash of the content, so it is a validator by itself.
    let tag = if encoding.is_empty() {
        format!("\"{name}\"")
    } else {
        format!("\"{name}-{encoding}\"")
    };
    let tag =
        HeaderValue::from_maybe_shared(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    let condition = etag::evaluate(req.headers(), &tag, None);
    let mut response = HttpResponse::build(condition.status(StatusCode::OK));
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_TYPE, content_type));
    if !encoding.is_empty() {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
    let mut response = if condition == Condition::Met {
        response.body(body)
    } else {
        response.finish()
    };
    response.extensions_mut().insert(CachePolicy::Immutable);
    response
}

fn takes(asked: &HeaderMap, encoding: &str) -> bool {
    asked
        .get_all(ACCEPT_ENCODING)
        .filter_map(|line| line.to_str().ok())
        .any(|line| encoding::takes(line, encoding))
}

/// Keeps a file of the site until it is taken down. Its name begins with `site-` and holds the hash of its content.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn keep(tx: &mut Tx, name: &str, content_type: &str, bytes: &[u8]) -> db::Result<()> {
    queries::keep(tx, name, content_type, bytes, true).await
}

/// Takes such a file down. Shared caches name it by `asset-` and its name.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn take_down(tx: &mut Tx, name: &str) -> db::Result<()> {
    queries::remove(tx, name).await
}

/// Keeps the style sheet of a site's accent where nodes of other versions find it, which would compute another one.
///
/// # Errors
///
/// When the database refuses or is gone.
pub async fn share_accent(tx: &mut Tx, accent: Accent) -> db::Result<()> {
    let sheet = accent.sheet();
    let (name, bytes) = (accent.sheet_name(), sheet.as_bytes());
    queries::keep(tx, &name, accent::CONTENT_TYPE, bytes, false).await
}

/// Keeps the files of this version where nodes of other versions find them, for thirty days from the last time.
/// Repeating costs one query.
pub async fn share(db: &Db) -> db::Result<()> {
    let names: Vec<String> = FILES.iter().map(|asset| asset.name.to_owned()).collect();
    let mut tx = db.begin().await?;
    let known = queries::mark_used(&mut tx, &names).await?;
    for asset in FILES
        .iter()
        .filter(|asset| !known.iter().any(|name| name == asset.name))
    {
        queries::insert(
            &mut tx,
            asset.name,
            asset.content_type,
            asset.bytes,
            asset.brotli,
        )
        .await?;
    }
    queries::prune(&mut tx).await?;
    tx.commit().await
}
