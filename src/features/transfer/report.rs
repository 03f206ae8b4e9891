//! What an import tells: a line an item on standard output, a progress bar and the sum on standard error.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Added,
    Updated,
    Unchanged,
    Skipped,
    Failed,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Outcome::Added => "added",
            Outcome::Updated => "updated",
            Outcome::Unchanged => "unchanged",
            Outcome::Skipped => "skipped",
            Outcome::Failed => "failed",
        }
    }
}

const DRY_RUN: &str = "Dry run, nothing is kept; each document was tried alone, so clashes between documents of this run \
                       (the same address, the same redirect) do not show: ";

pub struct Report {
    bar: ProgressBar,
    started: Instant,
    counts: BTreeMap<Outcome, u64>,
    pub redirects: u64,
    notes: u64,
}

impl Report {
    pub fn of(items: usize) -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(items as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Report { bar, started: Instant::now(), counts: BTreeMap::new(), redirects: 0, notes: 0 }
    }

    /// One item, accounted for. `about`: where it is now, or why not.
    pub fn item(&mut self, outcome: Outcome, path: &str, about: &str, notes: &[String]) {
        *self.counts.entry(outcome).or_default() += 1;
        self.notes += notes.len() as u64;
        let mut lines = format!("{:<9} {path}", outcome.word());
        if !about.is_empty() {
            lines.push_str(&format!(" → {about}"));
        }
        for note in notes {
            lines.push_str(&format!("\n          note: {note}"));
        }
        self.bar.suspend(|| {
            // A reader that went away (`| head`) does not stop the import.
            let _ = writeln!(std::io::stdout(), "{lines}");
        });
        self.bar.inc(1);
    }

    pub fn finish(&self, people: u64, dry_run: bool) {
        self.bar.finish_and_clear();
        let counts: Vec<String> = self.counts.iter().map(|(outcome, count)| format!("{count} {}", outcome.word())).collect();
        eprintln!(
            "{}{}; {people} people made, {} redirects, {} notes, {:.1} s.",
            if dry_run { DRY_RUN } else { "" },
            if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") },
            self.redirects,
            self.notes,
            self.started.elapsed().as_secs_f64(),
        );
    }
}
