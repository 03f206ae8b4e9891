//! The allow-list. Everything an author can cause to appear in a page passes here, except the
//! tokens' trusted HTML, which is put in afterwards.

use std::io;

use url::Url;

use super::allowed::ALLOWED;
use super::deadline::Deadline;
use super::error::RenderError;
use super::limits;
use super::rescans;
use super::tags::{self, Piece, escape};

/// For links that leave the site: no endorsement, and no handle on our window.
const REL: &str = " rel=\"ugc nofollow noopener\"";
/// Removing an element can change how the rest is parsed, so the result is cleaned again until it
/// no longer changes. Two rounds are the rule.
const ROUNDS: usize = 6;

/// Keeps the allowed tags and attributes of any HTML and drops the rest. The result is a fixed
/// point: cleaning it again changes nothing, so a browser sees the same tree as the sanitiser did.
///
/// # Errors
/// [`RenderError`] if the HTML nests too deep, has too many elements or takes too much CPU time.
pub fn clean(html: &str) -> Result<String, RenderError> {
    limits::elements(html, 0)?;
    clean_until(html, Deadline::of_post())
}

/// The same for HTML whose elements have been counted.
pub(super) fn clean_until(html: &str, deadline: Deadline) -> Result<String, RenderError> {
    let mut current = clean_once(html, deadline)?;
    for _ in 0..ROUNDS {
        let again = clean_once(&current, deadline)?;
        if again == current {
            return Ok(current);
        }
        current = again;
    }
    // HTML that keeps changing is an attack on the difference: show it as text.
    Ok(escape(html))
}

fn clean_once(html: &str, deadline: Deadline) -> Result<String, RenderError> {
    rescans::text_runs(html)?;
    let document = ALLOWED
        .clean_from_reader(deadline.reader(html))
        .map_err(|_: io::Error| RenderError::HtmlTooSlow)?;
    Ok(finish_tags(&document.to_string()))
}

/// What ammonia cannot say: attributes that depend on others (it writes fixed ones in an order that
/// changes with every start), and the line break that a parser drops after `<pre>`.
fn finish_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut after_pre = false;
    for piece in tags::pieces(html) {
        match piece {
            Piece::Tag(tag) => {
                push_tag(&mut out, tag);
                after_pre = tags::name(tag) == "pre";
            }
            Piece::Text(text) => {
                if after_pre && text.starts_with('\n') {
                    out.push('\n');
                }
                after_pre = false;
                out.push_str(text);
            }
        }
    }
    out
}

fn push_tag(out: &mut String, tag: &str) {
    let added = match tags::name(tag) {
        "a" if tags::attribute(tag, "href").is_some_and(|href| leaves_site(&href)) => REL,
        "img" => " loading=\"lazy\" decoding=\"async\"",
        // Nothing plays or loads before the reader asks for it.
        "video" | "audio" => " controls preload=\"none\"",
        _ => "",
    };
    match tag.strip_suffix('>') {
        Some(open) if !added.is_empty() => {
            out.push_str(open);
            out.push_str(added);
            out.push('>');
        }
        _ => out.push_str(tag),
    }
}

/// Whether an address can lead to another host. `//host`, `\\host` and `https:host` do in some
/// browser on some page.
fn leaves_site(href: &str) -> bool {
    if Url::parse(href).is_ok() {
        return true;
    }
    let Ok(here) = Url::parse("https://here.invalid/a/b") else {
        return true;
    };
    here.join(href)
        .map_or(true, |there| there.origin() != here.origin())
}
