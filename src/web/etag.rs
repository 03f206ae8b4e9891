//! Validators: strong ETags over the final bytes, and the conditions of RFC 9110 section 13.

use actix_web::HttpRequest;
use actix_web::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use chrono::{DateTime, Duration, Utc};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// A strong ETag of one representation. `encoding` is part of it: the compressed page is other bytes.
pub fn strong(body: &[u8], encoding: &str) -> String {
    let digest = Sha256::digest(body);
    let tag = BASE64URL_NOPAD.encode(&digest[..15]);
    if encoding.is_empty() { format!("\"{tag}\"") } else { format!("\"{tag}-{encoding}\"") }
}

/// Whether the reader already has these bytes. `If-None-Match` decides alone when it is there (RFC 9110,
/// 13.2.2); `If-Modified-Since` counts only two seconds after the change, since its clock ticks in seconds
/// and two edits within one would look the same.
pub fn not_modified(req: &HttpRequest, etag: &str, modified: Option<DateTime<Utc>>) -> bool {
    let header = |name| req.headers().get(name).and_then(|v| v.to_str().ok());
    if req.headers().contains_key(IF_NONE_MATCH) {
        return header(IF_NONE_MATCH).is_some_and(|list| matches_any(list, etag));
    }
    let (Some(since), Some(modified)) = (header(IF_MODIFIED_SINCE), modified) else {
        return false;
    };
    DateTime::parse_from_rfc2822(since).is_ok_and(|since| modified.timestamp() <= since.timestamp())
        && Utc::now() - modified > Duration::seconds(2)
}

fn matches_any(list: &str, etag: &str) -> bool {
    // Weak comparison, as the RFC asks of If-None-Match.
    list.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
}

/// A date in the form of HTTP headers.
pub fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn with(name: &str, value: &str) -> HttpRequest {
        TestRequest::default().insert_header((name, value)).to_http_request()
    }

    #[test]
    fn etags_differ_by_encoding() {
        assert_ne!(strong(b"page", ""), strong(b"page", "br"));
    }

    #[test]
    fn if_none_match_lists_weak_tags_and_stars() {
        for (value, same) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("a", false)]
        {
            assert_eq!(not_modified(&with("if-none-match", value), "\"a\"", None), same, "{value}");
        }
    }

    #[test]
    fn if_none_match_wins_over_the_date() {
        let long_ago = Utc::now() - Duration::days(1);
        let req = TestRequest::default()
            .insert_header(("if-none-match", "\"other\""))
            .insert_header(("if-modified-since", http_date(Utc::now())))
            .to_http_request();
        assert!(!not_modified(&req, "\"a\"", Some(long_ago)));
    }

    #[test]
    fn dates_count_only_when_the_change_is_old_enough() {
        let old = Utc::now() - Duration::hours(1);
        let now = Utc::now();
        assert!(not_modified(&with("if-modified-since", &http_date(old)), "\"a\"", Some(old)));
        assert!(!not_modified(&with("if-modified-since", &http_date(old - Duration::minutes(1))), "\"a\"", Some(old)));
        assert!(!not_modified(&with("if-modified-since", &http_date(now)), "\"a\"", Some(now)));
        assert!(!not_modified(&with("if-modified-since", "yesterday"), "\"a\"", Some(old)));
    }
}
