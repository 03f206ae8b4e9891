//! Why a file is passed over.

/// Why a file was passed over although nothing is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SkipReason {
    /// A page that lists others (`_index.md`, the start page).
    SectionIndex,
    /// Its author is among [`Source::authors`](super::Source::authors).
    AuthorRecord,
    /// Its topic is among [`Source::topics`](super::Source::topics).
    TopicRecord,
    /// README, licence and the like.
    ProjectFile,
    /// A folder of templates, themes or built pages; nothing in it was looked at.
    ExcludedFolder,
    Hidden,
    SymbolicLink,
    /// A socket, pipe or device.
    NotRegularFile,
    /// YAML, TOML, JSON, CSV or XML beside the documents.
    DataFile,
    NotMarkdown,
    /// Neither title nor text, nor a place it points to.
    NoContent,
}

impl SkipReason {
    /// A clause for the report: "… was skipped: " and this.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::SectionIndex => "it is a list page of the old site",
            Self::AuthorRecord => "it is an author record, read as such",
            Self::TopicRecord => "it is a topic record, read as such",
            Self::ProjectFile => "it is about the project, not a page of the site",
            Self::ExcludedFolder => "it is a folder of templates or built pages",
            Self::Hidden => "its name begins with a dot",
            Self::SymbolicLink => "it is a symbolic link, which is not followed",
            Self::NotRegularFile => "it is not a regular file",
            Self::DataFile => "it is a data file",
            Self::NotMarkdown => "it is not Markdown",
            Self::NoContent => "it has neither a title nor text",
        }
    }
}
