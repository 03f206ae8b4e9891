//! What a file of the folder is for, told from its path.

use super::dates;
use super::file_name::{extension, file_name, is_markdown, stem};
use super::language::language_tag;
use super::site::Site;
use super::skip_reason::SkipReason;

/// What a listed path is, before its content is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Candidate,
    AuthorRecord,
    AuthorTable,
    TopicRecord,
    Skip(SkipReason),
    Fail(String),
}

/// Sorts the candidates by what their path says, now that the site is known.
pub(super) fn classify(path: &str, site: &Site) -> Role {
    let inside = path.strip_prefix(&site.content_root).unwrap_or(path);
    of_record(path, inside)
        .or_else(|| skip_reason(path, inside, site).map(Role::Skip))
        .unwrap_or(Role::Candidate)
}

/// The role of a page or table that tells of authors or of a topic.
fn of_record(path: &str, inside: &str) -> Option<Role> {
    if is_author_table(path) {
        return Some(Role::AuthorTable);
    }
    if let Some(is_list) = author_page(path, inside) {
        return Some(if is_list {
            Role::Skip(SkipReason::SectionIndex)
        } else {
            Role::AuthorRecord
        });
    }
    if path.starts_with("data/authors/") && is_data(path) {
        return Some(Role::AuthorRecord);
    }
    (topic(inside).is_some() && is_markdown(path)).then_some(Role::TopicRecord)
}

/// Whether a page in the folder of authors lists them all; `None` for a page elsewhere.
fn author_page(path: &str, inside: &str) -> Option<bool> {
    let parts: Vec<&str> = inside.split('/').collect();
    let is_there = matches!(parts.len(), 2 | 3) && matches!(parts[0], "authors" | "_authors");
    let is_list = parts.len() == 2 && matches!(stem(path), "_index" | "index");
    (is_there && is_markdown(path)).then_some(is_list)
}

/// Why a file that is no record is no document either.
fn skip_reason(path: &str, inside: &str, site: &Site) -> Option<SkipReason> {
    if is_project_file(&file_name(path).to_ascii_lowercase()) {
        Some(SkipReason::ProjectFile)
    } else if is_markdown(path) || is_dated_html(path) {
        is_section_index(path, inside, site).then_some(SkipReason::SectionIndex)
    } else if is_data(path) {
        Some(SkipReason::DataFile)
    } else {
        Some(SkipReason::NotMarkdown)
    }
}

fn is_section_index(path: &str, inside: &str, site: &Site) -> bool {
    let folders = inside.matches('/').count();
    let folder_depth = folders - usize::from(site.has_language_folders && folders > 0);
    let lower = file_name(path).to_ascii_lowercase();
    stem(path) == "_index"
        || lower.starts_with("_index.")
        || (stem(path) == "index" && folder_depth == 0)
}

/// The topic that a page inside of the documents is about, and the language that it says so in: `topics/open/_index.md`,
/// `fr/tags/open/_index.md`, `tags/open/_index.fr.md`.
pub(super) fn topic(inside: &str) -> Option<(&str, Option<&str>)> {
    let (first, below) = inside.split_once('/')?;
    let (folder, inside) = match language_tag(first) {
        Some(language) => (Some(language), below),
        None => (None, inside),
    };
    let mut parts = inside.split('/');
    let (taxonomy, key, file) = (parts.next()?, parts.next()?, parts.next()?);
    let is_topic = matches!(taxonomy, "topics" | "tags" | "categories") && parts.next().is_none();
    let language = match stem(file).strip_prefix("_index")? {
        "" => folder,
        ending => Some(language_tag(ending.strip_prefix('.')?)?),
    };
    is_topic.then_some((key, language))
}

fn is_author_table(path: &str) -> bool {
    matches!(
        file_name(path),
        "authors.yml" | "authors.yaml" | "authors.toml" | "authors.json"
    ) && path.split('/').count() <= 4
}

fn is_project_file(lower: &str) -> bool {
    let stem = lower.split('.').next().unwrap_or(lower);
    let word = stem.split(['-', '_']).next().unwrap_or(stem);
    matches!(
        stem,
        "readme"
            | "contributing"
            | "changelog"
            | "code_of_conduct"
            | "security"
            | "authors"
            | "codeowners"
    ) && !lower.ends_with(".yml")
        || matches!(word, "license" | "licence" | "copying")
}

/// Jekyll also takes HTML posts; an HTML file without a day in its name is a template more often than a post.
fn is_dated_html(path: &str) -> bool {
    matches!(extension(path).as_str(), "html" | "htm")
        && dates::from_file_name(stem(path)).is_some()
}

fn is_data(path: &str) -> bool {
    ["yml", "yaml", "toml", "json", "csv", "xml"].contains(&extension(path).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::generator::Generator;

    fn site(content_root: &str) -> Site {
        Site {
            kind: Generator::Hugo,
            content_root: content_root.to_owned(),
            config_file: None,
            config: crate::import::value::Table::default(),
            base: String::new(),
            has_language_folders: false,
            warnings: Vec::new(),
            addresses: crate::import::addresses::Addresses::without_config(Generator::Hugo, true),
            zone: crate::import::moment::Zone::default(),
        }
    }

    #[test]
    fn paths_are_sorted_by_what_they_are() {
        let skip = Role::Skip;
        for (path, want) in [
            ("content/news/a.md", Role::Candidate),
            ("content/news/a/index.md", Role::Candidate),
            ("content/news/_index.md", skip(SkipReason::SectionIndex)),
            ("content/index.md", skip(SkipReason::SectionIndex)),
            ("content/news/_index.fr.md", skip(SkipReason::SectionIndex)),
            ("content/authors/ann/_index.md", Role::AuthorRecord),
            ("content/authors/ann.md", Role::AuthorRecord),
            ("content/authors/_index.md", skip(SkipReason::SectionIndex)),
            ("content/topics/open/_index.md", Role::TopicRecord),
            ("content/fr/tags/open/_index.md", Role::TopicRecord),
            ("content/tags/open/_index.pt-br.md", Role::TopicRecord),
            (
                "content/tags/open/more/_index.md",
                skip(SkipReason::SectionIndex),
            ),
            ("content/tags/_index.md", skip(SkipReason::SectionIndex)),
            ("content/tags/open/note.md", Role::Candidate),
            ("_data/authors.yml", Role::AuthorTable),
            ("README.md", skip(SkipReason::ProjectFile)),
            ("LICENSE-DOCS.md", skip(SkipReason::ProjectFile)),
            ("content/news/pic.png", skip(SkipReason::NotMarkdown)),
            ("_posts/2008-02-03-wrong.yml", skip(SkipReason::DataFile)),
            ("_posts/2022-06-05-old.html", Role::Candidate),
            ("about.html", skip(SkipReason::NotMarkdown)),
        ] {
            assert_eq!(classify(path, &site("content/")), want, "{path}");
        }
    }
}
