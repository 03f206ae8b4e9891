//! The letters of a text, and which way they run.

/// The letters of a text that have a direction of their own.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Letters {
    rtl: usize,
    ltr: usize,
    /// Whether the first one runs to the left.
    pub(super) first_is_rtl: Option<bool>,
}

impl Letters {
    pub(super) fn add(&mut self, text: &str) {
        for letter in text.chars().filter(|c| c.is_alphabetic()) {
            let is_rtl = is_rtl(letter);
            self.first_is_rtl.get_or_insert(is_rtl);
            if is_rtl { self.rtl += 1 } else { self.ltr += 1 }
        }
    }

    pub(super) fn merge(&mut self, inner: Self) {
        self.rtl += inner.rtl;
        self.ltr += inner.ltr;
        self.first_is_rtl = self.first_is_rtl.or(inner.first_is_rtl);
    }

    /// A few words of the other direction do not turn a text around, wherever they stand.
    fn is_rtl(self) -> Option<bool> {
        self.first_is_rtl.map(|first| {
            if first {
                self.rtl * 3 >= self.ltr
            } else {
                self.rtl > self.ltr
            }
        })
    }

    pub(super) fn direction(self) -> Option<&'static str> {
        self.is_rtl()
            .map(|is_rtl| if is_rtl { "rtl" } else { "ltr" })
    }

    pub(super) fn attribute(self) -> Option<&'static str> {
        if self.is_rtl() == self.first_is_rtl {
            self.first_is_rtl.map(|_| "auto")
        } else {
            self.direction()
        }
    }
}

/// Hebrew, Arabic and what is written like them.
fn is_rtl(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}
