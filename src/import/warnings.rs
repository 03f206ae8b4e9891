//! What happened to a document on the way, in sentences a person can act on.

/// Beyond this many different notes only their number is told; a file of nothing but odd tags must not fill the report.
const DISTINCT_LIMIT: usize = 40;

#[derive(Debug, Default)]
pub(super) struct Warnings {
    kept: Vec<(String, usize)>,
    left_out: usize,
}

impl Warnings {
    /// Equal notes are told once with their number.
    pub(super) fn add(&mut self, note: impl Into<String>) {
        let note = note.into();
        if let Some((_, count)) = self.kept.iter_mut().find(|(known, _)| *known == note) {
            *count += 1;
        } else if self.kept.len() < DISTINCT_LIMIT {
            self.kept.push((note, 1));
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        let mut warnings: Vec<String> = self
            .kept
            .into_iter()
            .map(|(note, count)| {
                if count == 1 {
                    note
                } else {
                    format!("{note} ({count} times)")
                }
            })
            .collect();
        if self.left_out > 0 {
            warnings.push(format!(
                "{} further changes of these kinds are not listed",
                self.left_out
            ));
        }
        warnings
    }
}

/// Part of a file inside a note: one line, at most 80 characters.
pub(super) fn quoted(text: &str) -> String {
    super::text::shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_notes_are_counted_and_the_list_is_bounded() {
        let mut warnings = Warnings::default();
        warnings.add("a");
        warnings.add("a");
        (0..100).for_each(|number| warnings.add(format!("n{number}")));
        let list = warnings.into_vec();
        assert_eq!(list[0], "a (2 times)");
        assert_eq!(list.len(), 41);
        assert_eq!(list[40], "61 further changes of these kinds are not listed");
    }
}
