//! What is said of a setting in the table of [`super::keys`].

#[derive(Debug)]
pub(super) struct Key {
    /// In the file.
    pub(super) name: &'static str,
    pub(super) variable: &'static str,
    pub(super) flag: Option<&'static str>,
    pub(super) secret: bool,
    /// Ends the sentence "… must be …".
    pub(super) expected: &'static str,
    pub(super) default: DefaultValue,
    /// Read again at SIGHUP, while the site serves; all others count from the next start.
    pub(super) reloads: bool,
    /// Values that it had under other names, each with the name that it has now.
    pub(super) renamed_values: &'static [(&'static str, &'static str)],
    /// Markdown, of one line.
    pub(super) meaning: &'static str,
}

/// What counts where a setting stands in no place.
#[derive(Clone, Copy, Debug)]
pub(super) enum DefaultValue {
    /// This text, read as if it stood in the file.
    Text(&'static str),
    /// A value that depends on the machine or on other settings: how it is found.
    Computed(&'static str),
    /// No value: what happens instead.
    Unset(&'static str),
}

pub(super) const fn key(
    name: &'static str,
    variable: &'static str,
    default: DefaultValue,
    expected: &'static str,
    meaning: &'static str,
) -> Key {
    Key {
        name,
        variable,
        flag: None,
        secret: false,
        expected,
        default,
        reloads: false,
        renamed_values: &[],
        meaning,
    }
}

impl Key {
    pub(super) const fn with_flag(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    pub(super) const fn hidden(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(super) const fn reloaded(mut self) -> Self {
        self.reloads = true;
        self
    }

    pub(super) const fn renamed_values(
        mut self,
        values: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.renamed_values = values;
        self
    }

    /// Takes a truth value of the file as it stands there.
    pub(super) fn is_switch(&self) -> bool {
        matches!(self.default, DefaultValue::Text("true" | "false"))
    }
}

/// A setting that has another name now. It is refused, not ignored: a site that was switched to reading only must not
/// take changes because the switch was renamed.
pub(super) struct RenamedKey {
    pub(super) name: &'static str,
    pub(super) variable: &'static str,
    pub(super) now: &'static [&'static Key],
    /// How its values are said now; ends the sentence.
    pub(super) hint: &'static str,
}

pub(super) const fn renamed(
    name: &'static str,
    variable: &'static str,
    now: &'static [&'static Key],
) -> RenamedKey {
    RenamedKey {
        name,
        variable,
        now,
        hint: "",
    }
}
