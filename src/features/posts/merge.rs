//! A **three-way merge** of texts: what two editors made of the same text, put together by lines, which in Markdown are paragraphs.
//!
//! Where only one of them changed something, that change is taken. Where both did, both texts stand one after the other, between
//! comments that readers never see, so that nothing is lost and one forgotten mark does no harm.

use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// Afterwards the comparison becomes coarser: more is taken for changed by both, and nothing is lost.
const COMPARING: Duration = Duration::from_millis(200);

/// Two texts in one.
#[derive(Debug, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// Places that both have changed.
    pub clashes: usize,
}

/// The lines that stand around what both have changed.
#[derive(Clone, Copy)]
pub struct Marks<'a> {
    pub saved: &'a str,
    pub typed: &'a str,
    pub end: &'a str,
}

/// `base`: what both began from. None where that is not known: then what is in one text only is taken from each.
pub fn merge(base: Option<&str>, saved: &str, typed: &str, marks: Marks<'_>) -> Merged {
    let (saved, typed) = (lines(saved), lines(typed));
    let base = base.map_or_else(|| in_both(&saved, &typed), lines);
    let changes = [changes(&base, &saved), changes(&base, &typed)];
    let mut merged = Merging {
        base: &base,
        marks,
        lines: Vec::new(),
        clashes: 0,
        at: 0,
    };
    for region in regions(&changes) {
        merged.take(&region);
    }
    merged.copy_until(base.len());
    Merged {
        text: merged.lines.join("\n"),
        clashes: merged.clashes,
    }
}

/// So that joining them gives the same text.
fn lines(text: &str) -> Vec<&str> {
    text.split('\n').collect()
}

fn in_both<'a>(saved: &[&'a str], typed: &[&'a str]) -> Vec<&'a str> {
    let ops = compared(saved, typed);
    let same = ops.iter().filter(|op| matches!(op, DiffOp::Equal { .. }));
    same.flat_map(|op| saved[op.old_range()].iter().copied())
        .collect()
}

fn compared(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let until = Some(Instant::now() + COMPARING);
    capture_diff_slices_deadline(Algorithm::Myers, old, new, until)
}

/// Lines of the base, and what one text has in their place.
#[derive(Clone)]
struct Change<'a> {
    range: Range<usize>,
    lines: &'a [&'a str],
}

fn changes<'a>(base: &[&str], text: &'a [&'a str]) -> Vec<Change<'a>> {
    let ops = compared(base, text).into_iter();
    let ops = ops.filter(|op| !matches!(op, DiffOp::Equal { .. }));
    ops.map(|op| Change {
        range: op.old_range(),
        lines: &text[op.new_range()],
    })
    .collect()
}

/// A part of the base with the changes of both texts in it.
struct Region<'a> {
    range: Range<usize>,
    changes: [Vec<Change<'a>>; 2],
}

/// The parts of the base that were changed, in order: changes that meet are in one.
fn regions<'a>(changes: &[Vec<Change<'a>>; 2]) -> Vec<Region<'a>> {
    let mut all: Vec<(usize, &Change<'a>)> = Vec::new();
    for (side, changes) in changes.iter().enumerate() {
        all.extend(changes.iter().map(|change| (side, change)));
    }
    // What was put in before a line comes before what that line became.
    all.sort_by_key(|(side, change)| (change.range.start, change.range.end, *side));
    let mut regions: Vec<Region<'a>> = Vec::new();
    for (side, change) in all {
        let met = regions
            .last_mut()
            .filter(|last| meet(&last.range, &change.range));
        let region = match met {
            Some(last) => last,
            None => {
                regions.push(Region {
                    range: change.range.clone(),
                    changes: [Vec::new(), Vec::new()],
                });
                let Some(last) = regions.last_mut() else {
                    continue;
                };
                last
            }
        };
        region.range.end = region.range.end.max(change.range.end);
        region.changes[side].push(change.clone());
    }
    regions
}

/// `one` does not begin after `other`. Two insertions at one place meet: which comes first is not for a program to say.
fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    if one.is_empty() && other.is_empty() {
        one.start == other.start
    } else {
        other.start < one.end
    }
}

struct Merging<'a> {
    base: &'a [&'a str],
    marks: Marks<'a>,
    lines: Vec<&'a str>,
    clashes: usize,
    /// The line of the base that comes next.
    at: usize,
}

impl<'a> Merging<'a> {
    fn take(&mut self, region: &Region<'a>) {
        self.copy_until(region.range.start);
        self.at = region.range.end;
        let [saved, typed] = [0, 1].map(|side| self.side(region, side));
        match &region.changes {
            [_, none] if none.is_empty() => self.lines.extend(saved),
            [none, _] if none.is_empty() => self.lines.extend(typed),
            _ if saved == typed => self.lines.extend(saved),
            _ => self.take_both(saved, typed),
        }
    }

    fn copy_until(&mut self, end: usize) {
        if let Some(lines) = self.base.get(self.at..end) {
            self.lines.extend(lines);
        }
        self.at = end;
    }

    /// What one text has in place of a region.
    fn side(&self, region: &Region<'a>, side: usize) -> Vec<&'a str> {
        let mut lines = Vec::new();
        let mut at = region.range.start;
        for change in &region.changes[side] {
            lines.extend(&self.base[at..change.range.start]);
            lines.extend(change.lines);
            at = change.range.end;
        }
        lines.extend(&self.base[at..region.range.end]);
        lines
    }

    fn take_both(&mut self, saved: Vec<&'a str>, typed: Vec<&'a str>) {
        self.clashes += 1;
        let Marks {
            saved: of_saved,
            typed: of_typed,
            end,
        } = self.marks;
        self.lines.push(of_saved);
        self.lines.extend(saved);
        self.lines.push(of_typed);
        self.lines.extend(typed);
        self.lines.push(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks<'static> = Marks {
        saved: "<",
        typed: "=",
        end: ">",
    };

    fn merged(base: &str, saved: &str, typed: &str) -> (String, usize) {
        let Merged { text, clashes } = merge(Some(base), saved, typed, MARKS);
        (text, clashes)
    }

    #[test]
    fn changes_of_different_paragraphs_stand_together() {
        let base = "one\n\ntwo\n\nthree\n";
        for (saved, typed, together) in [
            (
                "ONE\n\ntwo\n\nthree\n",
                "one\n\ntwo\n\nTHREE\n",
                "ONE\n\ntwo\n\nTHREE\n",
            ),
            (
                "one\n\ntwo\n\nthree\n\nfour\n",
                "zero\n\none\n\ntwo\n\nthree\n",
                "zero\n\none\n\ntwo\n\nthree\n\nfour\n",
            ),
            (
                "two\n\nthree\n",
                "one\n\ntwo\n\nthree, more\n",
                "two\n\nthree, more\n",
            ),
            // One goes on at the end, the other rewrites the last paragraph.
            (
                "one\n\ntwo\n\nthree\n\nfour\n",
                "one\n\ntwo\n\nTHREE\n",
                "one\n\ntwo\n\nTHREE\n\nfour\n",
            ),
            (base, "typed", "typed"),
            ("saved", base, "saved"),
            ("the same", "the same", "the same"),
        ] {
            assert_eq!(
                merged(base, saved, typed),
                (together.into(), 0),
                "{saved:?} {typed:?}"
            );
            let (_, clashes) = merged(base, typed, saved);
            assert_eq!(clashes, 0, "the other way round: {saved:?} {typed:?}");
        }
    }

    #[test]
    fn where_both_changed_the_same_both_stand_there() {
        let (text, clashes) = merged("one\n\ntwo\n", "one\n\nsaved\n", "ONE\n\ntyped\n");
        assert_eq!(
            (text.as_str(), clashes),
            ("ONE\n\n<\nsaved\n=\ntyped\n>\n", 1)
        );
        let (text, clashes) = merged("one", "one\nsaved", "one\ntyped");
        assert_eq!((text.as_str(), clashes), ("one\n<\nsaved\n=\ntyped\n>", 1));
    }

    #[test]
    fn without_what_both_began_from_all_of_both_is_there() {
        let Merged { text, clashes } = merge(None, "one\nsaved\ntwo", "one\ntwo\ntyped", MARKS);
        assert_eq!((text.as_str(), clashes), ("one\nsaved\ntwo\ntyped", 0));
    }

    /// No line that one of them wrote is missing afterwards, whatever they did.
    #[test]
    fn nothing_that_was_written_is_lost() {
        let texts = [
            "",
            "a",
            "a\nb",
            "b\na",
            "a\nb\nc\nd",
            "x\na\ny\nc\nz",
            "a\n\nb\n",
            "d\nc\nb\na",
            "q\nr\ns",
        ];
        for base in texts {
            for saved in texts {
                for typed in texts {
                    let (text, clashes) = merged(base, saved, typed);
                    for line in lines(saved).into_iter().chain(lines(typed)) {
                        let is_new = !lines(base).contains(&line);
                        assert!(
                            !is_new || lines(&text).contains(&line),
                            "{line:?} of {base:?} {saved:?} {typed:?}: {text:?}"
                        );
                    }
                    assert!(clashes <= texts.len());
                }
                assert_eq!(merged(base, saved, base), (saved.into(), 0));
                assert_eq!(merged(base, base, saved), (saved.into(), 0));
                assert_eq!(merged(base, saved, saved), (saved.into(), 0));
            }
        }
    }
}
