//! Old addresses as the site looks them up: decoded, without a slash at the end, and of the query what names a text.

use percent_encoding::percent_decode_str;

use crate::features::posts::old_address;
use crate::web::route_words::{is_answered_by_a_route, is_yielding_word};

/// What the redirects' table takes, in characters.
const LIMIT_CHARS: usize = 500;

/// What an alias of an old page comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Alias {
    /// The path to be looked up.
    Path(String),
    /// The front page or nothing: there is nothing to lead.
    Empty,
    /// Why it cannot lead anywhere.
    Lost(&'static str),
}

/// `alias` begins with one slash, may be percent-encoded and may carry a query.
pub fn read(alias: &str) -> Alias {
    let alias = alias.split('#').next().unwrap_or_default();
    let (path, query) = alias.split_once('?').unwrap_or((alias, ""));
    // Requests are decoded before they are looked up; an encoded path would never be found.
    let Ok(path) = percent_decode_str(path).decode_utf8() else {
        return Alias::Lost("it is not valid UTF-8");
    };
    let Some(parameters) = parameters(query) else {
        return Alias::Lost("the site tells addresses apart by none of its parameters");
    };
    let path = match path.trim_end_matches('/') {
        "" if parameters.is_empty() => return Alias::Empty,
        "" => "/",
        path => path,
    };
    let whole = old_address::with_query(path, &parameters);
    if whole.chars().count() > LIMIT_CHARS {
        return Alias::Lost("it is longer than 500 characters");
    }
    if path.chars().any(char::is_control) || whole.contains("%00") {
        return Alias::Lost("it holds a control character");
    }
    if is_answered(path) {
        return Alias::Lost("the site answers there itself");
    }
    Alias::Path(whole)
}

/// Those that name a text, sorted. None where another one, or one of them twice, stands in the query: what the path alone
/// leads to may be another text.
fn parameters(query: &str) -> Option<Vec<(&'static str, String)>> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let name = old_address::PARAMETERS
            .iter()
            .find(|known| **known == name)?;
        if found.iter().any(|(known, _)| known == name) {
            return None;
        }
        found.push((name, value.into_owned()));
    }
    found.sort_unstable();
    Some(found)
}

/// No redirect is asked for where the site answers itself.
fn is_answered(path: &str) -> bool {
    let first = path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    is_yielding_word(path.trim_matches('/'))
        || path.contains([';', '\\'])
        || path.contains("//")
        || is_answered_by_a_route(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_kept_as_they_are_looked_up() {
        for (alias, path) in [
            ("/2019/tides.html", "/2019/tides.html"),
            ("/old/tides/", "/old/tides"),
            ("/a%20b/%C3%BCber/", "/a b/über"),
            ("/über", "/über"),
            ("/a%2520b", "/a%20b"),
            ("/100%/", "/100%"),
            ("/x#top", "/x"),
            ("/index.php?p=13#top", "/index.php?p=13"),
            ("/index.php/?q=node/7&id=1", "/index.php?id=1&q=node%2F7"),
            ("/?p=12", "/?p=12"),
            ("?p=12", "/?p=12"),
            ("/x?", "/x"),
            ("/feedback/", "/feedback"),
            ("/tea", "/tea"),
        ] {
            assert_eq!(read(alias), Alias::Path(path.to_owned()), "{alias}");
        }
        assert_eq!(read("/"), Alias::Empty);
        for alias in ["/x?page=2", "/index.php?p=1&p=2", "/x?p=1&utm_source=a"] {
            assert!(
                matches!(read(alias), Alias::Lost(_)),
                "{alias} would take the address of other texts"
            );
        }
    }

    #[test]
    fn what_the_site_answers_itself_is_lost() {
        for alias in [
            "/t/sea",
            "/p/1",
            "/newest",
            "/feed",
            "/feed.xml",
            "/sitemap-1.xml",
            "/rss.xml",
            "/robots.txt",
            "/@mara/x",
            "/%40mara",
            "/a;b",
            "/a%2F%2Fb",
            "/a%5Cb",
            "/comments/1",
            "/new/",
        ] {
            assert_eq!(
                read(alias),
                Alias::Lost("the site answers there itself"),
                "{alias}"
            );
        }
    }

    #[test]
    fn what_no_request_can_ask_for_is_lost() {
        for alias in [
            "/%ff",
            "/a%00b",
            "/x?p=%00",
            &format!("/{}", "ü".repeat(500)),
        ] {
            assert!(matches!(read(alias), Alias::Lost(_)), "{alias}");
        }
        assert!(matches!(
            read(&format!("/{}", "ü".repeat(499))),
            Alias::Path(_)
        ));
    }
}
