//! Where a link of one document to another leads: to the address that the other one had on the old site. That same address
//! leads to it here, so both follow one rule.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, OnceLock};

use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};

use super::body;
use super::body::prose::in_text;
use super::file_name;
use super::generator::Generator;
use super::language::language_tag;
use super::site::Site;
use super::warnings::{Warnings, quoted};

/// A document of the folder, as others link to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) address: String,
    pub(super) title: String,
}

/// How a document names another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// A file, seen from the document, or from where documents lie.
    File,
    /// A file, seen from where documents lie.
    FromRoot,
    /// The name of a post, with or without folders and ending.
    Post,
}

pub(super) trait Pages {
    fn find(&self, from: &str, reference: Reference, name: &str) -> Option<Page>;
}

/// A document whose links are looked up.
pub(super) struct Linking<'a> {
    pub(super) from: &'a str,
    pub(super) pages: &'a dyn Pages,
}

impl Linking<'_> {
    /// Its address, with the part of the page that the link names.
    pub(super) fn find(&self, written: &str, reference: Reference) -> Option<Page> {
        let (file, part) = written
            .split_once('#')
            .map_or((written, None), |(file, part)| (file, Some(part)));
        let file = percent_decode_str(file.trim()).decode_utf8().ok()?;
        if file.is_empty() {
            return None;
        }
        let mut page = self.pages.find(self.from, reference, &file)?;
        if let Some(part) = part {
            page.address = format!("{}#{part}", page.address);
        }
        Some(page)
    }
}

/// What a link became that was found.
pub(super) fn note(written: &str, page: &Page) -> String {
    format!(
        "the link to {:?} became {}, which leads to that document",
        quoted(written),
        page.address
    )
}

/// The files of a folder, and what was found out about them.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Paths by their names without folders and endings.
    by_name: OnceLock<HashMap<String, Vec<String>>>,
    known: Mutex<HashMap<String, Option<Page>>>,
}

/// A folder that is asked.
pub(super) struct Folder<'a> {
    pub(super) index: &'a Index,
    pub(super) site: &'a Site,
    /// In their order.
    pub(super) paths: &'a dyn Fn() -> Vec<String>,
    pub(super) has: &'a dyn Fn(&str) -> bool,
    pub(super) page: &'a dyn Fn(&str) -> Option<Page>,
}

impl Pages for Folder<'_> {
    fn find(&self, from: &str, reference: Reference, name: &str) -> Option<Page> {
        let path = match reference {
            Reference::File => self.file(from, name, true),
            Reference::FromRoot => self.file(from, name, false),
            Reference::Post => self.named(name, true),
        }?;
        let mut known = self
            .index
            .known
            .lock()
            .unwrap_or_else(|error| error.into_inner());
        known
            .entry(path)
            .or_insert_with_key(|path| (self.page)(path))
            .clone()
    }
}

impl Folder<'_> {
    fn file(&self, from: &str, file: &str, may_be_beside: bool) -> Option<String> {
        let places = self.places(from, may_be_beside && !file.starts_with('/'));
        // Of a site of which only a part is here.
        let below = self.site.addresses.below.as_str();
        let inner = file
            .trim_start_matches('/')
            .strip_prefix(below)
            .filter(|_| !below.is_empty());
        let all = places
            .iter()
            .map(|place| format!("{place}{}", file.trim_start_matches('/')))
            .chain(inner.map(str::to_owned));
        let endings = self.endings(from, file);
        let found = all.filter_map(|path| plain(&path)).find_map(|path| {
            endings
                .iter()
                .map(|ending| with_ending(&path, ending))
                .find(|path| (self.has)(path))
        });
        found.or_else(|| {
            if self.site.kind == Generator::Hugo && !file.contains('/') {
                self.named(file, false)
            } else {
                None
            }
        })
    }

    /// Folders in which a file is looked for, in this order.
    fn places(&self, from: &str, may_be_beside: bool) -> Vec<String> {
        let root = &self.site.content_root;
        let inside = from.strip_prefix(root.as_str()).unwrap_or(from);
        let language = inside
            .split('/')
            .next()
            .filter(|first| self.site.has_language_folders && language_tag(first).is_some());
        let mut places = Vec::new();
        if may_be_beside {
            places.push(
                from.rsplit_once('/')
                    .map_or(String::new(), |(folders, _)| format!("{folders}/")),
            );
        }
        places.extend(language.map(|language| format!("{root}{language}/")));
        places.push(root.clone());
        places.push(String::new());
        places
    }

    /// What may be missing of a file's name: nothing, an ending, or the file of a bundle; that of the same language first.
    fn endings(&self, from: &str, file: &str) -> Vec<String> {
        let language = file_name::stem(from)
            .rsplit_once('.')
            .map(|(_, ending)| ending)
            .filter(|ending| language_tag(ending).is_some());
        let (bare, given) = match ["md", "markdown", "mdx", "html"]
            .iter()
            .find(|ending| file_name::extension(file) == **ending)
        {
            Some(ending) => (false, (*ending).to_owned()),
            None => (true, "md".to_owned()),
        };
        let mut endings = Vec::new();
        for language in language
            .into_iter()
            .map(|language| format!(".{language}"))
            .chain([String::new()])
        {
            endings.push(format!("{language}.{given}"));
            if bare {
                endings.extend([
                    format!("{language}.markdown"),
                    format!("/index{language}.md"),
                ]);
            }
        }
        endings
    }

    /// The one document of this name, or the one of these folders and this name.
    fn named(&self, name: &str, is_post: bool) -> Option<String> {
        let by_name = self.index.by_name.get_or_init(|| {
            let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
            for path in (self.paths)()
                .into_iter()
                .filter(|path| file_name::is_markdown(path) || file_name::extension(path) == "html")
            {
                let stem = file_name::stem(&path);
                let name = if stem == "index" {
                    file_name::own_name(&path)
                } else {
                    stem
                };
                by_name.entry(name.to_owned()).or_default().push(path);
            }
            by_name
        });
        let name = name.trim_matches('/');
        let name = name
            .strip_suffix(".md")
            .or_else(|| name.strip_suffix(".markdown"))
            .unwrap_or(name);
        let (folders, last) = name
            .rsplit_once('/')
            .map_or((None, name), |(folders, last)| (Some(folders), last));
        let found = by_name.get(last)?;
        let lies_there = |path: &&String| {
            folders.is_none_or(|folders| format!("/{path}").contains(&format!("/{folders}/")))
        };
        let mut all = found
            .iter()
            .filter(lies_there)
            .chain(found.iter().filter(|_| is_post));
        let first = all.next()?;
        // Which of several is meant, Hugo does not say either.
        (is_post || found.iter().filter(lies_there).count() == 1).then(|| first.clone())
    }
}

fn with_ending(path: &str, ending: &str) -> String {
    let known = ["md", "markdown", "mdx", "html"].contains(&file_name::extension(path).as_str());
    let bare = if known {
        path.rsplit_once('.').map_or(path, |(bare, _)| bare)
    } else {
        path
    };
    format!("{}{ending}", bare.trim_end_matches('/'))
}

/// Without `.` and `..`; `None` where it leaves the folder.
fn plain(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `[a](../b.md#c)`: Hugo, and plug-ins of others, lead it to the page of that file.
pub(super) fn with_addresses(text: &str, linking: &Linking<'_>, warnings: &mut Warnings) -> String {
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\]\([ \t]*|(?m:^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*))<?([^()\s<>:#?]+\.(?:md|markdown)(?:#[^()\s<>]*)?)>?")
            .expect("a fixed pattern")
    });
    in_text(text, |part| {
        FILE.replace_all(part, |found: &Captures<'_>| {
            match linking.find(&found[2], Reference::File) {
                Some(page) => {
                    warnings.add(note(&found[2], &page));
                    format!("{}{}", &found[1], body::destination(&page.address))
                }
                None => found[0].to_owned(),
            }
        })
        .into_owned()
    })
}

/// Of a document that stands alone.
#[cfg(test)]
pub(super) struct NoPages;

#[cfg(test)]
impl Pages for NoPages {
    fn find(&self, _: &str, _: Reference, _: &str) -> Option<Page> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_folder_are_none() {
        assert_eq!(plain("a/./b/../c.md").as_deref(), Some("a/c.md"));
        assert_eq!(plain("../c.md"), None);
        assert_eq!(plain("a/../../c.md"), None);
    }
}
