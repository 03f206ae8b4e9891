//! What an import tells: a line an item on standard output, a progress bar and the sum on standard error.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::options::Options;
use super::outcome::Outcome;
use crate::import::{Document, Expired, Reason, Visibility};

const DRY_RUN: &str = "Dry run, nothing is kept: ";

pub struct Report {
    bar: ProgressBar,
    started: Instant,
    source: Vec<String>,
    dry_run: bool,
    mode: Expired,
    counts: BTreeMap<Outcome, u64>,
    /// Why documents are not public, and as what they came in.
    hidden: BTreeMap<(Visibility, Reason), u64>,
    documents: u64,
    has_expired: u64,
    /// Of those: public here before, and still.
    expired_stays: u64,
    stays: u64,
    pub redirects: u64,
    /// Documents without an author, by the account that they were given.
    unnamed: BTreeMap<String, u64>,
    warnings: u64,
}

impl Report {
    pub fn of(items: usize, source: &[String], options: &Options) -> Self {
        let bar = bar(items);
        Report {
            bar,
            started: Instant::now(),
            source: source.to_vec(),
            dry_run: options.dry_run,
            mode: options.expired,
            counts: BTreeMap::new(),
            hidden: BTreeMap::new(),
            documents: 0,
            has_expired: 0,
            expired_stays: 0,
            stays: 0,
            redirects: 0,
            unnamed: BTreeMap::new(),
            warnings: 0,
        }
    }

    /// One item, accounted for. `about`: where it is now, or why not.
    pub fn item(&mut self, outcome: Outcome, path: &str, about: &str, warnings: &[String]) {
        *self.counts.entry(outcome).or_default() += 1;
        self.warnings += warnings.len() as u64;
        let mut lines = format!("{:<9} {path}", outcome.word());
        if !about.is_empty() {
            lines.push_str(&format!(" → {about}"));
        }
        for note in warnings {
            lines.push_str(&format!("\n          note: {note}"));
        }
        self.bar.suspend(|| {
            // A reader that went away (`| head`) does not stop the import.
            let _ = writeln!(std::io::stdout(), "{lines}");
        });
        self.bar.inc(1);
    }

    /// Counts a document that names no author.
    pub fn unnamed(&mut self, given_to: Option<&str>) {
        if let Some(username) = given_to {
            *self.unnamed.entry(username.to_owned()).or_default() += 1;
        }
    }

    /// Counts what was decided about a document's visibility. `before`: how visible it was here already.
    pub fn decided(&mut self, document: &Document, before: Option<Visibility>) {
        self.expired(document, before);
        if before.is_some_and(|before| before < document.visibility && before != Visibility::Draft)
        {
            self.stays += 1;
        } else if let Some(reason) = document
            .reason
            .filter(|_| document.visibility != Visibility::Public)
        {
            *self
                .hidden
                .entry((document.visibility, reason))
                .or_default() += 1;
        }
    }

    pub fn expired(&mut self, document: &Document, before: Option<Visibility>) {
        self.documents += 1;
        if document.has_expired {
            self.has_expired += 1;
            self.expired_stays +=
                u64::from(before.is_some_and(|before| before < document.visibility));
        }
    }

    /// Prints the sum; gives how many documents failed.
    pub fn finish(&self, people: u64) -> u64 {
        self.bar.finish_and_clear();
        if let Some(line) = self.expired_line() {
            eprintln!("{line}");
        }
        for line in &self.source {
            eprintln!("{line}");
        }
        self.print_counts(people);
        self.print_hidden(Visibility::Draft, "Drafts");
        self.print_hidden(Visibility::Unlisted, "Unlisted");
        self.print_unnamed();
        self.print_kept();
        self.counts
            .get(&Outcome::Failed)
            .copied()
            .unwrap_or_default()
    }

    fn print_unnamed(&self) {
        for (username, count) in &self.unnamed {
            let names = if *count == 1 {
                "document names no author and is"
            } else {
                "documents name no author and are"
            };
            eprintln!("{count} {names} @{username}’s here.");
        }
    }

    /// What the folder would have changed.
    fn print_kept(&self) {
        if self.stays > 0 {
            eprintln!(
                "{} were public here before and stay so, although the folder would hide them.",
                self.stays
            );
        }
        if self.counts.contains_key(&Outcome::Kept) {
            eprintln!(
                "What was changed here was kept. To write over it: --overwrite. What was unpublished here is not published by that."
            );
        }
    }

    fn print_counts(&self, people: u64) {
        let counts: Vec<String> = self
            .counts
            .iter()
            .map(|(outcome, count)| format!("{count} {}", outcome.word()))
            .collect();
        eprintln!(
            "{}{}; {people} people made, {} redirects, {} notes, {:.1} s.",
            if self.dry_run { DRY_RUN } else { "" },
            if counts.is_empty() {
                "nothing found".to_owned()
            } else {
                counts.join(", ")
            },
            self.redirects,
            self.warnings,
            self.started.elapsed().as_secs_f64(),
        );
    }

    /// Those that are not public, by the reason.
    fn print_hidden(&self, visibility: Visibility, word: &str) {
        let of_it = self
            .hidden
            .iter()
            .filter(|((found, _), _)| *found == visibility);
        let list: Vec<String> = of_it
            .map(|((_, reason), count)| format!("{count} {}", reason.text()))
            .collect();
        if !list.is_empty() {
            eprintln!("{word}: {}.", list.join(", "));
        }
    }

    fn expired_line(&self) -> Option<String> {
        if self.has_expired == 0 {
            return None;
        }
        let become_what = match self.mode {
            Expired::Keep => "they are public all the same",
            Expired::Unlisted => "they are unlisted here",
            Expired::Draft => "they are drafts here",
        };
        let but = match self.expired_stays {
            0 => String::new(),
            count => format!(", but {count} that were public here before stay so"),
        };
        Some(format!(
            "{} of {} documents are past their expiry date: {become_what}{but}. To choose: --expired=keep|unlisted|draft.",
            self.has_expired, self.documents
        ))
    }
}

/// On a terminal alone.
fn bar(items: usize) -> ProgressBar {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(items as u64)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) =
        ProgressStyle::with_template("{bar:40} {pos}/{len}, {per_sec}, {eta} left {msg}")
    {
        bar.set_style(style);
    }
    bar
}
