//! Which program made a site, told from what its files look like.

use std::{fs, io::Read as _, path::Path, sync::LazyLock};

use regex::Regex;

use super::file_name;
use super::front_matter;
use super::notation::Notation;
use crate::import::Generator;

/// So many files are looked into to tell the generator.
const SAMPLE_FILES: usize = 200;
/// So many bytes of each.
const SAMPLE_BYTES: u64 = 16 * 1024;

pub(super) fn by_content(dir: &Path, paths: &[String]) -> Generator {
    let documents: Vec<&String> = paths
        .iter()
        .filter(|path| file_name::is_markdown(path))
        .collect();
    let step = (documents.len() / SAMPLE_FILES).max(1);
    let mut signs = Signs::default();
    for path in documents.iter().step_by(step) {
        look(dir, path, &mut signs);
    }
    signs.generator(paths)
}

#[derive(Default)]
pub(super) struct Signs {
    pub(super) toml: usize,
    pub(super) zola: usize,
    pub(super) hugo: usize,
    closed_only: usize,
    dated_names: usize,
    /// How many were looked into.
    documents: usize,
}

impl Signs {
    fn generator(&self, paths: &[String]) -> Generator {
        let sections = paths
            .iter()
            .any(|path| file_name::file_name(path) == "_index.md");
        let in_posts = paths
            .iter()
            .any(|path| file_name::has_folder(path, "_posts"));
        if self.closed_only * 2 > self.documents {
            Generator::Hexo
        } else if self.zola > 0 && self.toml > 0 && self.zola >= self.hugo {
            Generator::Zola
        } else if sections || self.hugo > 0 || self.toml > 0 {
            Generator::Hugo
        } else if in_posts || self.dated_names * 3 > self.documents {
            Generator::Jekyll
        } else {
            Generator::Plain
        }
    }
}

static SHORTCODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{[<%]\s*/?[\w\-/]+[^{}]*[>%]\}\}").expect("a fixed pattern"));

/// Fields that Zola alone has.
const ZOLA: [&str; 8] = [
    "path",
    "taxonomies",
    "extra",
    "sort_by",
    "in_search_index",
    "generate_feeds",
    "paginate_by",
    "template",
];

pub(super) fn look(dir: &Path, path: &str, signs: &mut Signs) {
    signs.documents += 1;
    if super::dates::from_file_name(file_name::stem(path)).is_some() {
        signs.dated_names += 1;
    }
    let Some(text) = head(&dir.join(path), SAMPLE_BYTES) else {
        return;
    };
    let Ok(parts) = front_matter::split(&text) else {
        return;
    };
    match parts.notation {
        Notation::Toml => {
            signs.toml += 1;
            signs.zola += usize::from(ZOLA.iter().any(|name| parts.fields.get(name).is_some()));
        }
        Notation::ClosedOnly => signs.closed_only += 1,
        _ => {}
    }
    signs.hugo += usize::from(SHORTCODE.is_match(parts.body));
}

/// The start of a file; a character cut in half at the end is dropped.
pub(super) fn head(path: &Path, limit: u64) -> Option<String> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .ok()?
        .take(limit)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
