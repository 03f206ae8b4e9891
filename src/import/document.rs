//! One file becomes one [`Document`].

use chrono::{DateTime, Utc};

use super::author_records::Directory;
use super::authors::AuthorRef;
use super::cover::Cover;
use super::fields::{body_or_pointer, canonical, description, language, slug, title, updated};
use super::front_matter::Parts;
use super::generator::Generator;
use super::location::{Kind, Location, Published};
use super::pages::{Linking, Page, Pages};
use super::permalink_template::Facts;
use super::rules::Rules;
use super::site::Site;
use super::value::{ParseError, Table};
use super::visibility::{Decision, Reason, Visibility};
use super::warnings::{Warnings, quoted};
use super::{authors, body, cover, front_matter, location, permalinks, tags, text};

/// A longer body, in bytes, is refused.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// Characters of a description taken from the text before a more-mark.
const EXCERPT_LIMIT: usize = 300;

/// A post or page as it is to be stored, with what had to be changed on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Relative to the folder; the stable key for importing again.
    pub path: String,
    pub kind: Kind,
    /// Text without markup, entities decoded; never empty.
    pub title: String,
    /// As the old site had it: not yet fit for use in an address.
    pub slug: Option<String>,
    /// May lie in the future. A date without clock time is midnight UTC.
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub visibility: Visibility,
    /// Why it is not public.
    pub reason: Option<Reason>,
    /// Its expiry date has passed, whatever was made of that.
    pub has_expired: bool,
    pub authors: Vec<AuthorRef>,
    /// As written, without doubles of other case.
    pub tags: Vec<String>,
    pub description: Option<String>,
    /// An absolute http or https address.
    pub canonical_url: Option<String>,
    pub cover: Option<Cover>,
    pub language: Option<String>,
    /// Paths on the old site that should lead here; each begins with one `/` and has at most 500 characters.
    pub aliases: Vec<String>,
    /// Markdown; at most [`BODY_LIMIT`] bytes.
    pub body: String,
    /// Where the text was published first, or where the old page redirected to.
    pub source_url: Option<String>,
    /// What was changed or could not be carried over, in sentences.
    pub warnings: Vec<String>,
}

/// `None` for a file with neither title nor text nor a place it points to, such as one that only names a template.
pub(super) fn read(
    path: &str,
    file: &str,
    site: &Site,
    directory: &Directory,
    rules: &Rules,
    pages: &dyn Pages,
) -> Result<Option<Document>, ParseError> {
    let parts = front_matter::split(file)?;
    fits(parts.body, "the body", parts.body_line)?;
    let fields = &parts.fields;
    let location = location::of(path, site);
    let mut warnings = of_repeated(&parts.repeated);
    let published = location::published(fields, &location, site.zone, &mut warnings);
    let kind = location::kind(fields, &location, &published, site);
    if kind == Kind::Post && published.at.is_none() {
        warnings.add("no date was found");
    }
    let source_url = source_url(fields);
    let has_no_body = parts.body.trim().is_empty();
    if fields.text(&["title"]).is_none() && source_url.is_none() && has_no_body {
        return Ok(None);
    }
    let linking = Linking { from: path, pages };
    let converted = body::convert(parts.body, site.kind, &linking, &mut warnings);
    let (title, text) = title(fields, &location, converted.text, &mut warnings);
    let text = body_or_pointer(text, source_url.as_deref(), &mut warnings);
    fits(&text, "the converted body", parts.body_line)?;
    let tags = tags::read(fields, site.kind == Generator::Jekyll);
    let decision = decide(&parts, &location, &published, &tags, (path, rules));
    let has_expired = decision.has_expired;
    let (visibility, reason) = decision.finish(&mut warnings);
    let excerpt = converted
        .excerpt
        .map(|text| text::shortened(&text, EXCERPT_LIMIT));
    let slug = slug(fields, &location);
    let facts = facts(path, &location, slug.as_deref(), &published, kind);
    Ok(Some(Document {
        path: path.to_owned(),
        kind,
        title,
        published_at: published.at,
        updated_at: updated(fields, site.zone, &mut warnings),
        visibility,
        reason,
        has_expired,
        authors: authors::read(fields, directory, &mut warnings),
        tags,
        description: description(fields).or(excerpt),
        canonical_url: canonical(fields, source_url.as_deref(), has_no_body, &mut warnings),
        cover: cover::read(fields, &mut warnings),
        language: language(fields, &location),
        aliases: permalinks::read(fields, site, &facts, &mut warnings),
        body: text,
        source_url,
        slug,
        warnings: warnings.into_vec(),
    }))
}

/// Where it was published first, or where its page led to.
fn source_url(fields: &Table) -> Option<String> {
    fields
        .text(&["source_url", "redirectto", "redirect_to", "redirect"])
        .map(str::to_owned)
}

fn of_repeated(repeated: &[ParseError]) -> Warnings {
    let mut warnings = Warnings::default();
    for ParseError { line, message } in repeated {
        warnings.add(line.map_or(message.clone(), |line| format!("line {line}: {message}")));
    }
    warnings
}

fn fits(body: &str, what: &str, line: usize) -> Result<(), ParseError> {
    if body.len() <= BODY_LIMIT {
        return Ok(());
    }
    let bytes = body.len();
    let message =
        format!("{what} has {bytes} bytes, the limit is {BODY_LIMIT}; split it into several posts");
    Err(ParseError::at(line, message))
}

/// What links to the document of this file lead to: where it was on the old site, as far as that is known.
pub(super) fn page(path: &str, file: &str, site: &Site) -> Option<Page> {
    let parts = front_matter::split(file).ok()?;
    let (fields, location, mut warnings) =
        (&parts.fields, location::of(path, site), Warnings::default());
    let published = location::published(fields, &location, site.zone, &mut warnings);
    let kind = location::kind(fields, &location, &published, site);
    let slug = slug(fields, &location);
    let facts = facts(path, &location, slug.as_deref(), &published, kind);
    let address = permalinks::own(fields, site, &facts, &mut warnings)
        .into_iter()
        .next()?;
    let title = fields
        .text(&["title"])
        .map(text::plain)
        .filter(|title| !title.is_empty());
    Some(Page {
        address,
        title: title.unwrap_or_else(|| text::from_file_stem(location.name)),
    })
}

/// What addresses are made of.
fn facts<'a>(
    path: &'a str,
    location: &Location<'a>,
    slug: Option<&'a str>,
    published: &Published,
    kind: Kind,
) -> Facts<'a> {
    Facts {
        path,
        name: location.name,
        slug,
        day: published.day,
        is_post: kind == Kind::Post,
    }
}

/// What is known of who may see it. `at`: its path, and the rules of the folder.
fn decide(
    parts: &Parts<'_>,
    location: &Location<'_>,
    published: &Published,
    tags: &[String],
    at: (&str, &Rules),
) -> Decision {
    let (path, rules) = at;
    let mut decision = rules.decide(path, location.language, &[&parts.fields, &parts.overridden]);
    if location.in_drafts {
        decision.hide(
            Visibility::Draft,
            Reason::Draft,
            "it lies in a folder of drafts",
        );
    }
    if !published.written && published.at.is_some_and(|at| at > rules.now()) {
        decision.hide(
            Visibility::Draft,
            Reason::Scheduled,
            "the date in its name lies in the future",
        );
    }
    if let Some(why) = &parts.suspicion {
        decision.hide(Visibility::Draft, Reason::Unreadable, why);
    }
    if let Some(tag) = tags.iter().find(|tag| rules.is_locked(tag)) {
        decision.hide(
            Visibility::Draft,
            Reason::Private,
            format!(
                "its tag {:?} has a password in the site’s settings",
                quoted(tag)
            ),
        );
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::addresses::Addresses;
    use crate::import::dates::Zone;
    use crate::import::pages::NoPages;
    use crate::import::rules::Reading;
    use crate::import::visibility::Expired;

    fn site(kind: Generator) -> Site {
        Site {
            kind,
            content_root: String::new(),
            config_file: None,
            has_language_folders: false,
            config: Table::default(),
            base: String::new(),
            warnings: Vec::new(),
            addresses: Addresses::without_config(kind, false),
            zone: Zone::default(),
        }
    }

    fn try_run(kind: Generator, path: &str, file: &str) -> Result<Option<Document>, ParseError> {
        let reading = Reading {
            now: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            expired: Expired::default(),
        };
        let site = site(kind);
        read(
            path,
            file,
            &site,
            &Directory::default(),
            &Rules::new(reading, &site, &[]),
            &NoPages,
        )
    }

    fn run(kind: Generator, path: &str, file: &str) -> Document {
        try_run(kind, path, file).unwrap().unwrap()
    }

    fn day(document: &Document) -> Option<String> {
        document.published_at.map(|at| at.to_rfc3339())
    }

    #[test]
    fn the_date_comes_from_front_matter_then_path_then_name() {
        let zola = "+++\npath = \"2016/03/02/A-b\"\ntitle = \"T\"\n+++\nx";
        let document = run(Generator::Zola, "a.md", zola);
        assert_eq!(day(&document).as_deref(), Some("2016-03-02T00:00:00+00:00"));
        assert_eq!(
            (document.kind, document.slug.as_deref()),
            (Kind::Post, Some("A-b"))
        );
        assert_eq!(document.aliases, ["/2016/03/02/A-b/"]);
        let jekyll = run(Generator::Jekyll, "_posts/2017-2-5-no-zeros.md", "Text");
        assert_eq!(day(&jekyll).as_deref(), Some("2017-02-05T00:00:00+00:00"));
        assert_eq!(
            (jekyll.title.as_str(), jekyll.slug.as_deref()),
            ("No zeros", Some("no-zeros"))
        );
        let both = run(
            Generator::Jekyll,
            "_posts/2010-01-09-x.md",
            "---\ndate: 2010-01-10 13:07:09 +02:00\ntitle: T\n---\nx",
        );
        assert_eq!(day(&both).as_deref(), Some("2010-01-10T11:07:09+00:00"));
        let odd = run(
            Generator::Hugo,
            "news/x.md",
            "---\ntitle: T\ndate: someday\n---\nx",
        );
        assert_eq!(
            odd.warnings,
            [
                "the date \"someday\" was not understood",
                "no date was found",
                "its setting date (someday) was not understood: it is a draft here",
            ]
        );
    }

    #[test]
    fn posts_pages_and_drafts_are_told_apart() {
        let kind = |generator, path, file| run(generator, path, file).kind;
        assert_eq!(
            kind(Generator::Plain, "about.md", "---\ntitle: T\n---\nx"),
            Kind::Page
        );
        assert_eq!(
            kind(
                Generator::Plain,
                "about.md",
                "---\ntitle: T\ndate: 2020-01-01\n---\nx"
            ),
            Kind::Post
        );
        assert_eq!(
            kind(Generator::Hugo, "posts/a.md", "---\ntitle: T\n---\nx"),
            Kind::Post
        );
        assert_eq!(
            kind(
                Generator::Hexo,
                "page/index.md",
                "title: T\ndate: 2020-01-01\n---\nx"
            ),
            Kind::Page
        );
        let draft = |path, file| run(Generator::Jekyll, path, file).visibility == Visibility::Draft;
        assert!(draft(
            "_posts/2020-01-01-a.md",
            "---\npublished: false\n---\nx"
        ));
        assert!(draft("_posts/2020-01-01-a.md", "---\ndraft: yes\n---\nx"));
        assert!(draft("_drafts/a.md", "x"));
        assert!(!draft(
            "_posts/2020-01-01-a.md",
            "---\npublished: true\n---\nx"
        ));
    }

    #[test]
    fn a_post_that_points_elsewhere_becomes_a_link() {
        let file = "---\ntitle: T\ndate: 2020-01-01\nsource_url: https://example.org/x\n---\n\n";
        let document = run(Generator::Hugo, "news/a.md", file);
        assert_eq!(document.body, "Read it at <https://example.org/x>.\n");
        assert_eq!(
            document.canonical_url.as_deref(),
            Some("https://example.org/x")
        );
        let moved = run(
            Generator::Hugo,
            "news/a.md",
            "---\ntitle: T\ndate: 2020-01-01\nredirectto: /news\n---\n",
        );
        assert_eq!(
            (moved.body.as_str(), moved.canonical_url),
            ("Read it at [/news](/news).\n", None)
        );
        let evil = run(
            Generator::Hugo,
            "news/a.md",
            "---\ntitle: T\ndate: 2020-01-01\nredirectto: 'javascript:x'\n---\n",
        );
        assert!(evil.body.trim().is_empty() && evil.warnings[0].contains("is no address"));
    }

    #[test]
    fn titles_covers_languages_and_expiry() {
        let file = "---\ntitle: ' Caf&#233; `a<b>` '\ndate: 2020-01-01\ncover: {image: a.png, alt: 'An *a*'}\nlang: fr\nexpirydate: 2021-01-01\nsummary: 'S &amp; T'\n---\nx";
        let document = run(Generator::Hugo, "news/a.md", file);
        assert_eq!(document.title, "Café a<b>");
        assert_eq!(
            document.cover,
            Some(Cover {
                url: "a.png".to_owned(),
                alt: Some("An a".to_owned())
            })
        );
        assert_eq!(
            (
                document.language.as_deref(),
                document.description.as_deref()
            ),
            (Some("fr"), Some("S & T"))
        );
        assert_eq!(
            document.warnings,
            [
                "it expired on 2021-01-01: it is a draft here",
                "the cover picture \"a.png\" is not imported, its address is kept",
            ]
        );
        let heading = run(Generator::Plain, "x.md", "# The *head*\n\nText");
        assert_eq!(
            (heading.title.as_str(), heading.body.as_str()),
            ("The head", "\nText")
        );
        assert_eq!(
            run(Generator::Hugo, "news/a.fr.md", "---\ntitle: T\n---\nx")
                .language
                .as_deref(),
            Some("fr")
        );
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        assert!(
            try_run(Generator::Zola, "a.md", "+++\ntemplate = \"x.html\"\n+++\n")
                .unwrap()
                .is_none()
        );
        let long = format!("---\ntitle: T\n---\n{}", "x".repeat(BODY_LIMIT + 1));
        let fault = try_run(Generator::Plain, "a.md", &long).unwrap_err();
        assert_eq!(fault.line, Some(4));
        assert!(fault.message.contains("limit"));
    }
}
