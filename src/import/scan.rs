//! Lists every file below the folder in a stable order and says what each is; nothing is opened here.

use std::path::Path;

use thiserror::Error;
use walkdir::{DirEntry, WalkDir};

use super::dates;
use super::file_name::{extension, file_name, is_markdown, stem};
use super::language::language_tag;
use super::site::Site;
use super::skip_reason::SkipReason;
use std::fs::FileType;
use std::io;
use std::path::PathBuf;

/// Why a folder cannot be read at all. Errors of single files are [`Item::Failed`](super::Item::Failed) instead.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("{path} cannot be opened: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path} is not a folder; name the folder that holds the blog")]
    NotAFolder { path: PathBuf },
}

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Relative to the folder, with `/` between names on every system.
    pub(super) path: String,
    pub(super) role: Role,
}

/// Folders that hold a site's machinery or its built output; their files would only be imported twice or by mistake.
const EXCLUDED_FOLDERS: [&str; 13] = [
    "archetypes",
    "node_modules",
    "themes",
    "layouts",
    "templates",
    "_layouts",
    "_includes",
    "_sass",
    "public",
    "_site",
    "resources",
    "scaffolds",
    "vendor",
];

/// Symbolic links are listed and not followed: they may lead out of the folder or round in circles.
pub(super) fn list(dir: &Path) -> Result<Vec<Listed>, OpenError> {
    let mut listed = Vec::new();
    let mut walk = WalkDir::new(dir)
        .follow_links(false)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter();
    while let Some(entry) = walk.next() {
        let found = look(dir, entry);
        if found.is_left_out_folder {
            walk.skip_current_dir();
        }
        listed.extend(found.listed);
    }
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listed)
}

/// What one step of the walk has found.
struct Looked {
    /// None for a folder that is walked through.
    listed: Option<Listed>,
    is_left_out_folder: bool,
}

fn look(dir: &Path, entry: walkdir::Result<DirEntry>) -> Looked {
    let listed = |path, role, is_left_out_folder| Looked {
        listed: Some(Listed { path, role }),
        is_left_out_folder,
    };
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = error.path().map(|path| relative(dir, path));
            let role = Role::Fail(format!("could not be read: {error}"));
            return listed(path.unwrap_or_default(), role, false);
        }
    };
    let path = relative(dir, entry.path());
    let kind = entry.file_type();
    let Some(name) = entry.file_name().to_str() else {
        let role = Role::Fail("the file name is not UTF-8; rename the file".to_owned());
        return listed(path, role, kind.is_dir());
    };
    match role(kind, &path, name) {
        Some(role) => listed(path, role, kind.is_dir()),
        None => Looked {
            listed: None,
            is_left_out_folder: false,
        },
    }
}

/// None for a folder that is walked through.
fn role(kind: FileType, path: &str, name: &str) -> Option<Role> {
    Some(if kind.is_symlink() {
        Role::Skip(SkipReason::SymbolicLink)
    } else if name.starts_with('.') {
        Role::Skip(SkipReason::Hidden)
    } else if kind.is_dir() && is_excluded(path, name) {
        Role::Skip(SkipReason::ExcludedFolder)
    } else if kind.is_dir() {
        return None;
    } else if kind.is_file() {
        Role::Candidate
    } else {
        Role::Skip(SkipReason::NotRegularFile)
    })
}

/// A section of the content may well be called "resources"; only such a folder at the top is machinery.
fn is_excluded(path: &str, name: &str) -> bool {
    let at_top = !path.contains('/');
    EXCLUDED_FOLDERS.contains(&name) && (at_top || name.starts_with('_') || name == "node_modules")
}

fn relative(dir: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(dir).unwrap_or(path);
    let names: Vec<_> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    names.join("/")
}

/// Sorts the candidates by what their path says, now that the site is known.
pub(super) fn classify(path: &str, site: &Site) -> Role {
    let name = file_name(path);
    let inside = path.strip_prefix(&site.content_root).unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    if is_author_table(path) {
        return Role::AuthorTable;
    }
    let parts: Vec<&str> = inside.split('/').collect();
    let is_record_place =
        |folders: &[&str]| parts.len() > 1 && parts.len() < 4 && folders.contains(&parts[0]);
    if is_record_place(&["authors", "_authors"]) && is_markdown(path) {
        let is_list = parts.len() == 2 && matches!(stem(path), "_index" | "index");
        return if is_list {
            Role::Skip(SkipReason::SectionIndex)
        } else {
            Role::AuthorRecord
        };
    }
    if path.starts_with("data/authors/") && is_data(&lower) {
        return Role::AuthorRecord;
    }
    if topic(inside).is_some() && is_markdown(path) {
        return Role::TopicRecord;
    }
    if is_project_file(&lower) {
        return Role::Skip(SkipReason::ProjectFile);
    }
    if !is_markdown(path) && !is_dated_html(path) {
        return Role::Skip(if is_data(&lower) {
            SkipReason::DataFile
        } else {
            SkipReason::NotMarkdown
        });
    }
    let folder_depth = parts.len() - 1 - usize::from(site.has_language_folders && parts.len() > 1);
    if stem(path) == "_index"
        || lower.starts_with("_index.")
        || (stem(path) == "index" && folder_depth == 0)
    {
        return Role::Skip(SkipReason::SectionIndex);
    }
    Role::Candidate
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

fn is_data(lower: &str) -> bool {
    ["yml", "yaml", "toml", "json", "csv", "xml"].contains(&extension(lower).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::generator::Generator;
    use crate::import::skip_reason::SkipReason;

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
            zone: dates::Zone::default(),
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

    #[test]
    fn machinery_is_excluded_only_where_it_is_machinery() {
        assert!(is_excluded("themes", "themes"));
        assert!(!is_excluded("content/resources", "resources"));
        assert!(is_excluded("src/_includes", "_includes"));
    }
}
