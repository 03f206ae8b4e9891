//! What differs between two texts: by lines, and within a line that was rewritten by words.

use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, InlineChange, TextDiff};

/// Lines that are shown around each difference.
const CONTEXT: usize = 2;
/// More differing lines are of no help: below them stands the whole text.
const MOST_LINES: usize = 500;
/// Afterwards the comparison becomes coarser, never wrong.
const COMPARING: Duration = Duration::from_millis(200);

/// A line of the comparison.
#[derive(Debug, PartialEq, Eq)]
pub enum DiffLine {
    Both(String),
    OnlyOld(Vec<Part>),
    OnlyNew(Vec<Part>),
    /// Lines that are the same were left out, or there are too many.
    Gap,
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    pub text: String,
    /// The other text has other words here.
    pub differs: bool,
}

/// Takes as long as two texts of a megabyte ask for, so it belongs where texts are rendered.
pub fn compare(old: &str, new: &str) -> Vec<DiffLine> {
    let until = Instant::now() + COMPARING;
    let mut config = TextDiff::configure();
    config.algorithm(Algorithm::Myers).deadline(until);
    // Without their ends: a last line is the same with and without one.
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let diff = config.diff_slices(&old, &new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        let begins = |op: &similar::DiffOp| op.old_range().start == 0 && op.new_range().start == 0;
        if !group.first().is_some_and(begins) {
            lines.push(DiffLine::Gap);
        }
        for op in &group {
            lines.extend(
                diff.iter_inline_changes_deadline(op, Some(until))
                    .map(|change| line(&change)),
            );
        }
        if lines.len() > MOST_LINES {
            lines.truncate(MOST_LINES);
            lines.push(DiffLine::Gap);
            break;
        }
    }
    lines
}

fn line(change: &InlineChange<'_, str>) -> DiffLine {
    let parts = || {
        let parts = change.values().iter().map(|(differs, text)| Part {
            text: (*text).to_owned(),
            differs: *differs,
        });
        parts.collect()
    };
    match change.tag() {
        ChangeTag::Equal => DiffLine::Both(change.values().iter().map(|(_, text)| *text).collect()),
        ChangeTag::Delete => DiffLine::OnlyOld(parts()),
        ChangeTag::Insert => DiffLine::OnlyNew(parts()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str) -> DiffLine {
        DiffLine::Both(text.into())
    }

    fn parts(marked: &str) -> Vec<Part> {
        let parts = marked.split('|').enumerate().map(|(n, text)| Part {
            text: text.into(),
            differs: n % 2 == 1,
        });
        parts.filter(|part| !part.text.is_empty()).collect()
    }

    #[test]
    fn what_differs_is_shown_with_what_is_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\n";
        let new = "a\nb\nc\nd\ne\nf\nnew\nnewer\ng\n";
        assert_eq!(
            compare(old, new),
            [
                DiffLine::Gap,
                both("e"),
                both("f"),
                DiffLine::OnlyNew(parts("new")),
                DiffLine::OnlyNew(parts("newer")),
                both("g"),
            ]
        );
        assert!(compare("same", "same").is_empty());
        assert!(compare("first\nlast\n", "first\nlast").is_empty());
        let long = |word: &str| {
            (0..5_000)
                .map(|n| format!("{word} {n}\n"))
                .collect::<String>()
        };
        assert!(compare(&long("old"), &long("new")).len() <= MOST_LINES + 1);
    }

    #[test]
    fn of_a_line_that_was_rewritten_the_other_words_are_marked() {
        assert_eq!(
            compare(
                "The clock is four minutes slow.",
                "The clock is five minutes slow."
            ),
            [
                DiffLine::OnlyOld(parts("The clock is |four| minutes slow.")),
                DiffLine::OnlyNew(parts("The clock is |five| minutes slow.")),
            ]
        );
    }

    /// Whatever two texts are, each side of the comparison is that text where nothing is left out.
    #[test]
    fn each_side_of_a_comparison_is_its_text() {
        let texts = [
            "",
            "one\ntwo\nthree",
            "one\n2\nthree\n\n",
            "سلام دنیا\nیک خط",
            "سلام شما\nدو خط",
            "日本語の文章です。\n",
            "日本語の文です。\n",
            "  indented\n\n- list *of* `things`",
        ];
        for old in texts {
            for new in texts {
                if old.lines().eq(new.lines()) {
                    continue;
                }
                let (mut left, mut right) = (Vec::new(), Vec::new());
                for line in compare(old, new) {
                    let whole = |parts: &[Part]| parts.iter().map(|part| &*part.text).collect();
                    match line {
                        DiffLine::Both(text) => {
                            left.push(text.clone());
                            right.push(text);
                        }
                        DiffLine::OnlyOld(parts) => left.push(whole(&parts)),
                        DiffLine::OnlyNew(parts) => right.push(whole(&parts)),
                        DiffLine::Gap => panic!("nothing is left out of short texts"),
                    }
                }
                assert!(left.iter().map(String::as_str).eq(old.lines()), "{left:?}");
                assert!(
                    right.iter().map(String::as_str).eq(new.lines()),
                    "{right:?}"
                );
            }
        }
    }
}
