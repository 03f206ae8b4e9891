//! What pages and tables of the folder say of others: authors, topics, and sections with all that is in them.

use std::path::{Path, PathBuf};

use super::author_records::Directory;
use super::front_matter;
use super::role::{self, Role};
use super::rules::Rules;
use super::scan::Listed;
use super::site::Site;
use super::skip_reason::SkipReason;
use super::value::{ParseError, Value};
use super::{file_name, notation, text, text_file};

/// A tag or topic that has a page of its own; `key` is how documents write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicRecord {
    pub key: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub language: Option<String>,
}

/// What is known of a folder before the first of its documents is read.
#[derive(Debug)]
pub(super) struct Records {
    dir: PathBuf,
    pub(super) directory: Directory,
    pub(super) topics: Vec<TopicRecord>,
    pub(super) rules: Rules,
}

impl Records {
    /// Reads the listed files that are records, and notes with each what became of it. `rules` are those of the site's settings.
    pub(super) fn read(dir: &Path, site: &Site, listed: &mut [Listed], rules: Rules) -> Self {
        let mut records = Self {
            dir: dir.to_owned(),
            directory: Directory::default(),
            topics: Vec::new(),
            rules,
        };
        for Listed { path, role } in listed {
            let outcome = match role {
                Role::AuthorTable => records.read_author_table(path),
                Role::AuthorRecord => records.read_author(path),
                Role::TopicRecord => records.read_topic(path, site),
                Role::Skip(SkipReason::SectionIndex) => records.read_section(path),
                Role::Candidate | Role::Skip(_) | Role::Fail(_) => continue,
            };
            *role = role_after(outcome, role);
        }
        records
    }

    fn read_author_table(&mut self, path: &str) -> Result<(), ParseError> {
        let file = text_file::read(&self.dir.join(path))?;
        let table = notation::parse_data(&file, &file_name::extension(path))?;
        for (key, value) in &table.entries {
            if let Value::Map(fields) = value {
                self.directory.add(key, fields, "");
            }
        }
        Ok(())
    }

    fn read_author(&mut self, path: &str) -> Result<(), ParseError> {
        let file = text_file::read(&self.dir.join(path))?;
        if file_name::is_markdown(path) {
            let parts = front_matter::split(&file)?;
            self.directory
                .add(record_key(path), &parts.fields, parts.body);
        } else {
            self.directory.add(
                record_key(path),
                &notation::parse_data(&file, &file_name::extension(path))?,
                "",
            );
        }
        Ok(())
    }

    fn read_topic(&mut self, path: &str, site: &Site) -> Result<(), ParseError> {
        let file = text_file::read(&self.dir.join(path))?;
        let fields = front_matter::split(&file)?.fields;
        let inside = path.strip_prefix(&site.content_root).unwrap_or(path);
        let Some((key, language)) = role::topic(inside) else {
            return Ok(());
        };
        let plain = |names: &[&str]| fields.text(names).map(text::plain);
        self.topics.push(TopicRecord {
            key: key.to_owned(),
            name: plain(&["title", "name"]),
            description: plain(&["summary", "description", "deck"]).filter(|text| !text.is_empty()),
            language: language.map(str::to_lowercase),
        });
        Ok(())
    }

    /// What a section says about all that is in it.
    fn read_section(&mut self, path: &str) -> Result<(), ParseError> {
        // A start page speaks for itself only.
        if !file_name::stem(path).starts_with("_index") {
            return Ok(());
        }
        let read = text_file::read(&self.dir.join(path));
        let read = read.and_then(|file| Ok(front_matter::split(&file)?.fields));
        self.rules.section(path, read.as_ref().ok());
        read.map(|_| ())
    }
}

fn role_after(outcome: Result<(), ParseError>, role: &Role) -> Role {
    match (outcome, role) {
        (Err(fault), _) => Role::Fail(fault.line.map_or(fault.message.clone(), |line| {
            format!("line {line}: {}", fault.message)
        })),
        (Ok(()), Role::Skip(reason)) => Role::Skip(*reason),
        (Ok(()), Role::TopicRecord) => Role::Skip(SkipReason::TopicRecord),
        (Ok(()), _) => Role::Skip(SkipReason::AuthorRecord),
    }
}

/// `authors/ann/_index.md` and `authors/ann.md` are both the record of `ann`.
fn record_key(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folders, _)) if matches!(file_name::stem(path), "_index" | "index") => {
            file_name::file_name(folders)
        }
        _ => file_name::stem(path),
    }
}
