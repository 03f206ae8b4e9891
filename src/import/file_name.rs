//! Names and endings of files, as paths with `/` between names have them.

pub(super) fn is_markdown(path: &str) -> bool {
    const ENDINGS: [&str; 10] = [
        "md", "markdown", "mkd", "mkdn", "mdown", "mkdown", "mdwn", "text", "rmd", "mdx",
    ];
    ENDINGS.contains(&extension(path).as_str())
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The file name without its last ending.
pub(super) fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

pub(super) fn extension(path: &str) -> String {
    file_name(path)
        .rsplit_once('.')
        .map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

pub(super) fn has_folder(path: &str, folder: &str) -> bool {
    path.rsplit_once('/')
        .is_some_and(|(folders, _)| folders.split('/').any(|name| name == folder))
}

/// The name that identifies a document: the folder's for a page bundle (`name/index.md`), the file's otherwise.
pub(super) fn own_name(path: &str) -> &str {
    let stem = stem(path);
    let is_bundle = stem == "index"
        || stem
            .strip_prefix("index.")
            .is_some_and(|rest| super::language::language_tag(rest).is_some());
    match path.rsplit_once('/') {
        Some((folders, _)) if is_bundle => file_name(folders),
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_files_and_bundles() {
        assert_eq!(own_name("a/b-c/index.md"), "b-c");
        assert_eq!(own_name("a/x.y.md"), "x.y");
        assert_eq!(own_name("index.md"), "index");
    }
}
