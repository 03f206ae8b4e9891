//! One file becomes one [`Document`].

use chrono::{DateTime, Utc};

use super::author_records::Directory;
use super::author_ref::AuthorRef;
use super::cover::Cover;
use super::document_file::DocumentFile;
use super::fields::{body_or_pointer, canonical, description, language, title, updated};
use super::generator::Generator;
use super::location::Kind;
use super::pages::{Linking, Pages};
use super::rules::Rules;
use super::site::Site;
use super::value::ParseError;
use super::visibility::{Reason, Visibility};
use super::warnings::Warnings;
use super::{authors, body, cover, front_matter, permalinks, tags, text};

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
    let mut warnings = of_repeated(&parts.repeated);
    let file = DocumentFile::of(path, parts, site, &mut warnings);
    if file.says_nothing() {
        return Ok(None);
    }
    let text = text(&file, &Linking { from: path, pages }, &mut warnings)?;
    Ok(Some(document(file, text, directory, rules, warnings)))
}

fn of_repeated(repeated: &[ParseError]) -> Warnings {
    let mut warnings = Warnings::default();
    for ParseError { line, message } in repeated {
        warnings.add(line.map_or(message.clone(), |line| format!("line {line}: {message}")));
    }
    warnings
}

/// What the document reads, in Markdown.
struct Text {
    title: String,
    body: String,
    excerpt: Option<String>,
}

fn text(
    file: &DocumentFile<'_>,
    linking: &Linking<'_>,
    warnings: &mut Warnings,
) -> Result<Text, ParseError> {
    let parts = &file.parts;
    let converted = body::convert(parts.body, file.site.kind, linking, warnings);
    let (title, body) = title(&parts.fields, &file.location, converted.text, warnings);
    let body = body_or_pointer(body, file.source_url(), warnings);
    fits(&body, "the converted body", parts.body_line)?;
    let excerpt = converted
        .excerpt
        .map(|text| text::shortened(&text, EXCERPT_LIMIT));
    Ok(Text {
        title,
        body,
        excerpt,
    })
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

fn document(
    file: DocumentFile<'_>,
    text: Text,
    directory: &Directory,
    rules: &Rules,
    mut warnings: Warnings,
) -> Document {
    let (fields, site) = (&file.parts.fields, file.site);
    let tags = tags::read(fields, site.kind == Generator::Jekyll);
    let decision = file.decide(&tags, rules);
    let has_expired = decision.has_expired;
    let (visibility, reason) = decision.finish(&mut warnings);
    Document {
        path: file.path.to_owned(),
        kind: file.kind,
        title: text.title,
        published_at: file.published.at,
        updated_at: updated(fields, site.zone, &mut warnings),
        visibility,
        reason,
        has_expired,
        authors: authors::read(fields, directory, &mut warnings),
        tags,
        description: description(fields).or(text.excerpt),
        canonical_url: canonical(fields, file.source_url(), file.has_no_body(), &mut warnings),
        cover: cover::read(fields, &mut warnings),
        language: language(fields, &file.location),
        aliases: permalinks::read(fields, site, &file.facts(), &mut warnings),
        body: text.body,
        source_url: file.source_url().map(str::to_owned),
        slug: file.slug,
        warnings: warnings.into_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::addresses::Addresses;
    use crate::import::moment::Zone;
    use crate::import::pages::NoPages;
    use crate::import::rules::Reading;
    use crate::import::value::Table;
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
