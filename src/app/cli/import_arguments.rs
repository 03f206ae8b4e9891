//! What `masthead import` accepts, and how an import understands it.

use std::io::{self, BufRead, IsTerminal, Read};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::features::transfer;

const IMPORT_EXAMPLES: &str = "\
Examples:
  masthead import markdown ./content --dry-run
  masthead import markdown ./content              may be repeated: what changed in the folder is updated

What was changed on the site since the last import stays, and so does what was unpublished here. What the old
site would not have shown (drafts, future dates, private, hidden or expired posts) is not public here either.";

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Import a directory of Markdown files with Hugo, Zola or Jekyll front matter
    #[command(after_help = IMPORT_EXAMPLES)]
    Markdown {
        /// The directory that holds the posts
        dir: PathBuf,
        #[command(flatten)]
        how: ImportFlags,
    },
}

#[derive(Debug, Args)]
pub(super) struct ImportFlags {
    /// Report what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Name of the blog, under which it is found again [default: the path of the directory stands for it]
    #[arg(long, value_name = "NAME", value_parser = source_name)]
    source: Option<String>,
    /// The directory is the blog that was imported under that name or path, although it was moved or renamed
    #[arg(long)]
    same_source: bool,
    /// Also overwrite what was changed on the site since the last import; publishes nothing that was unpublished here
    #[arg(long)]
    overwrite: bool,
    /// What becomes of posts past their expiry date
    #[arg(long, value_enum, default_value_t = ExpiredPosts::Draft, value_name = "WHAT")]
    expired: ExpiredPosts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ExpiredPosts {
    /// Import them as if they had not expired
    Keep,
    /// Public only to those who know the address
    Unlisted,
    /// Import them as drafts
    Draft,
}

impl From<ImportFlags> for transfer::Options {
    fn from(flags: ImportFlags) -> Self {
        let on_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self {
            dry_run: flags.dry_run,
            overwrite: flags.overwrite,
            source: flags.source,
            same_source: flags.same_source,
            expired: match flags.expired {
                ExpiredPosts::Keep => transfer::Expired::Keep,
                ExpiredPosts::Unlisted => transfer::Expired::Unlisted,
                ExpiredPosts::Draft => transfer::Expired::Draft,
            },
            ask: on_terminal.then_some(ask),
        }
    }
}

/// Anything but a clear yes is a no.
fn ask(question: &str) -> bool {
    let mut answer = String::new();
    eprint!("{question} [y/N] ");
    io::stdin().lock().take(100).read_line(&mut answer).is_ok()
        && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// No slash and no colon: they divide import keys.
fn source_name(text: &str) -> Result<String, String> {
    let fits = (1..=80).contains(&text.chars().count())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c));
    fits.then(|| text.to_owned())
        .ok_or_else(|| "1 to 80 letters, digits, “-”, “_” or “.”".to_owned())
}
