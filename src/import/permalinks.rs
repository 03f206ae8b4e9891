//! The addresses that a document had on the old site, so that they can lead to the new one.

use super::generator::Generator;
use super::old_address::{computed, on_old_site};
use super::permalink_template::Facts;
use super::site::Site;
use super::value::{Table, Value};
use super::warnings::{Warnings, quoted};
use crate::import::permalink_template::expand_all;

const PATH_LIMIT: usize = 500;
const PER_DOCUMENT_LIMIT: usize = 200;

/// Written aliases first, then the document's own old addresses. Each begins
/// with one `/`, has no `..`, no control character, and at most 500 characters.
pub(super) fn read(
    fields: &Table,
    site: &Site,
    facts: &Facts<'_>,
    warnings: &mut Warnings,
) -> Vec<String> {
    let mut found = Vec::new();
    let aliases = ["aliases", "redirect_from", "alias"]
        .iter()
        .filter_map(|name| fields.get(name))
        .flat_map(Value::texts);
    for written in aliases {
        add_alias(&mut found, written, site, warnings);
    }
    for path in own(fields, site, facts, warnings) {
        add(&mut found, &path, "old path", warnings);
    }
    found
}

fn add_alias(found: &mut Vec<String>, written: &str, site: &Site, warnings: &mut Warnings) {
    if site.addresses.kind == Generator::Hugo && !written.starts_with('/') {
        warnings.add(format!(
            "the alias {:?} was dropped: it is relative to a page of the old site",
            quoted(written)
        ));
    } else {
        add(found, written, "alias", warnings);
    }
}

/// Where settings or front matter say that the document was: the address that links to it have, then others.
pub(super) fn own(
    fields: &Table,
    site: &Site,
    facts: &Facts<'_>,
    warnings: &mut Warnings,
) -> Vec<String> {
    let (paths, what) = claimed(fields, site, &on_old_site(site, facts));
    let mut found = Vec::new();
    for path in &paths {
        add(&mut found, path, what, warnings);
    }
    found
}

/// As it is written or follows from the settings, and what a note calls it.
fn claimed(fields: &Table, site: &Site, facts: &Facts<'_>) -> (Vec<String>, &'static str) {
    let path = fields.text(&["path"]);
    match (
        site.addresses.kind,
        path,
        fields.text(&["url", "permalink"]),
    ) {
        (Generator::Zola, Some(path), _) => {
            (vec![format!("{}/", path.trim_end_matches('/'))], "old path")
        }
        (Generator::Jekyll | Generator::Hexo, _, Some(written)) if written.contains(':') => {
            (expand_all(written, fields, site, facts), "permalink")
        }
        (Generator::Zola, None, _) | (_, _, None) => (computed(fields, site, facts), "old path"),
        (_, _, Some(written)) => (vec![written.to_owned()], "permalink"),
    }
}

fn add(found: &mut Vec<String>, written: &str, what: &str, warnings: &mut Warnings) {
    match cleaned(written) {
        Ok(path) if path != "/" && found.len() < PER_DOCUMENT_LIMIT && !found.contains(&path) => {
            found.push(path)
        }
        Ok(_) => {}
        Err(why) => warnings.add(format!(
            "the {what} {:?} was dropped: {why}",
            quoted(written)
        )),
    }
}

/// One leading `/`; an address with a host, or one that climbs or hides characters, is an error.
fn cleaned(written: &str) -> Result<String, &'static str> {
    let whole = written.trim();
    let whole = whole.split('#').next().unwrap_or(whole);
    // A query names one text of many at its path: what may be kept of it is decided where the addresses are looked up.
    let (path, query) = whole.split_at(whole.find('?').unwrap_or(whole.len()));
    if path.contains("://") || path.starts_with("//") {
        return Err("it names another site");
    }
    let path = format!("/{}", path.trim_start_matches('/'));
    if path.chars().count() + query.len() > PATH_LIMIT {
        return Err("it is longer than 500 characters");
    }
    check_decoded(&path, whole)?;
    let query = if query == "?" { "" } else { query };
    Ok(path.replace(' ', "%20") + query)
}

/// What servers may read in a path, some of which decode it twice.
fn check_decoded(path: &str, whole: &str) -> Result<(), &'static str> {
    let decoded = percent_decoded(&percent_decoded(path.as_bytes()));
    if decoded.iter().any(|byte| byte.is_ascii_control()) || whole.contains(char::is_control) {
        return Err("it has control characters");
    }
    if decoded
        .split(|byte| matches!(byte, b'/' | b'\\'))
        .any(|name| matches!(name, b".." | b"."))
    {
        return Err("it tries to leave the site");
    }
    if decoded.contains(&b'\\') || path.contains("//") {
        return Err("it is not a plain path");
    }
    Ok(())
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        let escaped = escaped_byte(&bytes[index..]);
        out.push(escaped.unwrap_or(*byte));
        index += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

/// The byte that a `%41` at the start stands for.
fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| {
        let digit = char::from(byte).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    match bytes {
        [b'%', high, low, ..] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    use crate::import::notation;

    fn site(kind: Generator, content_root: &str, permalinks: &[(&str, &str)]) -> Site {
        Site {
            kind,
            content_root: content_root.to_owned(),
            config_file: None,
            config: crate::import::value::Table::default(),
            base: String::new(),
            has_language_folders: false,
            warnings: Vec::new(),
            zone: crate::import::moment::Zone::default(),
            addresses: crate::import::addresses::Addresses {
                kind,
                permalinks: Some(
                    permalinks
                        .iter()
                        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                        .collect(),
                ),
                below: String::new(),
                has_root: !content_root.is_empty(),
            },
        }
    }

    /// Only a part of a site, below the place of its documents.
    fn part(kind: Generator, below: &str, permalinks: &[(&str, &str)]) -> Site {
        let mut site = site(Generator::Plain, "", permalinks);
        (
            site.addresses.kind,
            site.addresses.below,
            site.addresses.has_root,
        ) = (kind, below.to_owned(), true);
        site
    }

    #[test]
    fn a_part_of_a_site_has_the_addresses_of_the_whole() {
        let hugo = part(
            Generator::Hugo,
            "posts/",
            &[("posts", "/:year/:section/:slug/")],
        );
        assert_eq!(
            run(&hugo, "title: x", "a.fr.md", "a.fr").0,
            ["/2016/posts/a/"]
        );
        assert_eq!(
            run(
                &part(Generator::Hugo, "news/", &[]),
                "title: x",
                "x/a.md",
                "a"
            )
            .0,
            ["/news/x/a/"]
        );
        assert_eq!(
            run(
                &part(Generator::Zola, "blog/", &[]),
                "title: x",
                "a.md",
                "a"
            )
            .0,
            ["/blog/a/"]
        );
        let jekyll = part(
            Generator::Jekyll,
            "notes/_posts/",
            &[("*", "/:categories/:title.html")],
        );
        assert_eq!(
            run(&jekyll, "title: x", "2016-03-02-a.md", "a").0,
            ["/notes/a.html", "/a.html"]
        );
        let hexo = part(Generator::Hexo, "", &[("*", "/:year/:title/")]);
        assert_eq!(run(&hexo, "title: x", "_posts/a.md", "a").0, ["/2016/a/"]);
        assert!(
            run(&hexo, "title: x", "about/index.md", "about")
                .0
                .is_empty(),
            "a page of Hexo is where its file is"
        );
        let mut unreadable = part(Generator::Hugo, "posts/", &[]);
        unreadable.addresses.permalinks = None;
        assert!(run(&unreadable, "title: x", "a.md", "a").0.is_empty());
    }

    fn run(site: &Site, yaml: &str, path: &str, name: &str) -> (Vec<String>, Vec<String>) {
        let fields = notation::parse_data(yaml, "yml").unwrap();
        let facts = Facts {
            path,
            name,
            slug: fields.text(&["slug"]),
            day: NaiveDate::from_ymd_opt(2016, 3, 2),
            is_post: true,
        };
        let mut warnings = Warnings::default();
        (
            read(&fields, site, &facts, &mut warnings),
            warnings.into_vec(),
        )
    }

    #[test]
    fn old_addresses_are_worked_out() {
        let jekyll = site(
            Generator::Jekyll,
            "",
            &[("*", "/:categories/:year/:month/:day/:title.html")],
        );
        let path = "_posts/2016-03-02-hash-#1.md";
        assert_eq!(
            run(&jekyll, "title: x", path, "hash-#1").0,
            ["/2016/03/02/hash-1.html"]
        );
        let (with_categories, _) = run(&jekyll, "categories: Foo bar", path, "a");
        assert_eq!(
            with_categories,
            ["/foo/bar/2016/03/02/a.html", "/2016/03/02/a.html"]
        );
        assert_eq!(run(&jekyll, "permalink: my/own", path, "a").0, ["/my/own"]);
        assert_eq!(run(&jekyll, "permalink: /:title", path, "a").0, ["/a"]);
        let zola = site(Generator::Zola, "content/", &[]);
        let zola_run = run(
            &zola,
            "path: 2016/03/02/A\naliases: [2016/03/02/A.html, /old]",
            "content/a.md",
            "a",
        )
        .0;
        assert_eq!(zola_run, ["/2016/03/02/A.html", "/old", "/2016/03/02/A/"]);
        assert_eq!(
            run(
                &zola,
                "title: x",
                "content/blog/Some_Name/index.md",
                "Some_Name"
            )
            .0,
            ["/blog/some-name/"]
        );
    }

    #[test]
    fn pages_of_jekyll_are_where_their_files_are() {
        for (permalink, path, want) in [
            ("/:categories/:year/:title.html", "about.md", "/about.html"),
            (
                "/:categories/:year/:title/",
                "docs/about.md",
                "/docs/about/",
            ),
            ("/:title", "about.md", "/about"),
            ("/:title.html", "_docs/a.md", "/docs/a.html"),
            ("/:title.html", "docs/index.md", "/docs/"),
        ] {
            let mut jekyll = site(Generator::Jekyll, "", &[("*", permalink)]);
            let fields = notation::parse_data("title: x", "yml").unwrap();
            let facts = Facts {
                path,
                name: "about",
                slug: None,
                day: None,
                is_post: false,
            };
            assert!(
                own(&fields, &jekyll, &facts, &mut Warnings::default()).is_empty(),
                "what it lay in is not known"
            );
            jekyll.addresses.has_root = true;
            assert_eq!(
                own(&fields, &jekyll, &facts, &mut Warnings::default()),
                [want],
                "{permalink} {path}"
            );
        }
    }

    #[test]
    fn hugo_addresses_need_a_known_root() {
        let known = site(
            Generator::Hugo,
            "content/",
            &[("posts", "/:year/:month/:slug/")],
        );
        assert_eq!(
            run(&known, "slug: s", "content/posts/a.md", "a").0,
            ["/2016/03/s/"]
        );
        assert_eq!(
            run(&known, "title: s", "content/news/A b.md", "A b").0,
            ["/news/a-b/"]
        );
        let unknown = site(Generator::Hugo, "", &[]);
        let (paths, warnings) = run(
            &unknown,
            "url: /x/y\naliases: [rel, /abs/]",
            "news/a.md",
            "a",
        );
        assert_eq!(paths, ["/abs/", "/x/y"]);
        assert!(warnings[0].contains("\"rel\" was dropped: it is relative"));
    }

    #[test]
    fn addresses_that_leave_the_site_are_dropped() {
        for bad in [
            "/%2e%2e/%2E%2e/x",
            "/a/../b",
            "/%252e%252e/x",
            "//evil.example/x",
            "https://evil.example/x",
            "/a%00b",
            "/a\\..\\b",
            "/a\u{7}b",
        ] {
            assert!(cleaned(bad).is_err(), "{bad:?}");
        }
        assert!(cleaned(&"x".repeat(501)).is_err());
        assert_eq!(cleaned("a b/c?#f").as_deref(), Ok("/a%20b/c"));
        assert_eq!(cleaned("index.php?p=7#f").as_deref(), Ok("/index.php?p=7"));
    }
}
