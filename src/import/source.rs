//! The folder as a whole: opened once, then read file by file.

use std::fs;
use std::path::{Path, PathBuf};

use super::author_records::AuthorRecord;
use super::folder_pages::{Folder, Index};
use super::item::Item;
use super::pages::{Page, Pages, Reference};
use super::records::{Records, TopicRecord};
use super::role::{self, Role};
use super::rules::{Reading, Rules};
use super::scan::Listed;
use super::site::Site;
use super::skip_reason::SkipReason;
use super::value::ParseError;
use super::{document, document_file, scan, site, text_file};
use crate::import::OpenError;

/// An opened folder. Holds the list of paths and the author and topic records, never a document.
#[derive(Debug)]
pub struct Source {
    dir: PathBuf,
    site: Site,
    listed: Vec<Listed>,
    records: Records,
    index: Index,
}

/// Lists the folder, recognises its generator and reads author and topic records.
///
/// # Errors
/// When `dir` is missing, is no folder, or may not be read.
pub fn open(dir: &Path, reading: Reading) -> Result<Source, OpenError> {
    check_folder(dir)?;
    let mut listed = scan::list(dir)?;
    let paths: Vec<String> = listed
        .iter()
        .filter(|entry| entry.role == Role::Candidate)
        .map(|entry| entry.path.clone())
        .collect();
    let site = site::recognise(dir, &paths);
    let rules = Rules::new(reading, &site, &paths);
    drop(paths);
    for entry in &mut listed {
        if entry.role == Role::Candidate {
            entry.role = role::classify(&entry.path, &site);
        }
    }
    let records = Records::read(dir, &site, &mut listed, rules);
    Ok(Source {
        dir: dir.to_owned(),
        site,
        listed,
        records,
        index: Index::default(),
    })
}

fn check_folder(dir: &Path) -> Result<(), OpenError> {
    let unreadable = |source| OpenError::Unreadable {
        path: dir.to_owned(),
        source,
    };
    if !fs::metadata(dir).map_err(unreadable)?.is_dir() {
        return Err(OpenError::NotAFolder {
            path: dir.to_owned(),
        });
    }
    fs::read_dir(dir).map_err(unreadable)?;
    Ok(())
}

impl Source {
    /// How many items [`Source::documents`] yields: every listed file, also skipped and failed ones.
    #[must_use]
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// In the order of their files.
    #[must_use]
    pub fn authors(&self) -> &[AuthorRecord] {
        &self.records.directory.records
    }

    #[must_use]
    pub fn topics(&self) -> &[TopicRecord] {
        &self.records.topics
    }

    /// Reads one file for each step; the order is that of the paths, the same on every run.
    pub fn documents(&self) -> impl Iterator<Item = Item> + '_ {
        self.listed.iter().map(|entry| self.item(entry))
    }

    /// One of them: `index` is less than [`Source::len`].
    #[must_use]
    pub fn item_at(&self, index: usize) -> Item {
        self.item(&self.listed[index])
    }

    /// The paths that may be documents.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.listed
            .iter()
            .filter(|entry| entry.role == Role::Candidate)
            .map(|entry| entry.path.as_str())
    }

    fn item(&self, entry: &Listed) -> Item {
        let path = entry.path.clone();
        match &entry.role {
            Role::Skip(reason) => Item::Skipped {
                path,
                reason: *reason,
            },
            Role::Fail(message) => Item::Failed {
                path,
                line: None,
                message: message.clone(),
            },
            _ => self.read(path),
        }
    }

    fn read(&self, path: String) -> Item {
        let Records {
            directory, rules, ..
        } = &self.records;
        let read = text_file::read(&self.dir.join(&path))
            .and_then(|file| document::read(&path, &file, &self.site, directory, rules, self));
        match read {
            Ok(Some(document)) => Item::Document(Box::new(document)),
            Ok(None) => Item::Skipped {
                path,
                reason: SkipReason::NoContent,
            },
            Err(ParseError { line, message }) => Item::Failed {
                path,
                line,
                message,
            },
        }
    }
}

impl Pages for Source {
    fn find(&self, from: &str, reference: Reference, name: &str) -> Option<Page> {
        // The list is sorted by paths.
        let at = |path: &str| {
            self.listed
                .binary_search_by(|entry| entry.path.as_str().cmp(path))
                .ok()
        };
        let folder = Folder {
            index: &self.index,
            site: &self.site,
            paths: &|| self.paths().map(str::to_owned).collect(),
            has: &|path| at(path).is_some_and(|index| self.listed[index].role == Role::Candidate),
            page: &|path| {
                let file = text_file::read(&self.dir.join(path)).ok()?;
                document_file::page(path, &file, &self.site)
            },
        };
        folder.find(from, reference, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder under the system's temporary one that is removed with the value.
    struct Folder(PathBuf);

    impl Folder {
        fn new(files: &[(&str, &[u8])]) -> Self {
            let dir =
                std::env::temp_dir().join(format!("masthead-import-{}", uuid::Uuid::new_v4()));
            for (path, content) in files {
                let path = dir.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            Self(dir)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn read(dir: &Path) -> Result<Source, OpenError> {
        open(
            dir,
            Reading {
                now: chrono::Utc::now(),
                expired: crate::import::Expired::default(),
            },
        )
    }

    fn told(source: &Source) -> Vec<String> {
        source
            .documents()
            .map(|item| match item {
                Item::Document(document) => format!("document {}", document.path),
                Item::Skipped { path, reason } => format!("skipped {path} {reason:?}"),
                Item::Failed {
                    path,
                    line,
                    message,
                } => format!("failed {path} {line:?} {message}"),
            })
            .collect()
    }

    #[test]
    fn every_file_is_accounted_for() {
        let folder = Folder::new(&[
            ("hugo.toml", b"baseURL = \"https://example.org/\"\n"),
            ("content/_index.md", b"---\ntitle: Home\n---\n"),
            (
                "content/news/a.md",
                b"---\ntitle: A\ndate: 2020-01-02\nauthors: [ann]\n---\nText\n",
            ),
            (
                "content/news/b/index.md",
                b"---\ntitle: B\ndate: 2020-01-03\n---\n![x](x.png)\n",
            ),
            ("content/news/b/x.png", b"\x89PNG"),
            ("content/news/c.md", b"---\ntitle: C\n\xff---\n"),
            ("content/news/d.md", b"---\ntitle: D\n---\nx\0y"),
            ("content/news/e.md", b"---\ntitle: [\n---\n"),
            (
                "content/authors/ann/_index.md",
                b"---\ndisplay_name: Ann Lee\n---\n",
            ),
            ("content/topics/open/_index.md", b"---\ntitle: Open\n---\n"),
            ("themes/x/README.md", b"x"),
            (".git/config", b"x"),
        ]);
        let source = read(&folder.0).unwrap();
        assert_eq!(source.site().kind, crate::import::Generator::Hugo);
        let told = told(&source);
        assert_eq!(told.len(), source.len());
        assert_eq!(
            told[..9],
            [
                "skipped .git Hidden",
                "skipped content/_index.md SectionIndex",
                "skipped content/authors/ann/_index.md AuthorRecord",
                "document content/news/a.md",
                "document content/news/b/index.md",
                "skipped content/news/b/x.png NotMarkdown",
                "failed content/news/c.md Some(3) byte 14 is not UTF-8; save the file as UTF-8",
                "failed content/news/d.md Some(4) byte 19 is NUL; this is not a text file",
                told[8].as_str(),
            ]
        );
        assert!(
            told[8].starts_with("failed content/news/e.md Some("),
            "{}",
            told[8]
        );
        assert_eq!(
            told[9..],
            [
                "skipped content/topics/open/_index.md TopicRecord",
                "skipped hugo.toml DataFile",
                "skipped themes ExcludedFolder",
            ]
        );
        assert_eq!(
            (
                source.authors()[0].name.as_str(),
                source.topics()[0].name.as_deref().unwrap()
            ),
            ("Ann Lee", "Open")
        );
    }

    #[test]
    fn generators_are_recognised() {
        for (files, want) in [
            (
                &[("a.md", &b"+++\npath = \"2020/01/01/a\"\n+++\nx"[..])][..],
                crate::import::Generator::Zola,
            ),
            (
                &[("_posts/2020-01-01-a.md", &b"x"[..])][..],
                crate::import::Generator::Jekyll,
            ),
            (
                &[("_posts/a.md", &b"title: x\ndate: 2020-01-01\n---\nx"[..])][..],
                crate::import::Generator::Hexo,
            ),
            (
                &[("news/a.md", &b"---\ntitle: x\n---\n{{< y >}}"[..])][..],
                crate::import::Generator::Hugo,
            ),
            (&[("a.md", &b"x"[..])][..], crate::import::Generator::Plain),
        ] {
            let folder = Folder::new(files);
            assert_eq!(read(&folder.0).unwrap().site().kind, want);
        }
    }

    #[test]
    fn a_folder_that_is_none_is_refused() {
        let folder = Folder::new(&[("a.md", b"x")]);
        assert!(matches!(
            read(&folder.0.join("a.md")),
            Err(OpenError::NotAFolder { .. })
        ));
        assert!(matches!(
            read(&folder.0.join("b")),
            Err(OpenError::Unreadable { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = Folder::new(&[("a.md", b"x")]);
        std::os::unix::fs::symlink(folder.0.join("a.md"), folder.0.join("b.md")).unwrap();
        assert_eq!(
            told(&read(&folder.0).unwrap()),
            ["document a.md", "skipped b.md SymbolicLink"]
        );
    }
}
