//! The programs whose sites are read.

/// The program that the folder was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    Hugo,
    Zola,
    Jekyll,
    Hexo,
    /// None was recognised: Markdown files with or without front matter, also MDX.
    Plain,
}
