//! Finds the document that a link names among the files of the folder.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use super::file_name;
use super::generator::Generator;
use super::language::language_tag;
use super::pages::{Page, Pages, Reference};
use super::site::Site;

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
        let all = places
            .iter()
            .map(|place| format!("{place}{}", file.trim_start_matches('/')))
            .chain(self.below_here(file));
        let endings = endings(from, file);
        let found = all.filter_map(|path| plain(&path)).find_map(|path| {
            endings
                .iter()
                .map(|ending| with_ending(&path, ending))
                .find(|path| (self.has)(path))
        });
        let is_name = self.site.kind == Generator::Hugo && !file.contains('/');
        found.or_else(|| is_name.then(|| self.named(file, false)).flatten())
    }

    /// A file as the whole site names it, where only a part of that site is here.
    fn below_here(&self, file: &str) -> Option<String> {
        let below = self.site.addresses.below.as_str();
        file.trim_start_matches('/')
            .strip_prefix(below)
            .filter(|_| !below.is_empty())
            .map(str::to_owned)
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

    /// The one document of this name, or the one of these folders and this name.
    fn named(&self, name: &str, is_post: bool) -> Option<String> {
        let by_name = self.index.by_name.get_or_init(|| by_name((self.paths)()));
        let name = without_markdown_ending(name.trim_matches('/'));
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

/// What may be missing of a file's name: nothing, an ending, or the file of a bundle; that of the same language first.
fn endings(from: &str, file: &str) -> Vec<String> {
    let language = file_name::stem(from)
        .rsplit_once('.')
        .filter(|(_, ending)| language_tag(ending).is_some())
        .map(|(_, ending)| format!(".{ending}"));
    let given = known_ending(file);
    let mut endings = Vec::new();
    for language in language.into_iter().chain([String::new()]) {
        endings.push(format!("{language}.{}", given.unwrap_or("md")));
        if given.is_none() {
            endings.extend([
                format!("{language}.markdown"),
                format!("/index{language}.md"),
            ]);
        }
    }
    endings
}

fn known_ending(file: &str) -> Option<&'static str> {
    let ending = file_name::extension(file);
    ["md", "markdown", "mdx", "html"]
        .into_iter()
        .find(|known| *known == ending)
}

fn with_ending(path: &str, ending: &str) -> String {
    let bare = match known_ending(path) {
        Some(_) => path.rsplit_once('.').map_or(path, |(bare, _)| bare),
        None => path,
    };
    format!("{}{ending}", bare.trim_end_matches('/'))
}

/// Documents by their names without folders and endings; a bundle by the name of its folder.
fn by_name(paths: Vec<String>) -> HashMap<String, Vec<String>> {
    let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
    for path in paths
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
}

fn without_markdown_ending(name: &str) -> &str {
    name.strip_suffix(".md")
        .or_else(|| name.strip_suffix(".markdown"))
        .unwrap_or(name)
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
