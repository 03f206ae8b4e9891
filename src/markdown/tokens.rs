//! Place holders for HTML that we make ourselves, so that the sanitiser never has to allow it.

/// The trusted HTML of one place and what it says as plain text.
#[derive(Debug)]
struct Entry {
    html: String,
    text: String,
}

/// The tokens of one rendering. The random number is drawn anew each time: an author who has seen
/// a token cannot use it, and text that looks like one stays text.
#[derive(Debug)]
pub(super) struct Tokens {
    mark: String,
    entries: Vec<Entry>,
}

impl Tokens {
    #[expect(
        clippy::disallowed_methods,
        reason = "a text must not guess its own marks"
    )]
    pub(super) fn new() -> Self {
        Self {
            mark: format!("tk{:032x}n", rand::random::<u128>()),
            entries: Vec::new(),
        }
    }

    /// Keeps `html`, which must be safe whatever the author wrote, and returns the token to put in
    /// its place. `text` is what search and word count see.
    pub(super) fn put(&mut self, html: String, text: String) -> String {
        self.entries.push(Entry { html, text });
        format!("{}{}z", self.mark, self.entries.len() - 1)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_in(&self, piece: &str) -> bool {
        piece.contains(&self.mark)
    }

    /// Splits `piece` at its tokens and hands out what lies between and the (HTML, text) of each.
    pub(super) fn split<'a>(
        &'a self,
        mut piece: &'a str,
        mut plain: impl FnMut(&'a str),
        mut trusted: impl FnMut(&'a str, &'a str),
    ) {
        while let Some(at) = piece.find(&self.mark) {
            plain(&piece[..at]);
            let rest = &piece[at + self.mark.len()..];
            let Some((number, after)) = rest.split_once('z') else {
                piece = rest;
                continue;
            };
            if let Some(entry) = self.entry(number) {
                trusted(&entry.html, &entry.text);
            }
            piece = after;
        }
        plain(piece);
    }

    fn entry(&self, number: &str) -> Option<&Entry> {
        self.entries.get(number.parse::<usize>().ok()?)
    }

    #[cfg(test)]
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_renderings_tokens_are_replaced() {
        let mut tokens = Tokens::new();
        let one = tokens.put("<b>1</b>".into(), "1".into());
        let foreign = Tokens::new().put("x".into(), "x".into());
        let text = format!("a{one}b{foreign}c{}7z", tokens.mark());
        let (mut html, mut other) = (String::new(), String::new());
        tokens.split(
            &text,
            |p| other.push_str(p),
            |h, t| {
                html.push_str(h);
                html.push_str(t)
            },
        );
        assert_eq!(html, "<b>1</b>1");
        assert_eq!(other, format!("ab{foreign}c"));
        assert!(!tokens.is_in(&foreign));
    }
}
