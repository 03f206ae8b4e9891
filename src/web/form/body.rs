//! Reads the body of a form.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::messages::text;
use crate::web::error::{Error, Result};

/// A form body of at most `LIMIT` bytes as it travels (64 KiB unless said otherwise; percent-encoding
/// makes non-Latin text nine bytes a character).
pub struct Form<T, const LIMIT: usize = 65_536>(pub T);

impl<T, const LIMIT: usize> Deref for Form<T, LIMIT> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, const LIMIT: usize> DerefMut for Form<T, LIMIT> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Form<T, LIMIT> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = is_form(req);
        let mut payload = payload.take();
        Box::pin(async move {
            let mut body = Vec::new();
            while let Some(chunk) = payload.next().await {
                if matches!(&chunk, Err(PayloadError::Io(error)) if error.kind() == std::io::ErrorKind::TimedOut)
                {
                    return Err(Error::TooSlow);
                }
                let chunk = chunk.map_err(|_| Error::BadRequest(text::forms_not_whole()))?;
                if body.len() + chunk.len() > LIMIT {
                    return Err(Error::TooLarge(text::forms_too_large(LIMIT / 1024)));
                }
                body.extend_from_slice(&chunk);
            }
            if !is_form && !body.is_empty() {
                return Err(Error::BadRequest(text::forms_content_type()));
            }
            parse(&body).map(Form)
        })
    }
}

fn is_form(req: &HttpRequest) -> bool {
    let kind = req
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|k| k.trim() == "application/x-www-form-urlencoded")
}

/// Reads a whole body.
///
/// # Errors
///
/// With a sentence that names the field, for what no browser sends.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    for pair in body.split(|b| *b == b'&') {
        let (name, value) =
            pair.split_at(pair.iter().position(|b| *b == b'=').unwrap_or(pair.len()));
        let field = String::from_utf8_lossy(name).into_owned();
        for part in [name, value] {
            let bytes: Vec<u8> = percent_encoding::percent_decode(part).collect();
            if std::str::from_utf8(&bytes).is_err() {
                return Err(Error::BadRequest(text::forms_not_utf8(field)));
            }
            if bytes.contains(&0) {
                return Err(Error::BadRequest(text::forms_nul(field)));
            }
        }
    }
    serde_html_form::from_bytes(body).map_err(|e| {
        Error::BadRequest(match repeated(body) {
            Some(field) => text::forms_repeated(field),
            None => text::forms_not_right(e.to_string()),
        })
    })
}

/// The first field that is there twice. Only asked when the form did not fit: lists may repeat theirs.
fn repeated(body: &[u8]) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    url::form_urlencoded::parse(body)
        .map(|(name, _)| name.into_owned())
        .find(|name| !seen.insert(name.clone()))
}
