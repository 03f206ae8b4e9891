//! The addresses that a document had on the old site, so that they can lead to the new one.

use chrono::{Datelike as _, NaiveDate};

use super::scan;
use super::site::{Generator, Site, language_tag};
use super::value::Table;
use super::warnings::{Warnings, quoted};

const PATH_LIMIT: usize = 500;
const PER_DOCUMENT_LIMIT: usize = 200;

/// What a template such as `/:year/:title/` is filled from.
pub(super) struct Facts<'a> {
    pub(super) path: &'a str,
    /// The document's name without day and ending.
    pub(super) name: &'a str,
    pub(super) slug: Option<&'a str>,
    pub(super) day: Option<NaiveDate>,
    pub(super) is_post: bool,
}

/// Written aliases first, then the document's own old addresses. Each begins
/// with one `/`, has no `..`, no control character, and at most 500 characters.
pub(super) fn read(
    fields: &Table,
    site: &Site,
    facts: &Facts<'_>,
    warnings: &mut Warnings,
) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["aliases", "redirect_from", "alias"] {
        for written in fields
            .get(name)
            .map(|value| value.texts())
            .unwrap_or_default()
        {
            if site.addresses.kind == Generator::Hugo && !written.starts_with('/') {
                warnings.add(format!(
                    "the alias {:?} was dropped: it is relative to a page of the old site",
                    quoted(written)
                ));
            } else {
                add(&mut found, written, "alias", warnings);
            }
        }
    }
    for path in own(fields, site, facts, warnings) {
        add(&mut found, &path, "old path", warnings);
    }
    found
}

/// Where settings or front matter say that the document was: the address that links to it have, then others.
pub(super) fn own(
    fields: &Table,
    site: &Site,
    facts: &Facts<'_>,
    warnings: &mut Warnings,
) -> Vec<String> {
    let facts = &on_old_site(site, facts);
    let mut found = Vec::new();
    match (
        site.addresses.kind,
        fields.text(&["path"]),
        fields.text(&["url", "permalink"]),
    ) {
        (Generator::Zola, Some(path), _) => add(
            &mut found,
            &format!("{}/", path.trim_end_matches('/')),
            "old path",
            warnings,
        ),
        (Generator::Jekyll | Generator::Hexo, _, Some(written)) if written.contains(':') => {
            expand_all(written, fields, site, facts)
                .iter()
                .for_each(|path| add(&mut found, path, "permalink", warnings));
        }
        (Generator::Zola, None, _) | (_, _, None) => {
            computed(fields, site, facts)
                .iter()
                .for_each(|path| add(&mut found, path, "old path", warnings));
        }
        (_, _, Some(written)) => add(&mut found, written, "permalink", warnings),
    }
    found
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

/// Without the language at the end of a file's name, which is no part of Hugo's and Zola's addresses.
fn on_old_site<'a>(site: &Site, facts: &Facts<'a>) -> Facts<'a> {
    let has_ending = matches!(site.addresses.kind, Generator::Hugo | Generator::Zola);
    let cut = |name: &'a str| match name
        .rsplit_once('.')
        .filter(|(_, ending)| has_ending && language_tag(ending).is_some())
    {
        Some((name, _)) => name,
        None => name,
    };
    // The name is the slug of a document that gives none.
    let slug = facts
        .slug
        .map(|slug| if slug == facts.name { cut(slug) } else { slug });
    Facts {
        name: cut(facts.name),
        slug,
        ..*facts
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
    let query = if query == "?" { "" } else { query };
    Ok(path.replace(' ', "%20") + query)
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| {
        byte.and_then(|byte| char::from(*byte).to_digit(16))
            .and_then(|n| u8::try_from(n).ok())
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        match (
            byte,
            digit(bytes.get(index + 1)),
            digit(bytes.get(index + 2)),
        ) {
            (b'%', Some(high), Some(low)) => {
                out.push(high * 16 + low);
                index += 3;
            }
            _ => {
                out.push(*byte);
                index += 1;
            }
        }
    }
    out
}

fn computed(fields: &Table, site: &Site, facts: &Facts<'_>) -> Vec<String> {
    match site.addresses.kind {
        Generator::Jekyll | Generator::Hexo => match site
            .addresses
            .permalinks
            .as_deref()
            .unwrap_or_default()
            .first()
        {
            Some((_, template)) if is_post(site, facts) => {
                expand_all(template, fields, site, facts)
            }
            _ if site.addresses.kind == Generator::Jekyll
                && site.addresses.has_root
                && !facts.is_post =>
            {
                jekyll_page(site, facts).into_iter().collect()
            }
            _ => Vec::new(),
        },
        Generator::Hugo => hugo(fields, site, facts).into_iter().collect(),
        Generator::Zola => {
            let name = facts.slug.unwrap_or(facts.name);
            vec![format!(
                "/{}{}/",
                sections(site, facts.path),
                slug::slugify(name)
            )]
        }
        Generator::Plain => Vec::new(),
    }
}

/// Whether the permalinks of Jekyll and Hexo hold for it: for what lies in `_posts`, which may be the imported folder.
fn is_post(site: &Site, facts: &Facts<'_>) -> bool {
    let is_dated_page = site.addresses.kind == Generator::Hexo && site.addresses.has_root;
    facts.is_post && !is_dated_page || scan::has_folder(&inside(site, facts.path), "_posts")
}

/// A page of Jekyll is where its file is, with what the permalinks of posts end in. `None` where they cannot be read.
fn jekyll_page(site: &Site, facts: &Facts<'_>) -> Option<String> {
    let (_, template) = site.addresses.permalinks.as_ref()?.first()?;
    let path = inside(site, facts.path);
    let path = path
        .rsplit_once('.')
        .map_or(path.as_str(), |(path, _)| path)
        .trim_start_matches('_');
    let ending = match template {
        template if template.ends_with('/') => "/",
        template if template.ends_with(".html") || template.ends_with(":output_ext") => ".html",
        _ => "",
    };
    Some(
        match path
            .strip_suffix("index")
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
        {
            Some(folder) => format!("/{folder}"),
            None => format!("/{path}{ending}"),
        },
    )
}

/// Without settings and without a `content` folder it is not known where Hugo put the page, so nothing is claimed.
fn hugo(fields: &Table, site: &Site, facts: &Facts<'_>) -> Option<String> {
    let sections = sections(site, facts.path);
    let section = sections.split('/').next().unwrap_or_default();
    if let Some((_, template)) = site
        .addresses
        .permalinks
        .as_ref()?
        .iter()
        .find(|(name, _)| name == section)
    {
        return expand(template, fields, facts, &sections);
    }
    if !site.addresses.has_root {
        return None;
    }
    Some(
        format!("/{}{}/", sections, facts.slug.unwrap_or(facts.name))
            .to_lowercase()
            .replace(' ', "-"),
    )
}

/// The path below the place of documents, also of a folder that is only a part of it.
fn inside(site: &Site, path: &str) -> String {
    format!(
        "{}{}",
        site.addresses.below,
        path.strip_prefix(&site.content_root).unwrap_or(path)
    )
}

/// The folders between the content's root and the document, each with a `/` behind it.
fn sections(site: &Site, path: &str) -> String {
    let inside = inside(site, path);
    let own = if scan::stem(path) == "index" { 2 } else { 1 };
    let parts: Vec<&str> = inside.split('/').collect();
    parts[..parts.len().saturating_sub(own)]
        .iter()
        .map(|part| format!("{part}/"))
        .collect()
}

/// With categories in the template there are two addresses: with them, and without, which `post_url` links use.
fn expand_all(template: &str, fields: &Table, site: &Site, facts: &Facts<'_>) -> Vec<String> {
    let categories = categories(fields, &inside(site, facts.path));
    let mut paths: Vec<String> = expand(template, fields, facts, &categories)
        .into_iter()
        .collect();
    if !categories.is_empty() && template.contains(":categories") {
        paths.extend(expand(template, fields, facts, ""));
    }
    paths
}

fn categories(fields: &Table, path: &str) -> String {
    let mut names: Vec<String> = match path.split_once("_posts/") {
        Some((before, _)) => before
            .split('/')
            .filter(|name| !name.is_empty())
            .map(str::to_lowercase)
            .collect(),
        None => Vec::new(),
    };
    for name in ["category", "categories"] {
        let Some(value) = fields.get(name) else {
            continue;
        };
        for text in value.texts() {
            let is_one_text = value.as_text().is_some() && name == "categories";
            let parts: Vec<&str> = if is_one_text {
                text.split_whitespace().collect()
            } else {
                vec![text]
            };
            names.extend(parts.into_iter().map(str::to_lowercase));
        }
    }
    let mut unique: Vec<String> = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique.iter().map(|name| format!("{name}/")).collect()
}

/// `None` when the template asks for something unknown, so that no address is made up.
fn expand(template: &str, fields: &Table, facts: &Facts<'_>, folders: &str) -> Option<String> {
    let mut path = String::new();
    for (index, part) in template.split(':').enumerate() {
        if index == 0 {
            path.push_str(part);
            continue;
        }
        let end = part
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(part.len());
        path.push_str(&token(&part[..end], fields, facts, folders)?);
        path.push_str(&part[end..]);
    }
    while path.contains("//") {
        path = path.replace("//", "/");
    }
    Some(path)
}

fn token(name: &str, fields: &Table, facts: &Facts<'_>, folders: &str) -> Option<String> {
    Some(match name {
        "year" => format!("{:04}", facts.day?.year()),
        "short_year" => format!("{:02}", facts.day?.year() % 100),
        "month" => format!("{:02}", facts.day?.month()),
        "i_month" => facts.day?.month().to_string(),
        "day" => format!("{:02}", facts.day?.day()),
        "i_day" => facts.day?.day().to_string(),
        "y_day" | "yearday" => format!("{:03}", facts.day?.ordinal()),
        "categories" | "category" | "sections" => folders.trim_end_matches('/').to_owned(),
        "section" => folders.split('/').next()?.to_owned(),
        "title" | "slug" | "slugorfilename" | "slugorcontentbasename" => {
            slugified(facts.slug.unwrap_or(facts.name))
        }
        "filename" | "contentbasename" | "name" => slugified(facts.name),
        "output_ext" => ".html".to_owned(),
        "lang" => fields.text(&["lang"])?.to_owned(),
        _ => return None,
    })
}

/// Jekyll's "pretty" rule: everything that may not stand in a path becomes one hyphen; case stays.
pub(super) fn slugified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        if sign.is_alphanumeric() || "._~!$&'()+,;=@".contains(sign) {
            out.push(sign);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::front_matter;

    fn site(kind: Generator, content_root: &str, permalinks: &[(&str, &str)]) -> Site {
        Site {
            kind,
            content_root: content_root.to_owned(),
            config_file: None,
            config: crate::import::value::Table::default(),
            base: String::new(),
            has_language_folders: false,
            warnings: Vec::new(),
            zone: crate::import::dates::Zone::default(),
            addresses: crate::import::site::Addresses {
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
        let fields = front_matter::parse_data(yaml, "yml").unwrap();
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
            let fields = front_matter::parse_data("title: x", "yml").unwrap();
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
